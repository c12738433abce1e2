// The everything server of 2025-11-25 (and 2025-03-26, 2025-06-18): sessions, questions by request, resumable streams.
// Passes @modelcontextprotocol/conformance as it stands; standalone: node test/fakes/everything/session.ts --port 19102

import { randomUUID } from "node:crypto";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import type { RequestHandlerExtra } from "@modelcontextprotocol/sdk/shared/protocol.js";
import {
  CallToolRequestSchema,
  type CallToolResult,
  CompleteRequestSchema,
  CreateMessageResultSchema,
  ElicitResultSchema,
  ErrorCode,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListRootsResultSchema,
  ListToolsRequestSchema,
  type LoggingLevel,
  LoggingLevelSchema,
  McpError,
  ReadResourceRequestSchema,
  type ServerNotification,
  type ServerRequest,
  SetLevelRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { type Listening, listen, localOnly, type Running, standalone, webListener } from "../http.ts";
import { complete, everything, type Holdings, resources, resourceTemplates } from "./content.ts";
import { eventStore } from "./event-store.ts";
import type { Answer, Change, Exchange } from "./exchange.ts";

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

/** One client's session. */
interface Session {
  readonly server: Server;
  readonly transport: WebStandardStreamableHTTPServerTransport;
  readonly subscriptions: Set<string>;
  /** Messages below this level are not sent. */
  level: LoggingLevel;
}

const RESOURCE_NOT_FOUND = -32002;
const RETRY_MS = 100;

/** Starts the server; its URL ends in /mcp. */
export async function startSessionEverything(listening: Listening = {}): Promise<Running> {
  const holdings = everything();
  const sessions = new Map<string, Session>();
  const announce = async (change: Change): Promise<void> => {
    holdings.change(change);
    await Promise.all([...sessions.values()].map((session) => tell(session, change)));
  };
  const handle = async (request: Request): Promise<Response> => {
    const id = request.headers.get("mcp-session-id");
    if (id === null) return (await open(sessions, holdings, announce)).handleRequest(request);
    return sessions.get(id)?.transport.handleRequest(request) ?? unknownSession();
  };

  const running = await listen(webListener(localOnly(handle)), "/mcp", listening);
  const close = async (): Promise<void> => {
    await Promise.all([...sessions.values()].map(({ server }) => server.close()));
    await running.close();
  };
  return { url: running.url, close };
}

/** A session that is known by its id once its client has initialized it. */
async function open(
  sessions: Map<string, Session>,
  holdings: Holdings,
  announce: (change: Change) => Promise<void>,
): Promise<WebStandardStreamableHTTPServerTransport> {
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void sessions.set(id, session),
    onsessionclosed: (id) => void sessions.delete(id),
    eventStore: eventStore(),
    retryInterval: RETRY_MS,
  });
  const server = new Server(
    { name: "session-everything", version: "1.0.0" },
    {
      capabilities: {
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { subscribe: true },
        completions: {},
        logging: {},
      },
      instructions: "Holds one of everything.",
      enforceStrictCapabilities: true,
    },
  );
  const session: Session = { server, transport, subscriptions: new Set(), level: "debug" };
  answerFrom(holdings, session, announce);
  await server.connect(transport);
  return transport;
}

function answerFrom(holdings: Holdings, session: Session, announce: (change: Change) => Promise<void>): void {
  const { server, subscriptions } = session;
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: holdings.tools().map((tool) => tool.definition) }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra): Promise<CallToolResult> => {
    const tool = holdings.tools().find(({ definition }) => definition.name === params.name);
    if (tool === undefined) throw new McpError(ErrorCode.InvalidParams, `No tool ${params.name}`);
    try {
      return await tool.call(params.arguments ?? {}, exchange(session, extra, announce));
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      return { content: [{ type: "text", text: message }], isError: true };
    }
  });
  server.setRequestHandler(ListPromptsRequestSchema, () => ({
    prompts: holdings.prompts().map((prompt) => prompt.definition),
  }));
  server.setRequestHandler(GetPromptRequestSchema, ({ params }, extra) => {
    const prompt = holdings.prompts().find(({ definition }) => definition.name === params.name);
    if (prompt === undefined) throw new McpError(ErrorCode.InvalidParams, `No prompt ${params.name}`);
    return prompt.get(params.arguments ?? {}, exchange(session, extra, announce));
  });
  server.setRequestHandler(ListResourcesRequestSchema, () => ({ resources }));
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({ resourceTemplates }));
  server.setRequestHandler(ReadResourceRequestSchema, ({ params }) => {
    const result = holdings.read(params.uri);
    if (result === undefined) throw new McpError(RESOURCE_NOT_FOUND, "Resource not found", { uri: params.uri });
    return result;
  });
  server.setRequestHandler(SubscribeRequestSchema, ({ params }) => {
    subscriptions.add(params.uri);
    return {};
  });
  server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => {
    subscriptions.delete(params.uri);
    return {};
  });
  server.setRequestHandler(SetLevelRequestSchema, ({ params }) => {
    session.level = params.level;
    return {};
  });
  server.setRequestHandler(CompleteRequestSchema, ({ params }) => complete(params));
}

const RESULT = {
  "elicitation/create": ElicitResultSchema,
  "sampling/createMessage": CreateMessageResultSchema,
  "roots/list": ListRootsResultSchema,
};

function exchange(session: Session, extra: Extra, announce: (change: Change) => Promise<void>): Exchange {
  return {
    capabilities: session.server.getClientCapabilities() ?? {},
    signal: extra.signal,
    progress: async (progress, total) => {
      const progressToken = extra._meta?.progressToken;
      if (progressToken === undefined) return;
      await extra.sendNotification({ method: "notifications/progress", params: { progressToken, progress, total } });
    },
    log: async (level, data) => {
      const levels = LoggingLevelSchema.options;
      if (levels.indexOf(level) < levels.indexOf(session.level)) return;
      await extra.sendNotification({
        method: "notifications/message",
        params: { level, data, logger: "everything" },
      });
    },
    ask: async (questions) => {
      const asking = Object.entries(questions).map(
        async ([key, question]): Promise<[string, Answer]> => [
          key,
          await extra.sendRequest(question, RESULT[question.method]),
        ],
      );
      return Object.fromEntries(await Promise.all(asking));
    },
    change: announce,
    dropStream: () => extra.closeSSEStream?.(),
  };
}

/** Announces a change to a session, on its own stream. */
async function tell({ server, subscriptions }: Session, change: Change): Promise<void> {
  if (change.kind === "tools") await server.sendToolListChanged();
  else if (change.kind === "prompts") await server.sendPromptListChanged();
  else if (subscriptions.has(change.uri)) await server.sendResourceUpdated({ uri: change.uri });
}

function unknownSession(): Response {
  return Response.json(
    { jsonrpc: "2.0", id: null, error: { code: -32001, message: "Session not found" } },
    { status: 404 },
  );
}

if (import.meta.main) await standalone(startSessionEverything);
