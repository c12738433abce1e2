// Decides once which codec a request is for. A body whose `_meta` or a header that names 2026-07-28 is modern, even when
// it is malformed, so that it gets that revision's errors; everything else is the session era's.
import { isObject, type JsonValue } from "../lib/json.ts";
import { MODERN_VERSION, PROTOCOL_META, SESSION_VERSIONS } from "../lib/mcp.ts";

/** The era of a POST to an MCP endpoint. */
export function classify(body: JsonValue, headers: Headers): "modern" | "session" {
  if (
    isObject(body) &&
    isObject(body.params) &&
    isObject(body.params._meta) &&
    body.params._meta[PROTOCOL_META.protocolVersion] !== undefined
  )
    return "modern";
  const version = headers.get("mcp-protocol-version");
  if (version === null) return "session";
  if (version === MODERN_VERSION) return "modern";
  const known = SESSION_VERSIONS.some((session) => session === version);
  return !known && headers.has("mcp-method") ? "modern" : "session";
}
