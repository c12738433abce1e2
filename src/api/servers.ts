// REST: /servers, the virtual servers. Shapes in schemas/servers.ts.
import type { Desk } from "../catalog/change.ts";
import { listRows } from "../catalog/list.ts";
import { createServer, membersOf, removeServer, setServerState, updateServer } from "../catalog/servers.ts";
import { anyOf, tables } from "../db/client.ts";
import type { ServerRow } from "../db/tables/servers.ts";
import { sightOf } from "../identity/caller.ts";
import { listOf, listQuery } from "../schemas/common.ts";
import { type ServerRead, serverCreate, serverRead, serverUpdate } from "../schemas/servers.ts";
import { toolRead } from "../schemas/tools.ts";
import { entityOf, entityRoutes, rowOf } from "./entity.ts";
import { type Route, route } from "./route.ts";
import { presentTools } from "./tools.ts";

const NOTHING = { tools: [], prompts: [], resources: [] };

async function present(desk: Desk, rows: readonly ServerRow[], origin: string): Promise<ServerRead[]> {
  const members = await membersOf(
    desk,
    rows.map((row) => row.id),
  );
  return rows.map((row) => {
    const { tools, prompts, resources } = members.get(row.id) ?? NOTHING;
    return {
      ...entityOf(row),
      name: row.name,
      icon: row.icon,
      instructions: row.instructions,
      open: row.open,
      mcpUrl: `${origin}/servers/${row.id}/mcp`,
      associatedTools: tools.map((tool) => tool.name),
      associatedToolIds: tools.map((tool) => tool.id),
      associatedResources: resources.map((resource) => resource.id),
      associatedPrompts: prompts.map((prompt) => prompt.id),
      associatedA2aAgents: [],
      tools,
      prompts,
      resources,
      renamed: [...tools, ...prompts]
        .filter((member) => member.name.endsWith(`__${member.originalName}`))
        .map((member) => ({ id: member.id, wanted: member.originalName, name: member.name })),
    };
  });
}

const noun = { table: tables.servers, singular: "Server" };

export const serverRoutes: readonly Route[] = [
  route("GET", "/servers/:id/tools", {
    summary: "Tools of a virtual server",
    tag: "Virtual servers",
    permission: "servers.read",
    query: listQuery,
    answer: listOf("tools", toolRead),
    async run(call) {
      const { context, query } = call;
      const row = await rowOf(noun, call);
      const tools = (await membersOf(context.desk, [row.id])).get(row.id)?.tools ?? [];
      const page = await listRows(
        context.desk,
        tables.tools,
        query,
        sightOf(context.caller),
        anyOf(
          tables.tools.id,
          tools.map((tool) => tool.id),
        ),
      );
      const items = await presentTools(context.desk, page.rows);
      return query.include_pagination ? { tools: items, nextCursor: page.nextCursor, total: page.total } : items;
    },
  }),
  ...entityRoutes({
    plural: "servers",
    ...noun,
    tag: "Virtual servers",
    read: serverRead,
    present,
    create: {
      body: serverCreate,
      summary: "Add a virtual server",
      run: ({ context, body }, sight) => createServer(context.desk, body, sight),
    },
    update: {
      body: serverUpdate,
      run: ({ context, body }, row, sight) => updateServer(context.desk, row, body, sight),
    },
    remove: removeServer,
    setState: setServerState,
  }),
];
