// Calls a tool as a 2026-07-28 client would: one POST to the gateway's own /mcp, answered with JSON or a stream
// (basic/transports/streamable-http). Closing the stream is the cancel.
import { ApiError, fetchOrFail, onSignedOut } from "./api.ts";
import { isObject, type Schema } from "./parts/schema/schema.ts";
import { eventsOf } from "./sse.ts";

const VERSION = "2026-07-28";
const ENDPOINT = "/mcp";

export type Progress = { progress: number; total: number | null; message: string | null };
export type RpcError = { code: number; message: string; data?: unknown };
/** A finished call. `message` is the JSON-RPC answer as it came. */
export type Answer = {
  message: Record<string, unknown>;
  result: Schema | null;
  error: RpcError | null;
  status: number;
  requestId: string | null;
  ms: number;
};
type Watch = { signal: AbortSignal; onProgress: (progress: Progress) => void; onNotice: (notice: unknown) => void };

/** The request, also for showing it as curl. */
export function toolRequest(
  name: string,
  schema: Schema,
  args: Schema,
): { headers: Record<string, string>; body: Schema } {
  return {
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      "MCP-Protocol-Version": VERSION,
      "Mcp-Method": "tools/call",
      "Mcp-Name": headerValue(name),
      ...paramHeaders(schema, args),
    },
    body: {
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: {
        name,
        arguments: args,
        _meta: {
          "io.modelcontextprotocol/protocolVersion": VERSION,
          "io.modelcontextprotocol/clientInfo": { name: "causeway-dashboard", version: "1" },
          "io.modelcontextprotocol/clientCapabilities": {},
          progressToken: 1,
        },
      },
    },
  };
}

/** Runs a tool. Throws ApiError when no JSON-RPC answer came; the AbortError of `watch.signal` when cancelled. */
export async function callTool(name: string, schema: Schema, args: Schema, watch: Watch): Promise<Answer> {
  const { headers, body } = toolRequest(name, schema, args);
  const began = performance.now();
  const response = await fetchOrFail(ENDPOINT, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
    signal: watch.signal,
  });
  const requestId = response.headers.get("x-correlation-id");
  if (response.status === 401) onSignedOut.run();
  const streamed = response.headers.get("content-type")?.startsWith("text/event-stream") && response.body !== null;
  const message = streamed && response.body ? await readStream(response.body, watch) : await readJson(response);
  const { result, error } = message;
  return {
    message,
    result: isObject(result) ? result : null,
    error: isObject(error) ? { code: Number(error.code), message: String(error.message), data: error.data } : null,
    status: response.status,
    requestId,
    ms: performance.now() - began,
  };
}

async function readJson(response: Response): Promise<Schema> {
  const text = await response.text();
  try {
    const message: unknown = JSON.parse(text);
    if (isObject(message) && ("result" in message || isObject(message.error))) return message;
    if (isObject(message)) throw new ApiError(response.status, message, response.headers);
  } catch (error) {
    if (error instanceof ApiError) throw error;
  }
  const detail = "The answer was not a JSON-RPC message";
  throw new ApiError(response.status, { detail, code: "not_json" }, response.headers);
}

/** Reads server-sent events until the answer; notifications on the way go to `watch`. */
async function readStream(body: ReadableStream<Uint8Array>, watch: Watch): Promise<Schema> {
  for await (const { data } of eventsOf(body)) {
    const message: unknown = JSON.parse(data);
    if (!isObject(message)) continue;
    if ("result" in message || "error" in message) return message;
    notice(message, watch);
  }
  throw new ApiError(0, { detail: "The stream ended before the answer came", code: "no_answer" });
}

function notice(message: Schema, watch: Watch): void {
  const params = isObject(message.params) ? message.params : {};
  if (message.method !== "notifications/progress") watch.onNotice(message);
  else
    watch.onProgress({
      progress: Number(params.progress),
      total: typeof params.total === "number" ? params.total : null,
      message: typeof params.message === "string" ? params.message : null,
    });
}

/** Text as a header value: plain ASCII as it is, anything else inside the base64 sentinel. */
function headerValue(text: string): string {
  if (/^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/.test(text) && !text.startsWith("=?base64?")) return text;
  return `=?base64?${btoa(String.fromCharCode(...new TextEncoder().encode(text)))}?=`;
}

/** The headers a schema asks to mirror arguments in (`x-mcp-header`); absent and null arguments have none. */
function paramHeaders(schema: unknown, args: unknown): Record<string, string> {
  const found: Record<string, string> = {};
  if (!isObject(schema) || !isObject(schema.properties) || !isObject(args)) return found;
  for (const [key, property] of Object.entries(schema.properties)) {
    const value = args[key];
    if (!isObject(property) || value === undefined || value === null) continue;
    const name = property["x-mcp-header"];
    if (typeof name === "string" && typeof value !== "object") found[`Mcp-Param-${name}`] = headerValue(String(value));
    Object.assign(found, paramHeaders(property, value));
  }
  return found;
}
