// A server that shares every URI with others of its kind and says in all it gives who it is: for tests of many servers
// behind one URL. In the session era it keeps sessions. What it does not list it has nevertheless, under note://. It tells
// of updates when a test says so.
import { randomUUID } from "node:crypto";
import { EventEmitter, once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Era, Message } from "./plain-mcp.ts";
import { eventStream, type Heard, type Script, type Scripted, startScripted } from "./scripted.ts";

const UI = "io.modelcontextprotocol/ui";
const PAGE = "https://library.example/page";

/** URIs that every library has; `by/{id}` is a template, `unlisted` is in no list. */
export const SHARED = {
  note: "note://shared",
  app: "ui://app/main",
  page: PAGE,
  template: "note://by/{id}",
  byId: "note://by/7",
  unlisted: "note://unlisted",
  hidden: "ui://app/hidden",
} as const;

const link = (uri: string) => ({ type: "resource_link", uri, name: uri });
const embedded = (uri: string) => ({ type: "resource", resource: { uri, mimeType: "text/plain", text: uri } });

/** What a result holds: every kind of block with a URI in it, and what only looks like one. */
const blocks = [
  link(SHARED.note),
  link(SHARED.byId),
  link(SHARED.unlisted),
  link(PAGE),
  link("https://elsewhere.example/"),
  embedded(SHARED.note),
  { type: "text", text: `see ${SHARED.note}`, uri: SHARED.note },
];

const ui = (resourceUri: string) => ({
  ui: { resourceUri, visibility: ["model", "app"], "x-new": { csp: [resourceUri] } },
  "x/other": resourceUri,
});
const tool = (name: string, more: object = {}) => ({ name, inputSchema: { type: "object" }, ...more });
const TOOLS = [
  tool("find"),
  tool("show", { _meta: { ...ui(SHARED.app), "ui/resourceUri": SHARED.app } }),
  tool("show_hidden", { _meta: ui(SHARED.hidden) }),
  tool("touch"),
  tool("open", {
    inputSchema: { type: "object", properties: { uri: { type: "string", "x-mcp-header": "Uri" }, more: {} } },
  }),
];

export interface Library extends Scripted {
  /** Tells of an update on every stream for which it was asked. */
  update(uri: string): void;
  /** Resolves when somebody listens who asked for updates of a resource. */
  hearing(uri: string): Promise<void>;
}

/** Streams on which it is listened to, with what was asked for: per stream, or per session. */
class Ears {
  readonly #streams = new Map<(...messages: object[]) => void, ReadonlySet<string>>();
  readonly #sessions = new Map<unknown, Set<string>>();
  readonly #changes = new EventEmitter().setMaxListeners(0);

  of(sessionId: unknown): Set<string> {
    const asked = this.#sessions.get(sessionId) ?? new Set();
    this.#sessions.set(sessionId, asked);
    return asked;
  }

  open(outgoing: ServerResponse, asked: ReadonlySet<string>, ...first: object[]): void {
    const say = eventStream(outgoing);
    say(...first);
    this.#streams.set(say, asked);
    outgoing.once("close", () => this.#streams.delete(say));
    this.changed();
  }

  changed(): void {
    this.#changes.emit("change");
  }

  update(uri: string): void {
    for (const [say, asked] of this.#streams)
      if (asked.has(uri)) say({ jsonrpc: "2.0", method: "notifications/resources/updated", params: { uri } });
  }

  async hearing(uri: string): Promise<void> {
    while (![...this.#streams.values()].some((asked) => asked.has(uri))) await once(this.#changes, "change");
  }
}

/** Listening, in either era; false for what is something else. */
function listened(ears: Ears, era: Era, { method, message, headers }: Heard, outgoing: ServerResponse): boolean {
  const sessionId = headers["mcp-session-id"];
  if (era === "session" && method === "GET") {
    ears.open(outgoing, ears.of(sessionId));
    return true;
  }
  if (message?.method === "resources/subscribe") {
    ears.of(sessionId).add(String(message.params?.uri));
    ears.changed();
  }
  if (era !== "modern" || message?.method !== "subscriptions/listen") return false;
  const notifications = message.params?.notifications as { resourceSubscriptions?: string[] };
  ears.open(outgoing, new Set(notifications.resourceSubscriptions), {
    jsonrpc: "2.0",
    method: "notifications/subscriptions/acknowledged",
    params: { notifications, _meta: { "io.modelcontextprotocol/subscriptionId": message.id } },
  });
  return true;
}

/** Starts one; its URL ends in /mcp. */
export async function startLibrary(name: string, era: Era): Promise<Library> {
  const ears = new Ears();
  const capabilities = {
    tools: {},
    prompts: {},
    resources: { subscribe: true },
    completions: {},
    extensions: { [UI]: { from: name }, [`x.example/${name}`]: {} },
  };
  const has = (uri: unknown): boolean => String(uri).startsWith("note://") || LISTED.includes(String(uri));
  const LISTED: string[] = [SHARED.note, SHARED.app, PAGE, `own://${name}`];
  const answers: Readonly<Record<string, (message: Message) => object | undefined>> = {
    initialize: ({ params }) => ({
      protocolVersion: params?.protocolVersion,
      capabilities,
      serverInfo: { name, version: "1" },
    }),
    "server/discover": () => ({ supportedVersions: ["2026-07-28"], capabilities }),
    "tools/list": () => ({ tools: TOOLS }),
    "tools/call": ({ params }) =>
      params?.name === "open"
        ? { content: [{ type: "text", text: JSON.stringify(params.arguments) }] }
        : { content: blocks, structuredContent: { uri: SHARED.note, from: name } },
    "prompts/list": () => ({ prompts: [{ name: "tell" }] }),
    "prompts/get": () => ({
      description: name,
      messages: [embedded(SHARED.note), link(SHARED.byId)].map((content) => ({ role: "user", content })),
    }),
    "resources/list": () => ({ resources: LISTED.map((uri) => ({ uri, name: uri, mimeType: "text/plain" })) }),
    "resources/templates/list": () => ({ resourceTemplates: [{ uriTemplate: SHARED.template, name: "by" }] }),
    "resources/read": ({ params }) =>
      has(params?.uri) || params?.uri === SHARED.hidden
        ? { contents: [{ uri: params?.uri, mimeType: "text/plain", text: `${name} has ${params?.uri}` }] }
        : undefined,
    "resources/subscribe": () => ({}),
    "resources/unsubscribe": () => ({}),
    "completion/complete": ({ params }) => ({
      completion: { values: [name, (params?.ref as { uri?: string } | undefined)?.uri ?? ""] },
    }),
  };
  const modern = { resultType: "complete", ttlMs: 0, cacheScope: "private" };
  const script: Script = (heard, outgoing) => {
    if (listened(ears, era, heard, outgoing)) return true;
    const { message } = heard;
    if (message?.id === undefined || (era === "modern" && message.method === "initialize")) return false;
    if (era === "session" && message.method === "server/discover") return false;
    const answer = answers[message.method];
    if (!answer) return false;
    const result = answer(message);
    const envelope = { jsonrpc: "2.0", id: message.id };
    const code = era === "modern" ? -32602 : -32002;
    const response = result
      ? { ...envelope, result: era === "modern" ? { ...modern, ...result } : result }
      : { ...envelope, error: { code, message: "Resource not found", data: { uri: message.params?.uri } } };
    if (era === "session" && message.method === "initialize") outgoing.setHeader("mcp-session-id", randomUUID());
    if (message.params?.name !== "touch") {
      outgoing.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(response));
      return true;
    }
    const say = eventStream(outgoing);
    const updated = "notifications/resources/updated";
    say({ jsonrpc: "2.0", method: updated, params: { uri: SHARED.note, _meta: { from: name } } });
    say({ jsonrpc: "2.0", method: "notifications/message", params: { level: "info", data: { uri: SHARED.note } } });
    say(response);
    outgoing.end();
    return true;
  };
  const scripted = await startScripted(script, era);
  return { ...scripted, update: (uri) => ears.update(uri), hearing: (uri) => ears.hearing(uri) };
}
