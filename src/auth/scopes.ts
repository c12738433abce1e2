// ContextForge's `scopes` claim, by which whoever signs a token narrows it: `server_id` to one virtual server, `permissions`
// to those named, `ip_restrictions` to addresses, `time_restrictions` to hours, `usage_limits` to so many requests. What is
// empty narrows nothing. What can't be read, or is not held to here, makes the token void: less than that would widen it.
import type { JWTPayload } from "jose";
import type { TokenScope } from "../identity/caller.ts";
import { limitsFrom, windowFrom } from "../identity/token-scope.ts";
import { parseRange } from "../lib/ip-range.ts";
import { isTimeZone } from "../lib/time-window.ts";
import { timeWindow, usageLimits } from "../schemas/tokens.ts";
import { unauthorized } from "./refusal.ts";

/** What a token narrows its user to; undefined when to nothing. @throws GatewayError `unauthorized`. */
export function scopeIn({ scopes, jti }: JWTPayload): TokenScope | undefined {
  if (scopes === undefined || scopes === null) return undefined;
  if (typeof scopes !== "object" || Array.isArray(scopes)) throw unauthorized("its scopes can't be read");
  const {
    server_id,
    permissions = [],
    ip_restrictions,
    time_restrictions,
    usage_limits,
    ...others
  } = scopes as Record<string, unknown>;
  const unknown = Object.keys(others).find((name) => !isEmpty(others[name]));
  if (unknown) throw unauthorized(`its restriction scopes.${unknown} is not held to by this gateway`);
  const read = {
    serverIds: serverIn(server_id),
    permissions: permissionsIn(permissions),
    ipRestrictions: isEmpty(ip_restrictions) ? [] : rangesIn(ip_restrictions),
    timeRestrictions: isEmpty(time_restrictions) ? {} : hoursIn(time_restrictions),
    usageLimits: isEmpty(usage_limits) ? {} : limitsIn(usage_limits, jti),
  };
  return Object.fromEntries(Object.entries(read).filter(([, value]) => !isEmpty(value)));
}

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === "object" && Object.keys(value).length === 0);

const unreadable = (name: string) => unauthorized(`its scopes.${name} can't be read`);

function serverIn(claim: unknown): string[] {
  if (claim === undefined || claim === null) return [];
  if (typeof claim !== "string" || claim === "") throw unreadable("server_id");
  return [claim];
}

function permissionsIn(claim: unknown): string[] {
  if (!isTexts(claim)) throw unreadable("permissions");
  return claim;
}

function rangesIn(claim: unknown): string[] {
  if (!isTexts(claim) || !claim.every((text) => parseRange(text))) throw unreadable("ip_restrictions");
  return claim;
}

function hoursIn(claim: unknown) {
  const { data } = timeWindow.safeParse(claim);
  const { start, end, timezone = "UTC" } = data ?? {};
  if (!data || (start !== undefined && start === end) || !isTimeZone(timezone)) throw unreadable("time_restrictions");
  return windowFrom(data);
}

/** Requests are counted by the token's own id. */
function limitsIn(claim: unknown, jti: string | undefined) {
  const { data } = usageLimits.safeParse(claim);
  if (!data) throw unreadable("usage_limits");
  const limits = limitsFrom(data);
  if (!isEmpty(limits) && !jti) throw unauthorized("its scopes.usage_limits need a jti to be counted by");
  return limits;
}

const isTexts = (claim: unknown): claim is string[] =>
  Array.isArray(claim) && claim.every((text) => typeof text === "string");
