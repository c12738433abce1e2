// What can be told of sums: they are narrowed to what somebody may know, filtered, put into groups, and become figures.
import { type Histogram, percentile } from "../lib/histogram.ts";
import type { Outcome } from "../schemas/calls.ts";
import { type CallFigures, DIMENSIONS, type Dimension, type EntityMetrics } from "../schemas/metrics.ts";
import { addSum, emptySum, type Row, type Sum, type Sums, valueIn } from "./sums.ts";

/** Who looks: which entities they see, and whose calls they may know by name. */
export interface Looker {
  readonly sees: "everything" | ((id: string) => boolean);
  readonly knows: "everybody" | { readonly user: string };
}

/** What a call can be about; the first that it has is what it is about. */
const ABOUT: readonly Dimension[] = ["target", "server", "upstream"];
const PERSONAL: readonly Dimension[] = ["user", "token"];

/**
 * Sums as somebody may know them: of calls about what they see, without the ids of what they don't see and of others.
 * Calls about nothing in particular are told to who made them.
 */
export function known(sums: Sums, { sees, knows }: Looker): Sums {
  if (sees === "everything" && knows === "everybody") return sums;
  const isSeen = (id: string): boolean => sees === "everything" || sees(id);
  return sums.changed((combination) => {
    const about = ABOUT.map((dimension) => valueIn(combination, dimension)).find(Boolean);
    const own = knows === "everybody" || valueIn(combination, "user") === knows.user;
    if (about === undefined ? sees !== "everything" && !own : !isSeen(about)) return undefined;
    const told = (dimension: Dimension, value: string): boolean =>
      ABOUT.includes(dimension) ? isSeen(value) : own || !PERSONAL.includes(dimension);
    return DIMENSIONS.map((dimension) => {
      const value = valueIn(combination, dimension);
      return told(dimension, value) ? value : "";
    });
  });
}

/** Values by which calls are filtered; undefined: any. */
export type Filter = { readonly [D in Dimension]?: string | undefined };

/** Sums of the calls that a filter lets through. */
export function filtered(sums: Sums, filter: Filter): Sums {
  const wanted = DIMENSIONS.filter((dimension) => filter[dimension] !== undefined);
  if (wanted.length === 0) return sums;
  return sums.changed((combination) =>
    wanted.every((dimension) => valueIn(combination, dimension) === filter[dimension]) ? combination : undefined,
  );
}

/** What several combinations add up to. */
export class Tally {
  readonly sum: Sum = emptySum();
  readonly errorsByKind: Partial<Record<Outcome, number>> = {};
  readonly clients = new Set<string>();
  errors = 0;

  add([combination, sum]: Row): void {
    addSum(this.sum, sum);
    const outcome = valueIn(combination, "outcome") as Outcome;
    const client = valueIn(combination, "client");
    if (client) this.clients.add(client);
    if (outcome === "ok") return;
    this.errors += sum.calls;
    this.errorsByKind[outcome] = (this.errorsByKind[outcome] ?? 0) + sum.calls;
  }
}

/** Tallies of all sums together, by what `keyOf` gives; what it gives nothing for is left out. */
export function talliesOf(
  all: Iterable<Sums>,
  keyOf: (combination: readonly string[]) => string | undefined,
): Map<string, Tally> {
  const tallies = new Map<string, Tally>();
  for (const sums of all)
    for (const row of sums.rows()) {
      const key = keyOf(row[0]);
      if (key === undefined) continue;
      const tally = tallies.get(key) ?? new Tally();
      tally.add(row);
      tallies.set(key, tally);
    }
  return tallies;
}

/** What all sums together come to. */
export const tallyOf = (all: Iterable<Sums>): Tally => talliesOf(all, () => "").get("") ?? new Tally();

const timeOf = (ms: number): string => new Date(ms).toISOString();
/** Milliseconds with two decimals. */
const rounded = (ms: number | null): number | null => (ms === null ? null : Math.round(ms * 100) / 100);
const quotient = (sum: number, count: number): number | null => (count === 0 ? null : sum / count);

/** 95th percentiles of the time at the gateway and at the upstream. */
export const p95Of = ({ gateway, upstream }: Sum) => ({
  gateway: rounded(percentile(gateway, 0.95)),
  upstream: rounded(percentile(upstream, 0.95)),
});

const percentilesOf = (histogram: Histogram, sum: number) => ({
  average: rounded(
    quotient(
      sum,
      Object.values(histogram).reduce((total, n) => total + n, 0),
    ),
  ),
  p50: rounded(percentile(histogram, 0.5)),
  p95: rounded(percentile(histogram, 0.95)),
  p99: rounded(percentile(histogram, 0.99)),
});

/** A tally as the API shows it. */
export function figuresOf({ sum, errors, errorsByKind }: Tally): CallFigures {
  const { calls, bytesIn, bytesOut, first, last, took, gateway, upstream, upstreamTook } = sum;
  const any = calls > 0;
  return {
    calls,
    errors,
    errorsByKind,
    bytesIn,
    bytesOut,
    firstAt: any ? timeOf(first) : null,
    lastAt: any ? timeOf(last) : null,
    averageMs: rounded(quotient(took.sum, calls)),
    minMs: any ? took.min : null,
    maxMs: any ? took.max : null,
    gateway: percentilesOf(gateway, Math.max(0, took.sum - upstreamTook)),
    upstream: percentilesOf(upstream, upstreamTook),
  };
}

const seconds = (ms: number | null): number | null => (ms === null ? null : Math.round(ms * 100) / 100_000);

/** A tally as ContextForge words it. */
export function entityMetricsOf({ sum, errors }: Tally): EntityMetrics {
  const { calls, took, last } = sum;
  const any = calls > 0;
  return {
    totalExecutions: calls,
    successfulExecutions: calls - errors,
    failedExecutions: errors,
    failureRate: any ? errors / calls : 0,
    minResponseTime: any ? seconds(took.min) : null,
    maxResponseTime: any ? seconds(took.max) : null,
    avgResponseTime: seconds(quotient(took.sum, calls)),
    lastExecutionTime: any ? timeOf(last) : null,
  };
}

/** The 95th percentile of the slower of both times, in milliseconds. */
const slowest = ({ sum }: Tally): number => {
  const { gateway, upstream } = p95Of(sum);
  return Math.max(gateway ?? 0, upstream ?? 0);
};

/** Orders of tallies: what comes first has most. */
export const ORDERS = {
  calls: ({ sum }: Tally) => sum.calls,
  errors: ({ errors }: Tally) => errors,
  error_rate: ({ errors, sum }: Tally) => quotient(errors, sum.calls) ?? 0,
  p95: slowest,
  last: ({ sum }: Tally) => sum.last,
} as const satisfies Record<string, (tally: Tally) => number>;
