// Rollups: each call is in each period exactly once, counted or not yet, whoever counts and however often.
import { beforeEach, describe, expect, it } from "vitest";
import { percentile } from "../../src/lib/histogram.ts";
import { rollUp, sumsBetween, sumsEver, sweepTraffic } from "../../src/observability/rollups.ts";
import { isTaken, lineOf, minuteOf } from "../../src/observability/segments.ts";
import type { Row, Sums } from "../../src/observability/sums.ts";
import type { Call } from "../../src/schemas/calls.ts";
import { DIMENSIONS } from "../../src/schemas/metrics.ts";
import { aCall } from "../calls.ts";
import { bindings } from "../inside.ts";
import { forgetTraffic, answered as inSegment } from "../traffic.ts";

const { DB } = bindings();
const NOON = Date.parse("2026-06-01T12:00:00Z");
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

beforeEach(() => forgetTraffic(DB));

const answered = (at: number, calls: readonly Partial<Call>[]) => inSegment(DB, at, calls);

const callsOf = (sums: Sums): number => [...sums.rows()].reduce((total, [, { calls }]) => total + calls, 0);
const perPeriod = async (period: "minute" | "hour" | "day") =>
  [...(await sumsBetween(DB, period, NOON - DAY, NOON + DAY))].map(([start, sums]) => [
    start * 1000 - NOON,
    callsOf(sums),
  ]);

describe("sums", () => {
  it("are the same before segments are counted and after", async () => {
    await answered(NOON, [{}, { user: "bob@example.com" }]);
    await answered(NOON + MINUTE, [{}, {}, { outcome: "timeout", error: "upstream_timeout" }]);
    await answered(NOON + 61 * MINUTE, [{}]);
    const look = async () => [
      await perPeriod("minute"),
      await perPeriod("hour"),
      await perPeriod("day"),
      callsOf(await sumsEver(DB)),
    ];
    const before = await look();
    expect(before).toEqual([
      [
        [0, 2],
        [MINUTE, 3],
        [61 * MINUTE, 1],
      ],
      [
        [0, 5],
        [60 * MINUTE, 1],
      ],
      [[-12 * 60 * MINUTE, 6]],
      6,
    ]);
    expect(await rollUp(DB, NOON + 90 * MINUTE)).toBe(false);
    expect((await DB.prepare("SELECT DISTINCT counted FROM call_segments").all()).results).toEqual([{ counted: 1 }]);
    expect(await look()).toEqual(before);
  });

  it("count each call once when several count at once", async () => {
    for (let n = 0; n < 30; n++) await answered(NOON + (n % 3) * MINUTE, [{}]);
    const runs = await Promise.allSettled(Array.from({ length: 6 }, () => rollUp(DB, NOON + 10 * MINUTE)));
    expect(runs.filter(({ status }) => status === "fulfilled").length).toBeGreaterThan(0);
    await rollUp(DB, NOON + 10 * MINUTE);
    expect(await perPeriod("minute")).toEqual([
      [0, 10],
      [MINUTE, 10],
      [2 * MINUTE, 10],
    ]);
    expect(callsOf(await sumsEver(DB))).toBe(30);
  });

  it("leave a minute that is not over alone", async () => {
    await answered(NOON, [{}]);
    await rollUp(DB, NOON + 59_000);
    expect((await DB.prepare("SELECT count(*) AS n FROM rollups").first<{ n: number }>())?.n).toBe(0);
    await rollUp(DB, NOON + MINUTE + 6_000);
    expect((await DB.prepare("SELECT count(*) AS n FROM rollups").first<{ n: number }>())?.n).toBe(4);
  });

  it("are not counted without the calls that a segment got meanwhile", async () => {
    const segment = await answered(NOON, [{}]);
    let batches = 0;
    const slow = new Proxy(DB, {
      get: (d1, name) =>
        name === "batch"
          ? async (statements: D1PreparedStatement[]) => {
              if (++batches === 2)
                expect(await isTaken(DB, segment.with([aCall()], await lineOf([aCall()])))).toBe(true);
              return await d1.batch(statements);
            }
          : (Reflect.get(d1, name) as D1Database["prepare"]).bind(d1),
    });
    await expect(rollUp(slow, NOON + 10 * MINUTE)).rejects.toThrow("upkeep.version");
    expect(await perPeriod("minute")).toEqual([[0, 2]]);
    await rollUp(DB, NOON + 10 * MINUTE);
    expect(await perPeriod("minute")).toEqual([[0, 2]]);
  });

  it("tell gateway and upstream time apart", async () => {
    await answered(
      NOON,
      Array.from({ length: 100 }, (_, at) => ({ took: at + 5, upstreamTook: at })),
    );
    const [[, { gateway, upstream, took }]] = [...(await sumsEver(DB)).rows()] as [Row];
    expect(percentile(gateway, 0.95)).toBeCloseTo(5, -0.3);
    expect((percentile(upstream, 0.5) ?? 0) / 50).toBeCloseTo(1, 0);
    expect((percentile(upstream, 0.99) ?? 0) / 99).toBeCloseTo(1, 0);
    expect(took).toMatchObject({ min: 5, max: 104 });
  });

  it("of ever tell nobody's name", async () => {
    await answered(NOON, [{ user: "ada@example.com" }, { user: "bob@example.com" }]);
    const rows = [...(await sumsEver(DB)).rows()];
    expect(rows).toHaveLength(1);
    expect(rows[0]?.[0][DIMENSIONS.indexOf("user")]).toBe("");
  });

  it("stay bounded however many people there are, and lose no call", async () => {
    for (let n = 0; n < 6; n++)
      await answered(
        NOON,
        Array.from({ length: 1_000 }, (_, at) => ({ user: `${n}-${at}@example.com`, client: `c${at}` })),
      );
    await rollUp(DB, NOON + 10 * MINUTE);
    const sums = (await sumsBetween(DB, "hour", NOON, NOON + 1)).get(NOON / 1000);
    expect(callsOf(sums as Sums)).toBe(6_000);
    expect(sums?.size).toBeLessThanOrEqual(4_003);
  });

  it("give up who called when they would not fit into a row, and lose no call", async () => {
    const wide = Array.from({ length: 100 }, (_, at) => 0.05 * 1.15 ** at);
    for (let n = 0; n < 4; n++)
      await answered(
        NOON,
        Array.from({ length: 500 }, (_, at) =>
          wide.map((took) => ({ target: `t${at}`, user: `${n}@example.com`, took: 2 * took, upstreamTook: took })),
        ).flat(),
      );
    await rollUp(DB, NOON + 10 * MINUTE);
    expect(await perPeriod("hour")).toEqual([[0, 200_000]]);
    const longest = await DB.prepare("SELECT max(length(sums)) AS longest FROM rollups").first<number>("longest");
    expect(longest).toBeLessThan(1_900_000);
    const sums = (await sumsBetween(DB, "hour", NOON, NOON + 1)).get(NOON / 1000);
    expect(sums?.size).toBe(500);
  });
});

describe("the sweep", () => {
  it("deletes what is too old, and nothing that was not counted", async () => {
    await answered(NOON - 10 * DAY, [{}]);
    await rollUp(DB, NOON);
    await answered(NOON - 10 * DAY, [{}]);
    await answered(NOON, [{}]);
    await sweepTraffic(DB, { callDays: 7, rollupDays: 365 }, NOON + MINUTE);
    const { results } = await DB.prepare("SELECT id, counted FROM call_segments ORDER BY id").all<{
      id: number;
      counted: number;
    }>();
    expect(results.map(({ id, counted }) => [minuteOf(id) - NOON, counted])).toEqual([
      [-10 * DAY, 0],
      [0, 0],
    ]);
    const kept = await DB.prepare("SELECT period FROM rollups ORDER BY period").all<{ period: string }>();
    expect(kept.results.map(({ period }) => period)).toEqual(["day", "ever", "hour"]);
  });
});
