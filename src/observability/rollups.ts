// Rollups: what the calls of a minute, an hour, a day, and ever add up to, one row each. The schedule closes segments
// whose minute is over and adds their sums, all in one batch, so that each is counted exactly once; what is not counted
// yet is added when somebody asks.
import { sweep } from "../db/sweep.ts";
import type { Period } from "../db/tables/traffic.ts";
import { type Dimension, STEPS, type Step } from "../schemas/metrics.ts";
import { firstIdAt, minuteOf } from "./segments.ts";
import { Sums } from "./sums.ts";

export const SECONDS: Readonly<Record<Step, number>> = { minute: 60, hour: 3600, day: 86_400 };
/** What `ever` does not tell apart: it must not grow with the number of people, or of ways to fail. */
const NOT_FOR_EVER: readonly Dimension[] = ["user", "token", "client", "error"];
/** Milliseconds for which a segment may still grow after its minute. */
const GRACE = 5_000;
/** Segments closed in one batch. */
const MOST = 100;
const TASK = "rollups";

/** Reads the version of the rollups, which every change of theirs makes another. */
export const versionIn = (d1: D1Database): D1PreparedStatement =>
  d1.prepare("SELECT version FROM upkeep WHERE task = ?").bind(TASK);

/**
 * Begins a batch that changes rollups. Null, and so no batch, unless the version is still the one that was read, and the
 * given segments were not added to since they had so many `flushes` together.
 */
export const claim = (d1: D1Database, version: number, ids: readonly number[] = [], flushes = 0): D1PreparedStatement =>
  d1
    .prepare(
      `INSERT INTO upkeep (task, version) VALUES (?1, CASE WHEN ?4 =
         (SELECT total(flushes) FROM call_segments WHERE id IN (SELECT value FROM json_each(?3))) THEN 1 END)
       ON CONFLICT (task) DO UPDATE SET version = CASE WHEN version = ?2 THEN version + 1 END`,
    )
    .bind(TASK, version, JSON.stringify(ids), flushes);

/** Somebody else was faster. */
const OVERTAKEN = /NOT NULL constraint failed: upkeep\.version/;
const TRIES = 30;

/** Does something that begins with reading, again while others are faster. */
export async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries === TRIES || !OVERTAKEN.test(String(error))) throw error;
    }
  }
}

/** A period and when it began, in seconds since 1970. */
interface Place {
  readonly period: Period;
  readonly start: number;
}

interface SegmentRow {
  readonly id: number;
  readonly sums: string;
}

/** The start of the period that a time in seconds is in. */
export const startOf = (period: Period, seconds: number): number =>
  period === "ever" ? 0 : seconds - (seconds % SECONDS[period]);

/** Counts segments that are over. Returns whether there is more to do. @throws when another run was faster, or a segment still grew: nothing is done then. */
export async function rollUp(d1: D1Database, now = Date.now()): Promise<boolean> {
  const [due, versions] = await d1.batch<SegmentRow & { flushes: number; version: number }>([
    d1
      .prepare("SELECT id, flushes, sums FROM call_segments WHERE NOT counted AND id < ? ORDER BY id LIMIT ?")
      .bind(firstIdAt(now - GRACE), MOST),
    versionIn(d1),
  ]);
  const segments = due?.results ?? [];
  if (segments.length === 0) return false;
  const added = addedBy(segments);
  const places = [...added.keys()].map((key) => JSON.parse(key) as Place);
  const before = await rowsAt(d1, places);
  const version = versions?.results[0]?.version ?? 0;
  const ids = segments.map(({ id }) => id);
  const flushes = segments.reduce((total, segment) => total + segment.flushes, 0);
  await d1.batch([
    claim(d1, version, ids, flushes),
    ...[...added].map(([key, sums]) => {
      const { period, start } = JSON.parse(key) as Place;
      const whole = before.get(key) ?? new Sums();
      whole.add(sums);
      return d1
        .prepare("INSERT OR REPLACE INTO rollups (period, start, sums) VALUES (?, ?, ?)")
        .bind(period, start, whole.text);
    }),
    d1
      .prepare("UPDATE call_segments SET counted = 1 WHERE id IN (SELECT value FROM json_each(?))")
      .bind(JSON.stringify(ids)),
  ]);
  return segments.length === MOST;
}

const keyOf = (period: Period, start: number): string => JSON.stringify({ period, start });

/** What segments add to each rollup. */
function addedBy(segments: readonly SegmentRow[]): Map<string, Sums> {
  const added = new Map<string, Sums>();
  for (const { id, sums: text } of segments) {
    const sums = Sums.parse(text);
    const seconds = minuteOf(id) / 1000;
    for (const period of ["minute", "hour", "day", "ever"] as const) {
      const key = keyOf(period, startOf(period, seconds));
      const into = added.get(key) ?? new Sums();
      into.add(sums, period === "ever" ? NOT_FOR_EVER : []);
      added.set(key, into);
    }
  }
  return added;
}

interface RollupRow extends Place {
  readonly sums: string;
}

async function rowsAt(d1: D1Database, places: readonly Place[]): Promise<Map<string, Sums>> {
  const { results } = await d1
    .prepare(
      `SELECT period, start, sums FROM rollups
       WHERE (period, start) IN (SELECT value ->> 'period', value ->> 'start' FROM json_each(?))`,
    )
    .bind(JSON.stringify(places))
    .all<RollupRow>();
  return new Map(results.map(({ period, start, sums }) => [keyOf(period, start), Sums.parse(sums)]));
}

/** Sums by the start of their period (seconds since 1970), oldest first: from `since` to before `until`, in milliseconds. */
export async function sumsBetween(
  d1: D1Database,
  period: Step,
  since: number,
  until: number,
): Promise<Map<number, Sums>> {
  const from = startOf(period, Math.floor(since / 1000));
  const [rows, open] = await d1.batch<RollupRow & SegmentRow>([
    d1
      .prepare("SELECT start, sums FROM rollups WHERE period = ? AND start >= ? AND start < ? ORDER BY start")
      .bind(period, from, until / 1000),
    d1
      .prepare("SELECT id, sums FROM call_segments WHERE NOT counted AND id >= ? AND id < ?")
      .bind(firstIdAt(from * 1000), firstIdAt(until + 59_999)),
  ]);
  const sums = new Map((rows?.results ?? []).map((row) => [row.start, Sums.parse(row.sums)]));
  for (const { id, sums: text } of open?.results ?? []) {
    const start = startOf(period, minuteOf(id) / 1000);
    const into = sums.get(start) ?? new Sums();
    into.add(Sums.parse(text));
    sums.set(start, into);
  }
  return new Map([...sums].sort(([one], [other]) => one - other));
}

/** All that was ever counted, without who called and without codes of failures. */
export async function sumsEver(d1: D1Database): Promise<Sums> {
  const [rows, open] = await d1.batch<RollupRow>([
    d1.prepare("SELECT sums FROM rollups WHERE period = 'ever'"),
    d1.prepare("SELECT sums FROM call_segments WHERE NOT counted"),
  ]);
  const sums = Sums.parse(rows?.results[0]?.sums ?? '{"names":{},"rows":[]}');
  for (const { sums: text } of open?.results ?? []) sums.add(Sums.parse(text), NOT_FOR_EVER);
  return sums;
}

/** Days for which sums of minutes are kept, whatever is set. */
const MINUTE_DAYS = 2;

/** Days for which sums of a period are kept, when those of days are for `rollupDays`. */
export const daysKept: Readonly<Record<Step, (rollupDays: number) => number>> = {
  minute: () => MINUTE_DAYS,
  hour: (rollupDays) => Math.max(MINUTE_DAYS, rollupDays / 10),
  day: (rollupDays) => rollupDays,
};

/** Deletes what is kept no longer: `callDays` for single calls, `rollupDays` for sums. Called by the schedule. */
export async function sweepTraffic(
  d1: D1Database,
  { callDays, rollupDays }: { readonly callDays: number; readonly rollupDays: number },
  now = Date.now(),
): Promise<void> {
  const daysAgo = (days: number): number => now - days * SECONDS.day * 1000;
  const sweepRollups = (period: Step) => {
    const before = Math.floor(daysAgo(daysKept[period](rollupDays)) / 1000);
    return sweep(d1, "rollups", "period = ? AND start < ?", period, before);
  };
  await d1.batch([
    sweep(d1, "call_payloads", "expires_at < ?", Math.floor(now / 1000)),
    sweep(d1, "call_segments", "id < ? AND counted", firstIdAt(daysAgo(callDays))),
    ...STEPS.map(sweepRollups),
  ]);
}
