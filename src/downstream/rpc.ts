// JSON-RPC without a session, as ContextForge offers it at `/rpc`: methods of the session era, one request, one JSON
// answer with HTTP 200. `params.server_id` picks a virtual server; a method that is no method of MCP names a tool.
import type { View } from "../catalog/view.ts";
import type { Context } from "../context.ts";
import { dispatch, hasMethod } from "../gateway/dispatch.ts";
import { startTiming } from "../gateway/exchange.ts";
import { initialized, negotiate } from "../gateway/handshake.ts";
import { sightOf } from "../identity/caller.ts";
import { newId } from "../lib/ids.ts";
import type { JsonObject } from "../lib/json.ts";
import { RPC } from "../lib/mcp.ts";
import { responseText } from "../upstream/read-answer.ts";
import { viewFor } from "./endpoint.ts";
import {
  errorResponse,
  failureResponse,
  jsonResponse,
  Refusal,
  type RpcMessage,
  readBody,
  readMessage,
} from "./json-rpc.ts";

/** Serves a request to `/rpc`. Never throws. */
export async function handleRpc(context: Context, request: Request): Promise<Response> {
  try {
    if (request.method !== "POST")
      throw new Refusal(405, { code: RPC.invalidRequest, message: "Only POST is served here" }, null, {
        allow: "POST",
      });
    const body = await readBody(request, context.config.maxBodyBytes);
    const incoming = readMessage(body);
    if (incoming.kind === "response")
      throw new Refusal(400, { code: RPC.invalidRequest, message: "Responses are not accepted here" }, incoming.id);
    return await answer(context, request, incoming.message);
  } catch (thrown) {
    return failureResponse(context, thrown, null);
  }
}

async function answer(context: Context, request: Request, message: RpcMessage): Promise<Response> {
  const { id = newId() } = message;
  try {
    const { server_id: serverId, ...params } = message.params;
    const view = await viewFor(
      context,
      typeof serverId === "string" ? { serverId } : { sight: sightOf(context.caller) },
    );
    if (message.method === "initialize")
      return json(context, {
        jsonrpc: "2.0",
        id,
        result: initialized({ context, view }, negotiate(params.protocolVersion)),
      });
    if (message.method.startsWith("notifications/")) return json(context, { jsonrpc: "2.0", id, result: {} });
    const call = asCall(view, message.method, params);
    const exchange = {
      era: "session",
      id,
      ...call,
      headers: request.headers,
      view,
      context,
      timing: startTiming(),
      signal: request.signal,
    } as const;
    const answered = await dispatch(exchange);
    if (answered.kind === "error") return errorResponse(context, 200, answered.error, id);
    return jsonResponse(context, await responseText(answered));
  } catch (thrown) {
    return failureResponse(context, thrown, id);
  }
}

const json = (context: Context, value: JsonObject) => jsonResponse(context, JSON.stringify(value));

/** A method as the caller meant it: ContextForge takes the name of a tool as the method. */
function asCall(view: View, method: string, params: JsonObject): { method: string; params: JsonObject } {
  if (hasMethod("session", method, view) || !view.tools.has(method)) return { method, params };
  return { method: "tools/call", params: { name: method, arguments: params } };
}
