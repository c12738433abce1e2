// Lists of the catalog: what a caller may see, filtered, in the order of names, one keyset page at a time.
import { and, asc, count, eq, gt, or, type SQL, sql } from "drizzle-orm";
import type { SQLiteColumn, SQLiteTable } from "drizzle-orm/sqlite-core";
import { anyOf, contains } from "../db/client.ts";
import { GatewayError } from "../errors.ts";
import type { Sight } from "../identity/caller.ts";
import { decodeCursor, encodeCursor } from "../lib/paginate.ts";
import type { ListQuery } from "../schemas/common.ts";
import type { Desk } from "./change.ts";

type Columns = Record<
  "id" | "name" | "description" | "enabled" | "tags" | "visibility" | "ownerEmail" | "teamId",
  SQLiteColumn
> & {
  readonly upstreamId?: SQLiteColumn;
};
export type Listable = SQLiteTable & Columns;

export interface Page<Row> {
  readonly rows: Row[];
  readonly total: number;
  readonly nextCursor: string | null;
}

/** Who may see a row, as a condition: `sees` of identity/caller.ts, in SQL. */
export const seenBy = (table: Columns, sight: Sight): SQL | undefined =>
  sight === "everything"
    ? undefined
    : or(
        eq(table.visibility, "public"),
        sight.owner === null ? undefined : and(eq(table.visibility, "private"), eq(table.ownerEmail, sight.owner)),
        and(eq(table.visibility, "team"), anyOf(table.teamId, sight.teams)),
      );

function filters(table: Columns, query: ListQuery, sight: Sight): (SQL | undefined)[] {
  const tagged = query.tags?.length
    ? sql`EXISTS (SELECT 1 FROM json_each(${table.tags}) WHERE json_each.value IN (SELECT value FROM json_each(${JSON.stringify(query.tags)})))`
    : undefined;
  return [
    seenBy(table, sight),
    query.include_inactive ? undefined : eq(table.enabled, true),
    tagged,
    query.visibility ? eq(table.visibility, query.visibility) : undefined,
    query.team_id ? eq(table.teamId, query.team_id) : undefined,
    query.gateway_id && table.upstreamId ? eq(table.upstreamId, query.gateway_id) : undefined,
    query.q ? or(contains(table.name, query.q), contains(table.description, query.q)) : undefined,
  ];
}

/**
 * One page of a table.
 * @throws GatewayError `invalid_params` for a cursor that is not ours.
 */
export async function listRows<Table extends Listable>(
  desk: Desk,
  table: Table,
  query: ListQuery,
  sight: Sight,
  ...more: (SQL | undefined)[]
): Promise<Page<Table["$inferSelect"]>> {
  const where = and(...filters(table, query, sight), ...more);
  const after = query.cursor === undefined ? undefined : afterCursor(table, query.cursor);
  const select = desk.db
    .select()
    .from(table as SQLiteTable)
    .where(and(where, after))
    .orderBy(asc(table.name), asc(table.id));
  const [found, [totals]] = await Promise.all([
    query.limit === 0 ? select : select.limit(query.limit + 1),
    desk.db
      .select({ total: count() })
      .from(table as SQLiteTable)
      .where(where),
  ]);
  const rows = found as Table["$inferSelect"][];
  const further = query.limit > 0 && rows.length > query.limit;
  const shown = further ? rows.slice(0, query.limit) : rows;
  const last = shown.at(-1) as { name: string; id: string } | undefined;
  return {
    rows: shown,
    total: totals?.total ?? 0,
    nextCursor: further && last ? encodeCursor({ after: `${last.id}:${last.name}` }) : null,
  };
}

function afterCursor(table: Columns, cursor: string): SQL | undefined {
  const [, id, name] = /^([^:]+):(.*)$/s.exec(decodeCursor(cursor)?.after ?? "") ?? [];
  if (id === undefined || name === undefined)
    throw new GatewayError("invalid_params", "cursor is not one that this list gave", { details: { field: "cursor" } });
  return or(gt(table.name, name), and(eq(table.name, name), gt(table.id, id)));
}

/** The row with this id, if the caller may see it. @throws GatewayError `not_found`, the same for absent and hidden. */
export async function seenRow<Table extends Listable>(
  desk: Desk,
  table: Table,
  noun: string,
  id: string,
  sight: Sight,
): Promise<Table["$inferSelect"]> {
  const [row] = await desk.db
    .select()
    .from(table as SQLiteTable)
    .where(and(eq(table.id, id), seenBy(table, sight)))
    .limit(1);
  if (!row) throw new GatewayError("not_found", `${noun} not found`);
  return row as Table["$inferSelect"];
}
