// REST tools: an HTTP request made from a tool call's arguments, its answer made into a tool result.
// ContextForge's rules (rest of the world: `{param}` in the URL, query for GET and DELETE, JSON body else).
import type { RestCall } from "../db/tables/catalog.ts";
import { GatewayError } from "../errors.ts";
import { isObject, type JsonObject, type JsonValue, scalarText } from "../lib/json.ts";
import type { Outbound, Reply } from "./safe-fetch.ts";

const EXCERPT = 2_000;

/**
 * Calls a REST tool. An HTTP refusal is a tool result with `isError`, so that the model can react to it.
 * @throws GatewayError when the address can't be reached or an argument of the URL is missing.
 */
export async function callRest(call: RestCall, args: JsonObject, outbound: Outbound, timeout: number, signal: AbortSignal): Promise<JsonObject> {
  const rest = { ...args };
  const url = new URL(fillPath(call.url, rest));
  const inQuery = call.method === "GET" || call.method === "DELETE";
  if (inQuery) for (const [key, value] of Object.entries(rest)) addQuery(url, key, value);
  const reply = await outbound.fetch(url.href, {
    method: call.method,
    headers: { accept: "application/json, text/*;q=0.9, */*;q=0.1", ...(inQuery ? {} : { "content-type": "application/json" }), ...call.headers },
    ...(inQuery ? {} : { body: JSON.stringify(rest) }),
    timeout: call.timeoutMs ?? timeout,
    signal,
  });
  const text = await reply.text();
  return reply.ok ? success(reply, text) : failure(reply, text);
}

/** Puts `{param}` arguments into the path, one segment each, and takes them out of `args`. */
function fillPath(template: string, args: JsonObject): string {
  return template.replace(/\{([A-Za-z0-9_.-]+)\}/g, (_, name: string) => {
    const value = scalarText(args[name]);
    if (value === undefined) {
      throw new GatewayError("invalid_params", `Argument ${name} is needed for the tool's URL`, { details: { field: name } });
    }
    delete args[name];
    const segment = encodeURIComponent(value);
    if (segment === "." || segment === ".." || segment === "") {
      throw new GatewayError("invalid_params", `Argument ${name} can't be "${value}" in the tool's URL`, { details: { field: name } });
    }
    return segment;
  });
}

function addQuery(url: URL, key: string, value: JsonValue | undefined): void {
  if (value === undefined || value === null || url.searchParams.has(key)) return;
  const values = Array.isArray(value) ? value : [value];
  for (const one of values) url.searchParams.append(key, scalarText(one) ?? JSON.stringify(one));
}

function success(reply: Reply, text: string): JsonObject {
  if (reply.status === 204 || text === "") return { content: [{ type: "text", text: "Request completed successfully (No Content)" }] };
  if (!reply.type.includes("json")) return { content: [{ type: "text", text }] };
  const value = parsed(text);
  return { content: [{ type: "text", text }], ...(isObject(value) ? { structuredContent: value } : {}) };
}

const parsed = (text: string): JsonValue | undefined => {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
};

function failure(reply: Reply, text: string): JsonObject {
  const excerpt = text.length > EXCERPT ? `${text.slice(0, EXCERPT)} … (${text.length} characters)` : text;
  return {
    content: [{ type: "text", text: `The REST API answered ${reply.status}${excerpt ? `: ${excerpt}` : ""}` }],
    structuredContent: { status_code: reply.status },
    isError: true,
  };
}
