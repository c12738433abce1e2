// One search over everything: which records have all words of a query in them, and how well they fit. Each kind of record
// says how its rows are read; matching and ranking stand here once, in SQL, so that only the best rows travel.
import { type SQL, sql } from "drizzle-orm";
import { tables } from "../db/client.ts";
import type { Sight } from "../identity/caller.ts";
import { lowerCase } from "../lib/lower-case.ts";
import { type FoundType, MATCHES, type Match } from "../schemas/search.ts";
import type { Desk } from "./change.ts";
import { seenBy } from "./list.ts";

/**
 * A kind of record. `rows` selects what the caller may see of it, as `id, name, description, also` (further names, or null),
 * `tags` (a JSON list), `enabled, team_id, gateway_id, gateway`.
 */
export interface Source {
  readonly type: FoundType;
  readonly rows: SQL;
}

/** What is looked for. `limit`: most records of one kind. */
export interface Wanted {
  readonly q: string;
  readonly limit: number;
  readonly tags?: readonly string[] | undefined;
  readonly gateway_id?: string | undefined;
  readonly team_id?: string | undefined;
}

/** A record that was found. */
export interface Hit {
  readonly type: FoundType;
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly enabled: boolean;
  readonly gatewayId: string | null;
  readonly gateway: string | null;
  readonly score: number;
  readonly matched: readonly Match[];
}

const { tools, prompts, resources, servers, upstreams } = tables;

/** Names of upstreams are told to those who see them. */
const gatewayOf = (table: typeof tools | typeof prompts | typeof resources, sight: Sight): SQL =>
  sql`LEFT JOIN ${upstreams} ON ${upstreams.id} = ${table.upstreamId} AND ${seenBy(upstreams, sight) ?? sql`1`}`;

const member = (table: typeof tools | typeof prompts | typeof resources, also: SQL, sight: Sight): SQL =>
  sql`SELECT ${table.id} AS id, ${table.name} AS name, ${table.description} AS description, ${also} AS also,
    ${table.tags} AS tags, ${table.enabled} AS enabled, ${table.teamId} AS team_id, ${upstreams.id} AS gateway_id,
    ${upstreams.name} AS gateway FROM ${table} ${gatewayOf(table, sight)} WHERE ${seenBy(table, sight) ?? sql`1`}`;

const own = (table: typeof servers | typeof upstreams, also: SQL, gateway: SQL, sight: Sight): SQL =>
  sql`SELECT ${table.id} AS id, ${table.name} AS name, ${table.description} AS description, ${also} AS also,
    ${table.tags} AS tags, ${table.enabled} AS enabled, ${table.teamId} AS team_id, ${gateway} AS gateway_id,
    NULL AS gateway FROM ${table} WHERE ${seenBy(table, sight) ?? sql`1`}`;

/** The nouns of the catalog, as far as somebody may see them. The query of an upstream's URL may hold a key: it is not searched. */
export const CATALOG: Readonly<
  Record<"tools" | "prompts" | "resources" | "servers" | "gateways", (sight: Sight) => SQL>
> = {
  tools: (sight) => member(tools, sql`${tools.originalName} || ' ' || coalesce(${tools.displayName}, '')`, sight),
  prompts: (sight) => member(prompts, sql`${prompts.originalName}`, sight),
  resources: (sight) => member(resources, sql`${resources.uri}`, sight),
  servers: (sight) => own(servers, sql`NULL`, sql`NULL`, sight),
  gateways: (sight) => {
    const address = sql`substr(${upstreams.url}, 1, instr(${upstreams.url} || '?', '?') - 1)`;
    return own(upstreams, sql`${upstreams.slug} || ' ' || ${address}`, sql`${upstreams.id}`, sight);
  },
};

/** What parts the words of a name. */
const SEPARATORS = ["_", "-", ".", "/", ":", "@"];
const spaced = (name: SQL): SQL =>
  SEPARATORS.reduce((text, separator) => sql`replace(${text}, ${separator}, ' ')`, name);
const spacedOut = (word: string): string => word.replace(/[-_./:@]/g, " ").trim();

const level = (match: Match): SQL => sql.raw(String(MATCHES[match]));

/** What one word (`w`) is worth in a row (`r`). `instr` knows no wildcards, and unlike LIKE takes words of any length. */
const WORTH = sql`CASE
  WHEN r.id = w.value ->> 'word' THEN ${level("id")}
  WHEN w.value ->> 'spaced' <> '' AND instr(' ' || ${spaced(sql`lower(r.name)`)} || ' ', ' ' || (w.value ->> 'spaced') || ' ') THEN ${level("word")}
  WHEN instr(lower(r.name), w.value ->> 'word') THEN ${level("part")}
  WHEN instr(lower(coalesce(r.also, '')), w.value ->> 'word') THEN ${level("alias")}
  WHEN EXISTS (SELECT 1 FROM json_each(r.tags) t WHERE instr(lower(t.value), w.value ->> 'word')) THEN ${level("tag")}
  WHEN instr(lower(coalesce(r.description, '')), w.value ->> 'word') THEN ${level("description")}
  ELSE 0 END`;

interface Row {
  id: string;
  name: string;
  description: string | null;
  enabled: number;
  gateway_id: string | null;
  gateway: string | null;
  score: number;
  levels: string;
  total: number;
}

function ranked({ rows }: Source, { q, limit, tags, gateway_id, team_id }: Wanted): SQL {
  const whole = lowerCase(q);
  const words = JSON.stringify(wordsOf(q).map((word) => ({ word, spaced: spacedOut(word) })));
  const narrowed = [
    ...(tags?.length
      ? [sql`EXISTS (SELECT 1 FROM json_each(r.tags) t, json_each(${JSON.stringify(tags)}) a WHERE t.value = a.value)`]
      : []),
    ...(gateway_id === undefined ? [] : [sql`r.gateway_id = ${gateway_id}`]),
    ...(team_id === undefined ? [] : [sql`r.team_id = ${team_id}`]),
  ];
  return sql`
    SELECT id, name, description, enabled, gateway_id, gateway, json_group_array(DISTINCT worth) AS levels,
      CASE WHEN lower(name) = ${whole} THEN ${level("exact")}
        WHEN substr(lower(name), 1, length(${whole})) = ${whole} THEN ${level("prefix")}
        ELSE CAST(round(avg(worth)) AS INTEGER) END AS score,
      count(*) OVER () AS total
    FROM (SELECT r.*, ${WORTH} AS worth FROM (${rows}) r, json_each(${words}) w
      ${narrowed.length > 0 ? sql`WHERE ${sql.join(narrowed, sql` AND `)}` : sql``})
    GROUP BY id HAVING min(worth) > 0 ORDER BY score DESC, name, id LIMIT ${limit}`;
}

/** The words of a query, in lower case, each once. */
export const wordsOf = (q: string): string[] => [...new Set(lowerCase(q).split(/\s+/).filter(Boolean))];

/** What of these sources fits, the best first, and how much fits in all. One round trip. */
export async function search(
  { db, store }: Desk,
  sources: readonly Source[],
  wanted: Wanted,
): Promise<{ hits: Hit[]; total: number }> {
  if (sources.length === 0) return { hits: [], total: 0 };
  const statements = sources.map((source) => {
    const { sql, params } = db.all(ranked(source, wanted)).getQuery();
    return store.d1.prepare(sql).bind(...params);
  });
  const found = await store.d1.batch<Row>(statements);
  const hits = sources.flatMap((source, at) => (found[at]?.results ?? []).map((row) => hitOf(source, row)));
  return {
    hits: hits.sort((one, other) => other.score - one.score || compare(one.name, other.name)),
    total: found.reduce((sum, { results: [row] }) => sum + (row?.total ?? 0), 0),
  };
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

const MATCH_AT: ReadonlyMap<number, Match> = new Map(
  Object.entries(MATCHES).map(([match, worth]) => [worth, match as Match]),
);

function hitOf({ type }: Source, { gateway_id: gatewayId, levels, score, total: _, ...row }: Row): Hit {
  const whole = score >= MATCHES.prefix;
  const worths = whole ? [score] : (JSON.parse(levels) as number[]).sort((one, other) => other - one);
  const matched = worths.flatMap((worth) => MATCH_AT.get(worth) ?? []);
  return { ...row, type, gatewayId, score, matched, enabled: Boolean(row.enabled) };
}
