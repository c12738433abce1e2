// An answer as an HTTP response: JSON for one message, an event stream for several. Streams carry a comment every 25 s,
// which also is how a vanished client is noticed.
import type { Context } from "../context.ts";
import { asGatewayError } from "../errors.ts";
import type { Answer } from "../gateway/exchange.ts";
import { rpcErrorOf } from "../gateway/exchange.ts";
import type { JsonValue } from "../lib/json.ts";
import { event, type SseEvent } from "../lib/sse.ts";
import { jsonResponse } from "./json-rpc.ts";

const KEEPALIVE = 25_000;
const STREAM_HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-store",
  "x-accel-buffering": "no",
} as const;

/** Writes an answer other than an error; errors differ by era. */
export function write(context: Context, answer: Exclude<Answer, { kind: "error" }>, id: JsonValue): Response {
  if (answer.kind === "message") return jsonResponse(context, answer.text);
  if (answer.kind === "body") return jsonResponse(context, answer.body);
  return streamResponse(context, plain(untilFailure(context, answer.messages, id)));
}

async function* plain(messages: AsyncIterable<string>): AsyncGenerator<SseEvent, void, void> {
  for await (const data of messages) yield { event: "message", data };
}

/** The messages; what goes wrong after they have begun is told as the error response to `id`. */
export async function* untilFailure(
  context: Context,
  messages: AsyncIterable<string>,
  id: JsonValue,
): AsyncGenerator<string, void, void> {
  try {
    yield* messages;
  } catch (thrown) {
    yield JSON.stringify({ jsonrpc: "2.0", id, error: rpcErrorOf(asGatewayError(thrown), context.requestId) });
  }
}

const encoder = new TextEncoder();
const COMMENT = encoder.encode(":\n\n");

/**
 * Events as a response, as fast as the client reads them. When the client has gone they end; with `onGone` they are
 * handed to it instead, together with the one under way.
 */
export function streamResponse(
  context: Context,
  events: AsyncGenerator<SseEvent, void, void>,
  headers: Readonly<Record<string, string>> = {},
  onGone: () => void = () => void events.return().catch(() => {}),
): Response {
  let keepalive: ReturnType<typeof setInterval> | undefined;
  let gone = false;
  const body = new ReadableStream<Uint8Array>({
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
  return new Response(body, { headers: { ...context.headers, ...STREAM_HEADERS, ...headers } });
}
