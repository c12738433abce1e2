// MCP 2025-03-26 … 2025-11-25 as clients speak it: POST of messages, DELETE of the session (basic/lifecycle and
// basic/transports). A client that hangs up has not cancelled; notifications/cancelled does.
import { revoke } from "../catalog/stamp.ts";
import type { View } from "../catalog/view.ts";
import type { Context } from "../context.ts";
import { deliverReply } from "../gateway/client-requests.ts";
import type { ClientSession } from "../gateway/exchange.ts";
import { capabilitiesIn, initialized, negotiate } from "../gateway/handshake.ts";
import { isObject, type JsonValue } from "../lib/json.ts";
import { RPC, SESSION_VERSIONS } from "../lib/mcp.ts";
import { sessionObject } from "../upstream/sessions.ts";
import { untilFailure, write } from "./answer.ts";
import { handleBatch } from "./batch.ts";
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
import { writeKept } from "./kept-answer.ts";
import { openSession, sealSession } from "./session-id.ts";
import { notified, SessionRequest } from "./session-request.ts";

export async function handleSession(
  context: Context,
  request: Request,
  view: View,
  body: JsonValue,
): Promise<Response> {
  if (Array.isArray(body)) {
    requireAccept(request.headers);
    return await handleBatch(context, request, view, await sessionOf(context, request, view), body);
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
  if (incoming.kind === "notification") {
    notified({ context, view, session }, incoming.message);
    return accepted(context);
  }
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
export async function sessionOf(context: Context, request: Request, view: View): Promise<ClientSession> {
  const refuse = (message: string) => new Refusal(400, { code: RPC.invalidRequest, message });
  const sealed = request.headers.get("mcp-session-id");
  if (sealed === null) throw refuse("The Mcp-Session-Id header is required; begin with initialize");
  const version = request.headers.get("mcp-protocol-version");
  if (version !== null && !SESSION_VERSIONS.some((known) => known === version))
    throw refuse(`MCP-Protocol-Version ${version} is not supported; supported: ${SESSION_VERSIONS.join(", ")}`);
  return await openSession(context, view.data.scope, sealed);
}

async function respond(
  context: Context,
  request: Request,
  view: View,
  session: ClientSession,
  message: RpcMessage,
): Promise<Response> {
  const { id = null } = message;
  try {
    const around = { context, view, session, headers: request.headers };
    const exchange = new SessionRequest(around, message, { mayBegin: true });
    const answer = await exchange.answer();
    if (answer === "cancelled") return accepted(context);
    if (answer.kind === "error") return errorResponse(context, 200, answer.error, id);
    return answer.kind === "stream"
      ? writeKept(exchange, untilFailure(context, answer.messages, id))
      : write(context, answer, id);
  } catch (thrown) {
    return failureResponse(context, thrown, id);
  }
}

/** DELETE: the session is over, here at once and elsewhere within 10 s; so are its sessions upstream. */
export async function endSession(context: Context, request: Request, view: View): Promise<Response> {
  const session = await sessionOf(context, request, view);
  await revoke(context.store, session.id, session.expiresAt);
  if (view.data.upstreams.some((upstream) => upstream.sessionful))
    context.store.waitUntil(sessionObject(context.env, session.id).end());
  return new Response(null, { status: 204, headers: context.headers });
}
