// An answer as an HTTP response: JSON for one message, an event stream for several.
import type { Context } from "../context.ts";
import { asGatewayError } from "../errors.ts";
import type { Answer } from "../gateway/exchange.ts";
import { rpcErrorOf } from "../gateway/exchange.ts";
import { eventStream, STREAM_HEADERS } from "../lib/event-stream.ts";
import type { JsonValue } from "../lib/json.ts";
import type { SseEvent } from "../lib/sse.ts";
import { jsonResponse } from "./json-rpc.ts";

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

/**
 * Events as a response. When the client has gone they end; with `onGone` they are handed to it instead, together with the
 * one under way.
 */
export const streamResponse = (
  context: Context,
  events: AsyncGenerator<SseEvent, void, void>,
  headers: Readonly<Record<string, string>> = {},
  onGone?: () => void,
): Response =>
  new Response(eventStream(events, onGone), { headers: { ...context.headers, ...STREAM_HEADERS, ...headers } });
