// How long things took, counted in buckets that grow by a fixed factor, so that counts of any origin can be added and a
// percentile is known to within 9 %.

/** Bucket -> count. Bucket 0 is "less than a sixteenth of a millisecond". */
export type Histogram = Record<number, number>;

/** Buckets from one power of two to the next. */
const PER_OCTAVE = 4;
const SMALLEST = 1 / 16;

/** The bucket of a time in milliseconds. */
export const bucketOf = (ms: number): number =>
  ms < SMALLEST ? 0 : 1 + Math.floor(PER_OCTAVE * Math.log2(ms / SMALLEST));

/** The time in the middle of a bucket, in milliseconds. */
const middleOf = (bucket: number): number => (bucket === 0 ? 0 : SMALLEST * 2 ** ((bucket - 0.5) / PER_OCTAVE));

export function count(histogram: Histogram, ms: number): void {
  const bucket = bucketOf(ms);
  histogram[bucket] = (histogram[bucket] ?? 0) + 1;
}

/** Adds the counts of another histogram. */
export function merge(histogram: Histogram, other: Histogram): void {
  for (const [bucket, n] of Object.entries(other)) histogram[Number(bucket)] = (histogram[Number(bucket)] ?? 0) + n;
}

/** The time that this share (0 to 1) of all stays under, in milliseconds; null when nothing was counted. */
export function percentile(histogram: Histogram, share: number): number | null {
  const buckets = Object.entries(histogram).map(([bucket, n]) => [Number(bucket), n] as const);
  const total = buckets.reduce((sum, [, n]) => sum + n, 0);
  let seen = 0;
  for (const [bucket, n] of buckets.sort(([one], [other]) => one - other)) {
    seen += n;
    if (seen >= share * total) return middleOf(bucket);
  }
  return null;
}

/** Times that no bucket spans, in milliseconds: one, and its doubles up to about a minute. */
export const BOUNDS: readonly number[] = Array.from({ length: 17 }, (_, at) => 2 ** at);

/** How many are less than one of the bounds. */
export function countBelow(histogram: Histogram, bound: number): number {
  const bucket = bucketOf(bound);
  return Object.entries(histogram).reduce((sum, [own, n]) => (Number(own) < bucket ? sum + n : sum), 0);
}
