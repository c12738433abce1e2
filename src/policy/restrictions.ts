// What a token is held to beside permissions: where it is used from, when, and how often. Every door asks, and so does
// whoever serves a caller for long.
import type { Desk } from "../catalog/change.ts";
import type { Store } from "../catalog/stamp.ts";
import type { UsageLimits } from "../db/tables/tokens.ts";
import type { Bindings, Config } from "../env.ts";
import { GatewayError } from "../errors.ts";
import type { Caller, TokenScope } from "../identity/caller.ts";
import { count } from "../identity/token-usage.ts";
import { liesIn, parseAddress, parseRange, type Range } from "../lib/ip-range.ts";
import { type IsOpen, timeWindow } from "../lib/time-window.ts";
import { tellLimit } from "./limit-reached.ts";
import { type Rule, take, tooMany } from "./limiter.ts";

/** A request, as far as restrictions look at it. */
export interface Used {
  readonly caller: Caller;
  readonly clientAddress: string | null;
  readonly store: Store;
  readonly env: Bindings;
  readonly config: Config;
  readonly desk: Desk;
}

/** Restrictions made ready, once for each scope: callers that are remembered keep theirs. */
interface Ready {
  readonly ranges: readonly Range[] | undefined;
  readonly isOpen: IsOpen | undefined;
}

const made = new WeakMap<TokenScope, Ready>();

function ready(scope: TokenScope): Ready {
  const known = made.get(scope);
  if (known) return known;
  const { ipRestrictions, timeRestrictions } = scope;
  const fresh: Ready = {
    ranges: ipRestrictions?.map(parseRange).filter((range) => range !== undefined),
    isOpen: timeRestrictions && timeWindow(timeRestrictions),
  };
  made.set(scope, fresh);
  return fresh;
}

/** A restriction that is not kept: the field that says so, and what to tell. */
export interface Broken {
  readonly what: "ip_restrictions" | "time_restrictions";
  readonly why: string;
}

/** Why a caller may not be served now and from there, apart from how often; undefined when it may. */
export function restriction({ caller, clientAddress }: Pick<Used, "caller" | "clientAddress">): Broken | undefined {
  if (!caller.scope) return undefined;
  const { ranges, isOpen } = ready(caller.scope);
  const place = ranges && wrongPlace(ranges, clientAddress);
  if (place !== undefined) return { what: "ip_restrictions", why: place };
  if (!isOpen || isOpen(Date.now())) return undefined;
  return { what: "time_restrictions", why: "This token may not be used at this time" };
}

function wrongPlace(ranges: readonly Range[], clientAddress: string | null): string | undefined {
  const address = clientAddress === null ? undefined : parseAddress(clientAddress);
  if (!address) return "This token may be used from certain addresses only, and yours is not known";
  return ranges.some((range) => liesIn(address, range))
    ? undefined
    : `This token may not be used from ${clientAddress}`;
}

/**
 * Lets a request with an API token in and counts it, or one with a JWT that is restricted; nothing is to be waited for
 * with any other credential. `endpoint`: the path without ids.
 * @throws GatewayError `forbidden` for a wrong place or time, `too_many_requests`, or `unavailable` if it can't be counted.
 */
export const permitUse = (used: Used, endpoint: string): Promise<void> | undefined =>
  isHeld(used.caller) ? permitToken(used, endpoint) : undefined;

/** Whether each use of a credential is counted or restricted: of every API token, and of JWTs that say so. */
export const isHeld = ({ credential, scope }: Caller): boolean =>
  credential === "api_token" ||
  (scope !== undefined && Boolean(scope.ipRestrictions || scope.timeRestrictions || scope.usageLimits));

async function permitToken(used: Used, endpoint: string): Promise<void> {
  note(used, endpoint, "requests");
  try {
    const broken = restriction(used);
    const { tokenId, scope } = used.caller;
    if (broken) {
      const denial = { what: broken.what, target: tokenId ?? "token" };
      throw new GatewayError("forbidden", broken.why, { denial });
    }
    if (scope?.usageLimits) await takeOne(used, countedAs(used.caller), scope.usageLimits);
  } catch (refused) {
    note(used, endpoint, "blocked");
    throw refused;
  }
}

/** Ids of JWTs are chosen by who signs them, so they count with their user, and apart from ours. */
const countedAs = ({ credential, id, tokenId }: Caller): string =>
  credential === "api_token" ? `token ${tokenId}` : JSON.stringify(["jwt", id, tokenId]);

const HOUR = 3600;
const DAY = 24 * HOUR;

/** Exact, since all isolates ask one object: what is refused counts for nothing. */
async function takeOne(used: Used, key: string, { requestsPerHour, requestsPerDay }: UsageLimits) {
  const rules: Rule[] = [
    ...(requestsPerHour === undefined ? [] : [{ per: HOUR, most: requestsPerHour }]),
    ...(requestsPerDay === undefined ? [] : [{ per: DAY, most: requestsPerDay }]),
  ];
  const { allowed, retryAfter, broken } = await take(used.env, key, rules);
  if (allowed) return;
  if (broken) tellLimit(used, key, broken, retryAfter);
  throw tooMany(retryAfter, "This token has been used as often as it may be", broken?.most);
}

/** Counts that a request which was let in and counted is refused after all. */
export const countRefusal = (used: Used, endpoint: string): void => note(used, endpoint, "blocked");

function note({ caller, clientAddress, store }: Used, endpoint: string, what: "requests" | "blocked"): void {
  if (caller.credential !== "api_token" || caller.tokenId === undefined) return;
  count(store, { tokenId: caller.tokenId, endpoint, ip: clientAddress }, what);
}
