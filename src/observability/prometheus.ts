// Sums in Prometheus' text format, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats). There are only so
// many series: what is called least is told together, as `other`.
import { BOUNDS, countBelow, type Histogram } from "../lib/histogram.ts";
import type { Dimension } from "../schemas/metrics.ts";
import { type Tally, talliesOf } from "./metrics.ts";
import { type Sums, valueIn } from "./sums.ts";

export const PROMETHEUS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Label sets of a family. */
const MOST = { counter: 2_000, histogram: 100 } as const;

/** A family of series: its labels, each with the dimension it is of, and the lines of one set of labels. */
interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: keyof typeof MOST;
  readonly labels: Readonly<Record<string, Dimension>>;
  lines(name: string, labels: readonly string[], tally: Tally): string[];
}

const line = (name: string, labels: readonly string[], value: number): string =>
  `${name}${labels.length === 0 ? "" : `{${labels.join(",")}}`} ${value}`;

const seconds = (ms: number): number => Math.round(ms * 1000) / 1_000_000;

const counter = (value: (tally: Tally) => number): Pick<Family, "type" | "lines"> => ({
  type: "counter",
  lines: (name, labels, tally) => [line(name, labels, value(tally))],
});

const histogram = (of: (tally: Tally) => readonly [Histogram, sum: number]): Pick<Family, "type" | "lines"> => ({
  type: "histogram",
  lines(name, labels, tally) {
    const [counts, sum] = of(tally);
    const count = Object.values(counts).reduce((total, n) => total + n, 0);
    return [
      ...BOUNDS.map((bound) => line(`${name}_bucket`, [...labels, `le="${bound / 1000}"`], countBelow(counts, bound))),
      line(`${name}_bucket`, [...labels, 'le="+Inf"'], count),
      line(`${name}_sum`, labels, seconds(sum)),
      line(`${name}_count`, labels, count),
    ];
  },
});

const PLACE = { kind: "kind", server: "server" } as const;

const FAMILIES: readonly Family[] = [
  {
    name: "causeway_calls_total",
    help: "Calls that were answered, by what came of them.",
    labels: { kind: "kind", target: "target", server: "server", outcome: "outcome" },
    ...counter(({ sum }) => sum.calls),
  },
  {
    name: "causeway_request_bytes_total",
    help: "Bytes of requests.",
    labels: PLACE,
    ...counter(({ sum }) => sum.bytesIn),
  },
  {
    name: "causeway_response_bytes_total",
    help: "Bytes of answers.",
    labels: PLACE,
    ...counter(({ sum }) => sum.bytesOut),
  },
  {
    name: "causeway_gateway_duration_seconds",
    help: "Time of calls that was not spent waiting for an upstream.",
    labels: PLACE,
    ...histogram(({ sum }) => [sum.gateway, Math.max(0, sum.took.sum - sum.upstreamTook)]),
  },
  {
    name: "causeway_upstream_duration_seconds",
    help: "Time of calls spent waiting for an upstream.",
    labels: { gateway: "upstream" },
    ...histogram(({ sum }) => [sum.upstream, sum.upstreamTook]),
  },
];

const escaped = (value: string): string =>
  value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

/** Sums as text. `nameOf`: what a value of a dimension is called. */
export function prometheusText(sums: Sums, nameOf: (dimension: Dimension, value: string) => string): string {
  return FAMILIES.map((family) => familyText(family, sums, nameOf)).join("");
}

function familyText(
  { name, help, type, labels, lines }: Family,
  sums: Sums,
  nameOf: (dimension: Dimension, value: string) => string,
): string {
  const named = Object.entries(labels);
  const pairs = (told: (dimension: Dimension) => string): string =>
    JSON.stringify(named.map(([label, dimension]) => `${label}="${escaped(told(dimension))}"`));
  const keyOf = (combination: readonly string[]): string =>
    pairs((dimension) => nameOf(dimension, valueIn(combination, dimension)));
  const calls = [...talliesOf([sums], keyOf)].sort(([, one], [, other]) => other.sum.calls - one.sum.calls);
  const among = new Set(calls.slice(0, MOST[type]).map(([key]) => key));
  const bounded = talliesOf([sums], (combination) => {
    const key = keyOf(combination);
    return among.has(key) ? key : pairs(() => "other");
  });
  const series = [...bounded].flatMap(([key, tally]) => lines(name, JSON.parse(key) as string[], tally));
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...series].join("\n").concat("\n");
}
