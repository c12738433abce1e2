// Axes of charts: round values from zero up, and round times in the time of this browser.

/** A week as its rows are shown. */
export const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;

const STEPS = [1, 2, 2.5, 5, 10];
const MOST_LINES = 4;

/** Round values from 0 to at least `most`, evenly spaced. What is counted (`whole`) has no halves. */
export function valueTicks(most: number, whole = false): number[] {
  if (!(most > 0)) return [0, 1];
  const rough = most / MOST_LINES;
  const size = 10 ** Math.floor(Math.log10(rough));
  const found = (STEPS.find((step) => step * size >= rough) ?? 10) * size;
  const step = whole ? Math.ceil(found) : found;
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, at) => at * step);
}

/** Where a mark stands (0 to 1) and what it says. */
export type Mark = { at: number; text: string };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const SPACINGS = [1, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720].map((minutes) => minutes * MINUTE);
const DAY_SPACINGS = [1, 2, 5, 7, 14, 30, 90].map((days) => days * DAY);
const MOST_MARKS = 7;

const day = (at: Date): string => at.toLocaleDateString("en", { month: "short", day: "numeric" });
const clock = (at: Date): string =>
  at.toLocaleTimeString("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** Marks at round local times between two moments, in milliseconds since 1970. Midnight is told by its day. */
export function timeMarks(since: number, until: number): Mark[] {
  const span = until - since;
  const spacing = [...SPACINGS, ...DAY_SPACINGS].find((one) => span / one <= MOST_MARKS) ?? 365 * DAY;
  const at = new Date(since);
  at.setHours(0, 0, 0, 0);
  const marks: Mark[] = [];
  while (at.getTime() <= until) {
    const midnight = at.getHours() === 0 && at.getMinutes() === 0;
    if (at.getTime() >= since)
      marks.push({ at: (at.getTime() - since) / span, text: midnight && span > HOUR ? day(at) : clock(at) });
    // by the calendar, as not every day has 24 hours
    if (spacing >= DAY) at.setDate(at.getDate() + spacing / DAY);
    else at.setMinutes(at.getMinutes() + spacing / MINUTE);
  }
  return marks;
}

/** The time that a bucket covers: "Nov 21, 14:00 to 15:00". */
export function spanText(start: number, length: number): string {
  const [from, to] = [new Date(start), new Date(start + length)];
  if (length <= MINUTE) return `${day(from)}, ${clock(from)}`;
  const midnights = from.getHours() === 0 && to.getHours() === 0;
  if (length >= DAY && midnights)
    return length === DAY ? day(from) : `${day(from)} to ${day(new Date(to.getTime() - 1))}`;
  const sameDay = from.toDateString() === to.toDateString();
  return `${day(from)}, ${clock(from)} to ${sameDay ? "" : `${day(to)}, `}${clock(to)}`;
}
