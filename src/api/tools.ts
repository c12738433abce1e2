// REST: /tools. Shapes in schemas/tools.ts.
import type { Desk } from "../catalog/change.ts";
import { createTool, holdersOf, removeTool, setToolState, updateTool, upstreamsOf } from "../catalog/tools.ts";
import { tables } from "../db/client.ts";
import type { ToolRow } from "../db/tables/catalog.ts";
import { slugify } from "../lib/ids.ts";
import { type ToolRead, toolCreate, toolRead, toolUpdate } from "../schemas/tools.ts";
import { entityOf, entityRoutes } from "./entity.ts";

/** Rows with what belongs to them, as the API shows them. */
export async function presentTools(desk: Desk, rows: readonly ToolRow[]): Promise<ToolRead[]> {
  const [upstreams, holders] = await Promise.all([upstreamsOf(desk, rows), holdersOf(desk, rows.map((row) => row.id))]);
  return rows.map((row) => {
    const definition = JSON.parse(row.definition) as Record<string, never>;
    const upstream = upstreams.get(row.upstreamId ?? "");
    return {
      ...entityOf(row),
      name: row.name,
      originalName: row.originalName,
      displayName: row.displayName,
      title: row.displayName ?? definition.title ?? null,
      customName: row.name,
      customNameSlug: slugify(row.name),
      originalDescription: definition.description ?? null,
      url: row.rest?.url ?? upstream?.url ?? null,
      integrationType: row.rest ? "REST" : "MCP",
      requestType: row.rest?.method ?? "STREAMABLEHTTP",
      headers: row.rest?.headers ? Object.fromEntries(Object.keys(row.rest.headers).map((name) => [name, "*****"])) : null,
      inputSchema: definition.inputSchema ?? {},
      outputSchema: definition.outputSchema ?? null,
      annotations: definition.annotations ?? null,
      timeoutMs: row.rest?.timeoutMs ?? null,
      deprecated: row.deprecated,
      reachable: upstream?.reachable ?? true,
      gatewayId: row.upstreamId,
      gatewayName: upstream?.name ?? null,
      gatewaySlug: upstream?.slug ?? null,
      federationSource: upstream?.name ?? null,
      servers: (holders.get(row.id) ?? []).map(({ id, name }) => ({ id, name })),
      definition,
    };
  });
}

export const toolRoutes = entityRoutes({
  plural: "tools",
  singular: "Tool",
  tag: "Tools",
  table: tables.tools,
  read: toolRead,
  present: presentTools,
  create: { body: toolCreate, summary: "Add a REST tool", run: ({ context, body }) => createTool(context.desk, body) },
  update: { body: toolUpdate, run: ({ context, body }, row) => updateTool(context.desk, row, body) },
  remove: removeTool,
  setState: setToolState,
});
