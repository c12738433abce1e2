// What a caller sees of the catalog, as names by id: what reports (metrics, request log) are narrowed to and named with.
import { and, sql } from "drizzle-orm";
import { anyOf, contains, tables } from "../db/client.ts";
import type { Sight } from "../identity/caller.ts";
import type { Desk } from "./change.ts";
import { seenBy } from "./list.ts";

const { tools, prompts, resources, servers, upstreams } = tables;

/** Names of virtual servers and upstreams; for who does not see everything, of all that they see. */
export async function namesSeen({ db }: Desk, sight: Sight): Promise<ReadonlyMap<string, string>> {
  const told = sight === "everything" ? [servers, upstreams] : [servers, upstreams, tools, prompts, resources];
  const selects = told.map(
    (table) =>
      sql`SELECT ${table.id} AS id, ${table.name} AS name FROM ${table} WHERE ${seenBy(table, sight) ?? sql`1`}`,
  );
  const rows = await db.all<{ id: string; name: string }>(sql.join(selects, sql` UNION ALL `));
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** An entity as reports list it. */
export interface Entity {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly upstreamId: string | null;
  readonly createdAt: string;
}

const NOUNS = { tool: tools, prompt: prompts, resource: resources, server: servers, gateway: upstreams };

/** All entities of a noun that somebody sees, of those whose name has `q` in it. */
export async function entitiesSeen({ db }: Desk, noun: keyof typeof NOUNS, sight: Sight, q = ""): Promise<Entity[]> {
  const table = NOUNS[noun];
  const upstreamId = "upstreamId" in table ? sql`${table.upstreamId}` : sql`NULL`;
  const rows = await db.all<Omit<Entity, "enabled"> & { enabled: number }>(
    sql`SELECT ${table.id} AS id, ${table.name} AS name, ${table.enabled} AS enabled, ${upstreamId} AS upstreamId,
      ${table.createdAt} AS createdAt FROM ${table} WHERE ${and(contains(table.name, q), seenBy(table, sight))}`,
  );
  return rows.map((row) => ({ ...row, enabled: Boolean(row.enabled) }));
}

/** Names of those of these virtual servers and upstreams that somebody sees, by id. */
export async function namesOf({ db }: Desk, ids: Iterable<string>, sight: Sight): Promise<Record<string, string>> {
  const wanted = [...new Set(ids)];
  const named = (table: typeof servers | typeof upstreams) =>
    db
      .select({ id: table.id, name: table.name })
      .from(table)
      .where(and(anyOf(table.id, wanted), seenBy(table, sight)));
  const found = await db.batch([named(servers), named(upstreams)]);
  return Object.fromEntries(found.flat().map(({ id, name }) => [id, name]));
}
