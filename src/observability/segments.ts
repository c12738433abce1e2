// Segments: the calls of one isolate in about a minute, as one row of D1 that grows. A flush is one statement that adds a
// line of calls and puts the sums as they are by then; said twice it counts once. Once counted, a segment is closed.
import { CALL_FIELDS, type Call } from "../schemas/calls.ts";
import type { PayloadRow } from "./payloads.ts";
import { Sums } from "./sums.ts";

/** Ids are the minute since 1970 and a random part, in one safe integer. */
const PER_MINUTE = 2 ** 26;
const MINUTE = 60_000;

/** The first id of the minute that a time (milliseconds) is in. */
export const firstIdAt = (ms: number): number => Math.floor(ms / MINUTE) * PER_MINUTE;

/** When the minute of an id began, in milliseconds. */
export const minuteOf = (id: number): number => Math.floor(id / PER_MINUTE) * MINUTE;

/** Characters of lines from which on a new segment is begun, and combinations of calls in its sums. */
const FULL = 100_000;
const MOST_COMBINATIONS = 1_000;

/** Calls on their way into a segment, and all that the segment will have with them. */
export interface Flush {
  readonly isolate: string;
  readonly calls: readonly Call[];
  readonly line: string;
  readonly payloads: readonly PayloadRow[];
  readonly values: readonly (string | number)[];
}

/** A segment that grows. */
export class Segment {
  readonly #id: number;
  readonly #isolate: string;
  readonly #sums = new Sums();
  #flushes = 0;
  #calls = 0;
  #errors = 0;
  #characters = 0;

  constructor(isolate: string, now: number) {
    this.#isolate = isolate;
    this.#id = firstIdAt(now) + Math.floor(Math.random() * PER_MINUTE);
  }

  /** Whether what comes now belongs into another. */
  isOver(now: number): boolean {
    const old = now - minuteOf(this.#id) >= MINUTE;
    return old || this.#characters > FULL || this.#sums.size > MOST_COMBINATIONS;
  }

  /** What adds these calls, which are `line` when written out. */
  with(calls: readonly Call[], line: string, payloads: readonly PayloadRow[] = []): Flush {
    for (const call of calls) this.#sums.count(call);
    this.#calls += calls.length;
    this.#errors += calls.filter(({ outcome }) => outcome !== "ok").length;
    this.#characters += line.length;
    const sums = JSON.stringify(this.#sums);
    const values = [this.#id, this.#isolate, ++this.#flushes, this.#calls, this.#errors, sums, line];
    return { isolate: this.#isolate, calls, line, payloads, values };
  }
}

const ADD = `INSERT INTO call_segments (id, isolate, flushes, calls, errors, sums, lines) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET flushes = excluded.flushes, calls = excluded.calls, errors = excluded.errors,
    sums = excluded.sums, lines = lines || char(10) || excluded.lines
  WHERE isolate = excluded.isolate AND flushes < excluded.flushes AND NOT counted`;

/** Only with the flush it belongs to, and once. */
const ADD_PAYLOAD = `INSERT INTO call_payloads (segment_id, server_id, data, expires_at) SELECT ?1, ?4, ?5, ?6
  WHERE EXISTS (SELECT 1 FROM call_segments WHERE id = ?1 AND isolate = ?2 AND flushes = ?3)
    AND NOT EXISTS (SELECT 1 FROM call_payloads WHERE segment_id = ?1 AND server_id = ?4 AND data = ?5)`;

const HAS = "SELECT 1 FROM call_segments WHERE id = ? AND isolate = ? AND flushes >= ?";

/** Adds calls to their segment. False: it is closed without them, or its id is somebody else's. @throws what D1 throws. */
export async function isTaken(d1: D1Database, { values, payloads }: Flush): Promise<boolean> {
  const add = d1.prepare(ADD).bind(...values);
  const kept = payloads.map(({ server, data, expiresAt }) =>
    d1.prepare(ADD_PAYLOAD).bind(...values.slice(0, 3), server, data, expiresAt),
  );
  const added = kept.length === 0 ? await add.run() : (await d1.batch([add, ...kept]))[0];
  if (added && added.meta.changes > 0) return true;
  const had = await d1
    .prepare(HAS)
    .bind(...values.slice(0, 3))
    .first();
  return had !== null;
}

/** Calls as one line. */
export async function lineOf(calls: readonly Call[]): Promise<string> {
  return await packed(JSON.stringify(calls.map((call) => CALL_FIELDS.map((field) => call[field]))));
}

/** The calls in the lines of a segment, in the order in which they ended. */
export async function callsIn(lines: string): Promise<Call[]> {
  const texts = await Promise.all(lines.split("\n").map(unpacked));
  return texts.flatMap((text) =>
    (JSON.parse(text) as unknown[][]).map(
      (values) => Object.fromEntries(CALL_FIELDS.map((field, at) => [field, values[at] ?? ""])) as Call,
    ),
  );
}

/** A text as base64 of its gzip. */
export async function packed(text: string): Promise<string> {
  const stream = new Response(text).body?.pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream ?? null).bytes()).toBase64();
}

/** The text that was packed. */
export async function unpacked(line: string): Promise<string> {
  const stream = new Response(Uint8Array.fromBase64(line)).body?.pipeThrough(new DecompressionStream("gzip"));
  return await new Response(stream ?? null).text();
}
