// MCP 2026-07-28 as clients speak it: one POST, one answer or stream (basic/transports/streamable-http). The envelope
// and its mirrors in the headers are checked in the order of the revision, before anything is done.
import type { View } from "../catalog/view.ts";
import type { Context } from "../context.ts";
import { dispatch, hasMethod } from "../gateway/dispatch.ts";
import { startTiming } from "../gateway/exchange.ts";
import { SUPPORTED_VERSIONS } from "../gateway/handshake.ts";
import { isObject, type JsonValue } from "../lib/json.ts";
import { MODERN_VERSION, NAMED_BY, PROTOCOL_META, RPC } from "../lib/mcp.ts";
import { decodeHeaderValue } from "../lib/param-headers.ts";
import { write } from "./answer.ts";
import { accepted, errorResponse, failureResponse, Refusal, type RpcMessage, readMessage } from "./json-rpc.ts";

/** HTTP statuses that errors of this revision have; all others are in-band. */
const STATUS: Readonly<Record<number, number>> = {
  [RPC.methodNotFound]: 404,
  [RPC.headerMismatch]: 400,
  [RPC.missingClientCapability]: 400,
  [RPC.unsupportedVersion]: 400,
};

export async function handleModern(context: Context, request: Request, view: View, body: JsonValue): Promise<Response> {
  const incoming = readMessage(body);
  if (incoming.kind === "response")
    throw new Refusal(
      400,
      { code: RPC.invalidRequest, message: "Responses are not accepted in this revision" },
      incoming.id,
    );
  if (incoming.kind === "notification") return accepted(context);

  const { message } = incoming;
  const id = message.id ?? null;
  requireEnvelope(message, request.headers, id);
  if (!hasMethod("modern", message.method, view))
    return errorResponse(
      context,
      404,
      { code: RPC.methodNotFound, message: `Method not found: ${message.method}` },
      id,
    );
  requireMirrors(message, request.headers, id);

  try {
    const { method, params } = message;
    const exchange = {
      era: "modern",
      id,
      method,
      params,
      headers: request.headers,
      view,
      context,
      timing: startTiming(),
      signal: request.signal,
    } as const;
    const answer = await dispatch(exchange);
    if (answer.kind === "error") return errorResponse(context, STATUS[answer.error.code] ?? 200, answer.error, id);
    return write(context, answer, id);
  } catch (thrown) {
    return failureResponse(context, thrown, id);
  }
}

const mismatch = (what: string, id: JsonValue) => new Refusal(400, { code: RPC.headerMismatch, message: what }, id);

/** Version, then required `_meta`, as basic/versioning orders them. @throws Refusal 400. */
function requireEnvelope({ params }: RpcMessage, headers: Headers, id: JsonValue): void {
  const meta = isObject(params._meta) ? params._meta : {};
  const version = meta[PROTOCOL_META.protocolVersion];
  const header = headers.get("mcp-protocol-version");
  if (version === undefined)
    throw new Refusal(
      400,
      { code: RPC.invalidParams, message: `params._meta["${PROTOCOL_META.protocolVersion}"] is required` },
      id,
    );
  if (header === null) throw mismatch("The MCP-Protocol-Version header is required", id);
  if (header.trim() !== version) throw mismatch("MCP-Protocol-Version differs from the version in params._meta", id);
  if (version !== MODERN_VERSION) {
    const data = { supported: [...SUPPORTED_VERSIONS], requested: version };
    throw new Refusal(400, { code: RPC.unsupportedVersion, message: "Unsupported protocol version", data }, id);
  }
  if (!isObject(meta[PROTOCOL_META.clientCapabilities])) {
    throw new Refusal(
      400,
      { code: RPC.invalidParams, message: `params._meta["${PROTOCOL_META.clientCapabilities}"] is required` },
      id,
    );
  }
}

/** `Mcp-Method` and `Mcp-Name` must say what the body says. @throws Refusal 400 -32020. */
function requireMirrors({ method, params }: RpcMessage, headers: Headers, id: JsonValue): void {
  const said = headers.get("mcp-method");
  if (said === null) throw mismatch("The Mcp-Method header is required", id);
  if (said.trim() !== method) throw mismatch("Mcp-Method differs from the method", id);
  const field = NAMED_BY[method];
  if (field === undefined) return;
  const value = params[field];
  const header = headers.get("mcp-name");
  if (header === null) throw mismatch("The Mcp-Name header is required", id);
  const name = decodeHeaderValue(header.trim());
  if (name === undefined) throw mismatch("Mcp-Name is not correctly encoded", id);
  if (typeof value === "string" && name !== value) throw mismatch(`Mcp-Name differs from params.${field}`, id);
}
