// What calls add up to: one sum for each combination of what was called, by whom, and what came of it. Sums of any two
// periods can be added. They are kept as JSON in segments and rollups, so the shape only ever grows at its end.
import { count, type Histogram, merge } from "../lib/histogram.ts";
import type { Call } from "../schemas/calls.ts";
import { DIMENSIONS, type Dimension } from "../schemas/metrics.ts";

/** `first` and `last`: milliseconds since 1970. `took` and `upstreamTook`: milliseconds. `gateway` is what was not spent waiting for the upstream. */
export interface Sum {
  calls: number;
  bytesIn: number;
  bytesOut: number;
  first: number;
  last: number;
  took: { sum: number; min: number; max: number };
  gateway: Histogram;
  upstream: Histogram;
  upstreamTook: number;
}

/** A combination with its sum. */
export type Row = readonly [combination: readonly string[], sum: Sum];

/** How many combinations are told apart; what would be one more is counted for nobody in particular. */
const MOST = 4_000;
/** What is given up first when there are too many. */
const DISPENSABLE: readonly Dimension[] = ["client", "token", "user"];
/** What is given up one after the other when sums are longer than a value in D1 can be (two million bytes). */
const GIVEN_UP: readonly Dimension[] = [...DISPENSABLE, "error", "server", "upstream", "target"];
const LONGEST = 1_900_000;

const AT = Object.fromEntries(DIMENSIONS.map((dimension, at) => [dimension, at])) as Record<Dimension, number>;

/** What a combination has in a dimension. */
export const valueIn = (combination: readonly string[], dimension: Dimension): string =>
  combination[AT[dimension]] ?? "";

const keyOf = (combination: readonly string[]): string => combination.join("\n");

const fits = (text: string): boolean => new TextEncoder().encode(text).length <= LONGEST;

export class Sums {
  readonly #rows = new Map<string, Row>();
  /** Names that targets had, by id: what has been deleted meanwhile can still be told. */
  readonly names: Record<string, string> = {};

  get size(): number {
    return this.#rows.size;
  }

  rows(): Iterable<Row> {
    return this.#rows.values();
  }

  count(call: Call): void {
    const { took, upstreamTook, at } = call;
    const combination = DIMENSIONS.map((dimension) => call[dimension]);
    if (call.target) this.names[call.target] = call.name;
    const sum = this.#at(combination);
    sum.calls++;
    sum.bytesIn += call.bytesIn;
    sum.bytesOut += call.bytesOut;
    sum.first = Math.min(sum.first, at);
    sum.last = Math.max(sum.last, at);
    sum.took.sum += took;
    sum.took.min = Math.min(sum.took.min, took);
    sum.took.max = Math.max(sum.took.max, took);
    count(sum.gateway, Math.max(0, took - upstreamTook));
    if (call.upstream || upstreamTook > 0) count(sum.upstream, upstreamTook);
    sum.upstreamTook += upstreamTook;
  }

  /** Adds other sums; with `without`, as if these dimensions had not been told apart. */
  add(others: Sums, without: readonly Dimension[] = []): void {
    const blank = without.map((dimension) => AT[dimension]);
    Object.assign(this.names, others.names);
    for (const [combination, more] of others.rows())
      this.put(
        blank.length === 0 ? combination : combination.map((value, at) => (blank.includes(at) ? "" : value)),
        more,
      );
  }

  put(combination: readonly string[], more: Sum): void {
    addSum(this.#at(combination), more);
  }

  /** The same with every combination as `change` gives it, without those that it gives nothing for. */
  changed(change: (combination: readonly string[]) => readonly string[] | undefined): Sums {
    const changed = new Sums();
    for (const [combination, sum] of this.#rows.values()) {
      const now = change(combination);
      if (!now) continue;
      changed.put(now, sum);
      const target = valueIn(now, "target");
      const name = this.names[target];
      if (name !== undefined) changed.names[target] = name;
    }
    return changed;
  }

  #at(combination: readonly string[]): Sum {
    const key = keyOf(combination);
    const known = this.#rows.get(key);
    if (known) return known[1];
    const dispensable = DISPENSABLE.map((dimension) => AT[dimension]).find((at) => combination[at]);
    if (this.#rows.size >= MOST && dispensable !== undefined) return this.#at(combination.with(dispensable, ""));
    const row: Row = [combination, emptySum()];
    this.#rows.set(key, row);
    return row[1];
  }

  /** The text that is kept: JSON that fits into a row, while there is something to give up. */
  get text(): string {
    let text = JSON.stringify(this);
    for (let dimensions = 1; !fits(text) && dimensions <= GIVEN_UP.length; dimensions++) {
      const fewer = new Sums();
      fewer.add(this, GIVEN_UP.slice(0, dimensions));
      text = JSON.stringify(fewer);
    }
    return text;
  }

  toJSON(): { names: Record<string, string>; rows: Row[] } {
    return { names: this.names, rows: [...this.#rows.values()] };
  }

  /** Sums as they were kept. */
  static parse(text: string): Sums {
    const { names, rows } = JSON.parse(text) as ReturnType<Sums["toJSON"]>;
    const sums = new Sums();
    Object.assign(sums.names, names);
    for (const row of rows) sums.#rows.set(keyOf(row[0]), row);
    return sums;
  }
}

/** What nothing adds up to. */
export const emptySum = (): Sum => ({
  calls: 0,
  bytesIn: 0,
  bytesOut: 0,
  first: Number.MAX_SAFE_INTEGER,
  last: 0,
  took: { sum: 0, min: Number.MAX_SAFE_INTEGER, max: 0 },
  gateway: {},
  upstream: {},
  upstreamTook: 0,
});

/** Adds a sum to another. */
export function addSum(sum: Sum, more: Sum): void {
  sum.calls += more.calls;
  sum.bytesIn += more.bytesIn;
  sum.bytesOut += more.bytesOut;
  sum.first = Math.min(sum.first, more.first);
  sum.last = Math.max(sum.last, more.last);
  sum.took.sum += more.took.sum;
  sum.took.min = Math.min(sum.took.min, more.took.min);
  sum.took.max = Math.max(sum.took.max, more.took.max);
  merge(sum.gateway, more.gateway);
  merge(sum.upstream, more.upstream);
  sum.upstreamTook += more.upstreamTook;
}
