// Requests of sessions that this isolate is working on, so that notifications/cancelled finds them. The cancelling
// request belongs to another I/O context, so it only settles a promise; the request itself reacts.
import type { JsonValue } from "../lib/json.ts";

type Messages = AsyncGenerator<string, void, void>;

/** What may come before the answer: the client cancels, or the upstream takes its time. */
type Interruption = "cancelled" | "late";

const flights = new Map<string, Flight>();

/**
 * Milliseconds after which a request whose answer has not begun to stream has vanished with its client: by then it
 * would have been answered or begun.
 */
const VANISHED_AFTER = 15_000;

/** A request under way in a session. */
export class Flight {
  /** Settles with what comes before the answer. */
  readonly interrupted: Promise<Interruption>;
  /** Called by the request that cancels, or by this one when it is late, as often as that is so. */
  interrupt: (how: Interruption) => void;
  readonly #key: string;
  readonly #began = Date.now();
  #listeners: (() => void)[] | undefined;
  #stop: AbortController | undefined;
  #streaming = false;

  constructor(key: string) {
    this.#key = key;
    const { promise, resolve } = Promise.withResolvers<Interruption>();
    this.interrupted = promise;
    this.interrupt = resolve;
  }

  get vanished(): boolean {
    return !this.#streaming && Date.now() - this.#began > VANISHED_AFTER;
  }

  /** Calls back when the client cancels. */
  onCancel(listener: () => void): void {
    this.#listeners ??= [];
    this.#listeners.push(listener);
  }

  /** Aborts when the client cancels; made on first use, since most requests need none. */
  get signal(): AbortSignal {
    if (!this.#stop) {
      const stop = new AbortController();
      this.#stop = stop;
      this.onCancel(() => stop.abort());
    }
    return this.#stop.signal;
  }

  /** The request has heard that it is cancelled. */
  cancelled(): void {
    for (const listener of this.#listeners ?? []) listener();
    this.over();
  }

  /** The messages until the client cancels; a cancelled request is never answered. */
  until(messages: Messages): Messages {
    this.#streaming = true;
    const { promise: cancelled, resolve } = Promise.withResolvers<"cancelled">();
    this.interrupt = (how) => {
      if (how === "cancelled") resolve(how); // that it is late matters to nobody: the answer has begun
    };
    return this.#untilCancelled(messages, cancelled);
  }

  async *#untilCancelled(messages: Messages, cancelled: Promise<"cancelled">): Messages {
    try {
      for (;;) {
        const next = await Promise.race([messages.next(), cancelled]);
        if (next === "cancelled") {
          this.cancelled();
          return void messages.return().catch(() => {});
        }
        if (next.done) return;
        yield next.value;
      }
    } finally {
      this.over();
    }
  }

  /** The request is no longer under way. */
  over(): void {
    if (flights.get(this.#key) === this) flights.delete(this.#key);
  }
}

const keyOf = (sessionId: string, id: JsonValue): string => `${sessionId}|${JSON.stringify(id)}`;

/** Registers a request. Undefined when one with this id is under way in the session. */
export function track(sessionId: string, id: JsonValue): Flight | undefined {
  const key = keyOf(sessionId, id);
  if (flights.get(key)?.vanished === false) return undefined;
  const flight = new Flight(key);
  flights.set(key, flight);
  return flight;
}

/** Cancels a request, if it is under way here: whether it is. */
export function cancel(sessionId: string, id: JsonValue): boolean {
  const flight = flights.get(keyOf(sessionId, id));
  flight?.interrupt("cancelled");
  return flight !== undefined;
}
