// MCP requests as bytes: bodies with the headers that belong to them, and answers taken apart. For tests that send what
// no SDK would send, or look at what no SDK shows.
import { request } from "node:http";
import { MODERN_VERSION, PROTOCOL_META } from "../src/lib/mcp.ts";

/** A POST to an MCP endpoint. */
export interface Wire {
  readonly headers: Record<string, string>;
  readonly body: string;
}

const JSON_HEADERS = { "content-type": "application/json", accept: "application/json, text/event-stream" } as const;
const NAMED: Readonly<Record<string, string>> = {
  "tools/call": "name",
  "prompts/get": "name",
  "resources/read": "uri",
  "tasks/get": "taskId",
  "tasks/update": "taskId",
  "tasks/cancel": "taskId",
};

/** The `_meta` that every request of 2026-07-28 carries. */
export const envelope = (capabilities: object = {}) => ({
  [PROTOCOL_META.protocolVersion]: MODERN_VERSION,
  [PROTOCOL_META.clientInfo]: { name: "wire", version: "1" },
  [PROTOCOL_META.clientCapabilities]: capabilities,
});

/** A request of 2026-07-28; `_meta` in `params` is added to the envelope. */
export function modern(id: unknown, method: string, params: Record<string, unknown> = {}): Wire {
  const named = params[NAMED[method] ?? ""];
  return {
    headers: {
      ...JSON_HEADERS,
      "mcp-protocol-version": MODERN_VERSION,
      "mcp-method": method,
      ...(typeof named === "string" ? { "mcp-name": named } : {}),
    },
    body: message(id, method, { ...params, _meta: { ...envelope(), ...(params._meta as object | undefined) } }),
  };
}

/** A request of the session era; `sessionId` absent: before initialize. */
export function session(
  id: unknown,
  method: string,
  params: Record<string, unknown> = {},
  sessionId?: string,
  version = "2025-11-25",
): Wire {
  const headers =
    sessionId === undefined
      ? JSON_HEADERS
      : { ...JSON_HEADERS, "mcp-session-id": sessionId, "mcp-protocol-version": version };
  return { headers, body: message(id, method, params) };
}

/** initialize, as a client of this revision that can do nothing, or what it says. */
export const initialize = (protocolVersion = "2025-11-25", id: unknown = 0, capabilities: object = {}): Wire =>
  session(id, "initialize", { protocolVersion, capabilities, clientInfo: { name: "wire", version: "1" } });

/** A JSON-RPC message; without an id, a notification. */
export const message = (id: unknown, method: string, params?: object): string =>
  JSON.stringify({ jsonrpc: "2.0", id, method, params });

/** The messages of an answer as JSON texts: the body itself, or the data of its events. */
export function messagesIn(contentType: string | null, text: string): string[] {
  if (!contentType?.startsWith("text/event-stream")) return text === "" ? [] : [text];
  return text
    .split("\n\n")
    .map((block) =>
      block
        .split("\n")
        .flatMap((line) => (line.startsWith("data: ") ? [line.slice(6)] : []))
        .join("\n"),
    )
    .filter((data) => data !== "");
}

/** What came back: the messages as JSON, `answer` the last of them. */
export interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly messages: readonly Message[];
  readonly answer: Message | undefined;
}

/** A JSON-RPC message, as far as tests look into it. */
export interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: Record<string, unknown> };
}

/** Waits for an answer's end and takes it apart. */
export async function receive(answering: Promise<Response>): Promise<Received> {
  const response = await answering;
  const text = await response.text();
  const messages = messagesIn(response.headers.get("content-type"), text).map((one) => JSON.parse(one) as Message);
  return { status: response.status, headers: response.headers, text, messages, answer: messages.at(-1) };
}

/** POSTs a message with more headers than it has by itself. */
export const send = (url: string, { headers, body }: Wire, more: Record<string, string> = {}): Promise<Received> =>
  receive(fetch(url, { method: "POST", headers: { ...headers, ...more }, body }));

/** POSTs a message on a connection of its own, which `now` resets; `begun` resolves with the answer's first byte. */
export function leavable(url: string, { headers, body }: Wire, more: Record<string, string> = {}) {
  const begun = Promise.withResolvers<void>();
  const sending = request(url, { method: "POST", headers: { ...headers, ...more }, agent: false }, (response) => {
    response.once("data", () => begun.resolve());
    response.on("error", () => {}); // the reset
  });
  sending.on("error", () => {});
  sending.end(body);
  // A client that only closes is noticed at the next write; a reset is noticed at once.
  return { begun: begun.promise, now: () => void sending.socket?.resetAndDestroy() };
}

/** A caller of one endpoint, in one era; a session is begun when that is what it takes. */
export async function callerOf(
  era: "session" | "modern",
  url: string,
  token: string,
  headers: Record<string, string> = {},
) {
  const more = { ...headers, authorization: `Bearer ${token}` };
  const begun = era === "session" ? await send(url, initialize(), more) : undefined;
  const sessionId = begun?.headers.get("mcp-session-id") ?? undefined;
  return (id: unknown, method: string, params: Record<string, unknown> = {}): Promise<Received> =>
    send(url, era === "modern" ? modern(id, method, params) : session(id, method, params, sessionId), more);
}
