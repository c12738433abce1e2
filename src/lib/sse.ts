// Server-sent events (WHATWG HTML, section 9.2): the text we write and the streams we read.
// Nothing a stranger wrote may start a new field or event, or grow without bound.

import { createParser } from "eventsource-parser";

export interface SseEvent {
  data: string;
  event?: string | undefined;
  id?: string | undefined;
  /** Milliseconds to wait before reconnecting. */
  retry?: number | undefined;
}

/** An event we refuse to write, or refuse to go on reading. */
export class SseError extends Error {
  override readonly name = "SseError";
}

const DEFAULT_MAX_EVENT_BYTES = 16 * 1024 * 1024;
/** What the parser may buffer besides the bytes we count: a field name with its line, or a whole retry line. */
const OVERHEAD = `retry: ${Number.MAX_SAFE_INTEGER}`.length;
const LINE_END = /\r\n|\r|\n/;
const encoder = new TextEncoder();

/**
 * One event as text, blank line included. Each line of `data` gets its own field; CR and CRLF in it arrive as LF.
 *
 * @throws SseError when `id` or `event` holds a line end or NUL, or `retry` is not a whole number of milliseconds
 */
export function event({ data, id, event, retry }: SseEvent): string {
  let text = "";
  if (event !== undefined) text += `event: ${singleLine("event", event)}\n`;
  if (id !== undefined) text += `id: ${singleLine("id", id)}\n`;
  if (retry !== undefined) text += `retry: ${milliseconds(retry)}\n`;
  for (const line of data.split(LINE_END)) text += `data: ${line}\n`;
  return `${text}\n`;
}

/**
 * The events of a stream, however it is cut into chunks. Comments are skipped. An `id` or `retry` in a block without
 * data belongs to the next event. An event that the stream's end leaves without its blank line still counts: servers
 * forget it. Stopping early cancels the stream.
 *
 * @param limits.maxEventBytes largest event, as UTF-8 bytes of its data, name and id (16 MiB)
 * @throws SseError for an event larger than that; whatever the stream itself fails with
 */
export async function* parseEvents(
  body: AsyncIterable<Uint8Array>,
  limits: { maxEventBytes?: number } = {},
): AsyncGenerator<SseEvent, void, undefined> {
  const max = limits.maxEventBytes ?? DEFAULT_MAX_EVENT_BYTES;
  let events: SseEvent[] = [];
  let carried: Pick<SseEvent, "id" | "retry"> = {};
  let tooLarge = false;
  const parser = createParser({
    maxBufferSize: max + OVERHEAD,
    onId: (id) => {
      carried.id = id;
    },
    onRetry: (retry) => {
      carried.retry = retry;
    },
    onEvent: ({ data, event }) => {
      const parsed = { data, event, ...carried };
      carried = {};
      tooLarge ||= exceeds(parsed, max);
      if (!tooLarge) events.push(parsed);
    },
    onError: (error) => {
      tooLarge ||= error.type === "max-buffer-size-exceeded";
    },
  });

  const feed = (text: string): SseEvent[] => {
    parser.feed(text);
    const parsed = events;
    events = [];
    return parsed;
  };
  const check = () => {
    if (tooLarge) throw new SseError(`an event is larger than ${max} bytes`);
  };

  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  for await (const chunk of body) {
    yield* feed(decoder.decode(chunk, { stream: true }));
    check();
  }
  yield* feed(`${decoder.decode()}\n\n`);
  check();
}

function singleLine(field: "event" | "id", value: string): string {
  if (/[\r\n\0]/.test(value)) throw new SseError(`${field} of an event holds a line end or NUL`);
  return value;
}

function milliseconds(value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new SseError("retry of an event is not whole milliseconds");
  return value;
}

/** Encodes only what could go either way: a UTF-16 unit is one to three bytes. */
function exceeds({ data, event = "", id = "" }: SseEvent, maxBytes: number): boolean {
  const units = data.length + event.length + id.length;
  if (units > maxBytes) return true;
  return units * 3 > maxBytes && encoder.encode(data + event + id).length > maxBytes;
}
