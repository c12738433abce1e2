// What a server wants done in a browser before it takes a call: an error of 2025-11-25 (client/elicitation, "URL
// Elicitation Required Error"). A 2026-07-28 client is asked for it and calls again; who knows neither is told in words.
import { isObject, type JsonObject } from "../lib/json.ts";
import { RPC } from "../lib/mcp.ts";
import type { RpcError } from "../upstream/upstream.ts";
import { askableOf } from "./declared.ts";
import type { Exchange } from "./exchange.ts";
import { sealState } from "./request-state.ts";

/** Whether a response may hold such an error. */
export const maybeUrlRequired = (text: string): boolean => text.includes(String(RPC.urlElicitationRequired));

/** Whether this client knows the error. */
export const knowsUrlRequired = ({ era, session }: Exchange): boolean =>
  era === "session" && (session === undefined || session.protocolVersion === "2025-11-25");

/** What the client gets instead of such an error; undefined for other errors, and where it knows this one. */
export async function insteadOfUrlRequired(
  exchange: Exchange,
  upstreamId: string,
  error: RpcError,
): Promise<{ readonly result: JsonObject } | { readonly error: RpcError } | undefined> {
  if (error.code !== RPC.urlElicitationRequired || knowsUrlRequired(exchange)) return undefined;
  const wanted = elicitationsIn(error);
  const { elicitation } = askableOf(exchange) ?? {};
  if (wanted.length > 0 && isObject(elicitation) && isObject(elicitation.url)) {
    const inputRequests = Object.fromEntries(
      wanted.map((params, at) => [`g${at + 1}`, { method: "elicitation/create", params }]),
    );
    const requestState = await sealState(exchange, upstreamId, null);
    return { result: { resultType: "input_required", inputRequests, requestState } };
  }
  const words = [error.message, ...wanted.map(({ message, url }) => `${String(message)}: ${String(url)}`)].join("\n");
  if (exchange.method !== "tools/call") return { error: { code: RPC.internal, message: words } };
  const result = { content: [{ type: "text", text: words }], isError: true };
  return { result: exchange.era === "modern" ? { resultType: "complete", ...result } : result };
}

/** The elicitations that an error names, without the ids they have in the session era. */
function elicitationsIn({ data }: RpcError): JsonObject[] {
  const named = isObject(data) && Array.isArray(data.elicitations) ? data.elicitations : [];
  return named.flatMap((one) => {
    if (!isObject(one) || typeof one.url !== "string") return [];
    const { elicitationId: _id, ...params } = one;
    return [{ ...params, mode: "url", message: one.message ?? "" }];
  });
}
