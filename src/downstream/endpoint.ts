// An MCP endpoint of any era: who may use it, which codec serves it.

import type { View } from "../catalog/view.ts";
import type { Scope } from "../catalog/views.ts";
import type { Context } from "../context.ts";
import { asGatewayError, GatewayError } from "../errors.ts";
import { recordRefusal } from "../gateway/recording.ts";
import type { Caller } from "../identity/caller.ts";
import { MODERN_VERSION } from "../lib/mcp.ts";
import { permit, requireCaller } from "../policy/can.ts";
import { classify } from "./classify.ts";
import { handleGet } from "./get-stream.ts";
import { failureResponse, readBody } from "./json-rpc.ts";
import { handleModern } from "./modern.ts";
import { endSession, handleSession } from "./session.ts";
import { openSse, takeMessage } from "./sse.ts";
import { openWebSocket } from "./websocket.ts";

/** The transports, by the last part of their paths, and the methods they are served by. */
const TRANSPORTS = {
  mcp: { allow: ["GET", "POST", "DELETE"], serve: streamableHttp },
  sse: { allow: ["GET"], serve: openSse },
  message: { allow: ["POST"], serve: takeMessage },
  ws: { allow: ["GET"], serve: openWebSocket },
} as const;
type Serve = (context: Context, request: Request, view: View) => Response | Promise<Response>;
export type Transport = keyof typeof TRANSPORTS;

/** Serves a request to `/mcp`, `/sse`, `/message` or `/ws`, of a virtual server or of everything. Never throws. */
export async function handleMcp(
  context: Context,
  request: Request,
  transport: Transport,
  scope: Scope,
): Promise<Response> {
  const { allow, serve }: { allow: readonly string[]; serve: Serve } = TRANSPORTS[transport];
  try {
    const view = await viewFor(context, scope);
    if (!allow.includes(request.method)) throw notAllowed(request, allow);
    return await serve(context, request, view);
  } catch (thrown) {
    return failureResponse(context, thrown, null);
  }
}

const notAllowed = ({ method }: Request, allow: readonly string[]) =>
  new GatewayError("method_not_allowed", `${method} is not served here`, { headers: { allow: allow.join(", ") } });

/** Streamable HTTP, sessions and stateless on one URL: GET and DELETE are about a session. */
async function streamableHttp(context: Context, request: Request, view: View): Promise<Response> {
  if (request.method === "POST") {
    const body = await readBody(request, context.config.maxBodyBytes);
    return classify(body, request.headers) === "modern"
      ? await handleModern(context, request, view, body)
      : await handleSession(context, request, view, body);
  }
  if (request.headers.get("mcp-session-id") === null || isModern(request.headers))
    throw notAllowed(request, TRANSPORTS.mcp.allow);
  return request.method === "GET" ? await handleGet(context, request, view) : await endSession(context, request, view);
}

const isModern = (headers: Headers): boolean => headers.get("mcp-protocol-version") === MODERN_VERSION;

/** What ids of virtual servers look like; anything else is not worth a look. */
const SERVER_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** The view the caller may use. @throws GatewayError 401 without a credential where one is needed, 404 for what is hidden. */
export async function viewFor(context: Context, scope: Scope): Promise<View> {
  const possible = !("serverId" in scope) || SERVER_ID.test(scope.serverId);
  const view = possible ? await context.view(scope) : undefined;
  try {
    return admitted(context.caller, view);
  } catch (refusal) {
    recordRefusal(context, Date.now(), asGatewayError(refusal), view?.data.server?.id);
    throw refusal;
  }
}

function admitted(caller: Caller, view: View | undefined): View {
  if (!view?.data.server?.open) requireCaller(caller);
  if (!view) throw new GatewayError("not_found", "Server not found");
  permit(caller, "servers.use", "Server", view.target);
  return view;
}
