import { describe, expect, it } from "vitest";
import { type Hours, isTimeZone, timeWindow } from "../../src/lib/time-window.ts";

const isOpen = (hours: Hours, at: string): boolean => timeWindow(hours)(Date.parse(at));

describe("a window", () => {
  const OFFICE = { days: [1, 2, 3, 4, 5], start: "09:00", end: "17:00" };
  const NIGHT = { days: [5], start: "22:00", end: "06:00" };
  const ZURICH = { start: "02:15", end: "03:15", timezone: "Europe/Zurich" };
  const NEW_YORK = { start: "01:15", end: "01:45", timezone: "America/New_York" };

  it.each<[string, Hours, string, boolean]>([
    ["nothing narrows", {}, "2026-11-21T03:00:00Z", true],
    ["no days are all days", { days: [], start: "03:00" }, "2026-11-21T03:00:00Z", true],
    ["a day", { days: [6] }, "2026-11-21T23:59:59Z", true],
    ["another day", { days: [6] }, "2026-11-22T00:00:00Z", false],
    ["the first minute", OFFICE, "2026-11-20T09:00:00Z", true],
    ["the last", OFFICE, "2026-11-20T16:59:59Z", true],
    ["its end is not in it", OFFICE, "2026-11-20T17:00:00Z", false],
    ["before its start", OFFICE, "2026-11-20T08:59:59Z", false],
    ["its hours on another day", OFFICE, "2026-11-21T12:00:00Z", false],
    ["only an end", { end: "06:00" }, "2026-11-20T05:59:00Z", true],
    ["only a start", { start: "06:00" }, "2026-11-20T05:59:00Z", false],

    ["over midnight: the evening", NIGHT, "2026-11-20T22:00:00Z", true],
    ["over midnight: the morning after", NIGHT, "2026-11-21T05:59:00Z", true],
    ["over midnight: when it is over", NIGHT, "2026-11-21T06:00:00Z", false],
    ["over midnight: the evening after", NIGHT, "2026-11-21T23:00:00Z", false],
    ["over midnight: the morning before", NIGHT, "2026-11-20T05:00:00Z", false],
    ["over midnight into Sunday", { ...NIGHT, days: [6] }, "2026-11-22T03:00:00Z", true],

    ["a zone ahead: its day has begun", { days: [0], timezone: "Pacific/Auckland" }, "2026-11-21T11:30:00Z", true],
    ["a zone behind: its day has not", { days: [0], timezone: "America/Los_Angeles" }, "2026-11-22T07:59:00Z", false],
    [
      "a zone off by a quarter",
      { start: "05:45", end: "05:46", timezone: "Asia/Kathmandu" },
      "2026-11-20T00:00:30Z",
      true,
    ],
    ["midnight is 00:00", { end: "00:01", timezone: "Europe/Zurich" }, "2026-11-19T23:00:00Z", true],

    [
      "summer, one hour off winter",
      { start: "09:00", end: "10:00", timezone: "Europe/Zurich" },
      "2026-07-01T07:30:00Z",
      true,
    ],
    ["winter", { start: "09:00", end: "10:00", timezone: "Europe/Zurich" }, "2026-12-01T08:30:00Z", true],
    ["clocks go forward: 01:59 is followed by 03:00", ZURICH, "2026-03-29T00:59:00Z", false],
    ["clocks go forward: 03:00 is in it", ZURICH, "2026-03-29T01:00:00Z", true],
    ["clocks go forward: 03:15 is not", ZURICH, "2026-03-29T01:15:00Z", false],
    ["clocks go back: the first 01:30", NEW_YORK, "2026-11-01T05:30:00Z", true],
    ["clocks go back: 01:00 again", NEW_YORK, "2026-11-01T06:00:00Z", false],
    ["clocks go back: the second 01:30", NEW_YORK, "2026-11-01T06:30:00Z", true],
  ])("%s", (_what, hours, at, open) => expect(isOpen(hours, at)).toBe(open));

  it("that was asked before answers for each minute anew", () => {
    const open = timeWindow(OFFICE);
    const asked = ["08:59:59.999", "09:00:00", "16:59:59", "17:00:00", "09:00:00"];
    expect(asked.map((time) => open(Date.parse(`2026-11-20T${time}Z`)))).toEqual([false, true, true, false, true]);
  });
});

describe("a time zone", () => {
  it.each(["UTC", "Europe/Zurich", "America/Argentina/Buenos_Aires", "Asia/Kathmandu"])("is %s", (name) =>
    expect(isTimeZone(name)).toBe(true),
  );
  it.each(["", "Mars/Base", "+02:00", "Europe", "Europe/Zurich ", "2"])("is not %j", (name) =>
    expect(isTimeZone(name)).toBe(false),
  );
});
