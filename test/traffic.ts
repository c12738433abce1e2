// Traffic for tests in workerd: calls as segments of the database, without a gateway that answers them.
import { isTaken, lineOf, Segment } from "../src/observability/segments.ts";
import type { Call } from "../src/schemas/calls.ts";
import { aCall } from "./calls.ts";

/** Nothing was ever recorded. */
export async function forgetTraffic(d1: D1Database): Promise<void> {
  await d1.batch(["call_segments", "rollups", "upkeep"].map((table) => d1.prepare(`DELETE FROM ${table}`)));
}

/** Calls that were answered in the minute of `at` (milliseconds), as one segment; gives it. @throws when it is not taken. */
export async function answered(d1: D1Database, at: number, calls: readonly Partial<Call>[]): Promise<Segment> {
  const all = calls.map((more) => aCall({ at, ...more }));
  const segment = new Segment("isolate", at);
  if (!(await isTaken(d1, segment.with(all, await lineOf(all))))) throw new Error("the segment was not taken");
  return segment;
}
