// Server-sent events as the body of a response, as fast as the client reads them. A comment every 25 s keeps the connection
// open, and is how a vanished client is noticed.
import { event, type SseEvent } from "./sse.ts";

const KEEPALIVE = 25_000;
export const STREAM_HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-store",
  "x-accel-buffering": "no",
} as const;

const encoder = new TextEncoder();
const COMMENT = encoder.encode(":\n\n");

/** The events as bytes. When the client has gone they end; with `onGone`, that decides. */
export function eventStream(
  events: AsyncGenerator<SseEvent, void, void>,
  onGone: () => void = () => void events.return().catch(() => {}),
): ReadableStream<Uint8Array> {
  let keepalive: ReturnType<typeof setInterval> | undefined;
  let gone = false;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      keepalive = setInterval(() => controller.enqueue(COMMENT), KEEPALIVE);
    },
    async pull(controller) {
      const next = await events.next().catch((error: unknown) => {
        clearInterval(keepalive);
        throw error;
      });
      if (gone) return;
      if (!next.done) return controller.enqueue(encoder.encode(event(next.value)));
      clearInterval(keepalive);
      controller.close();
    },
    cancel() {
      gone = true;
      clearInterval(keepalive);
      onGone();
    },
  });
}
