// The canonical exchange: one MCP request with all that belongs to it, whatever era it came in, and the answers that
// methods give. Codecs (downstream/) make exchanges and write answers; methods (this folder) know no HTTP.
import type { View } from "../catalog/view.ts";
import type { Context } from "../context.ts";
import { GatewayError } from "../errors.ts";
import type { JsonObject, JsonValue } from "../lib/json.ts";
import { RPC } from "../lib/mcp.ts";
import type { AskableClient, RpcError, Answer as UpstreamAnswer } from "../upstream/upstream.ts";

/** A client's session: the facts its sealed id carries (downstream/session-id.ts). */
export interface ClientSession {
  readonly id: string;
  readonly protocolVersion: string;
  readonly capabilities: JsonObject;
  readonly clientInfo: JsonObject;
  /** When its id is void: seconds since 1970. */
  readonly expiresAt: number;
}

/** When an exchange began (milliseconds since 1970), and how long it has waited for upstreams since. */
export interface Timing {
  readonly began: number;
  upstream: number;
}

export const startTiming = (): Timing => ({ began: Date.now(), upstream: 0 });

/** One request. `headers` are the client's, for what the transport mirrors in them. */
export interface Exchange {
  readonly era: "modern" | "session";
  readonly id: JsonValue;
  readonly method: string;
  readonly params: JsonObject;
  readonly session?: ClientSession;
  readonly headers: Headers;
  readonly view: View;
  readonly context: Context;
  readonly timing: Timing;
  /** The client, where it can be asked something meanwhile. Read it only to use it. */
  readonly client?: AskableClient;
  /** Aborts when the client no longer wants the answer. Read it only to use it: some are made on first use. */
  readonly signal: AbortSignal;
  /** To be called when the answer takes its time, so that the client hears that it is on its way. */
  readonly onSlow?: (() => void) | undefined;
  /** Calls back when a session client cancels; hanging up is no cancellation there. */
  onCancel?(listener: () => void): void;
}

/** An answer in the client's era: a JSON-RPC response as text or unread bytes, a stream of messages, or an error. */
export type Answer = Exclude<UpstreamAnswer, { kind: "result" }>;

/** A method of MCP. */
export type Method = (exchange: Exchange) => Answer | Promise<Answer>;

/** A response with the text of a result. */
export const respond = (exchange: Pick<Exchange, "id">, result: string): Answer => ({
  kind: "message",
  text: `{"jsonrpc":"2.0","id":${JSON.stringify(exchange.id)},"result":${result}}`,
});

/** A response with a result made here, complete in the client's era. */
export const complete = (exchange: Exchange, result: JsonObject): Answer =>
  respond(exchange, JSON.stringify(exchange.era === "modern" ? { resultType: "complete", ...result } : result));

/** An error in the protocol's own terms. */
export const refuse = (code: number, message: string, data?: JsonValue): Answer => ({
  kind: "error",
  error: { code, message, ...(data === undefined ? {} : { data }) },
});

export const invalidParams = (message: string): Answer => refuse(RPC.invalidParams, message);

/** A failure of ours as a JSON-RPC error: its message, and what may be told beside it. */
export function rpcErrorOf(failure: GatewayError, requestId: string): RpcError {
  return {
    code: failure.rpcCode,
    message: failure.message,
    data: { code: failure.code, request_id: requestId, ...failure.details } as JsonObject,
  };
}

/** A text param that must be there. @throws GatewayError `invalid_params`. */
export function textParam(params: JsonObject, name: string): string {
  const value = params[name];
  if (typeof value === "string" && value !== "") return value;
  throw new GatewayError("invalid_params", `params.${name} must be a text`, { details: { field: name } });
}
