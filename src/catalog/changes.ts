// Changes of tools that upstreams made: what waits for a decision, what was decided, and deciding. A decision names the
// hash of the definition it is about, and holds for that one alone.
import { and, count, desc, eq, inArray, isNull, lt, ne, or, type SQL, sql } from "drizzle-orm";
import { anyOf, contains, tables } from "../db/client.ts";
import type { ToolRow } from "../db/tables/catalog.ts";
import type { DefinitionRow } from "../db/tables/definitions.ts";
import { GatewayError } from "../errors.ts";
import type { Sight } from "../identity/caller.ts";
import type { ChangeQuery } from "../schemas/changes.ts";
import { commit, type Desk, modified } from "./change.ts";
import { including } from "./include-new.ts";
import { seenBy } from "./list.ts";
import { pinned } from "./pins.ts";

const { definitions, tools, servers, serverTools, upstreams } = tables;

/** A definition of a tool, with the one that was approved before it. */
export interface Change {
  readonly row: DefinitionRow;
  readonly before: string | null;
}

/** Definition that was approved when this one came. By their full names: a query of one table leaves those of its columns out. */
const before = sql<string | null>`(SELECT earlier.definition FROM definitions AS earlier
  WHERE earlier.entity_id = definitions.entity_id AND earlier.id < definitions.id
  AND earlier.decision IN ('first', 'approved', 'auto') ORDER BY earlier.id DESC LIMIT 1)`;

/** Whether it is the newest of its tool. */
const newest = sql`NOT EXISTS (SELECT 1 FROM definitions AS later
  WHERE later.entity_id = definitions.entity_id AND later.id > definitions.id)`;

const isCurrent = and(eq(definitions.hash, tools.hash), eq(tools.available, true));

const WITH_STATUS: Readonly<Record<ChangeQuery["status"], SQL | undefined>> = {
  pending: and(isNull(definitions.decision), isCurrent),
  rejected: and(eq(definitions.decision, "rejected"), isCurrent, newest),
  all: or(isNull(definitions.decision), ne(definitions.decision, "first")),
};

/** Changes of tools that somebody may see, newest first, from before a position on; and how many there are. */
export async function changesOf(
  { db }: Desk,
  { status, gateway_id, tool_id, q }: Omit<ChangeQuery, "limit" | "cursor">,
  sight: Sight,
  limit: number,
  position?: number,
): Promise<{ rows: Change[]; total: number }> {
  const where = and(
    WITH_STATUS[status],
    seenBy(tools, sight),
    gateway_id === undefined ? undefined : eq(tools.upstreamId, gateway_id),
    tool_id === undefined ? undefined : eq(tools.id, tool_id),
    q === undefined ? undefined : or(contains(tools.name, q), contains(tools.originalName, q)),
  );
  const [rows, [counted]] = await db.batch([
    db
      .select({ row: definitions, before: before.as("before_it") })
      .from(definitions)
      .innerJoin(tools, eq(tools.id, definitions.entityId))
      .where(and(where, position === undefined ? undefined : lt(definitions.id, position)))
      .orderBy(desc(definitions.id))
      .limit(limit),
    db.select({ total: count() }).from(definitions).innerJoin(tools, eq(tools.id, definitions.entityId)).where(where),
  ]);
  return { rows, total: counted?.total ?? 0 };
}

/** Every definition a tool had, newest first, the latest `limit`. */
export const historyOf = ({ db }: Desk, toolId: string, limit: number): Promise<Change[]> =>
  db
    .select({ row: definitions, before: before.as("before_it") })
    .from(definitions)
    .where(eq(definitions.entityId, toolId))
    .orderBy(desc(definitions.id))
    .limit(limit);

/** Tools by id. */
export async function toolsById({ db }: Desk, ids: readonly string[]): Promise<ReadonlyMap<string, ToolRow>> {
  const rows = await db.select().from(tools).where(anyOf(tools.id, ids));
  return new Map(rows.map((row) => [row.id, row]));
}

/** Virtual servers that hold these tools and go without them now, as far as somebody may see them, by tool id. */
export async function withheldFrom(
  { db }: Desk,
  toolIds: readonly string[],
  sight: Sight,
): Promise<Map<string, { id: string; name: string }[]>> {
  const rows = await db
    .select({ toolId: serverTools.toolId, id: servers.id, name: servers.name })
    .from(serverTools)
    .innerJoin(servers, eq(servers.id, serverTools.serverId))
    .innerJoin(tools, eq(tools.id, serverTools.toolId))
    .where(
      and(anyOf(serverTools.toolId, toolIds), sql`${serverTools.hash} IS NOT ${tools.hash}`, seenBy(servers, sight)),
    );
  return Map.groupBy(rows, (row) => row.toolId);
}

/** Refuses a decision about a definition that the tool does not have now. @throws GatewayError `conflict`. */
function requireCurrent(row: ToolRow, hash: string): void {
  if (row.upstreamId !== null && row.hash === hash) return;
  throw new GatewayError("conflict", "The tool has another definition by now. Look at it before you decide", {
    details: { field: "hash", hash: row.upstreamId === null ? null : row.hash },
  });
}

const about = (row: ToolRow, hash: string, ...decisions: (SQL | undefined)[]) =>
  and(eq(definitions.entityId, row.id), eq(definitions.hash, hash), or(isNull(definitions.decision), ...decisions));

const from = (row: ToolRow, hash: string, ...more: (SQL | undefined)[]) => ({
  table: tools,
  version: row.version,
  holds: and(eq(tools.hash, hash), ...more),
});

/** Lets clients have this definition of a tool, wherever the tool is. @throws GatewayError `conflict`, `stale_version`. */
export async function approve(desk: Desk, row: ToolRow, hash: string): Promise<void> {
  requireCurrent(row, hash);
  const { db, author } = desk;
  const [upstream] = await db
    .select({ id: upstreams.id, slug: upstreams.slug, name: upstreams.name })
    .from(upstreams)
    .where(eq(upstreams.id, row.upstreamId ?? ""));
  const fresh = row.approvedHash === null ? [{ id: row.id, originalName: row.originalName, hash }] : [];
  const { statements, holds } = upstream ? await including(desk, upstream, fresh) : { statements: [] };
  await commit(
    desk,
    {
      action: "tool.approve",
      targetType: "tool",
      targetId: row.id,
      from: from(row, hash, holds),
      detail: { name: row.name, gateway: upstream?.name, hash, before: row.approvedHash },
    },
    [
      db
        .update(tools)
        .set({ approvedHash: hash, ...modified(desk), version: row.version + 1 })
        .where(eq(tools.id, row.id)),
      pinned(db, eq(serverTools.toolId, row.id)),
      ...statements,
      db
        .update(definitions)
        .set({ decision: "approved", decidedBy: author.email, decidedAt: new Date().toISOString() })
        .where(about(row, hash, eq(definitions.decision, "rejected"))),
    ],
  );
}

/** Keeps a definition from clients for good. @throws GatewayError `conflict`, `stale_version`. */
export async function reject(desk: Desk, row: ToolRow, hash: string): Promise<void> {
  requireCurrent(row, hash);
  if (row.approvedHash === hash)
    throw new GatewayError("conflict", "This definition is approved already: disable the tool to take it away", {
      details: { field: "hash" },
    });
  const { db, author } = desk;
  const here = and(eq(serverTools.toolId, row.id), eq(serverTools.hash, hash));
  const holders = db.select({ id: serverTools.serverId }).from(serverTools).where(here);
  await commit(
    desk,
    {
      action: "tool.reject",
      targetType: "tool",
      targetId: row.id,
      from: from(row, hash, sql`${tools.approvedHash} IS NOT ${hash}`),
      detail: { name: row.name, hash },
    },
    [
      db
        .update(servers)
        .set({ version: sql`${servers.version} + 1` })
        .where(inArray(servers.id, holders)),
      db.update(serverTools).set({ hash: null }).where(here),
      db
        .update(definitions)
        .set({ decision: "rejected", decidedBy: author.email, decidedAt: new Date().toISOString() })
        .where(about(row, hash)),
    ],
  );
}
