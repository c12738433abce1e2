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

/** Messages as an event stream. What goes wrong after it has begun is told as the error response to `id`. */
function eventStream(
  context: Context,
  messages: AsyncGenerator<string, void, void>,
  id: JsonValue,
): ReadableStream<Uint8Array> {
  let open = true;
  let timer: ReturnType<typeof setInterval> | undefined;
  const pump = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    const put = (text: string) => open && controller.enqueue(encoder.encode(text));
    timer = setInterval(() => put(":\n\n"), KEEPALIVE);
    try {
      for await (const data of messages) put(event({ event: "message", data }));
    } catch (thrown) {
      const failure = asGatewayError(thrown);
      put(
        event({
          event: "message",
          data: JSON.stringify({ jsonrpc: "2.0", id, error: rpcErrorOf(failure, context.requestId) }),
        }),
      );
    } finally {
      clearInterval(timer);
      if (open) controller.close();
      open = false;
    }
  };
  return new ReadableStream<Uint8Array>({
    start(controller) {
      void pump(controller);
    },
    cancel() {
      open = false;
      clearInterval(timer);
      void messages.return().catch(() => {});
    },
  });
}
