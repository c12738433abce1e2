// Attempts to log in to one account, as plain data. An address that failed too often is locked out of the account for long:
// the account itself never is, since whoever knows a name could then lock its owner out. Against guesses from many
// addresses the account as a whole takes, after many failures, one attempt every few seconds; addresses its owner has
// logged in from before are not held up by that. Whoever is logged in stays so: nothing here looks at sessions.
import { type Counted, living, sum, withOne, withoutOne } from "./sliding.ts";

/** `failures` in a row from one address lock it out for `lock` seconds. */
export interface AttemptRules {
  readonly failures: number;
  readonly lock: number;
}

/** Failures of one address. Times are milliseconds since 1970. */
interface Failing {
  readonly count: number;
  readonly until: number;
}

/** Every part is absent while there is nothing to say. */
export interface Attempts {
  /** Failures in a row by address, and until when they count. */
  readonly failing?: Readonly<Record<string, Failing>>;
  /** Failures of all addresses in the last hour. */
  readonly all?: Counted;
  /** When the latest attempt of an unknown address was let through. */
  readonly latest?: number;
  /** Addresses that were right before, and when. */
  readonly known?: Readonly<Record<string, number>>;
}

/** What may be shown of an account: failures that count, and until when some address is locked out, if one is. */
export interface AttemptState {
  readonly failed: number;
  readonly lockedUntil: number | null;
}

export const NO_ATTEMPTS: Attempts = {};

const HOUR = 3600;
/** Failures of an account within an hour after which unknown addresses wait for their turn. */
const MANY = 50;
/** Milliseconds between two such turns. */
const TURN = 10_000;
/** An address is known for so long after it was right, and so many are at most. */
const KNOWN_FOR = 90 * 24 * 3600_000;
const MOST_KNOWN = 20;

/** Counts an attempt, unless it has to `wait` (milliseconds): then nothing changes. */
export function attempted(
  before: Attempts,
  address: string,
  { failures, lock }: AttemptRules,
  now: number,
): { attempts: Attempts; remaining: number; wait: number } {
  const attempts = pruned(before, now);
  const { failing = {}, all = [], latest = 0, known = {} } = attempts;
  const { count = 0, until = 0 } = failing[address] ?? {};
  if (count >= failures) return { attempts, remaining: 0, wait: until - now };
  const heldUp = sum(all) >= MANY && known[address] === undefined;
  if (heldUp && latest + TURN > now) return { attempts, remaining: 0, wait: latest + TURN - now };
  return {
    attempts: {
      ...attempts,
      failing: { ...failing, [address]: { count: count + 1, until: now + lock * 1000 } },
      all: withOne(all, HOUR, now),
      ...(heldUp ? { latest: now } : {}),
    },
    remaining: failures - count - 1,
    wait: 0,
  };
}

/** Takes one attempt back: nothing was checked after all. */
export function withdrawn(before: Attempts, address: string, now: number): Attempts {
  const { failing = {}, all, ...others } = pruned(before, now);
  const { count = 0, until = 0 } = failing[address] ?? {};
  const { [address]: _last, ...stillFailing } = failing;
  return {
    ...others,
    failing: count > 1 ? { ...failing, [address]: { count: count - 1, until } } : stillFailing,
    ...(all ? { all: withoutOne(all) } : {}),
  };
}

/** Forgets what failed: of an address that was right, which is known from now on, or of all. */
export function forgiven(before: Attempts, address: string | undefined, now: number): Attempts {
  const { failing = {}, known = {}, ...others } = pruned(before, now);
  if (address === undefined) return { known };
  const { [address]: _right, ...stillFailing } = failing;
  const newest = Object.entries({ ...known, [address]: now }).sort(([, one], [, other]) => other - one);
  return { ...others, failing: stillFailing, known: Object.fromEntries(newest.slice(0, MOST_KNOWN)) };
}

/** What failed and still counts. */
export function failedSince(attempts: Attempts, now: number, failures: number): AttemptState {
  const failing = Object.values(pruned(attempts, now).failing ?? {});
  const locked = failing.filter(({ count }) => count >= failures).map(({ until }) => until);
  return {
    failed: failing.reduce((total, { count }) => total + count, 0),
    lockedUntil: locked.length > 0 ? Math.max(...locked) : null,
  };
}

/** Without what no longer counts. */
export function pruned({ failing = {}, all = [], latest, known = {} }: Attempts, now: number): Attempts {
  const stillFailing = Object.entries(failing).filter(([, { until }]) => until > now);
  const stillAll = living(all, HOUR, now);
  const stillKnown = Object.entries(known).filter(([, at]) => at + KNOWN_FOR > now);
  return {
    ...(stillFailing.length > 0 ? { failing: Object.fromEntries(stillFailing) } : {}),
    ...(stillAll.length > 0 ? { all: stillAll } : {}),
    ...(latest !== undefined && latest + TURN > now ? { latest } : {}),
    ...(stillKnown.length > 0 ? { known: Object.fromEntries(stillKnown) } : {}),
  };
}
