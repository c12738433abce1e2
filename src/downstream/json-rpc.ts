// JSON-RPC at the door (JSON-RPC 2.0; MCP basic): reading bodies without trusting them, and writing answers. Status and
// code of everything that can be wrong with a message are decided here, the same for every endpoint.
import type { Context } from "../context.ts";
import { asGatewayError, toldInLog } from "../errors.ts";
import { rpcErrorOf } from "../gateway/exchange.ts";
import { readText } from "../lib/body.ts";
import { isObject, JsonError, type JsonObject, type JsonValue, parseStrict } from "../lib/json.ts";
import { isRequestId, RPC } from "../lib/mcp.ts";
import { countDenial } from "../observability/counts.ts";
import type { RpcError } from "../upstream/upstream.ts";

/** A message that the door refuses: answered with this HTTP status, error and the id, if there was one. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly error: RpcError;
  readonly id: JsonValue;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, error: RpcError, id: JsonValue = null, headers: Record<string, string> = {}) {
    super(error.message);
    this.status = status;
    this.error = error;
    this.id = id;
    this.headers = headers;
  }
}

const refused = (status: number, code: number, message: string, id?: JsonValue) =>
  new Refusal(status, { code, message }, id);

/**
 * The JSON of a request's body.
 * @throws Refusal 415 wrong content type, 413 too large, 400 not JSON (-32700), ambiguous or too deep (-32600).
 */
export async function readBody(request: Request, maxBytes: number): Promise<JsonValue> {
  return parseBody(await readBodyText(request, maxBytes));
}

/** The text of a request's body. @throws Refusal 415 wrong content type, 413 too large. */
export async function readBodyText(request: Request, maxBytes: number): Promise<string> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw refused(415, RPC.invalidRequest, "Content-Type must be application/json");
  const text = await readText(request, maxBytes);
  if (text === undefined) throw refused(413, RPC.invalidRequest, `The body is larger than ${maxBytes} bytes`);
  return text;
}

/** The JSON of a message as it came. @throws Refusal 400 not JSON (-32700), ambiguous or too deep (-32600). */
export function parseBody(text: string): JsonValue {
  try {
    return parseStrict(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw error.reason === "syntax"
      ? refused(400, RPC.parse, "The body is not JSON")
      : refused(400, RPC.invalidRequest, error.message);
  }
}

/** A request or notification; a notification has no id. */
export interface RpcMessage {
  readonly id?: JsonValue;
  readonly method: string;
  readonly params: JsonObject;
}

/** What a message is. */
export type Incoming =
  | { readonly kind: "request" | "notification"; readonly message: RpcMessage }
  | { readonly kind: "response"; readonly id: JsonValue; readonly message: JsonObject };

/** Reads one message. @throws Refusal 400 -32600 (or -32602 for params that are no object). */
export function readMessage(value: JsonValue): Incoming {
  if (!isObject(value)) throw refused(400, RPC.invalidRequest, "The body must be one JSON-RPC message");
  const id = value.id !== undefined && isRequestId(value.id) ? value.id : null;
  if (value.jsonrpc !== "2.0") throw refused(400, RPC.invalidRequest, 'jsonrpc must be "2.0"', id);
  if (value.id !== undefined && id === null) throw refused(400, RPC.invalidRequest, "id must be a text or a number");
  if (value.method === undefined && (value.result !== undefined || value.error !== undefined))
    return { kind: "response", id, message: value };
  if (typeof value.method !== "string") throw refused(400, RPC.invalidRequest, "method must be a text", id);
  if (value.params !== undefined && !isObject(value.params))
    throw refused(400, RPC.invalidParams, "params must be an object", id);
  const message = { method: value.method, params: isObject(value.params) ? value.params : {} };
  return value.id === undefined ? { kind: "notification", message } : { kind: "request", message: { ...message, id } };
}

/** An error response. Its data name the request, unless an upstream put something there that has no room for it. */
export const errorResponse = (
  context: Context,
  status: number,
  error: RpcError,
  id: JsonValue,
  headers: Readonly<Record<string, string>> = {},
): Response => {
  const { data = {} } = error;
  const named = isObject(data) ? { ...error, data: { ...data, request_id: context.requestId } } : error;
  return jsonResponse(context, JSON.stringify({ jsonrpc: "2.0", id, error: named }), { status, headers });
};

/** A JSON answer with the headers every answer carries. */
export const jsonResponse = (
  context: Context,
  body: string | ReadableStream<Uint8Array>,
  { status = 200, headers = {} }: { status?: number; headers?: Readonly<Record<string, string>> } = {},
): Response =>
  new Response(body, {
    status,
    headers: { ...context.headers, "content-type": "application/json", "cache-control": "no-store", ...headers },
  });

/** The answer to what needs none: notifications and responses. */
export const accepted = (context: Context): Response => new Response(null, { status: 202, headers: context.headers });

/** Failures that are answered with their HTTP status in every era: they concern the request, not the method. */
const AT_THE_DOOR: ReadonlySet<string> = new Set([
  "unauthorized",
  "insufficient_scope",
  "forbidden",
  "foreign_origin",
  "not_found",
  "session_not_found",
  "method_not_allowed",
  "not_acceptable",
  "payload_too_large",
  "unsupported_media_type",
  "upgrade_required",
  "too_many_requests",
  "not_claimed",
  "schema_outdated",
  "unavailable",
  "misconfigured",
]);

/** Whatever was thrown, as an error response. Inside a request, failures of methods stay in-band: HTTP 200. */
export function failureResponse(context: Context, thrown: unknown, id: JsonValue): Response {
  if (thrown instanceof Refusal)
    return errorResponse(context, thrown.status, thrown.error, thrown.id ?? id, thrown.headers);
  const failure = asGatewayError(thrown);
  countDenial(context.store, context.caller.id, failure);
  if (failure.code === "internal")
    console.error({ event: "internal error", request_id: context.requestId, cause: toldInLog(failure.cause) });
  const status = AT_THE_DOOR.has(failure.code) ? failure.status : 200;
  return errorResponse(context, status, rpcErrorOf(failure, context.requestId), id, failure.headers);
}
