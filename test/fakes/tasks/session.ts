// A server of 2025-11-25 with experimental tasks, as the official SDK makes them: the tools of the conformance suite's
// tasks scenarios in that revision's form. Tasks belong to sessions. Standalone: node test/fakes/tasks/session.ts --port 19104

import { randomUUID } from "node:crypto";
import {
  InMemoryTaskMessageQueue,
  InMemoryTaskStore,
} from "@modelcontextprotocol/sdk/experimental/tasks/stores/in-memory.js";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import type { RequestHandlerExtra } from "@modelcontextprotocol/sdk/shared/protocol.js";
import {
  CallToolRequestSchema,
  type CallToolResult,
  type ElicitResult,
  ElicitResultSchema,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
  type Result,
  type ServerNotification,
  type ServerRequest,
} from "@modelcontextprotocol/sdk/types.js";
import { type Listening, listen, localOnly, type Running, standalone, webListener } from "../http.ts";
import { type Heard, Hearing } from "./hearing.ts";

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;
type Args = Record<string, unknown>;

/** Asks the client for one property, as part of a task when there is one. */
type Asker = (message: string, property: string, type: "string" | "boolean") => Promise<ElicitResult>;

interface Tool {
  readonly taskSupport?: "optional" | "required";
  /** Asks before there is a task; the answer goes into the arguments. */
  readonly before?: (ask: Asker) => Promise<Args>;
  readonly run: (args: Args, ask: Asker) => Promise<CallToolResult>;
}

export interface SessionTaskServer extends Running {
  /** Names of the tools that ran, each time they did. */
  readonly executions: string[];
  readonly hearing: Hearing;
}

const POLL = 50;
const text = (words: string): CallToolResult => ({ content: [{ type: "text", text: words }] });
const pause = (seconds: unknown) => new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1000));

const TOOLS: Readonly<Record<string, Tool>> = {
  greet: { run: async ({ name }) => text(`Hello, ${String(name)}!`) },
  slow_compute: {
    taskSupport: "optional",
    run: async ({ seconds, label }) => {
      await pause(seconds);
      return text(`computed ${String(label)}`);
    },
  },
  failing_job: { taskSupport: "required", run: async () => ({ ...text("the job failed"), isError: true }) },
  protocol_error_job: {
    taskSupport: "required",
    run: async () => {
      throw new McpError(ErrorCode.InternalError, "the job broke");
    },
  },
  confirm_delete: {
    taskSupport: "required",
    run: async ({ filename }, ask) => {
      const { action, content } = await ask(`Delete ${String(filename)}?`, "confirm", "boolean");
      const accepted = action === "accept" && content?.confirm === true;
      return text(accepted ? `deleted ${String(filename)}` : `kept ${String(filename)} (${action})`);
    },
  },
  multi_input: {
    taskSupport: "required",
    run: async (_args, ask) => {
      const replies = await Promise.all([ask("First?", "name", "string"), ask("Second?", "name", "string")]);
      return text(replies.map(({ content }) => String(content?.name)).join(" and "));
    },
  },
  test_tool_with_task: {
    taskSupport: "required",
    before: async (ask) => ({ ...(await ask("Who?", "name", "string")).content }),
    run: async ({ name }) => text(`hello ${String(name)}`),
  },
  two_rounds: {
    taskSupport: "required",
    run: async (_args, ask) => {
      const first = await ask("First?", "name", "string");
      const second = await ask("Second?", "name", "string");
      return text(`${String(first.content?.name)} then ${String(second.content?.name)}`);
    },
  },
};

/** A store that also keeps the errors tasks end with. */
class Store extends InMemoryTaskStore {
  readonly errors = new Map<string, McpError>();

  override async getTaskResult(taskId: string, sessionId?: string): Promise<Result> {
    const error = this.errors.get(taskId);
    if (error) throw error;
    return await super.getTaskResult(taskId, sessionId);
  }
}

/** Starts the server; its URL ends in /mcp. */
export async function startSessionTasks(listening: Listening = {}): Promise<SessionTaskServer> {
  const store = new Store();
  const queue = new InMemoryTaskMessageQueue();
  const executions: string[] = [];
  const hearing = new Hearing();
  const sessions = new Map<string, { server: Server; transport: WebStandardStreamableHTTPServerTransport }>();

  const open = async () => {
    const transport: WebStandardStreamableHTTPServerTransport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, { server, transport }),
      onsessionclosed: (id) => void sessions.delete(id),
    });
    const server = new Server(
      { name: "session-tasks", version: "1" },
      {
        capabilities: { tools: {}, tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } },
        taskStore: store,
        taskMessageQueue: queue,
        defaultTaskPollInterval: POLL,
      },
    );
    server.setRequestHandler(ListToolsRequestSchema, () => ({
      tools: Object.entries(TOOLS).map(([name, { taskSupport }]) => ({
        name,
        inputSchema: { type: "object" as const },
        ...(taskSupport ? { execution: { taskSupport } } : {}),
      })),
    }));
    server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
      const tool = TOOLS[params.name];
      if (!tool) throw new McpError(ErrorCode.InvalidParams, `Unknown tool: ${params.name}`);
      const args = params.arguments ?? {};
      if (!params.task) {
        if (tool.taskSupport === "required") throw new McpError(ErrorCode.MethodNotFound, "This tool needs a task");
        executions.push(params.name);
        return await tool.run(args, asker(server, extra));
      }
      if (!tool.taskSupport) throw new McpError(ErrorCode.MethodNotFound, "This tool has no tasks");
      executions.push(params.name);
      const more = await tool.before?.(asker(server, extra));
      return { task: await begin(server, tool, { ...args, ...more }, extra, params.task.ttl) };
    });
    await server.connect(transport);
    return transport;
  };

  const begin = async (server: Server, tool: Tool, args: Args, extra: Extra, ttl: number | undefined) => {
    const { taskStore } = extra;
    if (!taskStore) throw new Error("the server has a task store");
    const task = await taskStore.createTask({ ttl: ttl ?? 60_000, pollInterval: POLL });
    const { taskId } = task;
    const ask = asker(server, extra, taskId);
    tool
      .run(args, ask)
      .then(
        (result) => taskStore.storeTaskResult(taskId, result.isError ? "failed" : "completed", result),
        async (error: McpError) => {
          store.errors.set(taskId, error);
          await taskStore.storeTaskResult(taskId, "failed", {});
        },
      )
      .catch(() => {}); // the task was cancelled meanwhile
    return task;
  };

  const handle = async (request: Request): Promise<Response> => {
    const message = request.method === "POST" ? ((await request.clone().json()) as Partial<Heard>) : {};
    hearing.note({ method: message.method ?? "", params: message.params ?? {} });
    const id = request.headers.get("mcp-session-id");
    if (id === null) return (await open()).handleRequest(request);
    const session = sessions.get(id);
    return session ? await session.transport.handleRequest(request) : new Response(null, { status: 404 });
  };
  const running = await listen(webListener(localOnly(handle)), "/mcp", listening);
  const close = async (): Promise<void> => {
    store.cleanup();
    await Promise.all([...sessions.values()].map(({ server }) => server.close()));
    await running.close();
  };
  return { url: running.url, close, executions, hearing };
}

/** Asks on the stream of the call, or of whoever waits for the task's result; the last answer sets the task to work. */
function asker(server: Server, extra: Extra, taskId?: string): Asker {
  let open = 0;
  return async (message, property, type) => {
    const field = type === "string" ? { type: "string" as const } : { type: "boolean" as const };
    const requestedSchema = { type: "object" as const, properties: { [property]: field }, required: [property] };
    const params = { mode: "form" as const, message, requestedSchema };
    const request = { method: "elicitation/create" as const, params };
    if (taskId === undefined) return await extra.sendRequest(request, ElicitResultSchema);
    open++;
    await extra.taskStore?.updateTaskStatus(taskId, "input_required");
    const answer = await server.request(request, ElicitResultSchema, { relatedTask: { taskId } });
    open--;
    if (open === 0) await extra.taskStore?.updateTaskStatus(taskId, "working");
    return answer;
  };
}

if (import.meta.main) await standalone(startSessionTasks);
