// A session client and an upstream of 2026-07-28 that needs input (basic/mrtr): each thing asked for becomes a request to
// the client on the stream of the answer, and the gateway sends the call again with the replies, round by round.
import { newId } from "../lib/ids.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import { RPC } from "../lib/mcp.ts";
import { isDeclared, wantsUrl } from "../upstream/questions.ts";
import { isResponse, tryParse } from "../upstream/read-answer.ts";
import type { AskableClient, Question, Answer as UpstreamAnswer } from "../upstream/upstream.ts";
import type { Exchange } from "./exchange.ts";

const MOST_ROUNDS = 8;

/** Milliseconds before a round that asks nothing, so that the upstream is not polled in a tight loop. */
const PACE = 250;

/** Sends the exchange's method again with these params beside its own. */
export type Resend = (more: JsonObject) => Promise<UpstreamAnswer>;

/** The answer of an upstream of 2026-07-28 with everything asked for gathered from the client. */
export async function withInput(
  exchange: Exchange,
  client: AskableClient,
  resend: Resend,
  answer: UpstreamAnswer,
): Promise<UpstreamAnswer> {
  if (answer.kind === "stream")
    return { kind: "stream", messages: gathering(exchange, client, resend, answer.messages) };
  if (answer.kind !== "message" || !resultAsking(answer.text)) return answer;
  return { kind: "stream", messages: gathering(exchange, client, resend, only(answer.text)) };
}

async function* only(text: string): AsyncGenerator<string, void, void> {
  yield text;
}

async function* gathering(
  exchange: Exchange,
  client: AskableClient,
  resend: Resend,
  messages: AsyncGenerator<string, void, void>,
): AsyncGenerator<string, void, void> {
  try {
    for await (const text of messages) {
      const asking = resultAsking(text);
      if (asking) yield* gatherInput(exchange, client, resend, asking);
      else yield text;
    }
  } finally {
    client.hangUp();
  }
}

/** The result in a response, when it asks for input. */
function resultAsking(text: string): JsonObject | undefined {
  const message = text.includes('"input_required"') ? tryParse(text) : undefined;
  const result = isObject(message) ? message.result : undefined;
  return isObject(result) && result.resultType === "input_required" ? result : undefined;
}

/** Goes on from a result that asks for input until there is another one; yields what the client must see meanwhile. */
async function* gatherInput(
  exchange: Exchange,
  client: AskableClient,
  resend: Resend,
  first: JsonObject,
): AsyncGenerator<string, void, void> {
  let result = first;
  for (let round = 1; round <= MOST_ROUNDS; round++) {
    const wanted = Object.entries(isObject(result.inputRequests) ? result.inputRequests : {}).map(
      ([key, request]) => [key, asRequest(request as JsonObject)] as const,
    );
    const foreign = wanted.find(([, request]) => !canBeAsked(exchange, client, request))?.[1];
    if (foreign)
      return yield refused(exchange, `The upstream wants ${nameOf(foreign)}, which this client did not offer`);
    const questions = wanted.map(([key, request]) => [key, client.ask(request)] as const);
    for (const [, question] of questions) yield question.text;
    if (questions.length === 0) await scheduler.wait(PACE);
    const replies = await answers(questions);
    if ("refusal" in replies) return yield refused(exchange, replies.refusal);
    const { requestState } = result;
    const answer = await resend({
      inputResponses: replies.inputResponses,
      ...(requestState === undefined ? {} : { requestState }),
    });
    const next = yield* untilResponse(exchange, answer);
    const asking = resultAsking(next);
    if (!asking) return yield next;
    result = asking;
  }
  yield refused(exchange, `The upstream asked for input more than ${MOST_ROUNDS} times`);
}

/** A thing asked for, as a request of the session era. URL elicitations carry an id there. */
export function asRequest({ method = "", params }: JsonObject): JsonObject {
  const given = isObject(params) ? params : {};
  return { method, params: wantsUrl({ method, params: given }) ? { ...given, elicitationId: newId() } : given };
}

/** Whether the client declared this; URLs to open came with 2025-11-25 (client/elicitation). */
const canBeAsked = ({ session }: Exchange, client: AskableClient, request: JsonObject): boolean =>
  isDeclared(client.capabilities, request) && !(wantsUrl(request) && session?.protocolVersion !== "2025-11-25");

const nameOf = (request: JsonObject): string =>
  wantsUrl(request) ? "the user to open a URL" : `an answer to ${String(request.method)}`;

type Replies = { readonly inputResponses: JsonObject } | { readonly refusal: string };

async function answers(questions: readonly (readonly [string, Question])[]): Promise<Replies> {
  const inputResponses: JsonObject = {};
  for (const [key, { reply }] of questions) {
    const { result, error } = await reply;
    if (result === undefined) return { refusal: isObject(error) ? String(error.message) : "The client did not answer" };
    inputResponses[key] = result;
  }
  return { inputResponses };
}

/** Yields notifications and returns the response. */
async function* untilResponse(exchange: Exchange, answer: UpstreamAnswer): AsyncGenerator<string, string, void> {
  const { id } = exchange;
  if (answer.kind === "error") return JSON.stringify({ jsonrpc: "2.0", id, error: answer.error });
  if (answer.kind === "result") return JSON.stringify({ jsonrpc: "2.0", id, result: answer.result });
  if (answer.kind === "message") return answer.text;
  if (answer.kind === "body") return await new Response(answer.body).text();
  for await (const text of answer.messages) {
    if (isResponse(text)) return text;
    yield text;
  }
  return JSON.stringify({
    jsonrpc: "2.0",
    id,
    error: { code: RPC.internal, message: "The upstream closed the connection before it answered" },
  });
}

/** What the client gets when the input can't be had: tools tell the model, everything else is an error. */
function refused({ id, method }: Exchange, why: string): string {
  if (method !== "tools/call")
    return JSON.stringify({ jsonrpc: "2.0", id, error: { code: RPC.internal, message: why } });
  return JSON.stringify({ jsonrpc: "2.0", id, result: { content: [{ type: "text", text: why }], isError: true } });
}
