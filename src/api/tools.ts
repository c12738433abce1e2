// REST: /tools. Shapes in schemas/tools.ts.
import { isExposed } from "../catalog/pins.ts";
import { createTool, holdersOf, removeTool, type StoredHeaders, setToolState, updateTool } from "../catalog/tools.ts";
import { upstreamsOf } from "../catalog/upstreams.ts";
import type { Context } from "../context.ts";
import { tables } from "../db/client.ts";
import type { ToolRow } from "../db/tables/catalog.ts";
import { GatewayError } from "../errors.ts";
import { type Caller, sightOf } from "../identity/caller.ts";
import { newId, slugify } from "../lib/ids.ts";
import { can } from "../policy/can.ts";
import { warningsOf } from "../policy/description-lint.ts";
import { HIDDEN } from "../schemas/common.ts";
import { type ToolRead, type ToolUpdate, toolCreate, toolRead, toolUpdate } from "../schemas/tools.ts";
import { present, readHeaders, sealCredentials } from "../upstream/credentials.ts";
import { shownUrl } from "../upstream/upstream.ts";
import { entityOf, entityRoutes, teamNames } from "./entity.ts";
import { urlFor } from "./upstreams.ts";

/** Rows with what belongs to them, as the API shows them. */
export async function presentTools(context: Context, rows: readonly ToolRow[]): Promise<ToolRead[]> {
  const { desk, caller } = context;
  const sight = sightOf(caller);
  const ids = rows.map((row) => row.id);
  const [upstreams, holders, teams] = await Promise.all([
    upstreamsOf(desk, rows, sight),
    holdersOf(desk, ids, sight),
    teamNames(context, rows),
  ]);
  return rows.map((row) => {
    const definition = JSON.parse(row.definition) as Record<string, never>;
    const upstream = upstreams.get(row.upstreamId ?? "");
    return {
      ...entityOf(row, teams),
      name: row.name,
      originalName: row.originalName,
      displayName: row.displayName,
      title: row.displayName ?? definition.title ?? null,
      customName: row.name,
      customNameSlug: slugify(row.name),
      originalDescription: definition.description ?? null,
      url: row.rest ? ownUrl(caller, row, row.rest.url) : upstream ? urlFor(caller, upstream.url) : null,
      integrationType: row.rest ? "REST" : "MCP",
      requestType: row.rest?.method ?? "STREAMABLEHTTP",
      headers: row.rest?.headers ? Object.fromEntries(row.rest.headers.map((name) => [name, HIDDEN])) : null,
      inputSchema: definition.inputSchema ?? {},
      outputSchema: definition.outputSchema ?? null,
      annotations: definition.annotations ?? null,
      timeoutMs: row.rest?.timeoutMs ?? null,
      deprecated: row.deprecated,
      reachable: upstream?.reachable ?? true,
      available: row.available,
      gatewayId: upstream?.id ?? null,
      gatewayName: upstream?.name ?? null,
      gatewaySlug: upstream?.slug ?? null,
      federationSource: upstream?.name ?? null,
      servers: (holders.get(row.id) ?? []).map(({ id, name }) => ({ id, name })),
      definition,
      hash: row.upstreamId === null ? null : row.hash,
      withheld: !isExposed(row, row.approvedHash),
      warnings: row.upstreamId === null ? [] : warningsOf(definition),
    };
  });
}

/** The URL of a REST tool: its query may hold a key, which is for those who may change it. */
const ownUrl = (caller: Caller, row: ToolRow, url: string): string =>
  can(caller, "tools.update", row) === "yes" ? url : shownUrl(url);

const secretsOf = (context: Context) => context.config.sealingSecrets;

async function sealed(
  context: Context,
  id: string,
  url: string,
  given: Record<string, string>,
): Promise<StoredHeaders> {
  const headers = readHeaders(given);
  if (Object.keys(headers).length === 0) return null;
  return { headers: Object.keys(headers), sealed: await sealCredentials(secretsOf(context), id, url, { headers }) };
}

/** The headers a change leaves a tool with; a value shown as hidden means the stored one. Undefined: those it has. */
async function headersFor(
  context: Context,
  { id, name, rest }: ToolRow,
  given: ToolUpdate,
): Promise<StoredHeaders | undefined> {
  if (!rest) return undefined;
  const url = given.url ?? rest.url;
  const moved = URL.parse(url)?.origin !== URL.parse(rest.url)?.origin;
  const wanted = Object.entries(given.headers ?? {});
  if (moved && rest.sealed && (given.headers === undefined || wanted.some(([, value]) => value === HIDDEN))) {
    throw new GatewayError("invalid_params", "The new address is on another host: enter the headers again (or null)", {
      details: { field: "headers" },
    });
  }
  if (given.headers === undefined) return undefined;
  const { headers: stored } = await present(
    { id, name, url: rest.url, sealed: rest.sealed ?? null },
    { secrets: secretsOf(context), principal: context.caller.id },
  );
  return await sealed(
    context,
    id,
    url,
    Object.fromEntries(
      wanted.map(([key, value]) => [key, value === HIDDEN ? (stored[key.toLowerCase()] ?? value) : value]),
    ),
  );
}

export const toolRoutes = entityRoutes({
  plural: "tools",
  singular: "Tool",
  tag: "Tools",
  table: tables.tools,
  read: toolRead,
  present: presentTools,
  create: {
    body: toolCreate,
    summary: "Add a REST tool",
    async run({ context, body }) {
      const id = newId();
      return await createTool(context.desk, id, body, await sealed(context, id, body.url, body.headers ?? {}));
    },
  },
  update: {
    body: toolUpdate,
    run: async ({ context, body }, row) => updateTool(context.desk, row, body, await headersFor(context, row, body)),
  },
  remove: removeTool,
  setState: setToolState,
});
