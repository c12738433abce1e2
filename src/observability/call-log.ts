// Reading the request log, newest first: segments from the end of a range of ids (which is a range of time) to its
// beginning, each opened only when its sums say that something in it may match. One search does a bounded piece of work
// and says where it stopped.
import { sql } from "drizzle-orm";
import { openDatabase } from "../db/client.ts";
import type { Call } from "../schemas/calls.ts";
import type { RequestFilter } from "../schemas/requests.ts";
import { asSeen, type Eyes, matching, mayHold, timeOf } from "./call-filter.ts";
import { callsIn, firstIdAt, minuteOf } from "./segments.ts";

/** Where to go on: with the calls before the `position`th of a segment, then with older segments. */
export interface Place {
  readonly segment: number;
  readonly position: number;
}

/** What a search found. `next`: where to go on; undefined at the end. `searchedUntil` in milliseconds. */
export interface Found {
  readonly calls: Call[];
  /** The segment that each of them is in. */
  readonly segments: number[];
  readonly next: Place | undefined;
  readonly searchedUntil: number;
}

/** What a search is for. `oldest`: the time in milliseconds before which nothing is kept. */
export interface Wanted {
  readonly filter: RequestFilter;
  readonly eyes: Eyes;
  readonly limit: number;
  readonly from: Place | undefined;
  readonly oldest: number;
}

/** Segments whose sums are looked at in one statement and in one search, and calls that are read in each. */
export const BOUNDS = { atOnce: 200, segments: 2_000, callsAtOnce: 2_000, calls: 20_000 } as const;
/** A call is kept with those that ended when it did: it is looked for up to so long after it came. Milliseconds. */
const LONGEST_CALL = 3_600_000;
const MINUTE = 60_000;

const START: Place = { segment: Number.MAX_SAFE_INTEGER, position: Number.MAX_SAFE_INTEGER };

/** The newest calls that fit. Reads no more than `BOUNDS`, and what the last segment has beyond. */
export async function search(d1: D1Database, wanted: Wanted): Promise<Found> {
  const { filter, eyes, limit, from = START, oldest } = wanted;
  const fits = matching(filter);
  const since = Math.max(timeOf(filter.since) ?? oldest, oldest);
  const calls: Call[] = [];
  const segments: number[] = [];
  let next = from;
  let [looked, read] = [0, 0];
  for await (const { id, all } of opened(d1, wanted, { newest: from.segment, oldest: firstIdAt(since) })) {
    const searchedUntil = minuteOf(id) + MINUTE;
    for (let at = Math.min(all.length, id === from.segment ? from.position : all.length) - 1; at >= 0; at--) {
      const call = asSeen(all[at] as Call, eyes);
      if (!call || !fits(call)) continue;
      if (calls.length === limit) return { calls, segments, next, searchedUntil };
      calls.push(call);
      segments.push(id);
      next = { segment: id, position: at };
    }
    looked++;
    read += all.length;
    if (looked >= BOUNDS.segments || read >= BOUNDS.calls)
      return { calls, segments, next: { ...START, segment: id - 1 }, searchedUntil };
  }
  return { calls, segments, next: undefined, searchedUntil: since };
}

interface Candidate {
  readonly id: number;
  readonly calls: number;
  readonly may: number;
}

/** The segments of a range of ids, newest first, with all their calls; with none where none can fit. */
async function* opened(
  d1: D1Database,
  { filter, eyes }: Wanted,
  range: { readonly newest: number; readonly oldest: number },
): AsyncGenerator<{ readonly id: number; readonly all: readonly Call[] }, void, void> {
  const until = timeOf(filter.until);
  const end = until === undefined ? range.newest : Math.min(range.newest, firstIdAt(until + LONGEST_CALL));
  const db = openDatabase(d1);
  for (let newest = end; ; ) {
    const candidates = await db.all<Candidate>(
      sql`SELECT id, calls, ${mayHold(filter, eyes)} AS may FROM call_segments
        WHERE id <= ${newest} AND id >= ${range.oldest} ORDER BY id DESC LIMIT ${BOUNDS.atOnce}`,
    );
    for (const group of inGroups(candidates)) {
      const lines = await linesOf(d1, group);
      for (const { id } of group) {
        const text = lines.get(id);
        yield { id, all: text === undefined ? [] : await callsIn(text) };
      }
    }
    const last = candidates.at(-1);
    if (!last || candidates.length < BOUNDS.atOnce) return;
    newest = last.id - 1;
  }
}

/** Segments in groups that are read at once. */
function* inGroups(candidates: readonly Candidate[]): Generator<readonly Candidate[], void, void> {
  let group: Candidate[] = [];
  let calls = 0;
  for (const candidate of candidates) {
    group.push(candidate);
    if (candidate.may) calls += candidate.calls;
    if (calls < BOUNDS.callsAtOnce) continue;
    yield group;
    group = [];
    calls = 0;
  }
  yield group;
}

/** The lines of those that may hold something, by id. */
async function linesOf(d1: D1Database, group: readonly Candidate[]): Promise<ReadonlyMap<number, string>> {
  const ids = group.filter(({ may }) => may).map(({ id }) => id);
  if (ids.length === 0) return new Map();
  const { results } = await d1
    .prepare("SELECT id, lines FROM call_segments WHERE id IN (SELECT value FROM json_each(?))")
    .bind(JSON.stringify(ids))
    .all<{ id: number; lines: string }>();
  return new Map(results.map(({ id, lines }) => [id, lines]));
}
