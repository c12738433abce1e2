// REST: /tools. Shapes in schemas/tools.ts.
import { isExposed } from "../catalog/pins.ts";
import { createTool, type Filtering, holdersOf, removeTool, setToolState, updateTool } from "../catalog/tools.ts";
import { upstreamsOf } from "../catalog/upstreams.ts";
import type { Context } from "../context.ts";
import { tables } from "../db/client.ts";
import type { ToolRow } from "../db/tables/catalog.ts";
import { type Caller, sightOf } from "../identity/caller.ts";
import { newId, slugify } from "../lib/ids.ts";
import { jsonPathOf } from "../lib/jq-path.ts";
import { can } from "../policy/can.ts";
import { warningsOf } from "../policy/description-lint.ts";
import { HIDDEN } from "../schemas/common.ts";
import { type ToolCreate, type ToolRead, type ToolUpdate, toolCreate, toolRead, toolUpdate } from "../schemas/tools.ts";
import { requireFilter } from "../upstream/response-filter.ts";
import { shownUrl } from "../upstream/upstream.ts";
import { entityOf, entityRoutes, teamNames } from "./entity.ts";
import { entityMetrics } from "./entity-metrics.ts";
import { changedSecrets, secretsOf } from "./rest-secrets.ts";
import { urlFor } from "./upstreams.ts";

/** Rows with what belongs to them, as the API shows them. */
export async function presentTools(context: Context, rows: readonly ToolRow[]): Promise<ToolRead[]> {
  const { desk, caller } = context;
  const sight = sightOf(caller);
  const ids = rows.map((row) => row.id);
  const [upstreams, holders, teams, metricsOf] = await Promise.all([
    upstreamsOf(desk, rows, sight),
    holdersOf(desk, ids, sight),
    teamNames(context, rows),
    entityMetrics(context, "target"),
  ]);
  return rows.map((row) => {
    const definition = JSON.parse(row.definition) as Record<string, never>;
    const upstream = upstreams.get(row.upstreamId ?? "");
    return {
      ...entityOf(row, teams, metricsOf),
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
      headers: row.rest?.headers?.length ? Object.fromEntries(row.rest.headers.map((name) => [name, HIDDEN])) : null,
      authType: row.rest ? (row.rest.authType ?? "none") : null,
      queryMapping: row.rest?.queryMapping ?? null,
      headerMapping: row.rest?.headerMapping ?? null,
      bodyType: row.rest ? (row.rest.body ?? "json") : null,
      bodyArgument: row.rest?.bodyArgument ?? null,
      responseFilter: row.rest?.filter ?? null,
      problem: row.rest?.problem ?? null,
      inputSchema: definition.inputSchema ?? {},
      outputSchema: definition.outputSchema ?? null,
      annotations: definition.annotations ?? null,
      timeoutMs: row.rest?.timeoutMs ?? null,
      deprecated: row.deprecated,
      executionCount: metricsOf(row.id).totalExecutions,
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

/** How answers are to be filtered; nothing where nothing is said. @throws GatewayError `invalid_params`. */
function filteringOf({
  responseFilter,
  jsonpathFilter,
}: Pick<ToolUpdate, "responseFilter" | "jsonpathFilter">): Filtering {
  if (responseFilter === undefined && jsonpathFilter === undefined) return {};
  const expression = jsonpathFilter?.startsWith("$") ? jsonpathFilter : jsonPathOf(jsonpathFilter || ".");
  if (!responseFilter && expression === undefined)
    return { problem: `Its jq filter is more than a path: ${jsonpathFilter}. Write it as a JSONata responseFilter` };
  const filter =
    responseFilter ?? (expression === "$" || !expression ? null : { language: "jsonpath" as const, expression });
  if (filter) requireFilter(filter);
  return { filter, problem: null };
}

const keysOf = (context: Context) => ({ secrets: context.config.sealingSecrets, principal: context.caller.id });

/** Adds a REST tool and gives its id. @throws GatewayError `conflict`, `invalid_params`. */
export async function addTool(context: Context, given: ToolCreate): Promise<string> {
  const id = newId();
  const secrets = await secretsOf(keysOf(context), { id, name: given.name, url: given.url }, given);
  return await createTool(context.desk, id, given, secrets, filteringOf(given));
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
    run: ({ context, body }) => addTool(context, body),
  },
  update: {
    body: toolUpdate,
    run: async ({ context, body }, row) => {
      const secrets =
        row.rest && (await changedSecrets(keysOf(context), { ...row.rest, id: row.id, name: row.name }, body));
      await updateTool(context.desk, row, body, secrets ?? undefined, filteringOf(body));
    },
  },
  remove: removeTool,
  setState: setToolState,
});
