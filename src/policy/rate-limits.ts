// How many requests a minute an address and a user may make. Approximate by design: each isolate counts for itself in its
// memory, so that a request costs no storage; with several isolates the limit is that many times as high, and an
// isolate that was let go forgets. What must be exact is counted by limiter.ts.
import type { Config } from "../env.ts";
import type { Caller } from "../identity/caller.ts";
import { addressBlock } from "../lib/address-block.ts";
import { tooMany } from "./limiter.ts";

const MINUTE = 60_000;
/** So many addresses or users are told apart in a minute; those that come later count as one. */
const MOST = 50_000;
const OTHERS = "";

/** A sliding minute: what this minute counted, and of the one before the part that is less than 60 s ago. */
class Meter {
  #minute = 0;
  #counts = new Map<string, number>();
  #before = new Map<string, number>();

  /** Counts one. Seconds until there is room, when there is none; else 0. */
  count(key: string, most: number, now: number): number {
    const minute = Math.floor(now / MINUTE);
    if (minute !== this.#minute) this.#turn(minute);
    let counts = this.#counts.get(key);
    if (counts === undefined && this.#counts.size >= MOST) {
      key = OTHERS;
      counts = this.#counts.get(key);
    }
    const count = counts ?? 0;
    const passed = now - minute * MINUTE;
    const before = this.#before.size === 0 ? 0 : (this.#before.get(key) ?? 0);
    const room = most - count - (before * (MINUTE - passed)) / MINUTE;
    if (room < 1) return secondsUntilRoom(most, count, before, passed);
    this.#counts.set(key, count + 1);
    return 0;
  }

  #turn(minute: number): void {
    this.#before = minute === this.#minute + 1 ? this.#counts : new Map();
    this.#counts = new Map();
    this.#minute = minute;
  }
}

/** What was counted in the minute before gives room as it passes; what this one counted does so in the next. */
function secondsUntilRoom(most: number, count: number, before: number, passed: number): number {
  const share = (most - 1 - count) / before; // of the minute before that may still count
  const wait = share >= 0 ? (1 - share) * MINUTE - passed : MINUTE - passed + (1 - (most - 1) / count) * MINUTE;
  return Math.max(1, Math.ceil(wait / 1000));
}

const addresses = new Meter();
const users = new Meter();

/** A request, as far as it counts: policy knows no Context, which has this. */
interface Asking {
  readonly config: Pick<Config, "rates">;
  readonly clientAddress: string | null;
  readonly caller: Pick<Caller, "kind" | "id">;
}

/** Counts a request for its address. @throws GatewayError `too_many_requests`. */
export function countAddress(asking: Asking): void {
  const { perAddress } = asking.config.rates;
  if (perAddress === 0) return;
  const address = asking.clientAddress;
  const wait = address === null ? 0 : addresses.count(addressBlock(address), perAddress, Date.now());
  if (wait > 0) throw tooMany(wait, `This address makes more than ${perAddress} requests a minute`, perAddress);
}

/** Counts a request for its user, if it has one. @throws GatewayError `too_many_requests`. */
export function countUser({ config, caller }: Asking): void {
  const { perUser } = config.rates;
  if (perUser === 0 || caller.kind === "anonymous") return;
  const wait = users.count(caller.id, perUser, Date.now());
  if (wait > 0) throw tooMany(wait, `This user makes more than ${perUser} requests a minute`, perUser);
}
