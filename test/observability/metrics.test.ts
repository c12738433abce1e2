// What can be told of sums, and to whom; and that Prometheus can read it.
import { describe, expect, it } from "vitest";
import { figuresOf, filtered, known, tallyOf } from "../../src/observability/metrics.ts";
import { prometheusText } from "../../src/observability/prometheus.ts";
import { Sums } from "../../src/observability/sums.ts";
import type { Call } from "../../src/schemas/calls.ts";
import { DIMENSIONS } from "../../src/schemas/metrics.ts";
import { aCall } from "../calls.ts";

function sumsOf(...calls: Partial<Call>[]): Sums {
  const sums = new Sums();
  for (const call of calls) sums.count(aCall(call));
  return sums;
}
const told = (sums: Sums) =>
  [...sums.rows()].map(([combination, { calls }]) => ({
    ...Object.fromEntries(DIMENSIONS.map((dimension, at) => [dimension, combination[at]]).filter(([, value]) => value)),
    calls,
  }));

describe("who looks", () => {
  const ALL = { sees: "everything", knows: "everybody" } as const;
  const ada = { sees: (id: string) => ["t1", "s1"].includes(id), knows: { user: "ada@example.com" } };
  const common = { kind: "tool", client: "test 1", outcome: "ok" };

  it("and sees everything is told everything", () => {
    const sums = sumsOf({}, { target: "", server: "" });
    expect(known(sums, ALL)).toBe(sums);
  });

  it("is told of calls about what they see, without what they don't see", () => {
    const sums = sumsOf({ token: "k1" }, { target: "t2" });
    expect(told(known(sums, ada))).toEqual([
      { ...common, target: "t1", server: "s1", user: "ada@example.com", token: "k1", calls: 1 },
    ]);
    expect(known(sums, ada).names).toEqual({ t1: "echo" });
  });

  it("is told how often others called it, but not who they are", () => {
    const sums = sumsOf({}, { user: "bob@example.com", token: "k2" }, { user: "eve@example.com", token: "k3" });
    expect(told(known(sums, ada))).toEqual([
      { ...common, target: "t1", server: "s1", user: "ada@example.com", calls: 1 },
      { ...common, target: "t1", server: "s1", calls: 2 },
    ]);
  });

  it("is told of calls about nothing in particular when they are their own", () => {
    const nothing = { kind: "other", target: "", server: "", upstream: "" } as const;
    const sums = sumsOf(nothing, { ...nothing, user: "bob@example.com" }, { ...nothing, server: "s2" });
    expect(told(known(sums, ada))).toEqual([{ ...common, kind: "other", user: "ada@example.com", calls: 1 }]);
  });
});

describe("figures", () => {
  it("tell errors by kind, times, sizes and clients", () => {
    const sums = sumsOf(
      { at: 1_000, took: 30, upstreamTook: 20 },
      { at: 3_000, took: 10, upstreamTook: 10, client: "other 1" },
      { at: 2_000, took: 20, upstreamTook: 0, upstream: "", outcome: "denied" },
      { at: 2_000, outcome: "timeout", target: "t2" },
    );
    const tally = tallyOf([filtered(sums, { target: "t1", kind: "tool" })]);
    expect(tally.clients.size).toBe(2);
    expect(figuresOf(tally)).toMatchObject({
      calls: 3,
      errors: 1,
      errorsByKind: { denied: 1 },
      bytesIn: 300,
      bytesOut: 600,
      firstAt: "1970-01-01T00:00:01.000Z",
      lastAt: "1970-01-01T00:00:03.000Z",
      averageMs: 20,
      minMs: 10,
      maxMs: 30,
      gateway: { average: 10 },
      upstream: { average: 15 },
    });
  });

  it("of no calls are empty", () => {
    const none = { average: null, p50: null, p95: null, p99: null };
    expect(figuresOf(tallyOf([]))).toMatchObject({
      calls: 0,
      firstAt: null,
      minMs: null,
      gateway: none,
      upstream: none,
    });
  });
});

/** A reader of the text format that takes nothing else; gives series as [name, labels, value]. */
function parsed(text: string): [string, Record<string, string>, number][] {
  expect(text.endsWith("\n")).toBe(true);
  let family = "";
  return text
    .slice(0, -1)
    .split("\n")
    .flatMap((line) => {
      const [, type, named] = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) .+$/.exec(line) ?? [];
      if (type === "HELP") family = named ?? "";
      if (type) expect(named).toBe(family);
      if (type) return [];
      const [all, name = "", labels = "", value] =
        /^([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\]|\\["\\n])*",?)+)\})? ([0-9.e+-]+)$/.exec(line) ?? [];
      expect(all, line).toBe(line);
      expect(name.startsWith(family), line).toBe(true);
      const pairs = [...labels.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = "", raw = ""]) => [
        label,
        raw.replace(/\\(.)/g, (_, letter: string) => (letter === "n" ? "\n" : letter)),
      ]);
      return [[name, Object.fromEntries(pairs) as Record<string, string>, Number(value)]];
    });
}

describe("Prometheus", () => {
  const read = (sums: Sums) =>
    parsed(prometheusText(sums, (dimension, value) => (dimension === "target" ? (sums.names[value] ?? value) : value)));

  it("reads counters, whatever is in a name", () => {
    const name = 'a "quoted"\\back\nline';
    const series = read(sumsOf({ name }, { name }, { outcome: "timeout", name }));
    const labels = { kind: "tool", target: name, server: "s1" };
    expect(series.filter(([family]) => family === "causeway_calls_total")).toEqual([
      ["causeway_calls_total", { ...labels, outcome: "ok" }, 2],
      ["causeway_calls_total", { ...labels, outcome: "timeout" }, 1],
    ]);
  });

  it("reads histograms: buckets grow, the last has all, the sum is the time", () => {
    const sums = sumsOf(...Array.from({ length: 100 }, (_, at) => ({ took: at + 10.5, upstreamTook: at + 0.5 })));
    const series = read(sums).filter(([family]) => family.startsWith("causeway_upstream_duration_seconds"));
    const buckets = series.filter(([family]) => family.endsWith("_bucket"));
    expect(buckets.slice(0, 8).map(([, { le }, n]) => [le, n])).toEqual([
      ["0.001", 1],
      ["0.002", 2],
      ["0.004", 4],
      ["0.008", 8],
      ["0.016", 16],
      ["0.032", 32],
      ["0.064", 64],
      ["0.128", 100],
    ]);
    expect(buckets.at(-1)).toEqual(["causeway_upstream_duration_seconds_bucket", { gateway: "u1", le: "+Inf" }, 100]);
    expect(series.slice(-2)).toEqual([
      ["causeway_upstream_duration_seconds_sum", { gateway: "u1" }, 5],
      ["causeway_upstream_duration_seconds_count", { gateway: "u1" }, 100],
    ]);
  });

  it("reads so many series and no more, and no call is missing", () => {
    const sums = sumsOf(
      ...Array.from({ length: 3_000 }, (_, at) => ({ target: `t${at}`, name: `t${at}`, server: `s${at}` })),
    );
    const series = read(sums);
    const calls = series.filter(([family]) => family === "causeway_calls_total");
    expect(calls).toHaveLength(2_001);
    expect(calls.reduce((sum, [, , value]) => sum + value, 0)).toBe(3_000);
    expect(series.length).toBeLessThan(12_000);
  });

  it("reads an empty text when there were no calls", () => expect(read(new Sums())).toEqual([]));
});
