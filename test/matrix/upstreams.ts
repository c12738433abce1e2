// The upstreams of the matrix, one for each revision, each official SDK code that speaks this one revision:
//   2024-11-05              SDK v1, Server with SSEServerTransport (HTTP+SSE)
//   2025-03-26 … 2025-11-25 SDK v1, Server with WebStandardStreamableHTTPServerTransport, sessions, and an event store
//   2026-07-28              SDK v2, createMcpHandler, which refuses older clients
// SDK v1 agrees to any revision it knows, so the revision in an `initialize` is replaced on its way in by the pinned one.
import { randomBytes, randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { SSEServerTransport } from "@modelcontextprotocol/sdk/server/sse.js";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import type { RequestHandlerExtra } from "@modelcontextprotocol/sdk/shared/protocol.js";
import {
  CallToolRequestSchema,
  CreateMessageResultSchema,
  ElicitResultSchema,
  ErrorCode,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListRootsResultSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  type RequestId,
  type ServerNotification,
  type ServerRequest,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import {
  createMcpHandler,
  createRequestStateCodec,
  type InputRequiredResult,
  inputRequired,
  McpServer,
  type RequestStateCodec,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { eventStore } from "../fakes/everything/event-store.ts";
import type { Answer, Question } from "../fakes/everything/exchange.ts";
import { spoken } from "../fakes/everything/interactions.ts";
import { answering, listen, type Running, readBody, webListener } from "../fakes/http.ts";
import { isStateless, type Revision } from "./revisions.ts";
import {
  type Arguments,
  type Call,
  contentsOf,
  GaveUp,
  RESOURCES,
  Suspended,
  TEMPLATES,
  type Wish,
  Workshop,
} from "./workshop.ts";

/** An upstream that runs, with what a test may do to it and look at. */
export interface Upstream extends Running {
  readonly revision: Revision;
  readonly workshop: Workshop;
  /** Resolves while at least one stream is open on which changed lists are told. */
  listened(): Promise<void>;
  /** Changes the list of tools, and tells of it. */
  mark(word: string): Promise<void>;
  /** Changes a resource, and tells those who watch it. */
  touch(uri: string): Promise<void>;
  /** Breaks the stream of the answer to a call. */
  drop(key: string): void;
  /** Takes no late answer to the questions of this call any more; only 2026-07-28 needs to be told. */
  expire(key: string): void;
}

/** Starts the upstream of one revision. */
export function startUpstream(revision: Revision): Promise<Upstream> {
  if (isStateless(revision)) return startModern(revision);
  return revision === "2024-11-05" ? startSse(revision) : startSession(revision);
}

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

interface Message {
  readonly id?: RequestId;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

/** A question in the words of a revision. */
function question({ kind, text }: Wish, revision: Revision): Question {
  switch (kind) {
    case "form": {
      const requestedSchema = { type: "object", properties: { name: { type: "string" } }, required: ["name"] } as const;
      const mode = revision >= "2025-11-25" ? ({ mode: "form" } as const) : {};
      return {
        method: "elicitation/create",
        params: { ...mode, message: text, requestedSchema: { ...requestedSchema, required: ["name"] } },
      };
    }
    case "url": {
      const id = isStateless(revision) ? {} : { elicitationId: randomUUID() };
      const params = { mode: "url", message: text, url: `https://example.com/${text}`, ...id };
      return { method: "elicitation/create", params } as Question;
    }
    case "sampling":
      return {
        method: "sampling/createMessage",
        params: { messages: [{ role: "user", content: { type: "text", text } }], maxTokens: 50 },
      };
    case "roots":
      return { method: "roots/list", params: {} };
  }
}

/** Calls under way, by their keys: each has a stream that can be broken. */
class Cables {
  readonly #cables = new Map<string, () => void>();

  lay({ method, params }: Message, cut: () => void): void {
    if (method === "tools/call") this.#cables.set(keyOf(params), cut);
  }

  cut(key: string): void {
    this.#cables.get(key)?.();
  }

  /** An answer whose stream can be broken. */
  through(message: Message, response: Response): Response {
    if (!response.body || message.method !== "tools/call") return response;
    const scissors = new AbortController();
    this.lay(message, () => scissors.abort(new Error("dropped")));
    return new Response(response.body.pipeThrough(new TransformStream(), { signal: scissors.signal }), response);
  }
}

const keyOf = (params: Message["params"]): string => String((params?.arguments as Arguments | undefined)?.key);

/** Streams that are open; something can be waited for. */
class Open {
  readonly #streams = new Set<object>();
  #first = Promise.withResolvers<void>();

  add(stream: object): void {
    this.#streams.add(stream);
    this.#first.resolve();
  }

  delete(stream: object): void {
    this.#streams.delete(stream);
    if (this.#streams.size === 0) this.#first = Promise.withResolvers();
  }

  some(): Promise<void> {
    return this.#first.promise;
  }
}

// --- SDK v1 ---------------------------------------------------------------------------------------------------------

const CAPABILITIES = { tools: { listChanged: true }, resources: { subscribe: true } };

/** One client's session with a server of SDK v1. */
class Session {
  readonly server: Server;
  readonly subscriptions = new Set<string>();
  readonly cancelled = new Set<RequestId>();
  readonly #workshop: Workshop;
  #streaming = false;

  constructor(workshop: Workshop) {
    this.#workshop = workshop;
    this.server = new Server({ name: `matrix-${workshop.revision}`, version: "1" }, { capabilities: CAPABILITIES });
    this.#answer();
  }

  /** There is a stream now for what is told outside of answers. */
  set streaming(open: boolean) {
    this.#streaming = open;
    for (const uri of this.subscriptions) this.#noteWatch(uri);
  }

  #noteWatch(uri: string): void {
    if (this.#streaming) this.#workshop.journal.write(`${uri} watched`);
  }

  #answer(): void {
    const { server } = this;
    const workshop = this.#workshop;
    server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: workshop.tools() }));
    server.setRequestHandler(ListResourcesRequestSchema, () => ({ resources: RESOURCES }));
    server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({ resourceTemplates: TEMPLATES }));
    server.setRequestHandler(ReadResourceRequestSchema, ({ params }) => contentsOf(params.uri));
    server.setRequestHandler(SubscribeRequestSchema, ({ params }) => {
      this.subscriptions.add(params.uri);
      this.#noteWatch(params.uri);
      return {};
    });
    server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => {
      this.subscriptions.delete(params.uri);
      return {};
    });
    server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => ({
      ...(await workshop.run(params.name, params.arguments ?? {}, this.#call(extra))),
    }));
  }

  #call(extra: Extra): Call {
    return {
      first: true,
      signal: extra.signal,
      cancelledBy: () => (this.cancelled.has(extra.requestId) ? "notification" : "hang-up"),
      progress: async (progress, total) => {
        const progressToken = extra._meta?.progressToken;
        if (progressToken === undefined) return;
        await extra.sendNotification({ method: "notifications/progress", params: { progressToken, progress, total } });
      },
      ask: async (wishes, patience) => {
        const options = patience === undefined ? {} : { timeout: patience };
        const answers = wishes.map((wish) => {
          const asked = question(wish, this.#workshop.revision);
          return extra.sendRequest(asked, RESULT[asked.method], options) as Promise<Answer>;
        });
        try {
          return (await Promise.all(answers)).map(spoken);
        } catch (cause) {
          const timedOut = cause instanceof McpError && cause.code === ErrorCode.RequestTimeout;
          throw timedOut ? new GaveUp(cause.message, { cause }) : cause;
        }
      },
    };
  }

  /** Looks at a message on its way in; gives it with the pinned revision. */
  receive(message: Message, version: string | undefined): Message {
    const { journal, revision } = this.#workshop;
    if (message.method === "notifications/cancelled") this.cancelled.add(message.params?.requestId as RequestId);
    noteCall(this.#workshop, message, version);
    if (message.method !== "initialize") return message;
    journal.write(`capabilities ${JSON.stringify(message.params?.capabilities)}`);
    return { ...message, params: { ...message.params, protocolVersion: revision } };
  }
}

const RESULT = {
  "elicitation/create": ElicitResultSchema,
  "sampling/createMessage": CreateMessageResultSchema,
  "roots/list": ListRootsResultSchema,
};

/** Writes down in which revision a call was made, as its header says. */
function noteCall({ journal }: Workshop, { method, params }: Message, version: string | undefined): void {
  if (method !== "tools/call") return;
  journal.write(`${String(params?.name)} ${keyOf(params)} called in ${version ?? "no revision"}`);
}

/** What a test does to sessions of SDK v1. */
function handles(workshop: Workshop, sessions: ReadonlyMap<string, Session>, open: Open, cables: Cables) {
  const all = (tell: (session: Session) => Promise<void>) => Promise.all([...sessions.values()].map(tell));
  return {
    revision: workshop.revision,
    workshop,
    listened: () => open.some(),
    expire: () => {},
    drop: (key: string) => cables.cut(key),
    async mark(word: string) {
      workshop.mark(word);
      await all(({ server }) => server.sendToolListChanged());
    },
    async touch(uri: string) {
      await all(async ({ server, subscriptions }) => {
        if (subscriptions.has(uri)) await server.sendResourceUpdated({ uri });
      });
    },
  };
}

async function startSession(revision: Revision): Promise<Upstream> {
  const workshop = new Workshop(revision);
  const sessions = new Map<string, Session>();
  const transports = new Map<string, WebStandardStreamableHTTPServerTransport>();
  const open = new Open();
  const cables = new Cables();

  const begin = async (): Promise<{ session: Session; transport: WebStandardStreamableHTTPServerTransport }> => {
    const session = new Session(workshop);
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => {
        sessions.set(id, session);
        transports.set(id, transport);
      },
      onsessionclosed: (id) => {
        sessions.delete(id);
        transports.delete(id);
      },
      eventStore: eventStore(),
    });
    await session.server.connect(transport);
    return { session, transport };
  };
  const handle = async (request: Request): Promise<Response> => {
    const id = request.headers.get("mcp-session-id");
    const message = request.method === "POST" ? ((await request.json()) as Message) : undefined;
    const known = id === null ? undefined : { session: sessions.get(id), transport: transports.get(id) };
    const { session, transport } = known ?? (await begin());
    if (!session || !transport) return new Response("Session not found", { status: 404 });
    if (message) {
      const version = request.headers.get("mcp-protocol-version") ?? undefined;
      const response = await transport.handleRequest(request, { parsedBody: session.receive(message, version) });
      return cables.through(message, response);
    }
    const response = await transport.handleRequest(request);
    if (request.method === "GET" && response.ok && !request.headers.has("last-event-id")) {
      open.add(session);
      session.streaming = true;
      request.signal.addEventListener("abort", () => {
        open.delete(session);
        session.streaming = false;
      });
    }
    return response;
  };

  const running = await listen(webListener(handle), "/mcp");
  const close = async (): Promise<void> => {
    await Promise.all([...sessions.values()].map(({ server }) => server.close()));
    await running.close();
  };
  return { ...handles(workshop, sessions, open, cables), url: running.url, close };
}

async function startSse(revision: Revision): Promise<Upstream> {
  const workshop = new Workshop(revision);
  const sessions = new Map<string, Session>();
  const transports = new Map<string, SSEServerTransport>();
  const streams = new Map<string, ServerResponse>();
  const open = new Open();
  const cables = new Cables();
  const read = async (incoming: IncomingMessage) => JSON.parse((await readBody(incoming)).toString()) as Message;

  const route = answering(async (incoming, outgoing) => {
    const { pathname, searchParams } = new URL(incoming.url ?? "/", "http://127.0.0.1");
    if (incoming.method === "GET" && pathname === "/sse") {
      const session = new Session(workshop);
      const transport = new SSEServerTransport("/message", outgoing);
      const { sessionId } = transport;
      sessions.set(sessionId, session);
      transports.set(sessionId, transport);
      streams.set(sessionId, outgoing);
      outgoing.once("close", () => {
        sessions.delete(sessionId);
        transports.delete(sessionId);
        streams.delete(sessionId);
        open.delete(session);
      });
      await session.server.connect(transport);
      session.streaming = true;
      open.add(session);
    } else if (incoming.method === "POST" && pathname === "/message") {
      const id = searchParams.get("sessionId") ?? "";
      const [session, transport] = [sessions.get(id), transports.get(id)];
      if (!session || !transport) outgoing.writeHead(404).end("Session not found");
      else {
        const version = incoming.headersDistinct["mcp-protocol-version"]?.[0];
        const message = await read(incoming);
        cables.lay(message, () => streams.get(id)?.destroy());
        await transport.handlePostMessage(incoming, outgoing, session.receive(message, version));
      }
    } else outgoing.writeHead(404).end();
  });
  return { ...handles(workshop, sessions, open, cables), ...(await listen(route, "/sse")) };
}

// --- SDK v2 ---------------------------------------------------------------------------------------------------------

/** A call that waits for answers, as its `requestState` carries it. */
interface Waiting {
  readonly key: string;
}

class InputRequired extends Suspended {
  readonly result: InputRequiredResult;
  constructor(result: InputRequiredResult) {
    super("waiting for the client");
    this.result = result;
  }
}

async function startModern(revision: Revision): Promise<Upstream> {
  const workshop = new Workshop(revision);
  const { journal } = workshop;
  const expired = new Set<string>();
  const open = new Open();
  const cables = new Cables();
  const codec = createRequestStateCodec<Waiting>({ key: randomBytes(32), bind: (ctx) => ctx.mcpReq.method });
  const verify: RequestStateCodec<Waiting>["verify"] = async (state, ctx) => {
    const waiting = await codec.verify(state, ctx);
    if (!expired.has(waiting.key)) return waiting;
    journal.write(`ask ${waiting.key} refused`);
    throw new Error("expired");
  };
  const handler = createMcpHandler(() => modernServer(workshop, { ...codec, verify }), { legacy: "reject" });

  const handle = async (request: Request): Promise<Response> => {
    const message = (request.method === "POST" ? await request.clone().json() : {}) as Message;
    noteCall(workshop, message, request.headers.get("mcp-protocol-version") ?? undefined);
    const response = await handler.fetch(request);
    if (message.method === "subscriptions/listen" && response.ok) {
      const wanted = message.params?.notifications as { toolsListChanged?: true; resourceSubscriptions?: string[] };
      for (const uri of wanted.resourceSubscriptions ?? []) journal.write(`${uri} watched`);
      if (wanted.toolsListChanged) {
        open.add(request);
        request.signal.addEventListener("abort", () => open.delete(request));
      }
    }
    return cables.through(message, response);
  };

  const running = await listen(webListener(handle), "/mcp");
  const close = async (): Promise<void> => {
    await handler.close();
    await running.close();
  };
  return {
    revision,
    workshop,
    url: running.url,
    close,
    listened: () => open.some(),
    drop: (key) => cables.cut(key),
    async mark(word) {
      workshop.mark(word);
      handler.notify.toolsChanged();
    },
    async touch(uri) {
      handler.notify.resourceUpdated(uri);
    },
    expire(key) {
      expired.add(key);
      journal.write(`ask ${key} gave up`);
    },
  };
}

/** The server of one request. */
function modernServer(workshop: Workshop, codec: RequestStateCodec<Waiting>): McpServer {
  const mcp = new McpServer(
    { name: `matrix-${workshop.revision}`, version: "1" },
    { capabilities: CAPABILITIES, requestState: { verify: codec.verify } },
  );
  mcp.server.setRequestHandler("tools/list", () => ({ tools: workshop.tools() }));
  mcp.server.setRequestHandler("resources/list", () => ({ resources: RESOURCES }));
  mcp.server.setRequestHandler("resources/templates/list", () => ({ resourceTemplates: TEMPLATES }));
  mcp.server.setRequestHandler("resources/read", ({ params }) => contentsOf(params.uri));
  mcp.server.setRequestHandler("tools/call", async ({ params }, ctx) => {
    try {
      const args = params.arguments ?? {};
      return { ...(await workshop.run(params.name, args, modernCall(String(args.key), ctx, workshop, codec))) };
    } catch (cause) {
      if (cause instanceof InputRequired) return cause.result;
      throw cause;
    }
  });
  return mcp;
}

function modernCall(key: string, ctx: ServerContext, { revision }: Workshop, codec: RequestStateCodec<Waiting>): Call {
  const { mcpReq } = ctx;
  const waited = mcpReq.requestState<Waiting>() !== undefined;
  return {
    first: !waited,
    signal: mcpReq.signal,
    cancelledBy: () => "hang-up",
    progress: async (progress, total) => {
      const progressToken = mcpReq._meta?.progressToken;
      if (progressToken === undefined) return;
      await mcpReq.notify({ method: "notifications/progress", params: { progressToken, progress, total } });
    },
    ask: async (wishes) => {
      const answers = wishes.map((_wish, at) => mcpReq.inputResponses?.[`question${at}`] as Answer | undefined);
      if (waited && answers.every((answer) => answer !== undefined)) return answers.map(spoken);
      const inputRequests = Object.fromEntries(wishes.map((wish, at) => [`question${at}`, question(wish, revision)]));
      throw new InputRequired(inputRequired({ inputRequests, requestState: await codec.mint({ key }, ctx) }));
    },
  };
}
