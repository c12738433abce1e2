// Crossing eras: what changes on an answer between the upstream's revision and the client's (MCP changelogs of
// 2025-06-18, 2025-11-25 and 2026-07-28), and URIs that are others here than there. An answer of the client's own era
// passes unread, unless it asks for input or its upstream shares URIs with another one.
import { isObject, type JsonObject, parseExact } from "../lib/json.ts";
import { PROTOCOL_META, RPC } from "../lib/mcp.ts";
import { wrappedContent } from "../lib/object-result.ts";
import { isResponse, responseText } from "../upstream/read-answer.ts";
import type { RpcError, Target, Answer as UpstreamAnswer } from "../upstream/upstream.ts";
import { type Answer, complete, type Exchange, respond } from "./exchange.ts";
import { wrapState } from "./request-state.ts";
import { messageForClients, uriForClients } from "./uris.ts";
import { insteadOfUrlRequired, knowsUrlRequired, maybeUrlRequired } from "./url-required.ts";

/** Brings an upstream's answer into the client's era. */
export async function bridge(exchange: Exchange, target: Target, answer: UpstreamAnswer): Promise<Answer> {
  if (answer.kind === "result") return complete(exchange, answer.result);
  if (answer.kind === "error") {
    const instead = await insteadOfUrlRequired(exchange, target.id, answer.error);
    if (instead && "result" in instead) return respond(exchange, JSON.stringify(instead.result));
    return { kind: "error", error: instead ? instead.error : refused(exchange, target, answer.error) };
  }
  const { view } = exchange;
  const inEra = rewriterOf(exchange, target, answer.kind);
  if (!inEra && !view.uris.rewrites(target.id)) return answer;
  const known = (text: string): string => messageForClients(view, target.id, text);
  const rewrite = async (text: string): Promise<string> => known(inEra ? await inEra(text) : text);
  if (answer.kind === "stream") return { kind: "stream", messages: rewritten(answer.messages, rewrite, known) };
  return { kind: "message", text: await rewrite(await responseText(answer)) };
}

function refused(exchange: Exchange, target: Target, error: RpcError): RpcError {
  const { data, ...rest } = bridgeError(exchange, target, error);
  return data === undefined ? rest : { ...rest, data: uriForClients(exchange.view, target.id, data) };
}

type Rewrite = (response: string) => string | Promise<string>;

/** How responses must be rewritten between these two eras; undefined when bytes may pass as they are. */
function rewriterOf(exchange: Exchange, target: Target, kind: UpstreamAnswer["kind"]): Rewrite | undefined {
  const modernUpstream = target.era === "modern" || target.era === "builtin";
  if (exchange.era === "session" && modernUpstream) return (text) => onResult(exchange, target, text, toSession);
  if (exchange.era === "session") {
    if (knowsUrlRequired(exchange) || kind === "body") return undefined; // what is large is no error
    return (text) => (maybeUrlRequired(text) ? onResult(exchange, target, text, (_exchange, result) => result) : text);
  }
  if (!modernUpstream) return (text) => onResult(exchange, target, text, toModern);
  return (text) =>
    text.includes('"input_required"') || maybeUrlRequired(text)
      ? onResult(exchange, target, text, (ex, result) => wrapState(ex, target.id, result))
      : text;
}

async function* rewritten(
  messages: AsyncGenerator<string, void, void>,
  response: Rewrite,
  other: (message: string) => string,
): AsyncGenerator<string, void, void> {
  for await (const text of messages) yield isResponse(text) ? await response(text) : other(text);
}

type OnResult = (exchange: Exchange, result: JsonObject) => JsonObject | RpcRefusal | Promise<JsonObject | RpcRefusal>;

/** An error to answer instead of a result. */
class RpcRefusal {
  readonly error: RpcError;
  constructor(error: RpcError) {
    this.error = error;
  }
}

async function onResult(exchange: Exchange, target: Target, text: string, change: OnResult): Promise<string> {
  const message = parseExact(text);
  if (!isObject(message)) return text;
  if (isObject(message.error)) {
    const { error, ...envelope } = message;
    const theirs = error as unknown as RpcError;
    const instead = await insteadOfUrlRequired(exchange, target.id, theirs);
    return JSON.stringify({ ...envelope, ...(instead ?? { error: bridgeError(exchange, target, theirs) }) });
  }
  if (!isObject(message.result)) return text;
  const changed = await change(exchange, message.result);
  const { result: _, ...envelope } = message;
  return JSON.stringify(
    changed instanceof RpcRefusal ? { ...envelope, error: changed.error } : { ...envelope, result: changed },
  );
}

/** A result of 2026-07-28 for a session client: its envelope fields are not known there. */
function toSession(exchange: Exchange, result: JsonObject): JsonObject | RpcRefusal {
  const { resultType = "complete", ttlMs: _ttl, cacheScope: _scope, ...rest } = result;
  if (resultType !== "complete") {
    return new RpcRefusal({
      code: RPC.internal,
      message: `The upstream answered with ${String(resultType)}, which this client's session can't carry`,
      data: { resultType },
    });
  }
  if (isObject(rest._meta)) {
    const { [PROTOCOL_META.serverInfo]: _info, ...meta } = rest._meta;
    if (Object.keys(meta).length > 0) rest._meta = meta;
    else delete rest._meta;
  }
  if (rest.structuredContent !== undefined && (isWrappedTool(exchange) || !isObject(rest.structuredContent)))
    rest.structuredContent = wrappedContent(rest.structuredContent);
  return rest;
}

const isWrappedTool = ({ method, params, view }: Exchange): boolean =>
  method === "tools/call" && view.tools.get(String(params.name))?.wrapped === true;

/** A result of the session era for a 2026-07-28 client: complete, and cacheable by nobody else. */
function toModern(exchange: Exchange, result: JsonObject): JsonObject {
  if (result.resultType === "input_required") return result; // asked for by the gateway itself (parking.ts)
  const caching: JsonObject = exchange.method === "resources/read" ? { ttlMs: 0, cacheScope: "private" } : {};
  return { ...result, resultType: "complete", ...caching };
}

const OF_OUR_HOP: readonly number[] = [RPC.headerMismatch, RPC.unsupportedVersion];

/** An upstream's error as the client's revision words it. What concerns our own hop is told as a failure of the upstream. */
function bridgeError(exchange: Exchange, target: Target, error: RpcError): RpcError {
  if (OF_OUR_HOP.includes(error.code)) {
    return {
      code: RPC.internal,
      message: `The upstream ${target.name} did not accept the gateway's request: ${error.message}`,
      data: { upstream: target.name },
    };
  }
  if (exchange.method !== "resources/read") return error;
  if (exchange.era === "modern" && error.code === RPC.resourceNotFound) return { ...error, code: RPC.invalidParams };
  if (exchange.era === "session" && target.era === "modern" && error.code === RPC.invalidParams)
    return { ...error, code: RPC.resourceNotFound };
  return error;
}
