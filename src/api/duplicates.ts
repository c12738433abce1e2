// REST: /tools/duplicates, tools that are there more than once, and "use this one". What a duplicate is: catalog/duplicates.ts.
import { and, eq } from "drizzle-orm";
import type * as z from "zod";
import { persistently } from "../catalog/change.ts";
import { type Comparable, duplicatesAmong } from "../catalog/duplicates.ts";
import { seenBy } from "../catalog/list.ts";
import { changesOf, isNarrower, namedTools, replaceTools } from "../catalog/replace.ts";
import { holdersOf } from "../catalog/tools.ts";
import { upstreamsOf } from "../catalog/upstreams.ts";
import type { Context } from "../context.ts";
import { tables } from "../db/client.ts";
import type { ToolRow } from "../db/tables/catalog.ts";
import { GatewayError } from "../errors.ts";
import { lowerCase } from "../lib/lower-case.ts";
import { decodeCursor, encodeCursor } from "../lib/paginate.ts";
import { can, permit } from "../policy/can.ts";
import {
  type DuplicatesAnswer,
  duplicatesAnswer,
  duplicatesQuery,
  type Resolved,
  resolveBody,
  resolved,
} from "../schemas/duplicates.ts";
import type { ToolRead } from "../schemas/tools.ts";
import { type Route, route } from "./route.ts";
import { presentTools } from "./tools.ts";

const { tools } = tables;
const tag = "Tools";

/** A tool that can be called. `used`: how many virtual servers hold it. */
interface Candidate extends Comparable {
  readonly row: ToolRow;
  readonly gateway: string | null;
  readonly used: number;
}

/** Tools that can be called, the one to keep before its duplicates: in most virtual servers, then the oldest. */
async function candidates({ desk, caller: { sight } }: Context): Promise<Candidate[]> {
  const rows = await desk.db
    .select()
    .from(tools)
    .where(and(seenBy(tools, sight), eq(tools.enabled, true), eq(tools.available, true)));
  const ids = rows.map(({ id }) => id);
  const [upstreams, holders] = await Promise.all([upstreamsOf(desk, rows, sight), holdersOf(desk, ids, sight)]);
  return rows
    .filter(({ upstreamId }) => upstreams.get(upstreamId ?? "")?.enabled !== false)
    .map((row) => {
      const { id, rest, upstreamId, originalName } = row;
      const upstream = upstreams.get(upstreamId ?? "");
      const definition = JSON.parse(row.definition) as { description?: string; inputSchema?: unknown };
      return {
        row,
        id,
        source: upstreamId ?? id,
        name: originalName,
        address: rest ? `${rest.method} ${rest.url}` : upstream ? `${upstream.url} ${originalName}` : id,
        description: row.description ?? definition.description ?? null,
        inputSchema: definition.inputSchema,
        gateway: upstream?.name ?? null,
        used: holders.get(id)?.length ?? 0,
      };
    })
    .sort(
      (one, other) =>
        other.used - one.used || (`${one.row.createdAt} ${one.id}` < `${other.row.createdAt} ${other.id}` ? -1 : 1),
    );
}

async function list(
  context: Context,
  { q, why, limit, cursor }: z.output<typeof duplicatesQuery>,
): Promise<DuplicatesAnswer> {
  const from = cursor === undefined ? 0 : Number(decodeCursor(cursor)?.after);
  if (!Number.isSafeInteger(from))
    throw new GatewayError("invalid_params", "cursor is not one that this list gave", { details: { field: "cursor" } });
  const all = await candidates(context);
  const byId = new Map(all.map((one) => [one.id, one]));
  const needle = lowerCase(q ?? "");
  const mentions = ({ row, name, description, gateway }: Candidate) =>
    [row.name, name, description, gateway].some((text) => text !== null && lowerCase(text).includes(needle));
  const groups = duplicatesAmong(all)
    .groups.map((group) => ({ ...group, members: group.ids.flatMap((id) => byId.get(id) ?? []) }))
    .filter((group) => (why === undefined || group.why.includes(why)) && group.members.some(mentions));
  const inUse = (group: (typeof groups)[number]) => group.members.filter(({ used }) => used > 0).length;
  const page = groups
    .sort((one, other) => inUse(other) - inUse(one) || other.similarity - one.similarity)
    .slice(from, from + limit);
  const rows = page.flatMap(({ members }) => members.map(({ row }) => row));
  const shown = new Map((await presentTools(context, rows)).map((tool) => [tool.id, tool]));
  return {
    groups: page.map(({ ids, why, similarity }) => ({
      why: [...why],
      similarity,
      tools: ids.flatMap((id) => shown.get(id) ?? []).map(shorter),
    })),
    nextCursor: from + limit < groups.length ? encodeCursor({ after: String(from + limit) }) : null,
    total: groups.length,
  };
}

const shorter = ({ description, originalDescription, servers, ...tool }: ToolRead) => ({
  id: tool.id,
  name: tool.name,
  originalName: tool.originalName,
  gatewayId: tool.gatewayId,
  gatewayName: tool.gatewayName,
  integrationType: tool.integrationType,
  url: tool.url,
  description: description ?? originalDescription,
  inputSchema: tool.inputSchema,
  visibility: tool.visibility,
  usedIn: servers,
});

/** Looks at what would change, and changes it unless it was only to look. @throws GatewayError for what the caller may not change. */
async function resolve(context: Context, body: z.output<typeof resolveBody>): Promise<Resolved> {
  const { desk, caller } = context;
  const { disable, dryRun } = body;
  const { kept, replaced } = await namedTools(desk, body, caller.sight);
  const changes = await changesOf(desk, kept, replaced, caller.sight);
  const off = disable ? replaced.filter(({ enabled }) => enabled) : [];
  if (!dryRun) {
    for (const { server } of changes) permit(caller, "servers.update", "Server", { ...server, serverId: server.id });
    for (const row of off) permit(caller, "tools.update", "Tool", row);
    if (changes.length + off.length > 0) await replaceTools(desk, kept, replaced, changes, off);
  }
  return {
    dryRun,
    keep: { id: kept.id, name: kept.name },
    servers: changes.map(({ server, as, replaced, gone }) => ({
      id: server.id,
      name: server.name,
      as,
      replaced: [...replaced],
      gone: [...gone],
      allowed: can(caller, "servers.update", { ...server, serverId: server.id }) === "yes",
    })),
    disabled: off.map((row) => ({ id: row.id, name: row.name, allowed: can(caller, "tools.update", row) === "yes" })),
    narrower: changes.length > 0 && isNarrower(kept, replaced),
  };
}

export const duplicateRoutes: readonly Route[] = [
  route("GET", "/tools/duplicates", {
    summary: "Tools of the same name, address, or nearly the same description and arguments, across upstreams",
    tag,
    permission: "tools.read",
    query: duplicatesQuery,
    answer: duplicatesAnswer,
    run: ({ context, query }) => list(context, query),
  }),
  route("POST", "/tools/duplicates/resolve", {
    summary:
      "Use this one: put a tool in the place of its duplicates in every virtual server, under the names they had",
    tag,
    permission: "servers.update",
    body: resolveBody,
    answer: resolved,
    run: ({ context, body }) => persistently(() => resolve(context, body)),
  }),
];
