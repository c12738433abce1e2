// What is too frequent for an audit row each: denied calls and uses of secrets, counted in this isolate's memory and
// added to the table now and then. Denials are written within about a second, uses of secrets by the first request after
// their minute. An isolate that is ended before loses what it had not written.
import { and, desc, eq, gte, lt, type SQL, sql } from "drizzle-orm";
import { openDatabase, tables } from "../db/client.ts";
import type { Denial, GatewayError } from "../errors.ts";

const { auditCounts } = tables;

/** A line of the table. `minute`: ISO-8601 UTC, to the minute. */
export type Count = typeof auditCounts.$inferSelect;

/** Where counts go. */
interface Sink {
  readonly d1: D1Database;
  waitUntil(work: Promise<unknown>): void;
}

/** How many lines are kept in memory; what would be one more is counted for `others`. */
const MOST = 1_000;
const OTHERS = "others";
const COALESCE = 1_000;
const AGAIN = 5_000;
const MINUTE = 60_000;

let pending = new Map<string, Count>();
/** Since when something is pending, and until when nothing is written, in milliseconds. */
let since = 0;
let holdOff = 0;
/** Until when somebody is about to write denials. */
let arranged = 0;

/** Codes that are denials whoever threw them; what was lacking, where the failure does not say. */
const DENIALS: ReadonlySet<string> = new Set(["unauthorized", "forbidden", "insufficient_scope", "foreign_origin"]);

/** Counts a failure when it denied something. Callers without a credential that holds are `anonymous`. */
export function countDenial(sink: Sink, principal: string, failure: GatewayError): void {
  const denial: Denial | undefined =
    failure.denial ?? (DENIALS.has(failure.code) ? { what: failure.code, target: "gateway" } : undefined);
  if (!denial) return;
  const now = add({ kind: "denied", principal, ...denial });
  if (now < arranged) return;
  arranged = now + 2 * COALESCE; // longer than it takes, lest whoever arranged it vanishes
  sink.waitUntil(
    new Promise((resolve) => setTimeout(resolve, COALESCE)).then(() => {
      arranged = 0;
      return writeCounts(sink);
    }),
  );
}

/** Counts that a sealed secret was opened. Touches no storage. `target`: id of whom it is presented to. */
export function countSecretUse(principal: string, what: string, target: string): void {
  add({ kind: "secret_used", principal, what, target });
}

function add(what: Omit<Count, "minute" | "count">): number {
  const now = Date.now();
  if (pending.size === 0) since = now;
  put({ ...what, minute: minuteOf(now), count: 1 });
  return now;
}

const minuteOf = (time: string | number): string => `${new Date(time).toISOString().slice(0, 16)}Z`;

function put(line: Count): void {
  const key = keyOf(line);
  const known = pending.get(key);
  if (known) known.count += line.count;
  else if (pending.size < MOST || line.principal === OTHERS) pending.set(key, line);
  else put({ ...line, principal: OTHERS, target: OTHERS });
}

const keyOf = ({ minute, kind, principal, what, target }: Count): string =>
  [minute, kind, principal, what, target].join("\n");

/** Writes what was counted in minutes that are over. Called with every request: costs nothing when there is nothing. */
export function writeDueCounts(sink: Sink): void {
  if (pending.size === 0) return;
  const now = Date.now();
  if (Math.floor(now / MINUTE) > Math.floor(since / MINUTE) && now >= holdOff) sink.waitUntil(writeCounts(sink));
}

/** Adds all that was counted here to the table. When that fails, it is kept for later. */
export async function writeCounts({ d1 }: Sink): Promise<void> {
  if (pending.size === 0) return;
  const lines = [...pending.values()];
  const oldest = since;
  pending = new Map();
  try {
    await d1
      .prepare(
        `INSERT INTO audit_counts (minute, kind, principal, what, target, count)
         SELECT value ->> 'minute', value ->> 'kind', value ->> 'principal', value ->> 'what', value ->> 'target', value ->> 'count'
         FROM json_each(?) WHERE true
         ON CONFLICT (minute, kind, principal, what, target) DO UPDATE SET count = count + excluded.count`,
      )
      .bind(JSON.stringify(lines))
      .run();
  } catch (error) {
    for (const line of lines) put(line);
    since = oldest;
    holdOff = Date.now() + AGAIN;
    console.error({ event: "audit counts not written", cause: String(error) });
  }
}

/** Which lines. Times are ISO-8601 UTC, to the minute; `until` is the first minute that is out. */
export interface CountFilter {
  readonly kind?: Count["kind"] | undefined;
  readonly principal?: string | undefined;
  readonly what?: string | undefined;
  readonly target?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** The newest lines, or those that come after the line `after`, and how many match at all. */
export async function newestCounts(
  d1: D1Database,
  { kind, principal, what, target, since: from, until }: CountFilter,
  limit: number,
  after?: readonly string[],
): Promise<{ rows: Count[]; total: number }> {
  const db = openDatabase(d1);
  const where = and(
    kind ? eq(auditCounts.kind, kind) : undefined,
    principal ? eq(auditCounts.principal, principal) : undefined,
    what ? eq(auditCounts.what, what) : undefined,
    target ? eq(auditCounts.target, target) : undefined,
    from ? gte(auditCounts.minute, minuteOf(from)) : undefined,
    until ? lt(auditCounts.minute, minuteOf(until)) : undefined,
  );
  const columns = [auditCounts.minute, auditCounts.kind, auditCounts.principal, auditCounts.what, auditCounts.target];
  const position: SQL | undefined =
    after &&
    sql`(${sql.join(columns, sql`, `)}) < (${sql.join(
      after.map((one) => sql`${one}`),
      sql`, `,
    )})`;
  const [rows, total] = await Promise.all([
    db
      .select()
      .from(auditCounts)
      .where(and(where, position))
      .orderBy(...columns.map((column) => desc(column)))
      .limit(limit),
    db.$count(auditCounts, where),
  ]);
  return { rows, total };
}

/** Where a page ended: what `newestCounts` goes on after. */
export const positionOf = ({ minute, kind, principal, what, target }: Count): readonly string[] => [
  minute,
  kind,
  principal,
  what,
  target,
];
