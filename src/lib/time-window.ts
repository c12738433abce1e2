// Hours of the week in a time zone, as wall clocks there show them. A window that ends before it starts goes over
// midnight, and belongs to the day it starts on; where clocks are changed, the clock's new time counts.

/** Days from 0 (Sunday) to 6, none meaning all; from `start` to before `end` as HH:MM; an IANA time zone, else UTC. */
export interface Hours {
  readonly days?: readonly number[];
  readonly start?: string;
  readonly end?: string;
  readonly timezone?: string;
}

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const WHOLE_DAY = 24 * 60;
const MINUTE = 60_000;

/** Whether a window is open at a moment, in milliseconds since 1970. */
export type IsOpen = (at: number) => boolean;

/** A window, ready to be asked often: what holds in a minute is worked out once. */
export function timeWindow({ days, start, end, timezone = "UTC" }: Hours): IsOpen {
  const clock = new Intl.DateTimeFormat("en-US", {
    timeZone: timezone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const on = (day: number): boolean => days === undefined || days.length === 0 || days.includes((day + 7) % 7);
  const from = start === undefined ? 0 : minutesOf(start);
  const until = end === undefined ? WHOLE_DAY : minutesOf(end);
  const opens = (at: number): boolean => {
    const parts = Object.fromEntries(clock.formatToParts(at).map(({ type, value }) => [type, value]));
    const day = DAYS.indexOf(parts.weekday ?? "");
    const now = Number(parts.hour) * 60 + Number(parts.minute);
    if (from < until) return on(day) && from <= now && now < until;
    return (on(day) && now >= from) || (on(day - 1) && now < until);
  };
  let known = { minute: Number.NaN, open: false };
  return (at) => {
    const minute = Math.floor(at / MINUTE);
    if (known.minute !== minute) known = { minute, open: opens(at) };
    return known.open;
  };
}

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/** Whether there is a time zone of this name (IANA tz database). */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
