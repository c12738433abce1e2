// MCP answers written by hand, without any library: what a faulty server says where it is not faulty.
// Two eras: 2025-11-25 without a session, answered as JSON, and 2026-07-28. Three tools that repeat their arguments.

export type Era = "session" | "modern";

/** A JSON-RPC message as it came in. */
export interface Message {
  readonly method: string;
  /** Absent in a notification. */
  readonly id?: string | number;
  readonly params?: Readonly<Record<string, unknown>>;
}

/** A JSON-RPC answer, and the HTTP status it travels under. */
export interface Answer {
  readonly status: number;
  readonly message: {
    readonly jsonrpc: "2.0";
    readonly id: string | number | null;
    readonly result?: Readonly<Record<string, unknown>>;
    readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
  };
}

/** A tool of the name that takes a text. */
export const plainTool = (name: string): Record<string, unknown> => ({
  name,
  description: `The ${name} tool`,
  inputSchema: { type: "object", properties: { text: { type: "string" } } },
});

const serverInfo = { name: "plain", version: "1.0.0" };
const capabilities = { tools: { listChanged: true } };
const tools = ["first", "second", "third"].map(plainTool);
const content = (message: Message): object[] => [
  { type: "text", text: JSON.stringify(message.params?.arguments ?? {}) },
];

const SESSION: Record<string, (message: Message) => Record<string, unknown>> = {
  initialize: ({ params }) => ({ protocolVersion: params?.protocolVersion, capabilities, serverInfo }),
  ping: () => ({}),
  "tools/list": () => ({ tools }),
  "tools/call": (message) => ({ content: content(message) }),
};

const complete = { resultType: "complete", _meta: { "io.modelcontextprotocol/serverInfo": serverInfo } };
const uncached = { ttlMs: 0, cacheScope: "private" };
const MODERN: typeof SESSION = {
  "server/discover": () => ({ ...complete, ...uncached, supportedVersions: ["2026-07-28"], capabilities }),
  "tools/list": () => ({ ...complete, ...uncached, tools }),
  "tools/call": (message) => ({ ...complete, content: content(message) }),
};

/** The right answer to a request; none to a notification, which is accepted with 202. */
export function answerTo(message: Message, era: Era): Answer | undefined {
  if (message.id === undefined) return undefined;
  const result = (era === "modern" ? MODERN : SESSION)[message.method]?.(message);
  const envelope = { jsonrpc: "2.0", id: message.id } as const;
  if (result !== undefined) return { status: 200, message: { ...envelope, result } };
  if (era === "modern" && message.method === "initialize") {
    const data = { supported: ["2026-07-28"], requested: message.params?.protocolVersion };
    return {
      status: 400,
      message: { ...envelope, error: { code: -32022, message: "Unsupported protocol version", data } },
    };
  }
  const error = { code: -32601, message: `Method not found: ${message.method}` };
  return { status: era === "modern" ? 404 : 200, message: { ...envelope, error } };
}
