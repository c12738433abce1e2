// Calls that are forgotten are in no sum any more, counted before or not; all others stay, however they come in.
import { beforeEach, describe, expect, it } from "vitest";
import { forgetCalls } from "../../src/observability/forgetting.ts";
import { tallyOf } from "../../src/observability/metrics.ts";
import { rollUp, sumsBetween, sumsEver } from "../../src/observability/rollups.ts";
import { isTaken, lineOf } from "../../src/observability/segments.ts";
import { aCall } from "../calls.ts";
import { bindings } from "../inside.ts";
import { answered, forgetTraffic } from "../traffic.ts";

const { DB } = bindings();
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const NOW = Date.now();

beforeEach(() => forgetTraffic(DB));

/** Calls in the sums of minutes, hours, days and ever. */
const left = async () => [
  ...(await Promise.all(
    (["minute", "hour", "day"] as const).map(
      async (period) => tallyOf((await sumsBetween(DB, period, NOW - DAY, NOW + DAY)).values()).sum.calls,
    ),
  )),
  tallyOf([await sumsEver(DB)]).sum.calls,
];

/** Ten calls of t1 in s1, three of t2 in s2, in each of 30 minutes, half of them counted. */
async function traffic(): Promise<void> {
  for (let minute = 30; minute > 0; minute--) {
    await answered(DB, NOW - minute * MINUTE, [
      ...Array.from({ length: 10 }, () => ({})),
      ...Array.from({ length: 3 }, () => ({ target: "t2", server: "s2", kind: "prompt" as const, name: "tool" })),
    ]);
    if (minute === 15) await rollUp(DB, NOW);
  }
  expect(await left()).toEqual([390, 390, 390, 390]);
}

describe("of what was recorded", () => {
  it.each([
    ["a tool", { dimension: "target", value: "t1" }, 90],
    ["a kind, whatever else is called like it", { dimension: "kind", value: "tool" }, 90],
    ["a virtual server", { dimension: "server", value: "s2" }, 300],
    ["all virtual servers", { dimension: "server" }, 0],
    ["something that nobody called", { dimension: "target", value: "t3" }, 390],
    ["everything", "all", 0],
  ] as const)("%s is forgotten, and nothing else", async (_what, which, calls) => {
    await traffic();
    await forgetCalls(DB, which);
    expect(await left()).toEqual([calls, calls, calls, calls]);
    await rollUp(DB, NOW + DAY);
    expect(await left()).toEqual([calls, calls, calls, calls]);
  });

  it("calls are still in the request log", async () => {
    await traffic();
    await forgetCalls(DB, "all");
    expect(await DB.prepare("SELECT sum(calls) AS calls FROM call_segments").first("calls")).toBe(390);
  });

  it("an isolate goes on with another segment", async () => {
    const segment = await answered(DB, NOW, [{}]);
    await forgetCalls(DB, "all");
    expect(await isTaken(DB, segment.with([aCall()], await lineOf([aCall()])))).toBe(false);
    await answered(DB, NOW, [{}]);
    expect(await left()).toEqual([1, 1, 1, 1]);
  });

  it("calls that come in meanwhile are counted", async () => {
    await traffic();
    const forgetting = forgetCalls(DB, { dimension: "target", value: "t1" });
    for (let n = 0; n < 5; n++) {
      await answered(DB, NOW - MINUTE, [{ target: "t2" }]);
      await rollUp(DB, NOW + MINUTE).catch(() => {}); // the other was faster
    }
    await forgetting;
    expect(await left()).toEqual([95, 95, 95, 95]);
  });
});
