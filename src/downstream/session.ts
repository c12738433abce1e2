// MCP 2025-03-26 … 2025-11-25 as clients speak it: POST of messages, DELETE of the session (basic/lifecycle and
// basic/transports). A client that hangs up has not cancelled; notifications/cancelled does.
import { revoke } from "../catalog/stamp.ts";
import type { View } from "../catalog/view.ts";
import type { Context } from "../context.ts";
import { deliverReply } from "../gateway/client-requests.ts";
import { dispatch } from "../gateway/dispatch.ts";
import type { Answer } from "../gateway/exchange.ts";
import { capabilitiesIn, initialized, negotiate } from "../gateway/handshake.ts";
import { isObject, type JsonValue } from "../lib/json.ts";
import { RPC, SESSION_VERSIONS } from "../lib/mcp.ts";
import { responseText } from "../upstream/read-answer.ts";
import { sessionObject } from "../upstream/sessions.ts";
import { write } from "./answer.ts";
import { cancel, track } from "./in-flight.ts";
import {
  accepted,
  errorResponse,
  failureResponse,
  type Incoming,
  jsonResponse,
  Refusal,
  type RpcMessage,
  readMessage,
} from "./json-rpc.ts";
import { openSession, type SealedSession, sealSession } from "./session-id.ts";

export async function handleSession(
  context: Context,
  request: Request,
  view: View,
  body: JsonValue,
): Promise<Response> {
  if (Array.isArray(body)) {
    requireAccept(request.headers);
    return await handleBatch(context, request, view, body);
  }
  const incoming = readMessage(body);
  try {
    requireAccept(request.headers);
    return await handleMessage(context, request, view, incoming);
  } catch (thrown) {
    return failureResponse(context, thrown, incoming.kind === "request" ? (incoming.message.id ?? null) : null);
  }
}

async function handleMessage(context: Context, request: Request, view: View, incoming: Incoming): Promise<Response> {
  if (incoming.kind === "request" && incoming.message.method === "initialize")
    return await initialize(context, view, incoming.message);
  const session = await sessionOf(context, request, view);
  if (incoming.kind === "response") {
    await deliverReply(context.env, session, incoming.id, incoming.message);
    return accepted(context);
  }
  if (incoming.kind === "notification") return notified(context, session, incoming.message);
  return await respond(context, request, view, session, incoming.message);
}

const JSON_ACCEPTED = /(?:^|,)\s*application\/(?:json|\*)\s*(?:;|,|$)/i;
const STREAM_ACCEPTED = /(?:^|,)\s*text\/(?:event-stream|\*)\s*(?:;|,|$)/i;

/** A client that names what it accepts must accept both kinds of answer. @throws Refusal 406. */
function requireAccept(headers: Headers): void {
  const accept = headers.get("accept");
  if (accept === null || accept.includes("*/*")) return;
  if (JSON_ACCEPTED.test(accept) && STREAM_ACCEPTED.test(accept)) return;
  throw new Refusal(406, {
    code: RPC.invalidRequest,
    message: "Accept must name application/json and text/event-stream",
  });
}

async function initialize(context: Context, view: View, { id = null, params }: RpcMessage): Promise<Response> {
  if (typeof params.protocolVersion !== "string")
    return errorResponse(
      context,
      200,
      { code: RPC.invalidParams, message: "params.protocolVersion must be a text" },
      id,
    );
  const protocolVersion = negotiate(params.protocolVersion);
  const clientInfo = isObject(params.clientInfo) ? params.clientInfo : {};
  const sealed = await sealSession(context, view.data.scope, {
    protocolVersion,
    capabilities: capabilitiesIn(params.capabilities),
    clientInfo,
  });
  return jsonResponse(
    context,
    JSON.stringify({ jsonrpc: "2.0", id, result: initialized({ context, view }, protocolVersion) }),
    { headers: { "mcp-session-id": sealed } },
  );
}

/** The session a request names. @throws Refusal 400 without one or with a wrong version, 404 for one that is not valid. */
async function sessionOf(context: Context, request: Request, view: View): Promise<SealedSession> {
  const refuse = (message: string) => new Refusal(400, { code: RPC.invalidRequest, message });
  const sealed = request.headers.get("mcp-session-id");
  if (sealed === null) throw refuse("The Mcp-Session-Id header is required; begin with initialize");
  const version = request.headers.get("mcp-protocol-version");
  if (version !== null && !SESSION_VERSIONS.some((known) => known === version))
    throw refuse(`MCP-Protocol-Version ${version} is not supported; supported: ${SESSION_VERSIONS.join(", ")}`);
  return await openSession(context, view.data.scope, sealed);
}

function notified(context: Context, session: SealedSession, { method, params }: RpcMessage): Response {
  if (method === "notifications/cancelled" && params.requestId !== undefined) cancel(session.id, params.requestId);
  return accepted(context);
}

async function respond(
  context: Context,
  request: Request,
  view: View,
  session: SealedSession,
  message: RpcMessage,
): Promise<Response> {
  const { id = null } = message;
  try {
    const answer = await answerOf(context, request, view, session, message);
    if (answer === "cancelled") return accepted(context);
    return answer.kind === "error" ? errorResponse(context, 200, answer.error, id) : write(context, answer, id);
  } catch (thrown) {
    return failureResponse(context, thrown, id);
  }
}

/** The answer to a request, or that the client cancelled it. @throws GatewayError, Refusal. */
async function answerOf(
  context: Context,
  request: Request,
  view: View,
  session: SealedSession,
  { id = null, method, params }: RpcMessage,
): Promise<Answer | "cancelled"> {
  const flight = track(session.id, id, request.signal);
  if (!flight)
    throw new Refusal(400, { code: RPC.invalidRequest, message: "A request with this id is already under way" }, id);
  try {
    const answer = await Promise.race([
      dispatch({
        era: "session",
        id,
        method,
        params,
        session,
        headers: request.headers,
        view,
        context,
        get signal() {
          return flight.signal;
        },
        onCancel: (listener) => flight.onCancel(listener),
      }),
      flight.cancelled,
    ]);
    const streams = answer !== "cancelled" && answer.kind === "stream";
    return streams ? { kind: "stream", messages: flight.until(answer.messages) } : answer;
  } finally {
    flight.settle();
  }
}

/** Most messages in one batch. */
const MOST_MESSAGES = 100;

/** A batch, which 2025-03-26 has and later revisions do not: requests run at once, their answers come as an array. */
async function handleBatch(
  context: Context,
  request: Request,
  view: View,
  body: readonly JsonValue[],
): Promise<Response> {
  const refuse = (message: string) => new Refusal(400, { code: RPC.invalidRequest, message });
  const session = await sessionOf(context, request, view);
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
  session: SealedSession,
  value: JsonValue,
): Promise<string[]> {
  try {
    const incoming = readMessage(value);
    if (incoming.kind === "response") await deliverReply(context.env, session, incoming.id, incoming.message);
    if (incoming.kind === "notification") notified(context, session, incoming.message);
    if (incoming.kind !== "request") return [];
    const { id = null, method } = incoming.message;
    if (method === "initialize")
      throw new Refusal(400, { code: RPC.invalidRequest, message: "initialize can't be part of a batch" }, id);
    return await textsOf(context, await answerOf(context, request, view, session, incoming.message), id);
  } catch (thrown) {
    return [await failureResponse(context, thrown, null).text()];
  }
}

async function textsOf(context: Context, answer: Answer | "cancelled", id: JsonValue): Promise<string[]> {
  if (answer === "cancelled") return [];
  if (answer.kind === "error") return [await errorResponse(context, 200, answer.error, id).text()];
  return answer.kind === "stream" ? await Array.fromAsync(answer.messages) : [await responseText(answer)];
}

/** DELETE: the session is over, here at once and elsewhere within 10 s; so are its sessions upstream. */
export async function endSession(context: Context, request: Request, view: View): Promise<Response> {
  const session = await sessionOf(context, request, view);
  await revoke(context.store, session.id, session.expiresAt);
  if (view.data.upstreams.some((upstream) => upstream.sessionful))
    context.store.waitUntil(sessionObject(context.env, session.id).end());
  return new Response(null, { status: 204, headers: context.headers });
}
