// What recording costs in the cloud, from the rows that D1 says it wrote: at a steady rate of calls in one isolate, through
// their whole life: written, counted, swept.
import { afterAll, afterEach, beforeEach, expect, it, vi } from "vitest";
import { rollUp, sweepTraffic } from "../../src/observability/rollups.ts";
import { aCall } from "../calls.ts";
import { bindings } from "../inside.ts";

const { DB } = bindings();
const BEGIN = Date.parse("2026-06-01T00:00:00Z");
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;
/** Milliseconds from the first call that waits to the flush (observability/recorder.ts). */
const WITHIN = 800;

/** Dollars (Cloudflare's price list for Workers Paid and D1, November 2026). CPU of a call as `npm run bench` measures it. */
const PRICE = { request: 0.3e-6, cpuMs: 0.02e-6, rowWritten: 1e-6, rowRead: 0.001e-6 };
const CPU_MS = 0.35;

let rows = { written: 0, read: 0 };
const table: string[] = [];

/** D1 that adds up what it says it did. */
function metered(): D1Database {
  const note = <T extends D1Result>(result: T): T => {
    rows.written += result.meta.rows_written;
    rows.read += result.meta.rows_read;
    return result;
  };
  const bare = new WeakMap<object, D1PreparedStatement>();
  const statement = (inner: D1PreparedStatement): D1PreparedStatement => {
    const outer = new Proxy(inner, {
      get(target, key) {
        if (key === "bind") return (...values: unknown[]) => statement(target.bind(...values));
        if (key === "run" || key === "all") return async () => note(await target.run());
        return Reflect.get(target, key);
      },
    });
    bare.set(outer, inner);
    return outer;
  };
  return new Proxy(DB, {
    get(target, key) {
      if (key === "prepare") return (sql: string) => statement(target.prepare(sql));
      if (key === "batch")
        return async (all: D1PreparedStatement[]) =>
          (await target.batch(all.map((one) => bare.get(one) ?? one))).map(note);
      return Reflect.get(target, key);
    },
  });
}

beforeEach(async () => {
  await DB.batch(["call_segments", "rollups", "upkeep"].map((name) => DB.prepare(`DELETE FROM ${name}`)));
  rows = { written: 0, read: 0 };
});
afterEach(() => {
  vi.useRealTimers();
});
afterAll(() => console.log(table.join("\n")));

/** Dollars that a million calls cost at so many a second in one isolate, of 20 tools and 10 people. */
async function costAt(rate: number, minutes: number): Promise<number> {
  vi.resetModules();
  const { record, writeCalls } = await import("../../src/observability/recorder.ts");
  const d1 = metered();
  const sink = { d1, waitUntil() {} };
  const calls = Math.floor(rate * minutes * 60);
  vi.useFakeTimers({ toFake: ["Date"], now: BEGIN });
  let dueAt = Number.POSITIVE_INFINITY;
  for (let n = 0; n < calls; n++) {
    const at = BEGIN + (n / rate) * SECOND;
    if (at >= dueAt) {
      vi.setSystemTime(dueAt);
      await writeCalls(sink);
      dueAt = Number.POSITIVE_INFINITY;
    }
    vi.setSystemTime(at);
    record(sink, aCall({ at, target: `tool-${n % 20}`, user: `user-${n % 10}@example.com` }));
    dueAt = Math.min(dueAt, at + WITHIN);
  }
  await writeCalls(sink);
  for (let minute = 5; minute <= minutes + 5; minute += 5) await rollUp(d1, BEGIN + minute * MINUTE);
  await sweepTraffic(d1, { callDays: 7, rollupDays: 365 }, BEGIN + 400 * DAY);
  const perCall = rows.written / calls;
  const dollars =
    1e6 * (PRICE.request + CPU_MS * PRICE.cpuMs + perCall * PRICE.rowWritten + (rows.read / calls) * PRICE.rowRead);
  table.push(`${rate} calls/s: ${perCall.toFixed(3)} rows written a call, $${dollars.toFixed(3)} a million calls`);
  return dollars;
}

it.each([10, 30, 100])("a million calls at %s a second cost at most 45 cents", async (rate) => {
  expect(await costAt(rate, 10)).toBeLessThanOrEqual(0.45);
});

it.each([
  [1, 1.5, 30],
  [0.1, 3.5, 100],
])("at %s a second they cost at most %s dollars", async (rate, most, minutes) => {
  expect(await costAt(rate, minutes)).toBeLessThanOrEqual(most);
});
