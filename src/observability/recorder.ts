// The recorder: calls wait in this isolate's memory and are written together, at most 0.8 s after they were answered and
// never before that. An isolate that is killed loses what it had not written. While D1 is away calls are kept, up to
// a bound; nothing of this ever fails a call.
import { newId } from "../lib/ids.ts";
import type { Call } from "../schemas/calls.ts";
import { keepPayload, type Payload, payloadRows } from "./payloads.ts";
import { type Flush, isTaken, lineOf, Segment } from "./segments.ts";

/** Where calls are written. */
export interface Sink {
  readonly d1: D1Database;
  waitUntil(work: Promise<unknown>): void;
}

/** Milliseconds from the first call that waits to the flush; with the flush itself a call waits less than a second. */
const WITHIN = 800;
/** A writer whose request was cut off is replaced after this. Milliseconds. */
const VANISHED_AFTER = 5_000;
/** Calls written by one flush, and kept while D1 can't be written. */
const MOST_AT_ONCE = 1_000;
const MOST_WAITING = 20_000;

const waiting: Call[] = [];
let lost = 0;
let armedAt = Number.NEGATIVE_INFINITY;
let segment: Segment | undefined;
/** What is being written, or could not be: it goes first, and in the very same words, so that it counts once. */
let unsaved: Flush | undefined;
let writer: { readonly work: Promise<void>; readonly since: number } | undefined;
let turns = 0;
let isolate: string | undefined;

/** Records a call that has been answered. Costs a push; the work is done once for all calls of a second. */
export function record(sink: Sink, call: Call, payload?: Payload): void {
  if (waiting.length < MOST_WAITING) {
    waiting.push(call);
    if (payload) keepPayload(call, payload);
  } else lost++;
  const now = Date.now();
  if (now - armedAt < VANISHED_AFTER) return;
  armedAt = now;
  sink.waitUntil(scheduler.wait(WITHIN).then(() => writeCalls(sink)));
}

/** Writes all calls that wait. Never throws: what can't be written is kept for the next time. */
export async function writeCalls(sink: Sink): Promise<void> {
  armedAt = Number.NEGATIVE_INFINITY;
  const other = writer;
  if (other && Date.now() - other.since < VANISHED_AFTER)
    await Promise.race([other.work, scheduler.wait(VANISHED_AFTER)]);
  if (!unsaved && waiting.length === 0) return;
  const turn = ++turns;
  const mine = { work: writeAll(sink, turn), since: Date.now() };
  writer = mine;
  await mine.work;
  if (writer === mine) writer = undefined;
}

/** Writes while it is its turn: whoever was replaced and comes back after all leaves the rest to the other. */
async function writeAll({ d1 }: Sink, turn: number): Promise<void> {
  try {
    while (turn === turns && (unsaved || waiting.length > 0)) {
      const flush = unsaved ?? (await begun(turn));
      if (!flush) return;
      await save(d1, flush);
      if (unsaved === flush) unsaved = undefined;
    }
    if (lost > 0) console.warn({ event: "calls not recorded", lost });
    lost = 0;
  } catch (error) {
    console.warn({ event: "calls not recorded yet", waiting: waiting.length, reason: String(error) });
  }
}

/** Calls wait until all that is written of them is there; nothing when another has taken over meanwhile. */
async function begun(turn: number): Promise<Flush | undefined> {
  const calls = waiting.slice(0, MOST_AT_ONCE);
  const [line, payloads] = await Promise.all([lineOf(calls), payloadRows(calls)]);
  if (turn !== turns) return undefined;
  waiting.splice(0, calls.length);
  isolate ??= newId();
  const now = Date.now();
  if (!segment || segment.isOver(now)) segment = new Segment(isolate, now);
  unsaved = segment.with(calls, line, payloads);
  return unsaved;
}

/** A segment may be closed in the meantime: then the calls go into another. */
async function save(d1: D1Database, flush: Flush): Promise<void> {
  if (await isTaken(d1, flush)) return;
  segment = new Segment(flush.isolate, Date.now());
  await save(d1, segment.with(flush.calls, flush.line, flush.payloads));
}
