// Requests of sessions that this isolate is working on, so that notifications/cancelled finds them. The waking request
// belongs to another I/O context, so it only settles a promise; the request itself reacts.
import type { JsonValue } from "../lib/json.ts";

/** A request under way. */
export interface Flight {
  readonly signal: AbortSignal;
  /** Settles when the client cancels. */
  readonly cancelled: Promise<"cancelled">;
  /** The messages until the client cancels; a cancelled request is never answered. */
  until(messages: AsyncGenerator<string, void, void>): AsyncGenerator<string, void, void>;
  /** The handler returned; the flight is over unless a stream goes on. */
  settle(): void;
  /** The stream is over. */
  done(): void;
}

const flights = new Map<string, () => void>();
const keyOf = (sessionId: string, id: JsonValue): string => `${sessionId}|${JSON.stringify(id)}`;

/** Registers a request. Undefined when one with this id is under way in the session. */
export function track(sessionId: string, id: JsonValue): Flight | undefined {
  const key = keyOf(sessionId, id);
  if (flights.has(key)) return undefined;
  const stop = new AbortController();
  const { promise, resolve } = Promise.withResolvers<"cancelled">();
  const cancelled = promise.then((word) => {
    stop.abort();
    return word;
  });
  let streaming = false;
  const done = () => void flights.delete(key);
  flights.set(key, () => resolve("cancelled"));

  async function* until(messages: AsyncGenerator<string, void, void>): AsyncGenerator<string, void, void> {
    try {
      for (;;) {
        const next = await Promise.race([messages.next(), cancelled]);
        if (next === "cancelled") return void messages.return().catch(() => {});
        if (next.done) return;
        yield next.value;
      }
    } finally {
      done();
    }
  }
  return {
    signal: stop.signal,
    cancelled,
    until(messages) {
      streaming = true;
      return until(messages);
    },
    settle: () => (streaming ? undefined : done()),
    done,
  };
}

/** Cancels a request, if it is under way here. */
export function cancel(sessionId: string, id: JsonValue): void {
  flights.get(keyOf(sessionId, id))?.();
}
