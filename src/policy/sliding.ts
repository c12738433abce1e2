// Counting in a sliding window, as plain data: so many in any span of so many seconds. A window is kept as 60 slices, and
// a slice counts until the last moment of it is out, so that never more than the limit fits into any window; what
// was counted is given back at most a sixtieth of the window late.

const SLICES = 60;

/** So many (`most`) in any `per` seconds. */
export interface Rule {
  readonly per: number;
  readonly most: number;
}

/** What was counted: the number of a slice, and how much in it. Oldest first. */
export type Counted = readonly (readonly [slice: number, count: number])[];

const lengthOf = (per: number): number => (per * 1000) / SLICES;

/** When a slice is out of the window, in milliseconds since 1970. */
const outAt = (slice: number, per: number): number => (slice + 1) * lengthOf(per) + per * 1000;

/** What still counts at `now` (milliseconds since 1970). */
export const living = (counted: Counted, per: number, now: number): Counted =>
  counted.filter(([slice]) => outAt(slice, per) > now);

/** How much was counted. */
export const sum = (counted: Counted): number => counted.reduce((total, [, count]) => total + count, 0);

/** The same with one more. */
export function withOne(counted: Counted, per: number, now: number): Counted {
  const slice = Math.floor(now / lengthOf(per));
  const last = counted.at(-1);
  return last?.[0] === slice ? [...counted.slice(0, -1), [slice, last[1] + 1]] : [...counted, [slice, 1]];
}

/** The same without the latest. */
export function withoutOne(counted: Counted): Counted {
  const last = counted.at(-1);
  if (!last) return counted;
  const [slice, count] = last;
  return count > 1 ? [...counted.slice(0, -1), [slice, count - 1]] : counted.slice(0, -1);
}

/** Milliseconds until one more fits, given what still counts. 0: now. */
export function untilRoom(counted: Counted, { per, most }: Rule, now: number): number {
  let left = sum(counted);
  if (left < most) return 0;
  for (const [slice, count] of counted) {
    left -= count;
    if (left < most) return outAt(slice, per) - now;
  }
  return per * 1000;
}
