// Usage by hour, or by day when there are many: one bucket for each, empty ones too.
import type { Usage } from "./tokens.ts";

/** `at`: its beginning, as shown. `requests` counts refused ones too. */
export type Bucket = { at: string; requests: number; blocked: number };

const HOUR_MS = 3_600_000;
const HOURS_OF = { hour: 1, day: 24 };
const MOST_BY_HOUR = 7;

/** The buckets up to `now`, in the order of time. Hours and days are UTC. */
export function bucketsOf({ hours, period_days: days }: Usage, now: Date): Bucket[] {
  const size = (days > MOST_BY_HOUR ? HOURS_OF.day : HOURS_OF.hour) * HOUR_MS;
  const last = Math.floor(now.getTime() / size);
  const amount = Math.round((days * HOURS_OF.day * HOUR_MS) / size);
  const buckets = Array.from({ length: amount }, (_, at) => ({
    at: nameOf((last - amount + 1 + at) * size, size),
    requests: 0,
    blocked: 0,
  }));
  for (const one of hours) {
    const bucket = buckets[Math.floor(Date.parse(one.hour) / size) - last + amount - 1];
    if (bucket === undefined) continue;
    bucket.requests += one.requests;
    bucket.blocked += one.blocked;
  }
  return buckets;
}

function nameOf(ms: number, size: number): string {
  const text = new Date(ms).toISOString();
  return size === HOUR_MS ? `${text.slice(5, 10)} ${text.slice(11, 16)}` : text.slice(0, 10);
}
