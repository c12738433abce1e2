// MCP 2025-03-26 … 2025-11-25 as clients speak it: POST of messages, DELETE of the session (basic/lifecycle and
// basic/transports). A client that hangs up has not cancelled; notifications/cancelled does.
import { revoke } from "../catalog/stamp.ts";
import type { View } from "../catalog/view.ts";
import type { Context } from "../context.ts";
import { deliverReply } from "../gateway/client-requests.ts";
import { dispatch } from "../gateway/dispatch.ts";
import { capabilitiesIn, initialized, negotiate } from "../gateway/handshake.ts";
import { isObject, type JsonValue } from "../lib/json.ts";
import { RPC, SESSION_VERSIONS } from "../lib/mcp.ts";
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
  return await answer(context, request, view, session, incoming.message);
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

async function answer(
  context: Context,
  request: Request,
  view: View,
  session: SealedSession,
  message: RpcMessage,
): Promise<Response> {
  const { id = null, method, params } = message;
  const flight = track(session.id, id);
  if (!flight)
    return errorResponse(
      context,
      400,
      { code: RPC.invalidRequest, message: "A request with this id is already under way" },
      id,
    );
  try {
    const exchange = {
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
      onCancel: (listener: () => void) => flight.onCancel(listener),
    } as const;
    const answered = await Promise.race([dispatch(exchange), flight.cancelled]);
    if (answered === "cancelled") return accepted(context);
    if (answered.kind === "error") return errorResponse(context, 200, answered.error, id);
    if (answered.kind !== "stream") return write(context, answered, id);
    return write(context, { kind: "stream", messages: flight.until(answered.messages) }, id);
  } catch (thrown) {
    return failureResponse(context, thrown, id);
  } finally {
    flight.settle();
  }
}

/** A batch, which 2025-03-26 has and later revisions do not: requests run at once, their answers come as an array. */
async function handleBatch(
  context: Context,
  request: Request,
  view: View,
  body: readonly JsonValue[],
): Promise<Response> {
  const session = await sessionOf(context, request, view);
  if (session.protocolVersion !== "2025-03-26")
    throw new Refusal(400, { code: RPC.invalidRequest, message: "Batches are not part of this protocol version" });
  if (body.length === 0) throw new Refusal(400, { code: RPC.invalidRequest, message: "The batch is empty" });
  const answers = await Promise.all(body.map((value) => handleOne(context, request, view, session, value)));
  const texts = answers.flat();
  if (texts.length === 0) return accepted(context);
  return jsonResponse(context, `[${texts.join(",")}]`);
}

async function handleOne(
  context: Context,
  request: Request,
  view: View,
  session: SealedSession,
  value: JsonValue,
): Promise<string[]> {
  try {
    const incoming = readMessage(value);
    if (incoming.kind === "response") {
      await deliverReply(context.env, session, incoming.id, incoming.message);
      return [];
    }
    if (incoming.kind === "notification") {
      notified(context, session, incoming.message);
      return [];
    }
    if (incoming.message.method === "initialize")
      throw new Refusal(
        400,
        { code: RPC.invalidRequest, message: "initialize can't be part of a batch" },
        incoming.message.id,
      );
    return await messagesIn(await answer(context, request, view, session, incoming.message));
  } catch (thrown) {
    return [await failureResponse(context, thrown, null).text()];
  }
}

/** The messages of an answer, notifications among them. */
async function messagesIn(response: Response): Promise<string[]> {
  if (response.status === 202) return [];
  const text = await response.text();
  if (!(response.headers.get("content-type") ?? "").startsWith("text/event-stream")) return [text];
  return text.split("\n\n").flatMap((block) => /^data: (.*)$/m.exec(block)?.[1] ?? []);
}

/** DELETE: the session is over, here at once and elsewhere within 10 s; so are its sessions upstream. */
export async function endSession(context: Context, request: Request, view: View): Promise<Response> {
  const session = await sessionOf(context, request, view);
  await revoke(context.store, session.id, session.expiresAt);
  if (view.data.upstreams.some((upstream) => upstream.sessionful))
    context.store.waitUntil(sessionObject(context.env, session.id).end());
  return new Response(null, { status: 204, headers: context.headers });
}
