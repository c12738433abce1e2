// Event streams as bytes: read event by event, dropped when a test says so. For what no SDK shows: ids, priming, comments.
import { parseEvents, type SseEvent } from "../src/lib/sse.ts";

export interface Stream {
  readonly status: number;
  readonly headers: Headers;
  /** The next event; undefined when the stream has ended. */
  next(): Promise<SseEvent | undefined>;
  /** The JSON of the next event that has any data; undefined when the stream has ended. */
  nextMessage(): Promise<Record<string, unknown> | undefined>;
  /** The id of the latest event that had one. */
  readonly lastId: string | undefined;
  drop(): void;
}

/** Opens a stream; whatever the answer is, it is read as one. */
export async function openStream(url: string, init: RequestInit = {}): Promise<Stream> {
  const stop = new AbortController();
  const response = await fetch(url, { ...init, signal: stop.signal });
  const events = response.body ? parseEvents(response.body) : undefined;
  let lastId: string | undefined;
  const next = async (): Promise<SseEvent | undefined> => {
    const read = await events?.next();
    if (!read || read.done) return undefined;
    lastId = read.value.id ?? lastId;
    return read.value;
  };
  return {
    // Read off the response each time: once that is garbage, Node cancels a body which nobody has begun to read.
    get status() {
      return response.status;
    },
    get headers() {
      return response.headers;
    },
    next,
    async nextMessage() {
      for (;;) {
        const event = await next();
        if (!event) return undefined;
        if (event.data !== "") return JSON.parse(event.data) as Record<string, unknown>;
      }
    },
    get lastId() {
      return lastId;
    },
    drop: () => stop.abort(),
  };
}
