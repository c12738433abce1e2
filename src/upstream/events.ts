// The events of one stream over as many connections as it takes: a server may end a connection early to be polled, or
// lose it (MCP 2025-11-25 basic/transports, "Sending Messages to the Server", "Resumability and Redelivery").
import { type ErrorCode, GatewayError } from "../errors.ts";
import { parseEvents, SseError, type SseEvent } from "../lib/sse.ts";

type Body = ReadableStream<Uint8Array>;

/** How a stream goes on when its connection ends. */
export interface Continuation {
  /** A connection that brings what comes after that event. @throws GatewayError when it can't be had. */
  connect(lastEventId: string | undefined, signal: AbortSignal): Promise<Body>;
  /** The stream has no end of its own: it may begin anew where no event had an id, and is quiet most of the time. */
  readonly standing: boolean;
}

/** Milliseconds before a new connection, when the server names none. */
const RETRY = 1_000;
/** A server that names less is not polled faster than this. Milliseconds. */
const FASTEST = 50;
/** The wait of a standing stream grows up to this while connections bring nothing. Milliseconds. */
const SLOWEST = 60_000;
/** The longest a timer can be told to wait. Milliseconds. */
const LONGEST = 2 ** 31 - 1;
/** Connections without a message after which the wait of a standing stream grows. */
const QUIET = 3;
/** Connections without a message after which an answer is given up. */
const MOST_QUIET = 100;
/** Attempts to connect that may fail in a row. */
const MOST_FAILED = 3;

/** Reads a stream: one reader, one `next` at a time. `close` may come at any time. */
export class Events {
  readonly #limits: { readonly maxEventBytes: number };
  readonly #continuation: Continuation | undefined;
  #reader: ReadableStreamDefaultReader<Uint8Array>;
  #events: AsyncGenerator<SseEvent, void, void>;
  #lastId: string | undefined;
  #retry = RETRY;
  #quiet = 0;
  #closed = false;
  #stop: AbortController | undefined;

  constructor(body: Body, maxEventBytes: number, continuation?: Continuation) {
    this.#limits = { maxEventBytes };
    this.#continuation = continuation;
    this.#reader = body.getReader();
    this.#events = parseEvents(chunksOf(this.#reader), this.#limits);
  }

  /** The next event; undefined when no more will come. @throws GatewayError, SseError, or what the connection fails with. */
  async next(): Promise<SseEvent | undefined> {
    for (;;) {
      const { done, value } = await this.#events.next().catch((error: unknown) => this.#endOr(error));
      if (!done) return this.#noted(value);
      if (this.#closed || !this.#continuation || !this.#continues()) return undefined;
      await this.#reconnect(this.#continuation);
    }
  }

  /** Lets go of the connection; who waits for an event gets none. */
  close(): void {
    this.#closed = true;
    this.#stop?.abort();
    void this.#reader.cancel().catch(() => {});
  }

  #noted(event: SseEvent): SseEvent {
    if (event.id !== undefined) this.#lastId = event.id || undefined;
    if (event.retry !== undefined) this.#retry = event.retry;
    if (event.data !== "") this.#quiet = 0;
    return event;
  }

  #continues(): boolean {
    if (!this.#continuation || this.#continuation.standing) return this.#continuation !== undefined;
    return this.#lastId !== undefined && this.#quiet < MOST_QUIET;
  }

  /** A connection that breaks is one that ends, where the stream can go on. */
  #endOr(error: unknown): IteratorReturnResult<void> {
    if (error instanceof SseError || !(this.#closed || this.#continues())) throw error;
    return { done: true, value: undefined };
  }

  async #reconnect(continuation: Continuation): Promise<void> {
    this.#stop ??= new AbortController();
    const { signal } = this.#stop;
    for (let failed = 0; ; ) {
      await scheduler.wait(this.#pause(continuation), { signal }).catch(() => {});
      if (signal.aborted) return;
      try {
        const body = await continuation.connect(this.#lastId, signal);
        this.#quiet++;
        this.#reader = body.getReader();
        this.#events = parseEvents(chunksOf(this.#reader), this.#limits);
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (++failed >= MOST_FAILED || !passes(error)) throw error;
      }
    }
  }

  #pause({ standing }: Continuation): number {
    const told = Math.min(Math.max(this.#retry, FASTEST), LONGEST);
    const growing = standing && this.#quiet > QUIET ? told * 2 ** (this.#quiet - QUIET) : told;
    return Math.max(told, Math.min(growing, SLOWEST));
  }
}

/** Chunks by a reader, so that a read under way can be cancelled. */
const chunksOf = (reader: ReadableStreamDefaultReader<Uint8Array>): AsyncIterable<Uint8Array> => ({
  [Symbol.asyncIterator]: () => ({ next: () => reader.read() as Promise<IteratorResult<Uint8Array, undefined>> }),
});

const PASSING: ReadonlySet<string> = new Set<ErrorCode>(["upstream_refused", "upstream_timeout", "upstream_status"]);

/** Whether a failure to connect is one that passes. */
function passes(error: unknown): boolean {
  if (!(error instanceof GatewayError) || !PASSING.has(error.code)) return false;
  const { status } = error.details;
  return typeof status !== "number" || status >= 500 || status === 429;
}
