// REST tools: an HTTP request made from a tool call's arguments (rest-request.ts), its answer made into a tool result.
import type { RestCall } from "../db/tables/catalog.ts";
import type { Config } from "../env.ts";
import { asGatewayError, GatewayError } from "../errors.ts";
import { isObject, JsonError, type JsonObject, type JsonValue, parseStrict } from "../lib/json.ts";
import { type Keys, present } from "./credentials.ts";
import { filtered } from "./response-filter.ts";
import { requestFor } from "./rest-request.ts";
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
    const reply = await ask(tool, args, around);
    const text = await reply.text();
    return reply.ok ? await success(tool, reply, text) : failure(reply, text);
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
  const { url: address, headers: own, body } = await requestFor(tool, args);
  const { url, headers } = await present({ ...tool, url: address, sealed }, keys);
  return await outbound.fetch(url, {
    method,
    headers: { accept: "application/json, text/*;q=0.9, */*;q=0.1", ...own, ...headers },
    ...(body === undefined ? {} : { body }),
    timeout: timeoutMs,
    signal,
  });
}

async function success({ filter }: RestTool, reply: Reply, text: string): Promise<JsonObject> {
  if (reply.status === 204 || text === "")
    return { content: [{ type: "text", text: "Request completed successfully (No Content)" }] };
  if (filter) return asResult(await filtered(filter, plain(text)));
  if (!reply.type.includes("json")) return { content: [{ type: "text", text }] };
  const value = parsed(text);
  return { content: [{ type: "text", text }], ...(isObject(value) ? { structuredContent: value } : {}) };
}

const asResult = (value: JsonValue): JsonObject => ({
  content: [{ type: "text", text: typeof value === "string" ? value : JSON.stringify(value) }],
  ...(isObject(value) ? { structuredContent: value } : {}),
});

/** JSON as expressions take it. @throws GatewayError `upstream_nonsense`. */
function plain(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (cause) {
    throw new GatewayError("upstream_nonsense", "The answer is not JSON, and the tool has a filter", { cause });
  }
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
