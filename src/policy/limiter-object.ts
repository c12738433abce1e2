// The Limiter object: one per key. It counts exactly, since all who ask for a key ask the same object one after the other:
// uses in sliding windows, and attempts to prove who one is. What it counted rests in one row, which an alarm deletes
// when nothing in it counts any longer.
import { DurableObject } from "cloudflare:workers";
import type { Bindings } from "../env.ts";
import {
  type AttemptRules,
  type AttemptState,
  type Attempts,
  attempted,
  failedSince,
  forgiven,
  NO_ATTEMPTS,
  pruned,
  withdrawn,
} from "./attempts.ts";
import { type Counted, living, type Rule, sum, untilRoom, withOne } from "./sliding.ts";

/**
 * What came of asking. `remaining`: how many more are allowed now; `retryAfter`: seconds until it is worth asking again;
 * `broken`: of several rules the one that has no room for longest.
 */
export interface Taken {
  readonly allowed: boolean;
  readonly remaining: number;
  readonly retryAfter: number;
  readonly broken?: Rule;
}

interface Kept {
  /** By the length of the window in seconds. */
  readonly uses: Readonly<Record<string, Counted>>;
  readonly attempts: Attempts;
}

const KEPT = "kept";
const NOTHING: Kept = { uses: {}, attempts: NO_ATTEMPTS };
/** Milliseconds between two looks at whether anything still counts. */
const LOOK_AGAIN = 3600_000;

const seconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));

export class Limiter extends DurableObject<Bindings> {
  #kept = this.ctx.storage.kv.get<Kept>(KEPT) ?? NOTHING;
  #watched = this.#kept !== NOTHING;

  /** Takes one, if every rule has room for it. What is refused counts for nothing. */
  take(rules: readonly Rule[]): Taken {
    const now = Date.now();
    const windows = rules.map((rule) => ({ rule, counted: living(this.#kept.uses[rule.per] ?? [], rule.per, now) }));
    const waits = windows.map(({ rule, counted }) => ({ rule, wait: untilRoom(counted, rule, now) }));
    const [longest] = waits.toSorted((one, other) => other.wait - one.wait);
    if (longest && longest.wait > 0)
      return { allowed: false, remaining: 0, retryAfter: seconds(longest.wait), broken: longest.rule };
    const uses = Object.fromEntries(windows.map(({ rule, counted }) => [rule.per, withOne(counted, rule.per, now)]));
    this.#keep({ ...this.#kept, uses: { ...this.#kept.uses, ...uses } });
    const remaining = Math.min(...windows.map(({ rule, counted }) => rule.most - sum(counted) - 1));
    return { allowed: true, remaining, retryAfter: 0 };
  }

  /** Counts an attempt from an address before anything is checked: those made at the same time can't exceed the rules. */
  attempt(address: string, rules: AttemptRules): Taken {
    const now = Date.now();
    const { attempts, remaining, wait } = attempted(this.#kept.attempts, address, rules, now);
    if (wait > 0) return { allowed: false, remaining: 0, retryAfter: seconds(wait) };
    this.#keep({ ...this.#kept, attempts });
    return { allowed: true, remaining, retryAfter: 0 };
  }

  /** Nothing was checked after the attempt: it does not count. */
  withdraw(address: string): void {
    this.#keep({ ...this.#kept, attempts: withdrawn(this.#kept.attempts, address, Date.now()) });
  }

  /** The attempt from this address was right. Without an address: all that failed is forgotten. */
  forgive(address?: string): void {
    this.#keep({ ...this.#kept, attempts: forgiven(this.#kept.attempts, address, Date.now()) });
  }

  /** What failed so far. */
  state({ failures }: AttemptRules): AttemptState {
    return failedSince(this.#kept.attempts, Date.now(), failures);
  }

  override async alarm(): Promise<void> {
    const now = Date.now();
    const uses = Object.entries(this.#kept.uses)
      .map(([per, counted]) => [per, living(counted, Number(per), now)] as const)
      .filter(([, counted]) => counted.length > 0);
    this.#kept = { uses: Object.fromEntries(uses), attempts: pruned(this.#kept.attempts, now) };
    this.#watched = uses.length > 0 || Object.keys(this.#kept.attempts).length > 0;
    if (!this.#watched) return await this.ctx.storage.deleteAll();
    this.ctx.storage.kv.put(KEPT, this.#kept);
    await this.ctx.storage.setAlarm(now + LOOK_AGAIN);
  }

  #keep(kept: Kept): void {
    this.#kept = kept;
    this.ctx.storage.kv.put(KEPT, kept);
    if (this.#watched) return;
    this.#watched = true;
    this.ctx.waitUntil(this.ctx.storage.setAlarm(Date.now() + LOOK_AGAIN));
  }
}
