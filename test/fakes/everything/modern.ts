// The everything server of 2026-07-28, and of nothing else: stateless, one POST per request, subscriptions/listen.
// Passes @modelcontextprotocol/conformance as it stands; standalone: node test/fakes/everything/modern.ts --port 19101

import { randomBytes } from "node:crypto";
import {
  createMcpHandler,
  createRequestStateCodec,
  fromJsonSchema,
  type GetPromptResult,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  McpServer,
  ProtocolError,
  ProtocolErrorCode,
  type RequestStateCodec,
  ResourceNotFoundError,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { type Listening, listen, localOnly, type Running, standalone, webListener } from "../http.ts";
import { complete, everything, type Holdings, resources, resourceTemplates } from "./content.ts";
import type { Answer, Answers, Change, EverythingTool, Exchange, Questions } from "./exchange.ts";

/** What requestState carries: the answers of the rounds before this one. */
interface Carried {
  readonly answered: readonly Answers[];
}

/** Leaves a tool or prompt whose question has no answer yet; it is run again when the client has answered. */
class Unanswered extends Error {
  readonly result: InputRequiredResult;
  constructor(result: InputRequiredResult) {
    super("waiting for the client");
    this.result = result;
  }
}

/** What all requests share. */
interface Shared {
  readonly holdings: Holdings;
  readonly codec: RequestStateCodec<Carried>;
  readonly announce: (change: Change) => void;
}

/** Starts the server; its URL ends in /mcp. */
export async function startModernEverything(listening: Listening = {}): Promise<Running> {
  const holdings = everything();
  const codec = createRequestStateCodec<Carried>({ key: randomBytes(32), bind: (ctx) => ctx.mcpReq.method });
  const announce = (change: Change): void => {
    holdings.change(change);
    if (change.kind === "tools") handler.notify.toolsChanged();
    else if (change.kind === "prompts") handler.notify.promptsChanged();
    else handler.notify.resourceUpdated(change.uri);
  };
  const handler = createMcpHandler(() => server({ holdings, codec, announce }), { legacy: "reject" });

  const running = await listen(webListener(localOnly(handler.fetch)), "/mcp", listening);
  const close = async (): Promise<void> => {
    await handler.close();
    await running.close();
  };
  return { url: running.url, close };
}

/** The server of one request. */
function server(shared: Shared): McpServer {
  const { holdings, codec } = shared;
  const mcp = new McpServer(
    { name: "modern-everything", version: "1.0.0" },
    {
      capabilities: {
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { subscribe: true },
        completions: {},
        logging: {},
      },
      instructions: "Holds one of everything.",
      cacheHints: {
        "server/discover": { ttlMs: 60_000, cacheScope: "public" },
        "tools/list": { ttlMs: 60_000, cacheScope: "public" },
        "prompts/list": { ttlMs: 60_000, cacheScope: "public" },
        "resources/list": { ttlMs: 60_000, cacheScope: "public" },
        "resources/templates/list": { ttlMs: 60_000, cacheScope: "public" },
        "resources/read": { ttlMs: 0, cacheScope: "private" },
      },
      requestState: { verify: codec.verify },
    },
  );
  for (const tool of holdings.tools()) addTool(mcp, tool, shared);

  mcp.server.setRequestHandler("prompts/list", () => ({
    prompts: holdings.prompts().map((prompt) => prompt.definition),
  }));
  mcp.server.setRequestHandler("prompts/get", ({ params }, ctx) => {
    const prompt = holdings.prompts().find(({ definition }) => definition.name === params.name);
    if (prompt === undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `No prompt ${params.name}`);
    return unlessUnanswered<GetPromptResult>(() => prompt.get(params.arguments ?? {}, exchange(mcp, ctx, shared)));
  });
  mcp.server.setRequestHandler("resources/list", () => ({ resources }));
  mcp.server.setRequestHandler("resources/templates/list", () => ({ resourceTemplates }));
  mcp.server.setRequestHandler("resources/read", ({ params }) => {
    const result = holdings.read(params.uri);
    if (result === undefined) throw new ResourceNotFoundError(params.uri);
    return result;
  });
  mcp.server.setRequestHandler("completion/complete", ({ params }) => complete(params));
  return mcp;
}

function addTool(mcp: McpServer, { definition, call }: EverythingTool, shared: Shared): void {
  const { name, inputSchema, outputSchema, ...rest } = definition;
  const config = {
    ...rest,
    inputSchema: fromJsonSchema<Record<string, unknown>>(inputSchema),
    ...(outputSchema && { outputSchema: fromJsonSchema(outputSchema) }),
  };
  mcp.registerTool(name, config, (args, ctx) => unlessUnanswered(() => call(args, exchange(mcp, ctx, shared))));
}

async function unlessUnanswered<Result>(answer: () => Result | Promise<Result>): Promise<Result | InputRequiredResult> {
  try {
    return await answer();
  } catch (cause) {
    if (cause instanceof Unanswered) return cause.result;
    throw cause;
  }
}

function exchange(mcp: McpServer, ctx: ServerContext, { codec, announce }: Shared): Exchange {
  const { mcpReq } = ctx;
  return {
    capabilities: mcp.server.getClientCapabilities() ?? {},
    signal: mcpReq.signal,
    progress: async (progress, total) => {
      const progressToken = mcpReq._meta?.progressToken;
      if (progressToken === undefined) return;
      await mcpReq.notify({ method: "notifications/progress", params: { progressToken, progress, total } });
    },
    log: (level, message) => mcpReq.log(level, message, "everything"),
    ask: replay(ctx, codec),
    change: async (change) => announce(change),
    dropStream: () => {},
  };
}

/** Questions whose answers came in earlier rounds, or with this one, are answered; the first other one goes out. */
function replay(ctx: ServerContext, codec: RequestStateCodec<Carried>): Exchange["ask"] {
  const carried = ctx.mcpReq.requestState<Carried>();
  const answered = [...(carried?.answered ?? [])];
  const current = answered.length;
  let round = 0;
  return async (questions, { sealed = false } = {}) => {
    const index = round++;
    const earlier = answered[index];
    if (earlier !== undefined) return earlier;
    const given = index === current && (carried !== undefined || !sealed) ? answersTo(questions, ctx) : undefined;
    if (given !== undefined) {
      answered.push(given);
      return given;
    }
    const stateful = sealed || index > 0;
    throw new Unanswered(
      inputRequired({
        inputRequests: questions,
        ...(stateful && { requestState: await codec.mint({ answered }, ctx) }),
      }),
    );
  };
}

const KIND = { "elicitation/create": "elicit", "sampling/createMessage": "sampling", "roots/list": "roots" } as const;

/** The answers that came with this request, or undefined unless every question has one of its kind. */
function answersTo(questions: Questions, { mcpReq }: ServerContext): Answers | undefined {
  const answers: Record<string, Answer> = {};
  for (const [key, question] of Object.entries(questions)) {
    if (inputResponse(mcpReq.inputResponses, key).kind !== KIND[question.method]) return undefined;
    answers[key] = mcpReq.inputResponses?.[key] as Answer;
  }
  return answers;
}

if (import.meta.main) await standalone(startModernEverything);
