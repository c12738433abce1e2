// What a session was begun with, in words a person knows: "Firefox on Linux". The order matters: browsers name each other.
import type { SessionRead } from "../../../../src/schemas/users.ts";

const BROWSERS: [RegExp, string][] = [
  [/\bEdg(?:e|A|iOS)?\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\bFirefox\/|\bFxiOS\//, "Firefox"],
  [/\bChrom(?:e|ium)\/|\bCriOS\/|HeadlessChrome/, "Chrome"],
  [/\bSafari\//, "Safari"],
  [/^curl\//, "curl"],
];
const SYSTEMS: [RegExp, string][] = [
  [/iPhone|iPad/, "iOS"],
  [/Android/, "Android"],
  [/Windows/, "Windows"],
  [/Mac OS X|Macintosh/, "macOS"],
  [/CrOS/, "ChromeOS"],
  [/Linux/, "Linux"],
];

const named = (names: [RegExp, string][], text: string): string | undefined =>
  names.find(([pattern]) => pattern.test(text))?.[1];

/** The device of a session, as far as it said. */
export function deviceOf({ user_agent }: Pick<SessionRead, "user_agent">): string {
  if (user_agent === null) return "Unknown device";
  const browser = named(BROWSERS, user_agent) ?? user_agent.split(/[\s/]/, 1)[0] ?? "Unknown device";
  const system = named(SYSTEMS, user_agent);
  return system === undefined ? browser : `${browser} on ${system}`;
}
