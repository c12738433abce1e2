// A batch of messages, which 2025-03-26 has and later revisions do not (basic, "Batching"): its requests run at once,
// their answers come as an array.
import type { View } from "../catalog/view.ts";
import type { Context } from "../context.ts";
import { deliverReply } from "../gateway/client-requests.ts";
import type { ClientSession } from "../gateway/exchange.ts";
import type { JsonValue } from "../lib/json.ts";
import { RPC } from "../lib/mcp.ts";
import { accepted, failureResponse, jsonResponse, Refusal, readMessage } from "./json-rpc.ts";
import { messagesOf, notified, SessionRequest } from "./session-request.ts";

/** Most messages in one batch. */
const MOST_MESSAGES = 100;

/** Answers a batch. @throws Refusal 400 for one that may not be. */
export async function handleBatch(
  context: Context,
  request: Request,
  view: View,
  session: ClientSession,
  body: readonly JsonValue[],
): Promise<Response> {
  const refuse = (message: string) => new Refusal(400, { code: RPC.invalidRequest, message });
  if (session.protocolVersion !== "2025-03-26") throw refuse("Batches are not part of this protocol version");
  if (body.length === 0) throw refuse("The batch is empty");
  if (body.length > MOST_MESSAGES) throw refuse(`The batch has more than ${MOST_MESSAGES} messages`);
  const answers = await Promise.all(body.map((value) => handleOne(context, request, view, session, value)));
  const texts = answers.flat();
  return texts.length === 0 ? accepted(context) : jsonResponse(context, `[${texts.join(",")}]`);
}

/** The messages that answer one message of a batch. */
async function handleOne(
  context: Context,
  request: Request,
  view: View,
  session: ClientSession,
  value: JsonValue,
): Promise<string[]> {
  try {
    const incoming = readMessage(value);
    if (incoming.kind === "response") await deliverReply(context.env, session, incoming.id, incoming.message);
    if (incoming.kind === "notification") notified({ context, view, session }, incoming.message);
    if (incoming.kind !== "request") return [];
    const { message } = incoming;
    if (message.method === "initialize")
      throw new Refusal(
        400,
        { code: RPC.invalidRequest, message: "initialize can't be part of a batch" },
        message.id ?? null,
      );
    const exchange = new SessionRequest({ context, view, session, headers: request.headers }, message, {});
    const answer = await exchange.answer();
    return answer === "cancelled" ? [] : await Array.fromAsync(messagesOf(context, answer, exchange.id));
  } catch (thrown) {
    return [await failureResponse(context, thrown, null).text()];
  }
}
