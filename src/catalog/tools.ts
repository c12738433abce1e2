// Tools in the catalog: REST tools are made here; tools of upstreams come with their upstream and keep their name.
import { and, eq, sql } from "drizzle-orm";
import { anyOf, tables } from "../db/client.ts";
import type { RestCall, ToolRow } from "../db/tables/catalog.ts";
import { GatewayError } from "../errors.ts";
import type { Sight } from "../identity/caller.ts";
import type { ToolCreate, ToolDisabled, ToolUpdate } from "../schemas/tools.ts";
import { commit, type Desk, defined, made, modified } from "./change.ts";
import { seenBy } from "./list.ts";

const { tools, serverTools, servers } = tables;
const NO_ARGUMENTS = { type: "object", properties: {} };

/** How a REST tool's answers are filtered, or why that can't be done; null: no longer. */
export interface Filtering {
  readonly filter?: RestCall["filter"] | null;
  readonly problem?: string | null;
}

/** What a REST tool presents, as it is stored. */
export type RestSecrets = Pick<RestCall, "headers" | "authType" | "sealed">;

/** Adds a REST tool under this id. @throws GatewayError `conflict` when the name is taken. */
export async function createTool(
  desk: Desk,
  id: string,
  given: ToolCreate,
  secrets: RestSecrets,
  filtering: Filtering = {},
): Promise<string> {
  const { name, description = null, displayName = null, tags = [], visibility = "public", teamId = null } = given;
  const row = {
    id,
    ...made(desk),
    name,
    originalName: name,
    displayName,
    description,
    tags,
    visibility,
    teamId,
    deprecated: given.deprecated ?? false,
    definition: JSON.stringify(definitionOf(given, { name, inputSchema: NO_ARGUMENTS })),
    rest: restOf(given, secrets, filtering, { method: "POST", url: given.url }),
    enabled: !filtering.problem,
    upstreamId: null,
  };
  await commit(
    desk,
    { action: "tool.create", targetType: "tool", targetId: row.id, detail: { name, host: URL.parse(given.url)?.host } },
    [desk.db.insert(tools).values(row)],
  );
  return row.id;
}

type Texts = Pick<ToolUpdate, "description" | "title" | "inputSchema" | "outputSchema" | "annotations">;

/** The MCP Tool object with the given fields put in; null takes one out. */
function definitionOf(given: Texts, before: Record<string, unknown>): Record<string, unknown> {
  const { description, title, inputSchema, outputSchema, annotations } = given;
  const changed = Object.entries({ description, title, inputSchema, outputSchema, annotations }).filter(
    ([, value]) => value !== undefined,
  );
  return Object.fromEntries(
    Object.entries({ ...before, ...Object.fromEntries(changed) }).filter(([, value]) => value !== null),
  );
}

/** How the tool is called from now on; `secrets` undefined: with those it has. */
function restOf(given: RestFields, secrets: RestSecrets | undefined, filtering: Filtering, before: RestCall): RestCall {
  const { url, requestType: method, timeoutMs, queryMapping, headerMapping, bodyType: body, bodyArgument } = given;
  const changed = { url, method, timeoutMs, queryMapping, headerMapping, body, bodyArgument };
  const { sealed, ...others } = before;
  const call = { ...others, ...defined(changed), ...filtering, ...(secrets ?? (sealed ? { sealed } : {})) };
  return Object.fromEntries(Object.entries(call).filter(([, value]) => value !== null)) as unknown as RestCall;
}

type RestFields = Pick<
  ToolUpdate,
  "url" | "requestType" | "timeoutMs" | "queryMapping" | "headerMapping" | "bodyType" | "bodyArgument"
>;

/** Fields that belong to the upstream, and so do not change here. */
const UPSTREAMS_OWN = [
  "url",
  "requestType",
  "headers",
  "inputSchema",
  "outputSchema",
  "annotations",
  "timeoutMs",
  "integrationType",
  "authType",
  "queryMapping",
  "headerMapping",
  "bodyType",
  "bodyArgument",
  "responseFilter",
  "jsonpathFilter",
] as const;

/** Changes a tool. @throws GatewayError `invalid_params` for a field its upstream owns, `stale_version`, `conflict`. */
export async function updateTool(
  desk: Desk,
  row: ToolRow,
  given: ToolUpdate,
  secrets: RestSecrets | undefined,
  filtering: Filtering = {},
): Promise<void> {
  const foreign = row.rest ? undefined : UPSTREAMS_OWN.find((field) => given[field] !== undefined);
  if (foreign)
    throw new GatewayError(
      "invalid_params",
      `${foreign} of this tool comes from its upstream and can't be changed here`,
      { details: { field: foreign } },
    );
  const name = given.customName ?? given.name ?? row.name;
  const { description, displayName, tags, visibility, teamId, deprecated } = given;
  const fields = {
    name,
    ...defined({ description, displayName, tags, visibility, teamId, deprecated }),
    ...(row.rest
      ? {
          rest: restOf(given, secrets, filtering, row.rest),
          ...(filtering.problem ? { enabled: false } : {}),
          definition: JSON.stringify(definitionOf(given, { ...JSON.parse(row.definition), name })),
        }
      : {}),
  };
  await commit(
    desk,
    {
      action: "tool.update",
      targetType: "tool",
      targetId: row.id,
      from: { table: tools, version: row.version },
      detail: { name, fields: Object.keys(given) },
    },
    [
      desk.db
        .update(tools)
        .set({ ...fields, ...modified(desk), version: row.version + 1 })
        .where(eq(tools.id, row.id)),
    ],
  );
}

export const removeTool = (desk: Desk, row: ToolRow) =>
  commit(
    desk,
    {
      action: "tool.delete",
      targetType: "tool",
      targetId: row.id,
      from: { table: tools, version: row.version },
      detail: { name: row.name },
    },
    [desk.db.delete(tools).where(eq(tools.id, row.id))],
  );

/** Switches a tool on or off. @throws GatewayError `conflict` for one that can't be called as it is. */
export async function setToolState(desk: Desk, row: ToolRow, enabled: boolean): Promise<void> {
  if (enabled && row.rest?.problem) throw new GatewayError("conflict", row.rest.problem);
  await commit(
    desk,
    {
      action: enabled ? "tool.enable" : "tool.disable",
      targetType: "tool",
      targetId: row.id,
      from: { table: tools, version: row.version },
      detail: { name: row.name },
    },
    [
      desk.db
        .update(tools)
        .set({ enabled, ...modified(desk), version: row.version + 1 })
        .where(eq(tools.id, row.id)),
    ],
  );
}

/**
 * Disables several tools in one commit, those of them that somebody may change. The audit row names them all, and has the
 * id of the first as its target. Gives what became of each.
 */
export async function disableTools(
  desk: Desk,
  ids: readonly string[],
  sight: Sight,
  mayChange: (row: ToolRow) => boolean,
): Promise<ToolDisabled[]> {
  const rows = await desk.db
    .select()
    .from(tools)
    .where(and(anyOf(tools.id, ids), seenBy(tools, sight)));
  const off = rows.filter((row) => row.enabled && mayChange(row));
  const [first] = off;
  if (first) {
    const detail = { name: first.name, tools: off.map(({ id, name }) => ({ id, name })) };
    await commit(desk, { action: "tool.disable", targetType: "tool", targetId: first.id, detail }, [
      desk.db
        .update(tools)
        .set({ enabled: false, ...modified(desk), version: sql`version + 1` })
        .where(
          and(
            eq(tools.enabled, true),
            anyOf(
              tools.id,
              off.map(({ id }) => id),
            ),
          ),
        ),
    ]);
  }
  return ids.map((id) => {
    const row = rows.find((one) => one.id === id);
    if (!row) return { id, name: null, outcome: "not_found" };
    const outcome = !mayChange(row) ? "forbidden" : row.enabled ? "disabled" : "unchanged";
    return { id, name: row.name, outcome };
  });
}

/** Virtual servers that hold these tools and that somebody may see, by tool id. */
export async function holdersOf(
  desk: Desk,
  toolIds: readonly string[],
  sight: Sight,
): Promise<Map<string, { id: string; name: string }[]>> {
  if (toolIds.length === 0) return new Map();
  const rows = await desk.db
    .select({ toolId: serverTools.toolId, id: servers.id, name: servers.name })
    .from(serverTools)
    .innerJoin(servers, eq(servers.id, serverTools.serverId))
    .where(and(anyOf(serverTools.toolId, toolIds), seenBy(servers, sight)));
  return Map.groupBy(rows, (row) => row.toolId);
}
