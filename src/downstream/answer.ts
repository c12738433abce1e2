// An answer as an HTTP response: JSON for one message, an event stream for several. Streams carry a comment every 25 s,
// which also is how a vanished client is noticed.
import type { Context } from "../context.ts";
import { asGatewayError } from "../errors.ts";
import type { Answer } from "../gateway/exchange.ts";
import { rpcErrorOf } from "../gateway/exchange.ts";
import type { JsonValue } from "../lib/json.ts";
import { event } from "../lib/sse.ts";
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
  return new Response(eventStream(context, answer.messages, id), {
    headers: { ...context.headers, ...STREAM_HEADERS },
  });
}

const encoder = new TextEncoder();
const framed = (data: string): Uint8Array => encoder.encode(event({ event: "message", data }));

/**
 * Messages as an event stream, as fast as the client reads them. What goes wrong after it has begun is told as the
 * error response to `id`.
 */
function eventStream(
  context: Context,
  messages: AsyncGenerator<string, void, void>,
  id: JsonValue,
): ReadableStream<Uint8Array> {
  let keepalive: ReturnType<typeof setInterval> | undefined;
  const failed = (thrown: unknown): Uint8Array =>
    framed(JSON.stringify({ jsonrpc: "2.0", id, error: rpcErrorOf(asGatewayError(thrown), context.requestId) }));
  return new ReadableStream<Uint8Array>({
    start(controller) {
      keepalive = setInterval(() => controller.enqueue(encoder.encode(":\n\n")), KEEPALIVE);
    },
    async pull(controller) {
      const next = await messages.next().catch((thrown: unknown) => ({ done: "failed", thrown }) as const);
      if (next.done === "failed") controller.enqueue(failed(next.thrown));
      else if (!next.done) return controller.enqueue(framed(next.value));
      clearInterval(keepalive);
      controller.close();
    },
    cancel() {
      clearInterval(keepalive);
      void messages.return().catch(() => {});
    },
  });
}
