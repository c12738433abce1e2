// The hours at which a token works, in words.
import type { TokenRead } from "./tokens.ts";

export const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;
type Window = TokenRead["time_restrictions"];

/** "Mon, Tue, 09:00 to 17:00, Europe/Berlin"; undefined when it works at any time. */
export function windowWords({ days = [], start, end, timezone = "UTC" }: Window): string | undefined {
  if (days.length === 0 && start === undefined && end === undefined) return undefined;
  const named = days.map((day) => (typeof day === "number" ? DAYS[day] : day));
  const hours = start === undefined && end === undefined ? [] : [`${start ?? "00:00"} to ${end ?? "24:00"}`];
  return [...named, ...hours, timezone].join(", ");
}
