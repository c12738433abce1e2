// Medians, spans and ratios over the rounds of a comparison.
import type { Slot } from "./drive.ts";

/** A slot with the CPU the side's runtime took per operation (NaN where it cannot be read). */
export type Reading = Slot & { cpuUs: number };
export type Metric = "rps" | "p50" | "p99" | "cpuUs";
export type Ratio = { median: number; low: number; high: number };

export function median(values: number[]): number {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  const half = sorted.length / 2;
  const [lower, upper] = [sorted[Math.ceil(half) - 1], sorted[Math.floor(half)]];
  return lower === undefined || upper === undefined ? Number.NaN : (lower + upper) / 2;
}

export const medianOf = (readings: Reading[], metric: Metric) => median(readings.map((reading) => reading[metric]));

/** Ratio of a side to its yardstick, taken round by round: what ran next to each other is compared. */
export function ratio(yardstick: Reading[], side: Reading[], metric: Metric): Ratio {
  const ratios = side.map((reading, round) => reading[metric] / (yardstick[round]?.[metric] ?? Number.NaN));
  const finite = ratios.filter(Number.isFinite);
  if (finite.length === 0) return { median: Number.NaN, low: Number.NaN, high: Number.NaN };
  return { median: median(finite), low: Math.min(...finite), high: Math.max(...finite) };
}
