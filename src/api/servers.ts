// REST: /servers, the virtual servers. Shapes in schemas/servers.ts.
import type * as z from "zod";
import { type Listable, listRows } from "../catalog/list.ts";
import { gaveWay } from "../catalog/names.ts";
import { type Editor, type Members, membersOf } from "../catalog/server-members.ts";
import { createServer, removeServer, setServerState, updateServer } from "../catalog/servers.ts";
import type { Context } from "../context.ts";
import { anyOf, tables } from "../db/client.ts";
import type { ServerRow } from "../db/tables/servers.ts";
import { sightOf } from "../identity/caller.ts";
import { can, permit } from "../policy/can.ts";
import { listOf, listQuery } from "../schemas/common.ts";
import { promptRead } from "../schemas/prompts.ts";
import { resourceRead } from "../schemas/resources.ts";
import { type ServerRead, serverCreate, serverRead, serverUpdate } from "../schemas/servers.ts";
import { toolRead } from "../schemas/tools.ts";
import { entityOf, entityRoutes, rowOf, teamNames } from "./entity.ts";
import { entityMetrics } from "./entity-metrics.ts";
import { presentPrompts } from "./prompts.ts";
import { presentResources } from "./resources.ts";
import { type Route, route } from "./route.ts";
import { presentTools } from "./tools.ts";

const NOTHING = { tools: [], prompts: [], resources: [] };

async function present(context: Context, rows: readonly ServerRow[]): Promise<ServerRead[]> {
  const { desk, origin, caller } = context;
  const ids = rows.map((row) => row.id);
  const [members, teams, metricsOf] = await Promise.all([
    membersOf(desk, ids, sightOf(caller)),
    teamNames(context, rows),
    entityMetrics(context, "server"),
  ]);
  return rows.map((row) => {
    const { tools, prompts, resources } = members.get(row.id) ?? NOTHING;
    return {
      ...entityOf(row, teams, metricsOf),
      name: row.name,
      icon: row.icon,
      instructions: row.instructions,
      open: row.open,
      includeNew: row.includeNew,
      payloads: row.payloads,
      payloadDays: row.payloadDays,
      mcpUrl: `${origin}/servers/${row.id}/mcp`,
      associatedTools: tools.map((tool) => tool.name),
      associatedToolIds: tools.map((tool) => tool.id),
      associatedResources: resources.map((resource) => resource.id),
      associatedPrompts: prompts.map((prompt) => prompt.id),
      associatedA2aAgents: [],
      tools,
      prompts,
      resources,
      renamed: [
        ...[...tools, ...prompts].filter((member) => gaveWay(member.name, member.originalName)),
        ...resources.filter((member) => member.name !== member.originalName),
      ].map((member) => ({ id: member.id, wanted: member.originalName, name: member.name })),
    };
  });
}

/** An id that nobody finds by trying. Any other is public knowledge, and tells by being taken what is there. */
const MADE_UP_AT_RANDOM = /^[0-9a-f]{32}$/;

/** A virtual server that needs no credential, or has an id of choice, is made by whoever may make public ones. */
const permitOpening = ({ caller }: Context): void =>
  permit(caller, "servers.create", "Server", { visibility: "public", ownerEmail: null, teamId: null });

const editorOf = ({ caller }: Context): Editor => ({
  sight: sightOf(caller),
  mayApprove: (tool) => can(caller, "tools.update", tool) === "yes",
});

const noun = { table: tables.servers, singular: "Server" };

/** What a virtual server holds of one noun, listed as the catalog lists it. */
function memberRoute<Table extends Listable, Read extends z.ZodType>(
  plural: keyof Members,
  table: Table,
  read: Read,
  show: (context: Context, rows: Table["$inferSelect"][]) => Promise<z.output<Read>[]>,
): Route {
  return route("GET", `/servers/:id/${plural}`, {
    summary: `${plural.replace(/^./, (letter) => letter.toUpperCase())} of a virtual server`,
    tag: "Virtual servers",
    permission: "servers.read",
    query: listQuery,
    answer: listOf(plural, read),
    async run(call) {
      const { context, query } = call;
      const { id } = await rowOf(noun, call);
      const sight = sightOf(context.caller);
      const ids = (await membersOf(context.desk, [id], sight)).get(id)?.[plural].map((member) => member.id) ?? [];
      const page = await listRows(context.desk, table, query, sight, anyOf(table.id, ids));
      const items = await show(context, page.rows);
      return query.include_pagination ? { [plural]: items, nextCursor: page.nextCursor, total: page.total } : items;
    },
  });
}

export const serverRoutes: readonly Route[] = [
  memberRoute("tools", tables.tools, toolRead, presentTools),
  memberRoute("prompts", tables.prompts, promptRead, presentPrompts),
  memberRoute("resources", tables.resources, resourceRead, presentResources),
  ...entityRoutes({
    plural: "servers",
    ...noun,
    tag: "Virtual servers",
    read: serverRead,
    present,
    create: {
      body: serverCreate,
      summary: "Add a virtual server",
      run: ({ context, body }) => {
        if (body.open) permitOpening(context);
        if (body.id !== undefined && !MADE_UP_AT_RANDOM.test(body.id)) permitOpening(context);
        return createServer(context.desk, body, editorOf(context));
      },
    },
    update: {
      body: serverUpdate,
      run: ({ context, body }, row) => {
        if (body.open && !row.open) permitOpening(context);
        return updateServer(context.desk, row, body, editorOf(context));
      },
    },
    remove: removeServer,
    setState: setServerState,
  }),
];
