// The bench's table: one row per side and scenario, each as a ratio to the scenario's yardstick with its span.
import type { Comparison } from "./compare.ts";
import type { Gate, Scenario, SideName } from "./scenarios.ts";
import { type Metric, medianOf, type Ratio, type Reading, ratio } from "./stats.ts";

export type Row = {
  scenario: string;
  concurrency: number;
  side: SideName;
  yardstick: SideName;
  ratios: Record<Metric, Ratio>;
  values: Record<Metric, number>;
  yardstickValues: Record<Metric, number>;
  operations: number;
  errors: number;
  errorKinds: Record<string, number>;
  gates: { text: string; holds: boolean }[];
  foreign: number;
};

const METRICS: Metric[] = ["rps", "p50", "p99", "cpuUs"];
const NAMES: Record<Metric, string> = { rps: "req/s", p50: "p50", p99: "p99", cpuUs: "CPU" };
const BUSY = 0.1;

/** One row for each side but the yardstick. Gates are promises about ours: other rows have none. */
export function rowsOf(scenario: Scenario, names: SideName[], { readings, foreign }: Comparison): Row[] {
  const [yardstick, ...others] = names;
  const base = readings[0];
  if (yardstick === undefined || base === undefined) return [];
  return others.map((side, i) => {
    const own = readings[i + 1] ?? [];
    const both = [...base, ...own];
    const ratios = perMetric((metric) => ratio(base, own, metric));
    return {
      scenario: scenario.name,
      concurrency: scenario.concurrency,
      side,
      yardstick,
      ratios,
      values: perMetric((metric) => medianOf(own, metric)),
      yardstickValues: perMetric((metric) => medianOf(base, metric)),
      operations: both.reduce((sum, { ops }) => sum + ops, 0),
      errors: both.reduce((sum, { errors }) => sum + errors, 0),
      errorKinds: Object.assign({}, ...both.map(({ errorKinds }: Reading) => errorKinds)),
      gates: side === "ours" ? scenario.gates.map((gate) => judge(gate, ratios, yardstick)) : [],
      foreign,
    };
  });
}

function judge({ metric, of, atLeast, atMost }: Gate, ratios: Record<Metric, Ratio>, yardstick: string) {
  const { median, low, high } = ratios[metric];
  const worst = atLeast === undefined ? high : low;
  const value = of === "median" ? median : worst;
  const holds = value >= (atLeast ?? Number.NEGATIVE_INFINITY) && value <= (atMost ?? Number.POSITIVE_INFINITY);
  const limit = atLeast === undefined ? `<= ${atMost}` : `>= ${atLeast}`;
  const which = of === "worst" ? " at the low end" : "";
  return { text: `${NAMES[metric]}${which} ${limit} x ${yardstick}`, holds };
}

const HEADINGS = [
  "scenario",
  "c",
  "side / yardstick",
  "req/s",
  "ratio [span]",
  "p50 ms",
  "p99 ms",
  "CPU us/op",
  "ratio [span]",
  "errors",
];
const WIDTHS = [12, 4, 16, 15, 20, 13, 13, 12, 20, 8];

export const heading = () => line([...HEADINGS, "gate"]);

/** One line of the table; pairs are given as side / yardstick. */
export function format(row: Row): string {
  const pair = (metric: Metric, digits: number) =>
    `${fixed(row.values[metric], digits)} / ${fixed(row.yardstickValues[metric], digits)}`;
  const gates = row.gates.map(({ text, holds }) => `${holds ? "holds" : "MISSES"}: ${text}`);
  const kinds = row.errors > 0 ? [JSON.stringify(row.errorKinds)] : [];
  const busy = row.foreign > BUSY ? [`others took ${Math.round(row.foreign * 100)}% of the machine`] : [];
  return line([
    row.scenario,
    String(row.concurrency),
    `${row.side} / ${row.yardstick}`,
    pair("rps", 0),
    spanned(row.ratios.rps),
    pair("p50", 2),
    pair("p99", 2),
    pair("cpuUs", 0),
    spanned(row.ratios.cpuUs),
    String(row.errors),
    [...gates, ...kinds, ...busy].join("; "),
  ]);
}

const perMetric = <T>(read: (metric: Metric) => T) =>
  Object.fromEntries(METRICS.map((metric) => [metric, read(metric)])) as Record<Metric, T>;
const line = (cells: string[]) =>
  cells
    .map((cell, i) => cell.padEnd(WIDTHS[i] ?? 0))
    .join(" ")
    .trimEnd();
const fixed = (value: number, digits: number) => (Number.isFinite(value) ? value.toFixed(digits) : "-");
const spanned = ({ median, low, high }: Ratio) => `${fixed(median, 2)} [${fixed(low, 2)}-${fixed(high, 2)}]`;
