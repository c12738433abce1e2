// MCP 2026-07-28 towards a server: stateless, one POST per request, one answer or stream
// (basic/transports/streamable-http, server/discover).

import { GatewayError } from "../errors.ts";
import { isObject, type JsonObject, type JsonValue } from "../lib/json.ts";
import { MODERN_VERSION, NAMED_BY, PROTOCOL_META, RPC } from "../lib/mcp.ts";
import { headerValue } from "../lib/param-headers.ts";
import { present } from "./credentials.ts";
import { RpcFailure, readAnswer, resultOf } from "./read-answer.ts";
import { isRepeatable } from "./repeatable.ts";
import type { Answer, Connector, Introduction, Surroundings, Target, UpstreamRequest } from "./upstream.ts";

async function send(target: Target, request: UpstreamRequest, around: Surroundings): Promise<Answer> {
  const { url, headers } = target.sealed === null ? { url: target.url, headers: {} } : await present(target, around);
  const name = request.params[NAMED_BY[request.method] ?? ""];
  const reply = await around.outbound.fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": MODERN_VERSION,
      "mcp-method": request.method,
      ...(typeof name === "string" ? { "mcp-name": headerValue(name) } : {}),
      ...request.paramHeaders,
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: request.id, method: request.method, params: request.params }),
    repeatable: isRepeatable({ id: request.id, method: request.method }),
    timeout: around.timeout,
    onSlow: around.onSlow,
    signal: around.signal,
  });
  const patience = request.method === "subscriptions/listen" ? undefined : around.timeout;
  return await readAnswer(reply, { id: request.id, mayStream: false, patience });
}

/** An answer to server/discover that names no versions: of a server which answers anything, whatever it is asked. */
export class NoDiscovery extends GatewayError {
  constructor() {
    super("upstream_nonsense", "The upstream answered server/discover, but named no versions it supports");
  }
}

async function introduce(target: Target, around: Surroundings): Promise<Introduction> {
  const result = await discover(target, around).catch((error: unknown) => {
    if (!supportedIn(error)?.includes(MODERN_VERSION)) throw error;
    return discover(target, around); // it refuses the version and offers it: once more, as it says
  });
  if (!Array.isArray(result.supportedVersions)) throw new NoDiscovery();
  const meta = isObject(result._meta) ? result._meta : {};
  const serverInfo = meta[PROTOCOL_META.serverInfo];
  return {
    protocolVersion: MODERN_VERSION,
    sessionful: false,
    capabilities: isObject(result.capabilities) ? result.capabilities : {},
    serverInfo: isObject(serverInfo) ? serverInfo : null,
    instructions: typeof result.instructions === "string" ? result.instructions : null,
  };
}

async function discover(target: Target, around: Surroundings): Promise<JsonObject> {
  const params = { _meta: ownMeta(around) };
  return await resultOf(await send(target, { id: "discover", method: "server/discover", params }, around));
}

/** The versions that a refusal of ours offers instead (2026-07-28 basic/versioning). */
export function supportedIn(error: unknown): readonly JsonValue[] | undefined {
  if (!(error instanceof RpcFailure) || error.error.code !== RPC.unsupportedVersion) return undefined;
  const { data } = error.error;
  return isObject(data) && Array.isArray(data.supported) ? data.supported : [];
}

/** The `_meta` of a request that is the gateway's own: no client stands behind it, so no capabilities. */
export const ownMeta = (around: Surroundings): JsonObject => ({
  [PROTOCOL_META.protocolVersion]: MODERN_VERSION,
  [PROTOCOL_META.clientInfo]: { ...around.clientInfo },
  [PROTOCOL_META.clientCapabilities]: {},
});

export const modern: Connector = { send, introduce };
