// A batch of messages, which 2025-03-26 has and later revisions do not (basic, "Batching"): its requests run at once.
// Their answers come as an array, or where one of them is more than one message, all as one event stream
// (basic/transports, "Sending Messages to the Server").
import type { View } from "../catalog/view.ts";
import type { Context } from "../context.ts";
import { deliverReply } from "../gateway/client-requests.ts";
import type { ClientSession } from "../gateway/exchange.ts";
import { Mailbox } from "../gateway/mailbox.ts";
import type { JsonValue } from "../lib/json.ts";
import { RPC } from "../lib/mcp.ts";
import { permitUse } from "../policy/restrictions.ts";
import { untilFailure } from "./answer.ts";
import { accepted, failureResponse, jsonResponse, Refusal, readMessage } from "./json-rpc.ts";
import { writeKept } from "./kept-answer.ts";
import { KeptStream } from "./kept-stream.ts";
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
  requireBatch(session.protocolVersion, body);
  const requests: SessionRequest[] = [];
  const kept = new KeptStream(context.env, session.id, requests);
  const around = { context, view, session, headers: request.headers };
  const refusals = await uncounted(context, view, body.length);
  const answers = body.map((value, at) => answerTo(around, kept, requests, value, refusals[at]));
  const texts = await inOnePiece(answers);
  if (!texts) return writeKept({ context, session, kept }, merged(answers));
  return texts.length === 0 ? accepted(context) : jsonResponse(context, `[${texts.join(",")}]`);
}

/** Why messages may not be: an API token may do only so much, and the POST was counted as one. */
async function uncounted(context: Context, view: View, messages: number): Promise<unknown[]> {
  const endpoint = view.data.server ? "/servers/:id/mcp" : "/mcp";
  const others = Array.from({ length: messages - 1 }, () => permitUse(context, endpoint)?.catch((why: unknown) => why));
  return [undefined, ...(await Promise.all(others))];
}

/** @throws Refusal 400 for a batch that may not be. */
export function requireBatch(protocolVersion: string, body: readonly JsonValue[]): void {
  const refuse = (message: string) => new Refusal(400, { code: RPC.invalidRequest, message });
  if (protocolVersion !== "2025-03-26") throw refuse("Batches are not part of this protocol version");
  if (body.length === 0) throw refuse("The batch is empty");
  if (body.length > MOST_MESSAGES) throw refuse(`The batch has more than ${MOST_MESSAGES} messages`);
}

/** What answers one message of a batch: a message, several that come one by one, or nothing. */
type Given = string | AsyncIterable<string> | undefined;
type Around = ConstructorParameters<typeof SessionRequest>[0];

/** The answers, when each is one message; undefined as soon as one of them is not. */
async function inOnePiece(answers: readonly Promise<Given>[]): Promise<string[] | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const look = async (answer: Promise<Given>): Promise<string | undefined> => {
    const given = await answer;
    if (typeof given === "object") resolve(undefined);
    return typeof given === "string" ? given : undefined;
  };
  const all = await Promise.race([Promise.all(answers.map(look)), promise]);
  return all?.filter((text) => text !== undefined);
}

/** All messages, each as soon as it is there. */
async function* merged(answers: readonly Promise<Given>[]): AsyncGenerator<string, void, void> {
  const post = new Mailbox<string>();
  const bring = async (answer: Promise<Given>): Promise<void> => {
    const given = await answer;
    if (typeof given === "string") post.put(given);
    else if (given) for await (const text of given) post.put(text);
  };
  void Promise.all(answers.map(bring)).finally(() => post.close());
  yield* post;
}

/** Answers one message. Never throws. */
async function answerTo(
  around: Around,
  kept: KeptStream,
  requests: SessionRequest[],
  value: JsonValue,
  refusal: unknown,
): Promise<Given> {
  const { context, session } = around;
  let id: JsonValue = null;
  try {
    const incoming = readMessage(value);
    if (incoming.kind === "notification") notified(around, incoming.message);
    if (incoming.kind === "response") await deliverReply(context.env, session, incoming.id, incoming.message);
    if (incoming.kind !== "request") return undefined;
    const { message } = incoming;
    id = message.id ?? null;
    if (refusal) throw refusal;
    if (message.method === "initialize")
      throw new Refusal(400, { code: RPC.invalidRequest, message: "initialize can't be part of a batch" }, id);
    const exchange = new SessionRequest(around, message, { mayBegin: true, kept });
    requests.push(exchange);
    const answer = await exchange.answer();
    if (answer === "cancelled") return undefined;
    if (answer.kind === "stream") return untilFailure(context, answer.messages, id);
    for await (const text of messagesOf(context, answer, id)) return text;
    return undefined;
  } catch (thrown) {
    return await failureResponse(context, thrown, id).text();
  }
}
