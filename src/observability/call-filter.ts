// Which calls somebody looks for, and may see: asked of each call, and beforehand of the sums of a whole segment, so that
// one with nothing in it need not be opened.
import { type SQL, sql } from "drizzle-orm";
import { type Call, sentenceOf } from "../schemas/calls.ts";
import { DIMENSIONS, type Dimension } from "../schemas/metrics.ts";
import type { RequestFilter } from "../schemas/requests.ts";

/**
 * What somebody may see of the log. `sees`: ids of the virtual servers, their entries and upstreams that are visible at all;
 * `reads`: of those, whose calls by others may be read too. The empty id is the gateway's own endpoint.
 */
export type Eyes =
  | "everything"
  | { readonly user: string; readonly sees: ReadonlySet<string>; readonly reads: ReadonlySet<string> };

/** Where a call belongs: to its virtual server, or to what it was of. */
const placeOf = ({ server, target }: Call): string => server || target;

/** A call as somebody sees it; undefined when it is not theirs to see. */
export function asSeen(call: Call, eyes: Eyes): Call | undefined {
  if (eyes === "everything") return call;
  const { user, sees, reads } = eyes;
  if (!sees.has(call.server) || !sees.has(call.target)) return undefined;
  if (call.user !== user && !reads.has(placeOf(call))) return undefined;
  return sees.has(call.upstream) ? call : { ...call, upstream: "" };
}

/** Whether the permission that `eyes` are made for goes for a call, whoever made it. */
export const mayRead = (call: Call, eyes: Eyes): boolean =>
  eyes === "everything" || (eyes.sees.has(call.target) && eyes.reads.has(placeOf(call)));

/** Fields that are asked for by their very value. */
const EXACT = {
  target: "target",
  server: "server",
  upstream: "upstream",
  user: "user",
  token: "token",
  error: "error",
  method: "method",
  name: "name",
  request_id: "id",
} as const satisfies Partial<Record<keyof RequestFilter, keyof Call>>;
const EXACT_FIELDS = Object.entries(EXACT) as [keyof typeof EXACT, keyof Call][];

/** Whether a call is what a filter asks for. */
export function matching(filter: RequestFilter): (call: Call) => boolean {
  const { outcome, kind, errors_only, client, min_ms, max_ms, q } = filter;
  const since = timeOf(filter.since) ?? Number.NEGATIVE_INFINITY;
  const until = timeOf(filter.until) ?? Number.POSITIVE_INFINITY;
  const needle = q?.toLowerCase();
  const exact = EXACT_FIELDS.filter(([asked]) => filter[asked] !== undefined);
  return (call) =>
    call.at >= since &&
    call.at < until &&
    exact.every(([asked, field]) => call[field] === filter[asked]) &&
    (outcome?.includes(call.outcome) ?? true) &&
    (kind?.includes(call.kind) ?? true) &&
    !(errors_only && call.outcome === "ok") &&
    (client === undefined || call.client.startsWith(client)) &&
    (min_ms === undefined || call.took >= min_ms) &&
    (max_ms === undefined || call.took <= max_ms) &&
    (needle === undefined || [sentenceOf(call), call.user].some((text) => text.toLowerCase().includes(needle)));
}

/** A time of a filter in milliseconds. */
export const timeOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Date.parse(text);

const isDimension = (field: string): field is Dimension => (DIMENSIONS as readonly string[]).includes(field);
const dimension = (name: Dimension): SQL => sql.raw(`r.value ->> '$[0][${DIMENSIONS.indexOf(name)}]'`);
const sum = (path: string): SQL => sql.raw(`r.value ->> '$[1].${path}'`);
const among = (value: SQL, list: Iterable<string>): SQL =>
  sql`${value} IN (SELECT value FROM json_each(${JSON.stringify([...list])}))`;

/** Whether a segment may hold such a call, by its `sums`: as a condition. It errs only by saying yes. */
export function mayHold(filter: RequestFilter, eyes: Eyes): SQL {
  const { outcome, kind, errors_only, client, min_ms, max_ms } = filter;
  const [since, until] = [timeOf(filter.since), timeOf(filter.until)];
  const conditions = EXACT_FIELDS.flatMap(([asked, field]) =>
    isDimension(field) && filter[asked] !== undefined ? [sql`${dimension(field)} = ${filter[asked]}`] : [],
  );
  if (since !== undefined) conditions.push(sql`${sum("last")} >= ${since}`);
  if (until !== undefined) conditions.push(sql`${sum("first")} < ${until}`);
  if (outcome) conditions.push(among(dimension("outcome"), outcome));
  if (kind) conditions.push(among(dimension("kind"), kind));
  if (errors_only) conditions.push(sql`${dimension("outcome")} <> 'ok'`);
  if (client !== undefined) conditions.push(sql`substr(${dimension("client")}, 1, length(${client})) = ${client}`);
  if (min_ms !== undefined) conditions.push(sql`${sum("took.max")} >= ${min_ms}`);
  if (max_ms !== undefined) conditions.push(sql`${sum("took.min")} <= ${max_ms}`);
  if (eyes !== "everything") conditions.push(mayBeSeen(eyes));
  if (conditions.length === 0) return sql`1`;
  return sql`EXISTS (SELECT 1 FROM json_each(sums, '$.rows') r WHERE ${sql.join(conditions, sql` AND `)})`;
}

function mayBeSeen({ user, reads }: Exclude<Eyes, "everything">): SQL {
  const place = sql`coalesce(nullif(${dimension("server")}, ''), ${dimension("target")})`;
  return sql`(${dimension("user")} = ${user} OR ${among(place, reads)})`;
}
