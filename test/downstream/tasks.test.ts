// Tasks within an era and across (MCP 2025-11-25 basic/utilities/tasks; the extension io.modelcontextprotocol/tasks of
// 2026-07-28): every kind of client meets every kind of upstream, and the upstream's executions are counted.
import {
  CallToolResultSchema,
  ElicitRequestSchema,
  type ElicitResult,
  TaskStatusNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { parseEvents } from "../../src/lib/sse.ts";
import { addUser } from "../auth/users.ts";
import { startModernEverything } from "../fakes/everything/modern.ts";
import { startModernTasks, type TaskServer } from "../fakes/tasks/modern.ts";
import { type SessionTaskServer, startSessionTasks } from "../fakes/tasks/session.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { connectSession, type Raw, rawSession } from "../peers.ts";
import { envelope, initialize, type Message, modern, send, session } from "../wire.ts";

const EXTENSION = "io.modelcontextprotocol/tasks";
const RELATED = "io.modelcontextprotocol/related-task";
const UPSTREAMS = ["session", "modern"] as const;
type Json = Record<string, unknown>;

let gateway: Gateway;
let upstreams: { readonly session: SessionTaskServer; readonly modern: TaskServer };
const urls = { session: "", modern: "" };

beforeAll(async () => {
  gateway = await startGateway();
  await addUser(gateway, "ann@example.com");
  upstreams = { session: await startSessionTasks(), modern: await startModernTasks() };
  for (const era of UPSTREAMS) urls[era] = (await gateway.bundle(`${era} tasks`, upstreams[era].url)).url;
});
afterAll(() => Promise.all([gateway.dispose(), upstreams.session.close(), upstreams.modern.close()]));

/** How often a tool ran while something was done. */
async function executions(era: (typeof UPSTREAMS)[number], work: () => Promise<unknown>): Promise<string[]> {
  const { length } = upstreams[era].executions;
  await work();
  return upstreams[era].executions.slice(length);
}

/** A session client that answers what it is asked, and notes which task each question belongs to. */
async function connect(url: string, answer: (message: string) => ElicitResult = () => ({ action: "decline" })) {
  const { client, transport } = await connectSession(url, await gateway.token(), { capabilities: { elicitation: {} } });
  onTestFinished(() => client.close());
  const asked: { message: string; task: unknown }[] = [];
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    asked.push({ message: params.message, task: params._meta?.[RELATED]?.taskId });
    return answer(params.message);
  });
  return { client, raw: rawSession(client), asked, sessionId: transport.sessionId ?? "" };
}

const taskOf = (result: Json) => result.task as Json & { taskId: string; status: string };
const isOver = ({ status }: Json) => ["completed", "failed", "cancelled"].includes(String(status));

/** Asks for a task until it is over, or in another state that is waited for. */
async function until(get: () => Promise<Json>, reached: (task: Json) => boolean): Promise<Json> {
  for (;;) {
    const task = await get();
    if (reached(task) || isOver(task)) return task;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const textIn = (result: unknown): unknown => ((result as Json).content as Json[])[0]?.text;
const accepting = (content: Record<string, string | boolean>) => (): ElicitResult => ({ action: "accept", content });

describe.each(UPSTREAMS)("a session client at a %s upstream", (era) => {
  const begin = async (raw: Raw, name: string, args: Json = {}) =>
    taskOf(await raw("tools/call", { name, arguments: args, task: { ttl: 60_000 } }));

  test("gets a task, sees it work and end, and fetches its result once it is there", async () => {
    const { raw } = await connect(urls[era]);
    const ran = await executions(era, async () => {
      const { taskId, ...task } = await begin(raw, "slow_compute", { seconds: 0.3, label: "x" });
      expect(task).toMatchObject({ status: "working", ttl: 60_000, pollInterval: 50 });
      expect(await raw("tasks/get", { taskId })).toMatchObject({ taskId, status: "working", ttl: 60_000 });
      const result = await raw("tasks/result", { taskId });
      expect(textIn(result)).toBe("computed x");
      expect(result._meta).toMatchObject({ [RELATED]: { taskId } });
      expect(result.resultType).toBeUndefined();
      expect(await raw("tasks/get", { taskId })).toMatchObject({ taskId, status: "completed" });
    });
    expect(ran).toEqual(["slow_compute"]);
  });

  test("is asked within tasks/result, and told for which task", async () => {
    const { raw, asked } = await connect(urls[era], accepting({ confirm: true }));
    const ran = await executions(era, async () => {
      const { taskId } = await begin(raw, "confirm_delete", { filename: "a.txt" });
      await until(
        () => raw("tasks/get", { taskId }),
        ({ status }) => status === "input_required",
      );
      expect(textIn(await raw("tasks/result", { taskId }))).toBe("deleted a.txt");
      expect(asked).toEqual([{ message: "Delete a.txt?", task: taskId }]);
    });
    expect(ran).toEqual(["confirm_delete"]);
  });

  test("that asks for no task gets the result of a tool that must have one, and is asked meanwhile", async () => {
    const { client, asked } = await connect(urls[era], (message) => ({ action: "accept", content: { name: message } }));
    const ran = await executions(era, async () => {
      const result = await client.callTool({ name: "multi_input", arguments: {} });
      expect(textIn(result)).toBe("First? and Second?");
      expect(result._meta?.[RELATED]).toBeUndefined();
    });
    expect(asked.map(({ message, task }) => [message, task])).toEqual([
      ["First?", undefined],
      ["Second?", undefined],
    ]);
    expect(ran).toEqual(["multi_input"]);
  });

  test("is asked before there is a task, and goes on with the SDK's own task client", async () => {
    const { client, asked } = await connect(urls[era], accepting({ name: "Ann" }));
    const stages: string[] = [];
    const call = { name: "test_tool_with_task", arguments: {} };
    const options = { task: { ttl: 60_000 } };
    let last: unknown;
    for await (const stage of client.experimental.tasks.callToolStream(call, CallToolResultSchema, options)) {
      if (stages.at(-1) !== stage.type) stages.push(stage.type);
      if (stage.type === "result") last = stage.result;
    }
    expect(stages).toEqual(["taskCreated", "taskStatus", "result"]);
    expect(textIn(last)).toBe("hello Ann");
    expect(asked).toEqual([{ message: "Who?", task: undefined }]);
  });

  test("that asks for no task is asked before there is one all the same", async () => {
    const { client, asked } = await connect(urls[era], accepting({ name: "Ann" }));
    const ran = await executions(era, async () => {
      expect(textIn(await client.callTool({ name: "test_tool_with_task" }))).toBe("hello Ann");
    });
    expect(asked).toEqual([{ message: "Who?", task: undefined }]);
    expect(ran).toEqual(["test_tool_with_task"]);
  });

  test("that asks for no task is told what the tool says when it fails, and of errors of the protocol", async () => {
    const { client } = await connect(urls[era]);
    expect(await client.callTool({ name: "failing_job" })).toMatchObject({ isError: true });
    await expect(client.callTool({ name: "protocol_error_job" })).rejects.toMatchObject({
      code: -32603,
      message: expect.stringContaining("the job broke"),
    });
  });

  test("finds failed tasks failed, with the result or the error the call would have had", async () => {
    const { raw } = await connect(urls[era]);
    const tool = await begin(raw, "failing_job");
    await until(() => raw("tasks/get", { taskId: tool.taskId }), isOver);
    expect(await raw("tasks/get", { taskId: tool.taskId })).toMatchObject({ status: "failed" });
    expect(await raw("tasks/result", { taskId: tool.taskId })).toMatchObject({ isError: true });
    const broken = await begin(raw, "protocol_error_job");
    await expect(raw("tasks/result", { taskId: broken.taskId })).rejects.toMatchObject({ code: -32603 });
    expect(await raw("tasks/get", { taskId: broken.taskId })).toMatchObject({ status: "failed" });
  });

  test("cancels a task once", async () => {
    const { raw } = await connect(urls[era]);
    const { taskId } = await begin(raw, "slow_compute", { seconds: 60, label: "never" });
    expect(await raw("tasks/cancel", { taskId })).toMatchObject({ taskId, status: "cancelled" });
    expect(await raw("tasks/get", { taskId })).toMatchObject({ status: "cancelled" });
    await expect(raw("tasks/cancel", { taskId })).rejects.toMatchObject({ code: -32602 });
  });

  test("lists its own tasks, newest first and page by page, under the ids it knows", async () => {
    const { raw } = await connect(urls[era]);
    const other = await connect(urls[era]);
    await begin(other.raw, "slow_compute", { seconds: 0.01, label: "other" });
    const ids: string[] = [];
    for (let n = 0; n < 12; n++) ids.push((await begin(raw, "slow_compute", { seconds: 0.01, label: n })).taskId);
    const first = await raw("tasks/list");
    const second = await raw("tasks/list", { cursor: first.nextCursor });
    const listed = [...(first.tasks as Json[]), ...(second.tasks as Json[])].map(({ taskId }) => taskId);
    expect(listed).toEqual(ids.toReversed());
    expect((first.tasks as Json[]).length).toBeLessThan(ids.length);
    expect(second.nextCursor).toBeUndefined();
    await expect(raw("tasks/list", { cursor: "made up" })).rejects.toMatchObject({ code: -32602 });
  });

  test("that cancels a call which the gateway made a task of cancels the task", async () => {
    const { sessionId } = await connect(urls[era]);
    const headers = { authorization: `Bearer ${await gateway.token()}` };
    const since = upstreams[era].hearing.heard.length;
    const call = session(90, "tools/call", { name: "confirm_delete", arguments: { filename: "b.txt" } }, sessionId);
    const { body } = await fetch(urls[era], { method: "POST", ...call, headers: { ...call.headers, ...headers } });
    const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
    let said = "";
    while (!said.includes("elicitation/create")) said += (await reader?.read())?.value ?? "";
    await send(urls[era], session(undefined, "notifications/cancelled", { requestId: 90 }, sessionId), headers);
    expect((await upstreams[era].hearing.next("tasks/cancel", since)).params.taskId).toBeTypeOf("string");
    while (!(await reader?.read())?.done);
  });
});

test("a session client that asks a modern upstream for a task gets one although the call was over at once", async () => {
  const { raw } = await connect(urls.modern);
  const ran = await executions("modern", async () => {
    const call = { name: "greet", arguments: { name: "Ann" }, task: {} };
    const { taskId, status } = taskOf(await raw("tools/call", call));
    expect(status).toBe("working");
    expect(await raw("tasks/get", { taskId })).toMatchObject({ taskId, status: "completed" });
    for (const _ of [1, 2]) {
      const result = await raw("tasks/result", { taskId });
      expect(result).toMatchObject({ content: [{ text: "Hello, Ann!" }], _meta: { [RELATED]: { taskId } } });
    }
    expect(await raw("tasks/list")).toMatchObject({ tasks: [{ taskId, status: "completed" }] });
    await expect(raw("tasks/cancel", { taskId })).rejects.toMatchObject({ code: -32602 });
  });
  expect(ran).toEqual(["greet"]);
});

test.each(UPSTREAMS)(
  "JSON-RPC without a session gets the result of a tool of a %s upstream that must have a task",
  async (era) => {
    const params = { name: "failing_job", arguments: {}, server_id: urls[era].split("/").at(-2) };
    const headers = { authorization: `Bearer ${await gateway.token()}` };
    const { answer } = await send(`${gateway.url}/rpc`, session(1, "tools/call", params), headers);
    expect(answer?.result).toMatchObject({ content: [{ text: "the job failed" }], isError: true });
  },
);

test("a session client is told of its tasks on its own stream, under the ids it knows", async () => {
  const { client, raw } = await connect(urls.session);
  const told = Promise.withResolvers<string>();
  const begun = new Set<string>();
  client.setNotificationHandler(TaskStatusNotificationSchema, ({ params }) => told.resolve(params.taskId));
  let first: string | undefined;
  told.promise.then((taskId) => {
    first = taskId;
  });
  while (first === undefined) {
    const call = { name: "slow_compute", arguments: { seconds: 0.01, label: "" }, task: {} };
    begun.add(taskOf(await raw("tools/call", call)).taskId);
  }
  expect(begun).toContain(first);
});

/** A client of 2026-07-28, with the extension unless told otherwise. */
async function stateless(
  url: string,
  { subject = "admin@example.com", capabilities = { elicitation: {}, extensions: { [EXTENSION]: {} } } as Json } = {},
) {
  const headers = { authorization: `Bearer ${await gateway.token({ subject })}` };
  let id = 0;
  const ask = (method: string, params: Json = {}) =>
    send(url, modern(++id, method, { ...params, _meta: envelope(capabilities) }), headers);
  const result = async (method: string, params: Json = {}): Promise<Json> => {
    const { answer } = await ask(method, params);
    if (!answer?.result) throw new Error(`${method}: ${JSON.stringify(answer)}`);
    return answer.result;
  };
  const refusal = async (method: string, params: Json = {}): Promise<Message["error"]> =>
    (await ask(method, params)).answer?.error;
  return { ask, result, refusal };
}

describe.each(UPSTREAMS)("a client of 2026-07-28 with the extension at a %s upstream", (era) => {
  const connectTo = async () => {
    const client = await stateless(urls[era]);
    const begin = async (name: string, args: Json = {}) =>
      String((await client.result("tools/call", { name, arguments: args })).taskId);
    const get = (taskId: string) => client.result("tasks/get", { taskId });
    return { ...client, begin, get };
  };

  test("gets a task in place of the answer, and its result with the task when it is over", async () => {
    const { result, get } = await connectTo();
    const ran = await executions(era, async () => {
      const call = { name: "slow_compute", arguments: { seconds: 0.3, label: "x" } };
      const { taskId, ...task } = await result("tools/call", call);
      expect(task).toMatchObject({ resultType: "task", status: "working", ttlMs: 60_000, pollIntervalMs: 50 });
      expect(await get(String(taskId))).toMatchObject({ resultType: "complete", taskId, status: "working" });
      const over = await until(() => get(String(taskId)), isOver);
      expect(over).toMatchObject({ resultType: "complete", taskId, status: "completed" });
      expect(textIn(over.result)).toBe("computed x");
      expect((over.result as Json)._meta ?? {}).not.toHaveProperty(RELATED);
      expect(Object.keys(over)).not.toContain("ttl");
    });
    expect(ran).toEqual(["slow_compute"]);
  });

  test("sees what the server asks, the same at every look, until it is answered", async () => {
    const { result, begin, get } = await connectTo();
    const ran = await executions(era, async () => {
      const taskId = await begin("multi_input");
      const asking = await until(
        () => get(taskId),
        ({ status }) => status === "input_required",
      );
      const requests = asking.inputRequests as Record<string, Json>;
      const keys = Object.keys(requests);
      expect(
        Object.values(requests)
          .map(({ params }) => (params as Json).message)
          .sort(),
      ).toEqual(["First?", "Second?"]);
      expect(JSON.stringify(requests)).not.toContain(RELATED);
      expect(await get(taskId)).toMatchObject({ inputRequests: requests });

      const [first = "", second = ""] = keys;
      const answer = (name: string) => ({ action: "accept", content: { name } });
      const update = (inputResponses: Json) => result("tasks/update", { taskId, inputResponses });
      expect(await update({ [first]: answer("one"), "never asked": answer("none") })).toEqual({
        resultType: "complete",
      });
      const half = await get(taskId);
      expect(half).toMatchObject({ status: "input_required" });
      expect(Object.keys(half.inputRequests as Json)).toEqual([second]);
      await update({ [first]: answer("too late") });
      await update({ [second]: answer("two") });
      expect(textIn((await until(() => get(taskId), isOver)).result)).toBe("one and two");
    });
    expect(ran).toEqual(["multi_input"]);
  });

  test("is asked before there is a task, and gets one for the answer", async () => {
    const { result, get } = await connectTo();
    const ran = await executions(era, async () => {
      const call = { name: "test_tool_with_task", arguments: {} };
      const { inputRequests, requestState, ...asking } = await result("tools/call", call);
      expect(asking).toEqual({ resultType: "input_required" });
      const [key = ""] = Object.keys(inputRequests as Json);
      const inputResponses = { [key]: { action: "accept", content: { name: "Ann" } } };
      const task = await result("tools/call", { ...call, inputResponses, requestState });
      expect(task).toMatchObject({ resultType: "task" });
      expect(task).not.toHaveProperty("requestState");
      expect(textIn((await until(() => get(String(task.taskId)), isOver)).result)).toBe("hello Ann");
    });
    expect(ran).toEqual(["test_tool_with_task"]);
  });

  test("finds a task completed whose tool reports an error, and failed one that broke", async () => {
    const { begin, get } = await connectTo();
    const reported = await begin("failing_job");
    expect(await until(() => get(reported), isOver)).toMatchObject({ status: "completed", result: { isError: true } });
    const broken = await begin("protocol_error_job");
    const failed = await until(() => get(broken), isOver);
    expect(failed).toMatchObject({ status: "failed", error: { code: -32603 } });
    expect(failed).not.toHaveProperty("result");
  });

  test("cancels a task, and is answered the same again", async () => {
    const { result, begin, get } = await connectTo();
    const taskId = await begin("slow_compute", { seconds: 60, label: "never" });
    for (const _ of [1, 2]) expect(await result("tasks/cancel", { taskId })).toEqual({ resultType: "complete" });
    expect(await get(taskId)).toMatchObject({ status: "cancelled" });
  });

  test("gets -32021 where it does not declare the extension and the tool must have a task", async () => {
    const { ask, result } = await stateless(urls[era], { capabilities: {} });
    const requiredCapabilities = { extensions: { [EXTENSION]: {} } };
    const ran = await executions(era, async () => {
      const refused = await ask("tools/call", { name: "failing_job", arguments: {} });
      expect(refused).toMatchObject({
        status: 400,
        answer: { error: { code: -32021, data: { requiredCapabilities } } },
      });
      for (const method of ["tasks/get", "tasks/update", "tasks/cancel"])
        expect(await ask(method, { taskId: "any", inputResponses: {} })).toMatchObject({
          status: 400,
          answer: { error: { code: -32021, data: { requiredCapabilities } } },
        });
      const call = { name: "slow_compute", arguments: { seconds: 0, label: "at once" } };
      expect(textIn(await result("tools/call", call))).toBe("computed at once");
    });
    expect(ran).toEqual(["slow_compute"]);
    const declared = upstreams[era].hearing.heard.at(-1)?.params._meta ?? {};
    expect(JSON.stringify(declared)).not.toContain(EXTENSION);
  });
});

test("a session server's second question reaches a client of 2026-07-28 after its first was answered", async () => {
  const { result } = await stateless(urls.session);
  const { taskId } = await result("tools/call", { name: "two_rounds", arguments: {} });
  const get = () => result("tasks/get", { taskId });
  const messages: unknown[] = [];
  for (const name of ["one", "two"]) {
    const { inputRequests } = await until(get, (task) => Object.keys((task.inputRequests as Json) ?? {}).length > 0);
    const [[key, request] = ["", {}]] = Object.entries(inputRequests as Record<string, Json>);
    messages.push((request.params as Json).message);
    await result("tasks/update", { taskId, inputResponses: { [key]: { action: "accept", content: { name } } } });
  }
  expect(messages).toEqual(["First?", "Second?"]);
  expect(textIn((await until(get, isOver)).result)).toBe("one then two");
});

/** The messages of a subscriptions/listen stream, one at a time. */
async function listen(url: string, notifications: Json) {
  const { headers, body } = modern("listen", "subscriptions/listen", {
    notifications,
    _meta: envelope({ extensions: { [EXTENSION]: {} } }),
  });
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const authorization = `Bearer ${await gateway.token()}`;
  const request = { method: "POST", body, headers: { ...headers, authorization }, signal: stop.signal };
  const events = parseEvents((await fetch(url, request)).body as ReadableStream<Uint8Array>, { maxEventBytes: 1e6 });
  return async () => JSON.parse((await events.next()).value?.data ?? "{}") as { method: string; params: Json };
}

describe("a listener of 2026-07-28", () => {
  test("is told of its own tasks at a modern upstream, as tasks/get has them", async () => {
    const { result } = await stateless(urls.modern);
    const call = { name: "confirm_delete", arguments: { filename: "c.txt" } };
    const { taskId } = await result("tools/call", call);
    const { taskId: another } = await result("tools/call", call);
    const next = await listen(urls.modern, { taskIds: [taskId, "made-up"] });
    expect(await next()).toMatchObject({
      method: "notifications/subscriptions/acknowledged",
      params: { notifications: { taskIds: [taskId] } },
    });
    const update = (id: unknown) =>
      result("tasks/update", { taskId: id, inputResponses: { confirm: { action: "decline" } } });
    await update(another);
    await update(taskId);
    const told = [(await next()).params, (await next()).params];
    expect(told.map(({ taskId: id, status }) => [id, status])).toEqual([
      [taskId, "working"],
      [taskId, "completed"],
    ]);
    const { _meta, ...over } = told[1] ?? {};
    expect({ resultType: "complete", ...over }).toEqual(await result("tasks/get", { taskId }));
    expect(_meta).toEqual({ "io.modelcontextprotocol/subscriptionId": "listen" });
  });

  test("hears that nothing will be told of tasks at a session upstream", async () => {
    const { result } = await stateless(urls.session);
    const { taskId } = await result("tools/call", { name: "slow_compute", arguments: { seconds: 60 } });
    const { params } = await (await listen(urls.session, { taskIds: [taskId] }))();
    expect(params.notifications).toEqual({});
    await result("tasks/cancel", { taskId });
  });

  test.each(UPSTREAMS)("must declare the extension to be told of tasks at a %s upstream", async (era) => {
    const { ask } = await stateless(urls[era], { capabilities: {} });
    const refused = await ask("subscriptions/listen", { notifications: { taskIds: [] } });
    expect(refused).toMatchObject({ status: 400, answer: { error: { code: -32021 } } });
  });
});

describe.each(UPSTREAMS)("the id of a task at a %s upstream", (era) => {
  const METHODS = ["tasks/get", "tasks/update", "tasks/cancel"];

  test("is opaque, and unknown when it is altered, made up, another's, or of another virtual server", async () => {
    const client = await stateless(urls[era]);
    const { taskId } = await client.result("tools/call", {
      name: "slow_compute",
      arguments: { seconds: 60, label: "" },
    });
    const id = String(taskId);
    expect(id).toMatch(/^v1\.[\w-]{8}\.[\w-]+$/);
    const ann = await stateless(urls[era], { subject: "ann@example.com" });
    const other = await stateless(`${gateway.url}/mcp`); // has the same upstream
    const since = upstreams[era].hearing.heard.length;
    const attempts = [
      [client, `${id.slice(0, -4)}AAAA`],
      [client, "made-up"],
      [ann, id],
      [other, id],
    ] as const;
    for (const method of METHODS) {
      for (const [who, taskId] of attempts) {
        const { data: _id, ...error } = (await who.refusal(method, { taskId, inputResponses: {} })) ?? {};
        expect(error).toEqual({ code: -32602, message: "Task not found" });
      }
    }
    const reached = upstreams[era].hearing.heard.slice(since).filter(({ method }) => method.startsWith("tasks/"));
    expect(reached).toEqual([]);
    await client.result("tasks/cancel", { taskId });
  });

  test("leads a session client nowhere that is not its own", async () => {
    const { raw } = await connect(urls[era]);
    const call = { name: "slow_compute", arguments: { seconds: 60, label: "" }, task: {} };
    const { taskId } = taskOf(await raw("tools/call", call));
    const ann = { authorization: `Bearer ${await gateway.token({ subject: "ann@example.com" })}` };
    const begun = await send(urls[era], initialize(), ann);
    const sessionId = begun.headers.get("mcp-session-id") ?? "";
    for (const method of ["tasks/get", "tasks/result", "tasks/cancel"]) {
      const { answer } = await send(urls[era], session(1, method, { taskId }, sessionId), ann);
      expect(answer?.error).toMatchObject({ code: -32602, message: "Task not found" });
    }
    expect((await send(urls[era], session(2, "tasks/list", {}, sessionId), ann)).answer?.result).toEqual({ tasks: [] });
    await raw("tasks/cancel", { taskId });
  });

  test("is the same whenever the task is spoken of", async () => {
    const { raw } = await connect(urls[era]);
    const call = { name: "slow_compute", arguments: { seconds: 60, label: "" }, task: {} };
    const { taskId } = taskOf(await raw("tools/call", call));
    const found = [await raw("tasks/get", { taskId }), ...((await raw("tasks/list")).tasks as Json[])];
    expect(found.map((task) => task.taskId)).toEqual([taskId, taskId]);
    await raw("tasks/cancel", { taskId });
  });
});

describe("what is offered", () => {
  const capabilitiesOf = async (url: string, version?: string): Promise<Json> => {
    const headers = { authorization: `Bearer ${await gateway.token()}` };
    const wire = version === undefined ? modern(1, "server/discover") : initialize(version);
    return (await send(url, wire, headers)).answer?.result?.capabilities as Json;
  };
  const tasks = { list: {}, cancel: {}, requests: { tools: { call: {} } } };

  test.each(UPSTREAMS)("by a %s upstream with tasks: each revision's own form of them", async (era) => {
    expect(await capabilitiesOf(urls[era])).toMatchObject({ extensions: { [EXTENSION]: {} } });
    expect(await capabilitiesOf(urls[era])).not.toHaveProperty("tasks");
    expect(await capabilitiesOf(urls[era], "2025-11-25")).toMatchObject({ tasks });
    for (const version of ["2025-11-25", "2025-06-18", "2025-03-26"])
      expect(await capabilitiesOf(urls[era], version)).not.toHaveProperty("extensions");
    for (const version of ["2025-06-18", "2025-03-26"])
      expect(await capabilitiesOf(urls[era], version)).not.toHaveProperty("tasks");
  });

  test.each(UPSTREAMS)("by tools of a %s upstream: taskSupport to session clients alone", async (era) => {
    const { client } = await connect(urls[era]);
    const support = (listed: Json[]) =>
      Object.fromEntries(listed.map(({ name, execution }) => [name, (execution as Json | undefined)?.taskSupport]));
    const inSession = support((await client.listTools()).tools as unknown as Json[]);
    expect(inSession.slow_compute).toBe("optional");
    expect(inSession.failing_job).toBe(era === "session" ? "required" : "optional");
    const { result } = await stateless(urls[era]);
    const modernTools = (await result("tools/list")).tools as Json[];
    expect(modernTools.filter((tool) => "execution" in tool)).toEqual([]);
  });

  test("without an upstream that has tasks: none, and no methods", async () => {
    const everything = await startModernEverything();
    onTestFinished(() => everything.close());
    const { url } = await gateway.bundle("no tasks", everything.url);
    expect(await capabilitiesOf(url)).not.toHaveProperty("extensions");
    expect(await capabilitiesOf(url, "2025-11-25")).not.toHaveProperty("tasks");
    const { ask } = await stateless(url);
    expect(await ask("tasks/get", { taskId: "any" })).toMatchObject({
      status: 404,
      answer: { error: { code: -32601 } },
    });
    const { raw } = await connect(url);
    for (const method of ["tasks/get", "tasks/result", "tasks/cancel", "tasks/list"])
      await expect(raw(method, { taskId: "any" })).rejects.toMatchObject({ code: -32601 });
  });
});
