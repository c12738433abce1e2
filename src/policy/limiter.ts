// Exact limits: one call to the Limiter object of a key. Only what needs them pays for it: logins and the like, and tokens
// that carry a limit. If the object can't be reached, nothing is let through.
import type { Bindings } from "../env.ts";
import { GatewayError } from "../errors.ts";
import { addressBlock } from "../lib/address-block.ts";
import type { AttemptRules, AttemptState } from "./attempts.ts";
import type { Limiter, Taken } from "./limiter-object.ts";
import type { Rule } from "./sliding.ts";

export type { AttemptState, Rule, Taken };

/** Who counts: the bindings of a request. */
type Env = Pick<Bindings, "LIMITER">;

/** What an object's methods are over its binding: asynchronous. */
type Remote = {
  [Name in "take" | "attempt" | "withdraw" | "forgive" | "state"]: (
    ...args: Parameters<Limiter[Name]>
  ) => Promise<ReturnType<Limiter[Name]>>;
};

const objectOf = ({ LIMITER }: Env, key: string): Remote => LIMITER.getByName(key) as unknown as Remote;

/** Takes one of `key`, if every rule has room. @throws GatewayError `unavailable` when it can't be counted. */
export const take = (env: Env, key: string, rules: readonly Rule[]): Promise<Taken> =>
  objectOf(env, key).take(rules).catch(uncounted);

/** The same for what an address may do so often. @throws GatewayError `too_many_requests` or `unavailable`. */
export async function takeForAddress(env: Env, what: string, address: string | null, rule: Rule): Promise<void> {
  const { allowed, retryAfter } = await take(env, `${what} from ${place(address)}`, [rule]);
  if (!allowed) throw tooMany(retryAfter, `This address has done this ${rule.most} times lately`, rule.most);
}

/**
 * Counts an attempt to log in to an account, before the password is looked at; see attempts.ts for the rules. Accounts
 * that don't exist are counted alike. After success call `loginSucceeded`, and `loginUnchecked` if it came to nothing.
 * @throws GatewayError `too_many_requests` or `unavailable`.
 */
export async function attemptLogin(
  env: Env,
  email: string,
  address: string | null,
  rules: AttemptRules,
): Promise<void> {
  const { allowed, retryAfter } = await account(env, email).attempt(place(address), rules).catch(uncounted);
  if (!allowed) throw tooMany(retryAfter, "Too many failed logins");
}

/** The attempt came to nothing, since the password could not be checked: it does not count. */
export const loginUnchecked = (env: Env, email: string, address: string | null): Promise<void> =>
  account(env, email).withdraw(place(address)).catch(uncounted);

/** The attempt was right: what failed from this address is forgotten, and it is known from now on. */
export const loginSucceeded = (env: Env, email: string, address: string | null): Promise<void> =>
  account(env, email).forgive(place(address)).catch(uncounted);

/** Forgets every failed login of an account: an administrator unlocked it, or its password was reset. */
export const unlock = (env: Env, email: string): Promise<void> => account(env, email).forgive().catch(uncounted);

/** Failed logins of an account that still count; `lockedUntil` (milliseconds since 1970) of the address locked longest. */
export const failedLogins = (env: Env, email: string, rules: AttemptRules): Promise<AttemptState> =>
  account(env, email).state(rules).catch(uncounted);

/** A refusal for now (RFC 6585 §4). `retryAfter` in seconds. */
export const tooMany = (retryAfter: number, why: string, most?: number): GatewayError =>
  new GatewayError("too_many_requests", `${why}: try again in ${retryAfter} s`, {
    headers: {
      "retry-after": String(retryAfter),
      ...(most === undefined
        ? {}
        : {
            "x-ratelimit-limit": String(most),
            "x-ratelimit-remaining": "0",
            "x-ratelimit-reset": String(Math.ceil(Date.now() / 1000) + retryAfter),
          }),
    },
  });

const account = (env: Env, email: string): Remote => objectOf(env, `login to ${email.toLowerCase()}`);

const place = (address: string | null): string => (address === null ? "unknown" : addressBlock(address));

const uncounted = (cause: unknown): never => {
  throw new GatewayError("unavailable", "Limits can't be counted right now; try again shortly", { cause });
};
