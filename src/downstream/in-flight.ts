// Requests of sessions that this isolate is working on, so that notifications/cancelled finds them. The cancelling
// request belongs to another I/O context, so it only settles a promise; the request itself reacts.
import type { JsonValue } from "../lib/json.ts";

type Messages = AsyncGenerator<string, void, void>;

const flights = new Map<string, Flight>();

/** A request under way in a session. */
export class Flight {
  /** Settles when the client cancels. */
  readonly cancelled: Promise<"cancelled">;
  /** Called by the cancelling request. */
  readonly cancel: () => void;
  readonly #key: string;
  readonly #listeners: (() => void)[] = [];
  #stop: AbortController | undefined;
  #streaming = false;

  constructor(key: string) {
    const { promise, resolve } = Promise.withResolvers<"cancelled">();
    this.#key = key;
    this.cancel = () => resolve("cancelled");
    this.cancelled = promise.then((word) => {
      for (const listener of this.#listeners) listener();
      return word;
    });
  }

  /** Calls back when the client cancels. */
  onCancel(listener: () => void): void {
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

  /** The answer goes on as a stream: from now on `settle` ends nothing. */
  stream(): void {
    this.#streaming = true;
  }

  /** The messages until the client cancels; a cancelled request is never answered. */
  until(messages: Messages): Messages {
    this.stream();
    return this.#until(messages);
  }

  async *#until(messages: Messages): Messages {
    try {
      for (;;) {
        const next = await Promise.race([messages.next(), this.cancelled]);
        if (next === "cancelled") return void messages.return().catch(() => {});
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

  /** The handler has returned: the flight is over, unless its answer goes on as a stream. */
  settle(): void {
    if (!this.#streaming) this.over();
  }
}

const keyOf = (sessionId: string, id: JsonValue): string => `${sessionId}|${JSON.stringify(id)}`;

/**
 * Registers a request. Undefined when one with this id is under way in the session. `gone` aborts when the client hung
 * up: a request whose answer has not begun then ends without a word, and its id is free again.
 */
export function track(sessionId: string, id: JsonValue, gone?: AbortSignal): Flight | undefined {
  const key = keyOf(sessionId, id);
  if (flights.has(key)) return undefined;
  const flight = new Flight(key);
  flights.set(key, flight);
  gone?.addEventListener("abort", () => flight.settle(), { once: true });
  return flight;
}

/** Cancels a request, if it is under way here: whether it is. */
export function cancel(sessionId: string, id: JsonValue): boolean {
  const flight = flights.get(keyOf(sessionId, id));
  flight?.cancel();
  return flight !== undefined;
}
