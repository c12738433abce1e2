// The clients of the matrix, one for each revision, each official SDK code pinned to this one revision:
//   2024-11-05              SDK v1, Client with SSEClientTransport (HTTP+SSE)
//   2025-03-26 … 2025-11-25 SDK v1, Client with StreamableHTTPClientTransport
//   2026-07-28              SDK v2, Client pinned to the revision
// SDK v1 offers the newest revision it knows and names it in a header that came with 2025-06-18: the offer is replaced
// and the header left out where the revision has none. What goes over the wire is written down.
import { request as sending } from "node:http";
import { Readable } from "node:stream";
import type { ReadableStream as WebReadable } from "node:stream/web";
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from "@modelcontextprotocol/client";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import {
  type ClientCapabilities,
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  type JSONRPCMessage,
  ListRootsRequestSchema,
  ProgressNotificationSchema,
  ResourceUpdatedNotificationSchema,
  ResultSchema,
  ToolListChangedNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";
import * as z from "zod";
import { capabilitiesOf, isStateless, type Kind, namesItself, type Revision } from "./revisions.ts";

/** A question as the user or the model of a client sees it. */
export interface Question {
  readonly kind: Kind;
  readonly text: string;
}

/** What the user does with an elicitation. */
export type Action = "accept" | "decline" | "cancel";

/** How a client behaves. */
export interface Manner {
  /** Called with each question; what it resolves with counts for elicitations only. */
  answer(question: Question): Promise<Action>;
}

/** The outcome of a call: what the tool said, or why there is no result. */
export interface Outcome {
  readonly text: string;
  readonly failed: boolean;
  /** Fields of the result beside its content. */
  readonly fields: readonly string[];
}

/** Options of one call. */
export interface Wishes {
  readonly onprogress?: (progress: number) => void;
  readonly signal?: AbortSignal;
}

/** A connected client of one revision. */
export interface Peer {
  readonly wire: Wire;
  call(name: string, args: Record<string, unknown>, wishes?: Wishes): Promise<Outcome>;
  /** The tools' descriptions, by name. */
  list(): Promise<ReadonlyMap<string, string>>;
  /**
   * Resolves when the server has agreed to tell of this resource; `told` is called with each URI it then tells of. Gives
   * the way to end it.
   */
  watch(uri: string, told: (uri: string) => void): Promise<() => Promise<unknown>>;
  /** Resolves when the server can tell of changed lists; `told` is called each time it does. */
  attend(told: () => void): Promise<void>;
  close(): Promise<void>;
}

/** A request on the wire. */
interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly message: { readonly id?: unknown; readonly method?: string; readonly params?: Record<string, unknown> };
}

/** What a client sends and is asked, and the cable to cut. */
export class Wire {
  readonly sent: Sent[] = [];
  /** Methods of the requests that the server made. */
  readonly asked: string[] = [];
  /** Resolves when the stream is open that the server tells of changes on. */
  readonly streaming = Promise.withResolvers<void>();
  /** Requests to take up a broken stream wait for this. */
  resuming: Promise<unknown> = Promise.resolve();
  readonly #answers = new Set<AbortController>();

  /** `fetch`, watched. */
  readonly fetch = async (url: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const cut = new AbortController();
    const headers = new Headers(init.headers);
    const message = typeof init.body === "string" ? JSON.parse(init.body) : {};
    const method = init.method ?? "GET";
    this.sent.push({ method, url: String(url), headers, message });
    if (headers.has("last-event-id")) await this.resuming;
    const signal = init.signal ? AbortSignal.any([init.signal, cut.signal]) : cut.signal;
    const response = await exchange(String(url), method, headers, init.body ?? undefined, signal);
    if (response.headers.get("content-type")?.startsWith("text/event-stream")) this.#answers.add(cut);
    if (method === "GET" && response.ok) this.streaming.resolve();
    else if (method === "GET") this.streaming.reject(new Error(`GET was answered ${response.status}`));
    return response;
  };

  constructor() {
    this.streaming.promise.catch(() => {}); // not every test needs it
  }

  /** Breaks the streams that are open, as a network does. */
  cut(): void {
    for (const stream of this.#answers) stream.abort(new Error("cut"));
    this.#answers.clear();
  }

  /** Requests of a JSON-RPC method so far. */
  requests(method: string): readonly Sent[] {
    return this.sent.filter(({ message }) => message.method === method);
  }
}

/**
 * One request on a connection of its own, which is reset when `signal` aborts. A connection that is merely closed is noticed
 * by workerd on this machine with the next thing it writes there, a reset at once.
 */
function exchange(
  url: string,
  method: string,
  headers: Headers,
  body: unknown,
  signal: AbortSignal,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = sending(url, { method, headers: Object.fromEntries(headers), agent: false }, (incoming) => {
      const { statusCode: status = 0, headersDistinct } = incoming;
      const given = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
        values.map((value): [string, string] => [name, value]),
      );
      const empty = status === 204 || status === 304;
      const stream = empty ? null : (Readable.toWeb(incoming) as WebReadable<Uint8Array> as ReadableStream);
      resolve(new Response(stream, { status, headers: given }));
    });
    const hangUp = (): void => {
      request.socket?.resetAndDestroy();
      request.destroy();
      reject(signal.reason);
    };
    request.on("error", reject);
    request.on("close", () => signal.removeEventListener("abort", hangUp));
    if (signal.aborted) return hangUp();
    signal.addEventListener("abort", hangUp, { once: true });
    request.end(typeof body === "string" ? body : undefined);
  });
}

/** Connects a client of one revision. */
export async function connect(
  revision: Revision,
  url: string,
  token: string | undefined,
  manner: Manner,
): Promise<Peer> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return isStateless(revision)
    ? await connectModern(revision, url, headers, manner)
    : await connectV1(revision, url, headers, manner);
}

const NAME = { name: "matrix", version: "1" };
const FORM = { name: "ada" };
const ROOTS = [{ uri: "file:///work" }];

/** What a model says. */
const sampled = (text: string) => ({
  role: "assistant" as const,
  model: "none",
  content: { type: "text" as const, text: `re ${text}` },
});

/** The user's answer to an elicitation, whose form is filled in when it is accepted. */
async function elicited(params: { mode?: string; message: string }, { answer }: Manner) {
  const kind = params.mode === "url" ? "url" : "form";
  const action = await answer({ kind, text: params.message });
  return { action, ...(action === "accept" && kind === "form" ? { content: FORM } : {}) };
}

const textOf = (content: unknown): string => {
  const [first] = content as { type: string; text?: string }[];
  return first?.text ?? "";
};

/** The outcome of a request for a tool. */
async function outcome(result: Promise<Record<string, unknown>>): Promise<Outcome> {
  try {
    const { content, isError, ...rest } = await result;
    return { text: textOf(content), failed: isError === true, fields: Object.keys(rest) };
  } catch (cause) {
    return { text: cause instanceof Error ? cause.message : String(cause), failed: true, fields: [] };
  }
}

/**
 * Progress by its tokens, which each client counts from 1. The SDKs' own `onprogress` forgets a token with the response,
 * and loses what came in the same piece.
 */
class Progress {
  readonly #listeners: ((progress: number) => void)[] = [];

  token(listener: ((progress: number) => void) | undefined): { _meta?: { progressToken: number } } {
    return listener ? { _meta: { progressToken: this.#listeners.push(listener) } } : {};
  }

  take({ progressToken, progress }: { progressToken: string | number; progress: number }): void {
    this.#listeners[Number(progressToken) - 1]?.(progress);
  }
}

const described = (tools: unknown) =>
  new Map((tools as { name: string; description: string }[]).map(({ name, description }) => [name, description]));

// --- SDK v1 ---------------------------------------------------------------------------------------------------------

/** A message as a client of this revision sends it. */
function offering(message: JSONRPCMessage, revision: Revision): JSONRPCMessage {
  if (!("method" in message) || message.method !== "initialize") return message;
  return { ...message, params: { ...message.params, protocolVersion: revision } };
}

class PinnedSse extends SSEClientTransport {
  negotiated: string | undefined;
  pinned: Revision = "2024-11-05";

  override async send(message: JSONRPCMessage): Promise<void> {
    await super.send(offering(message, this.pinned));
  }

  override setProtocolVersion(version: string): void {
    this.negotiated = version;
  }
}

class PinnedHttp extends StreamableHTTPClientTransport {
  negotiated: string | undefined;
  pinned: Revision = "2025-11-25";

  override async send(message: JSONRPCMessage | JSONRPCMessage[]): Promise<void> {
    await super.send(Array.isArray(message) ? message : offering(message, this.pinned));
  }

  override setProtocolVersion(version: string): void {
    this.negotiated = version;
    if (namesItself(this.pinned)) super.setProtocolVersion(version);
  }
}

/** Reconnects at once: a test does not want to wait for it. */
const reconnectionOptions = {
  initialReconnectionDelay: 10,
  maxReconnectionDelay: 200,
  reconnectionDelayGrowFactor: 2,
  maxRetries: 8,
};

async function connectV1(
  revision: Revision,
  url: string,
  headers: Record<string, string>,
  manner: Manner,
): Promise<Peer> {
  const wire = new Wire();
  const options = { requestInit: { headers }, fetch: wire.fetch };
  const transport =
    revision === "2024-11-05"
      ? new PinnedSse(new URL(url), options)
      : new PinnedHttp(new URL(url), { ...options, reconnectionOptions });
  transport.pinned = revision;
  const capabilities: ClientCapabilities = capabilitiesOf(revision);
  const client = new Client(NAME, { capabilities });
  if (capabilities.elicitation) client.setRequestHandler(ElicitRequestSchema, ({ params }) => elicited(params, manner));
  client.setRequestHandler(CreateMessageRequestSchema, async ({ params }) => {
    const text = textOf([params.messages[0]?.content]);
    await manner.answer({ kind: "sampling", text });
    return sampled(text);
  });
  const progress = new Progress();
  client.setNotificationHandler(ProgressNotificationSchema, ({ params }) => progress.take(params));
  client.setRequestHandler(ListRootsRequestSchema, async () => {
    await manner.answer({ kind: "roots", text: "" });
    return { roots: ROOTS };
  });
  await client.connect(transport);
  const receive = transport.onmessage;
  transport.onmessage = (message: JSONRPCMessage) => {
    if ("method" in message && "id" in message) wire.asked.push(message.method);
    receive?.(message);
  };
  if (transport.negotiated !== revision) throw new Error(`negotiated ${transport.negotiated}, not ${revision}`);
  const request = (method: string, params: object, options?: object) =>
    client.request({ method, params } as never, ResultSchema, options);
  return {
    wire,
    call: (name, args, { onprogress, signal } = {}) =>
      outcome(
        request("tools/call", { name, arguments: args, ...progress.token(onprogress) }, signal ? { signal } : {}),
      ),
    list: async () => described((await request("tools/list", {})).tools),
    async watch(uri, told) {
      client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => told(params.uri));
      await wire.streaming.promise;
      await client.subscribeResource({ uri });
      return () => client.unsubscribeResource({ uri });
    },
    async attend(told) {
      client.setNotificationHandler(ToolListChangedNotificationSchema, told);
      await wire.streaming.promise;
    },
    async close() {
      if (transport instanceof PinnedHttp) await transport.terminateSession();
      await client.close();
    },
  };
}

// --- SDK v2 ---------------------------------------------------------------------------------------------------------

async function connectModern(
  revision: Revision,
  url: string,
  headers: Record<string, string>,
  manner: Manner,
): Promise<Peer> {
  const wire = new Wire();
  const client = new ModernClient(NAME, {
    capabilities: capabilitiesOf(revision),
    versionNegotiation: { mode: { pin: revision } },
  });
  client.setRequestHandler("elicitation/create", ({ params }) => elicited(params, manner));
  client.setRequestHandler("sampling/createMessage", async ({ params }) => {
    const text = textOf([params.messages[0]?.content]);
    await manner.answer({ kind: "sampling", text });
    return sampled(text);
  });
  const progress = new Progress();
  client.setNotificationHandler("notifications/progress", ({ params }) => progress.take(params));
  client.setRequestHandler("roots/list", async () => {
    await manner.answer({ kind: "roots", text: "" });
    return { roots: ROOTS };
  });
  await client.connect(new ModernTransport(new URL(url), { requestInit: { headers }, fetch: wire.fetch }));
  const request = (method: string, params: object, options?: object) =>
    client.request({ method, params } as never, z.looseObject({}), options) as Promise<Record<string, unknown>>;
  return {
    wire,
    call: (name, args, { onprogress, signal } = {}) =>
      outcome(
        request("tools/call", { name, arguments: args, ...progress.token(onprogress) }, signal ? { signal } : {}),
      ),
    list: async () => described((await request("tools/list", {})).tools),
    async watch(uri, told) {
      client.setNotificationHandler("notifications/resources/updated", ({ params }) => told(params.uri));
      const subscription = await client.listen({ resourceSubscriptions: [uri] });
      return () => subscription.close();
    },
    async attend(told) {
      client.setNotificationHandler("notifications/tools/list_changed", told);
      await client.listen({ toolsListChanged: true });
    },
    close: () => client.close(),
  };
}
