// REST tools: an HTTP request made from a tool call's arguments, its answer made into a tool result.
// ContextForge's rules: `{param}` in the URL, the other arguments as query of GET and DELETE, as JSON body else.
import type { RestCall } from "../db/tables/catalog.ts";
import type { Config } from "../env.ts";
import { asGatewayError, GatewayError } from "../errors.ts";
import { isObject, JsonError, type JsonObject, type JsonValue, parseStrict, scalarText } from "../lib/json.ts";
import { type Keys, present } from "./credentials.ts";
import type { Outbound, Reply } from "./safe-fetch.ts";
import { shownUrl } from "./upstream.ts";

const EXCERPT = 2_000;

/** A REST tool to call. */
export interface RestTool extends RestCall {
  readonly id: string;
  readonly name: string;
}

/** What a call needs of the request it works for. */
export interface RestSurroundings extends Keys, Pick<Config, "toolTimeout"> {
  readonly outbound: Outbound;
  readonly signal: AbortSignal;
}

/**
 * Calls a REST tool. An HTTP refusal is a tool result with `isError`, so that the model can react to it.
 * @throws GatewayError naming the tool when the address can't be reached or an argument of the URL is missing.
 */
export async function callRest(tool: RestTool, args: JsonObject, around: RestSurroundings): Promise<JsonObject> {
  try {
    const reply = await ask(tool, { ...args }, around);
    const text = await reply.text();
    return reply.ok ? success(reply, text) : failure(reply, text);
  } catch (error) {
    throw asGatewayError(error).with({ upstream: tool.name, url: shownUrl(tool.url), stage: "call" });
  }
}

async function ask(
  tool: RestTool,
  args: JsonObject,
  { outbound, toolTimeout, signal, ...keys }: RestSurroundings,
): Promise<Reply> {
  const { method, timeoutMs = toolTimeout, sealed = null } = tool;
  const inQuery = method === "GET" || method === "DELETE";
  const { headers } = await present({ ...tool, sealed }, keys);
  const url = new URL(fillIn(tool.url, args));
  if (inQuery) for (const [key, value] of Object.entries(args)) addQuery(url, key, value);
  return await outbound.fetch(url.href, {
    method,
    headers: {
      accept: "application/json, text/*;q=0.9, */*;q=0.1",
      ...(inQuery ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(inQuery ? {} : { body: JSON.stringify(args) }),
    timeout: timeoutMs,
    signal,
  });
}

/** Puts `{param}` arguments into path and query, encoded, and takes them out of `args`. */
function fillIn(template: string, args: JsonObject): string {
  const [, path = "", query = ""] = /^([^?#]*)(.*)$/s.exec(template) ?? [];
  const taken = new Set<string>();
  const fill = (text: string) =>
    text.replace(PARAMETER, (_, name: string) => {
      const value = scalarText(args[name]);
      if (value === undefined) throw refused(name, "is needed for the tool's URL");
      taken.add(name);
      return encodeURIComponent(value);
    });
  const filled = `${path
    .split("/")
    .map((segment) => fillSegment(segment, fill))
    .join("/")}${fill(query)}`;
  for (const name of taken) delete args[name];
  return filled;
}

const PARAMETER = /\{([A-Za-z0-9_.-]+)\}/g;

/** A segment with its parameters must stay one: empty ones and dots would lead elsewhere. */
function fillSegment(segment: string, fill: (text: string) => string): string {
  const filled = fill(segment);
  const [, name] = segment.matchAll(PARAMETER).next().value ?? [];
  if (name !== undefined && /^\.{0,2}$/.test(filled)) throw refused(name, `can't be "${filled}" in the tool's path`);
  return filled;
}

const refused = (field: string, why: string) =>
  new GatewayError("invalid_params", `Argument ${field} ${why}`, { details: { field } });

function addQuery(url: URL, key: string, value: JsonValue | undefined): void {
  if (value === undefined || value === null || url.searchParams.has(key)) return;
  const values = Array.isArray(value) ? value : [value];
  for (const one of values) url.searchParams.append(key, scalarText(one) ?? JSON.stringify(one));
}

function success(reply: Reply, text: string): JsonObject {
  if (reply.status === 204 || text === "")
    return { content: [{ type: "text", text: "Request completed successfully (No Content)" }] };
  if (!reply.type.includes("json")) return { content: [{ type: "text", text }] };
  const value = parsed(text);
  return { content: [{ type: "text", text }], ...(isObject(value) ? { structuredContent: value } : {}) };
}

const parsed = (text: string): JsonValue | undefined => {
  try {
    return parseStrict(text);
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
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
