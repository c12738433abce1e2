// A server of 2026-07-28 with the extension io.modelcontextprotocol/tasks: the tools that the conformance suite's tasks
// scenarios call. Raw HTTP, since no SDK has the extension. Standalone: node test/fakes/tasks/modern.ts --port 19103

import { randomUUID } from "node:crypto";
import { MODERN_VERSION, PROTOCOL_META } from "../../../src/lib/mcp.ts";
import { type Listening, listen, localOnly, type Running, standalone, webListener } from "../http.ts";
import { Hearing } from "./hearing.ts";

const EXTENSION = "io.modelcontextprotocol/tasks";

type Json = Record<string, unknown>;

/** A task as `tasks/get` shows it, and what it still waits for. */
interface Task {
  readonly fixed: Json;
  state: Json & { status: string };
  readonly questions: Map<string, Json>;
  readonly answers: Map<string, Json>;
  onAnswers: () => void;
  /** Called when the state is another. */
  readonly listeners: Set<(task: Task) => void>;
}

export interface TaskServer extends Running {
  /** Names of the tools that ran, each time they did. */
  readonly executions: string[];
  readonly hearing: Hearing;
}

class RpcError extends Error {
  readonly code: number;
  readonly data: unknown;
  readonly status: number;
  constructor(code: number, message: string, status = 200, data?: unknown) {
    super(message);
    this.code = code;
    this.data = data;
    this.status = status;
  }
}

const text = (words: string, more: Json = {}): Json => ({ content: [{ type: "text", text: words }], ...more });
const elicitation = (message: string, property: string, type: string): Json => ({
  method: "elicitation/create",
  params: {
    mode: "form",
    message,
    requestedSchema: { type: "object", properties: { [property]: { type } }, required: [property] },
  },
});

/** What a tool does: how it answers at once, or what its task does. */
interface Tool {
  readonly needsTask?: true;
  readonly sync?: (args: Json) => Json | Promise<Json>;
  readonly ask?: (params: Json) => Json | undefined;
  readonly run?: (task: Task, args: Json, params: Json) => Promise<Json>;
}

const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** Asks within a task and waits for all answers. */
async function ask(task: Task, questions: Record<string, Json>): Promise<Json[]> {
  for (const [key, question] of Object.entries(questions)) task.questions.set(key, question);
  moveTo(task, { status: "input_required" });
  await new Promise<void>((resolve) => {
    task.onAnswers = () => task.questions.size === 0 && resolve();
  });
  moveTo(task, { status: "working" });
  return Object.keys(questions).map((key) => task.answers.get(key) ?? {});
}

function moveTo(task: Task, state: Task["state"]): void {
  if (["completed", "failed", "cancelled"].includes(task.state.status)) return;
  task.state = { ...state, lastUpdatedAt: new Date().toISOString() };
  for (const listener of task.listeners) listener(task);
}

const TOOLS: Readonly<Record<string, Tool>> = {
  greet: { sync: ({ name }) => text(`Hello, ${String(name)}!`) },
  slow_compute: {
    sync: async ({ seconds, label }) => {
      await pause(Number(seconds));
      return text(`computed ${String(label)}`, { structuredContent: { label } });
    },
    run: async (_task, { seconds, label }) => {
      await pause(Number(seconds));
      return text(`computed ${String(label)}`, { structuredContent: { label } });
    },
  },
  failing_job: {
    needsTask: true,
    run: async () => {
      await pause(0.1);
      return text("the job failed", { isError: true });
    },
  },
  protocol_error_job: {
    needsTask: true,
    run: async () => {
      await pause(0.1);
      throw new RpcError(-32603, "the job broke");
    },
  },
  confirm_delete: {
    needsTask: true,
    run: async (task, { filename }) => {
      const [reply] = await ask(task, { confirm: elicitation(`Delete ${String(filename)}?`, "confirm", "boolean") });
      const accepted = reply?.action === "accept" && (reply.content as Json | undefined)?.confirm === true;
      return text(accepted ? `deleted ${String(filename)}` : `kept ${String(filename)} (${String(reply?.action)})`);
    },
  },
  multi_input: {
    needsTask: true,
    run: async (task) => {
      const replies = await ask(task, {
        first: elicitation("First?", "name", "string"),
        second: elicitation("Second?", "name", "string"),
      });
      return text(replies.map(({ content }) => String((content as Json | undefined)?.name)).join(" and "));
    },
  },
  test_tool_with_task: {
    needsTask: true,
    ask: ({ inputResponses }) =>
      (inputResponses as Json | undefined)?.user_name === undefined
        ? {
            resultType: "input_required",
            inputRequests: { user_name: elicitation("Who?", "name", "string") },
            requestState: "round two",
          }
        : undefined,
    run: async (_task, _args, { inputResponses, requestState }) => {
      if (requestState !== "round two") throw new RpcError(-32602, "the requestState is another");
      const { content } = (inputResponses as Record<string, Json>).user_name as Json;
      return text(`hello ${String((content as Json | undefined)?.name)}`);
    },
  },
};

/** Starts the server; its URL ends in /mcp. */
export async function startModernTasks(listening: Listening = {}): Promise<TaskServer> {
  const tasks = new Map<string, Task>();
  const executions: string[] = [];
  const hearing = new Hearing();

  const begin = (name: string, tool: Tool, params: Json): Json => {
    const created = new Date().toISOString();
    const task: Task = {
      fixed: { taskId: randomUUID(), createdAt: created, ttlMs: 60_000, pollIntervalMs: 50 },
      state: { status: "working", lastUpdatedAt: created },
      questions: new Map(),
      answers: new Map(),
      onAnswers: () => {},
      listeners: new Set(),
    };
    tasks.set(String(task.fixed.taskId), task);
    executions.push(name);
    tool.run?.(task, (params.arguments as Json | undefined) ?? {}, params).then(
      (result) => moveTo(task, { status: "completed", result }),
      (error: RpcError) =>
        moveTo(task, {
          status: "failed",
          statusMessage: error.message,
          error: { code: error.code, message: error.message },
        }),
    );
    return { resultType: "task", ...task.fixed, ...task.state };
  };

  const known = (params: Json): Task => {
    const task = tasks.get(String(params.taskId));
    if (!task) throw new RpcError(-32602, `Failed to retrieve task: ${String(params.taskId)} not found`);
    return task;
  };

  const call = async (params: Json): Promise<Json> => {
    const name = String(params.name);
    const tool = TOOLS[name];
    if (!tool) throw new RpcError(-32602, `Unknown tool: ${name}`);
    if (!declares(params)) {
      if (tool.needsTask) throw missing();
      executions.push(name);
      return complete(await tool.sync?.((params.arguments as Json | undefined) ?? {}));
    }
    const asking = tool.ask?.(params);
    if (asking) return asking;
    const args = (params.arguments as Json | undefined) ?? {};
    if (tool.run && args.seconds !== 0) return begin(name, tool, params);
    executions.push(name);
    return complete(await tool.sync?.(args));
  };

  const METHODS: Readonly<Record<string, (params: Json) => Json | Promise<Json>>> = {
    "server/discover": () =>
      complete({
        supportedVersions: [MODERN_VERSION],
        capabilities: { tools: {}, extensions: { [EXTENSION]: {} } },
        ttlMs: 0,
        cacheScope: "private",
        _meta: { [PROTOCOL_META.serverInfo]: { name: "modern-tasks", version: "1" } },
      }),
    "tools/list": () =>
      complete({
        tools: Object.keys(TOOLS).map((name) => ({ name, inputSchema: { type: "object" } })),
        ttlMs: 0,
        cacheScope: "private",
      }),
    "tools/call": call,
    "tasks/get": (params) => complete(detailed(known(params))),
    "tasks/update": (params) => {
      const task = known(params);
      for (const [key, answer] of Object.entries((params.inputResponses as Record<string, Json>) ?? {})) {
        if (task.questions.delete(key)) task.answers.set(key, answer);
      }
      task.onAnswers();
      return complete({});
    },
    "tasks/cancel": (params) => {
      moveTo(known(params), { status: "cancelled" });
      return complete({});
    },
  };

  const handle = async (request: Request): Promise<Response> => {
    if (request.method !== "POST") return new Response(null, { status: 405 });
    const {
      id = null,
      method,
      params = {},
    } = (await request.json()) as { id?: unknown; method: string; params?: Json };
    hearing.note({ method, params });
    const answer = (status: number, content: Json) => Response.json({ jsonrpc: "2.0", id, ...content }, { status });
    try {
      checkHeaders(request.headers, method, params);
      if (method === "subscriptions/listen") {
        const { taskIds = [] } = (params.notifications ?? {}) as { taskIds?: string[] };
        return listenTo(
          id,
          taskIds.flatMap((taskId) => tasks.get(taskId) ?? []),
          request.signal,
        );
      }
      const run = METHODS[method];
      if (!run) throw new RpcError(-32601, `Method not found: ${method}`, 404);
      if (method.startsWith("tasks/") && !declares(params)) throw missing();
      return answer(200, { result: await run(params) });
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      const { code, message, data, status } = error;
      return answer(status, { error: { code, message, ...(data === undefined ? {} : { data }) } });
    }
  };
  return { ...(await listen(webListener(localOnly(handle)), "/mcp", listening)), executions, hearing };
}

/** A task with what its status brings along. */
function detailed(task: Task): Json {
  const inputRequests = task.state.status === "input_required" ? Object.fromEntries(task.questions) : undefined;
  return { ...task.fixed, ...task.state, ...(inputRequests ? { inputRequests } : {}) };
}

/** The stream of subscriptions/listen: which tasks it is for, then each change of them. */
function listenTo(id: unknown, tasks: readonly Task[], gone: AbortSignal): Response {
  const encoder = new TextEncoder();
  const { readable, writable } = new TransformStream<Uint8Array>();
  const writer = writable.getWriter();
  const _meta = { [PROTOCOL_META.subscriptionId]: id };
  const tell = (method: string, params: Json): void => {
    const data = JSON.stringify({ jsonrpc: "2.0", method, params: { ...params, _meta } });
    writer.write(encoder.encode(`event: message\ndata: ${data}\n\n`)).catch(() => {});
  };
  const taskIds = tasks.map(({ fixed }) => fixed.taskId);
  tell("notifications/subscriptions/acknowledged", { notifications: { taskIds } });
  const listener = (task: Task) => tell("notifications/tasks", detailed(task));
  for (const { listeners } of tasks) listeners.add(listener);
  gone.addEventListener("abort", () => {
    for (const { listeners } of tasks) listeners.delete(listener);
  });
  return new Response(readable, { headers: { "content-type": "text/event-stream" } });
}

const complete = (result: Json | undefined): Json => ({ resultType: "complete", ...result });

const declares = (params: Json): boolean => {
  const meta = params._meta as Record<string, Json> | undefined;
  const extensions = meta?.[PROTOCOL_META.clientCapabilities]?.extensions as Json | undefined;
  return extensions?.[EXTENSION] !== undefined;
};

const missing = (): RpcError =>
  new RpcError(-32021, "Missing required client capability", 400, {
    requiredCapabilities: { extensions: { [EXTENSION]: {} } },
  });

function checkHeaders(headers: Headers, method: string, params: Json): void {
  const named = { "tools/call": "name", "tasks/get": "taskId", "tasks/update": "taskId", "tasks/cancel": "taskId" }[
    method
  ];
  const misnamed = named !== undefined && headers.get("mcp-name") !== params[named];
  if (misnamed || headers.get("mcp-method") !== method)
    throw new RpcError(-32020, "The headers differ from the body", 400);
}

if (import.meta.main) await standalone(startModernTasks);
