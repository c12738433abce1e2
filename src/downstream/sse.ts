// MCP 2024-11-05 as clients speak it (basic/transports, "HTTP with SSE"): a GET opens the event stream, whose first event
// names the address that takes the client's messages; every answer comes on the stream. A message reaches any isolate;
// the session's object brings it to the one that holds the stream.
import type { View } from "../catalog/view.ts";
import type { Context } from "../context.ts";
import { GatewayError } from "../errors.ts";
import { Mailbox } from "../gateway/mailbox.ts";
import { RPC } from "../lib/mcp.ts";
import type { SseEvent } from "../lib/sse.ts";
import { sessionObject } from "../upstream/sessions.ts";
import { streamResponse } from "./answer.ts";
import { Connection } from "./connection.ts";
import { accepted, Refusal, readBodyText } from "./json-rpc.ts";
import { openSession, sealSession } from "./session-id.ts";

const SESSION_PARAM = "session_id";

/** GET …/sse: the stream of a new session. */
export async function openSse(context: Context, request: Request, view: View): Promise<Response> {
  const { scope } = view.data;
  const facts = { protocolVersion: "2024-11-05", capabilities: {}, clientInfo: {} };
  const sealed = await sealSession(context, scope, facts);
  const session = await openSession(context, scope, sealed);
  const post = new Mailbox<SseEvent>();
  const connection = new Connection({
    context,
    view,
    headers: request.headers,
    session,
    fetched: true,
    send: (data) => post.put({ event: "message", data }),
    end: () => post.close(),
  });
  request.signal.addEventListener("abort", () => connection.close(), { once: true });
  const endpoint = `${new URL(request.url).pathname.replace(/\/sse\/?$/, "/message")}?${SESSION_PARAM}=${sealed}`;
  const ready = connection.begin();
  context.store.waitUntil(connection.run());
  return streamResponse(context, events(ready, endpoint, post), {}, () => connection.close());
}

/** The address is told when messages sent there will arrive. */
async function* events(ready: Promise<void>, endpoint: string, post: Mailbox<SseEvent>) {
  await ready;
  yield { event: "endpoint", data: endpoint };
  yield* post;
}

/** POST …/message: a message of a session that has its stream elsewhere. @throws GatewayError 404 when it has none. */
export async function takeMessage(context: Context, request: Request, view: View): Promise<Response> {
  const { searchParams } = new URL(request.url);
  const sealed = searchParams.get(SESSION_PARAM) ?? searchParams.get("sessionId");
  if (sealed === null)
    throw new Refusal(400, { code: RPC.invalidRequest, message: `The parameter ${SESSION_PARAM} is required` });
  const session = await openSession(context, view.data.scope, sealed);
  const text = await readBodyText(request, context.config.maxBodyBytes);
  if (await sessionObject(context.env, session.id).hand(text)) return accepted(context);
  throw new GatewayError("session_not_found", "Session not found; its event stream has ended");
}
