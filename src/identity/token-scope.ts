// Hours and limits of a token, from the shape that people and token issuers write to the one that is held to.
import type { TimeWindow, UsageLimits } from "../db/tables/tokens.ts";
import type { TokenScopeBody } from "../schemas/tokens.ts";

export type GivenWindow = NonNullable<TokenScopeBody["time_restrictions"]>;

const DAYS: readonly (string | number)[] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** Hours with days as numbers; empty when they take in all of the week. */
export function windowFrom({ days, start, end, timezone }: GivenWindow): TimeWindow {
  const numbers = [...new Set(days?.map((day) => (typeof day === "number" ? day : DAYS.indexOf(day))))].sort();
  if (numbers.length === 0 && start === undefined && end === undefined) return {};
  return {
    ...(numbers.length > 0 ? { days: numbers } : {}),
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
    ...(timezone === undefined ? {} : { timezone }),
  };
}

/** Limits; empty when there are none. */
export const limitsFrom = ({
  requests_per_hour: hour,
  requests_per_day: day,
}: NonNullable<TokenScopeBody["usage_limits"]>): UsageLimits => ({
  ...(hour ? { requestsPerHour: hour } : {}),
  ...(day ? { requestsPerDay: day } : {}),
});
