// What servers of the session era ask within tasks of clients of 2026-07-28: whoever asks, and whatever happens meanwhile
// (MCP 2025-11-25 basic/utilities/tasks).
import { mkdtemp, rm } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { addUser } from "../auth/users.ts";
import type { Message } from "../fakes/plain-mcp.ts";
import { eventStream, type Heard, startScripted } from "../fakes/scripted.ts";
import { startSessionTasks } from "../fakes/tasks/session.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { envelope, modern, send } from "../wire.ts";

type Json = Record<string, unknown>;
const CAPABILITIES = { elicitation: { form: {}, url: {} }, extensions: { "io.modelcontextprotocol/tasks": {} } };

const RELATED = { "io.modelcontextprotocol/related-task": { taskId: "1" } };

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
  await addUser(gateway, "ann@example.com");
});
afterAll(() => gateway.dispose());

/** A client of 2026-07-28 that can be asked, and gets results. */
async function client(url: string, subject: string) {
  const headers = { authorization: `Bearer ${await gateway.token({ subject })}` };
  return async (method: string, params: Json): Promise<Json> => {
    const { answer } = await send(url, modern(1, method, { ...params, _meta: envelope(CAPABILITIES) }), headers);
    if (!answer?.result) throw new Error(JSON.stringify(answer));
    return answer.result;
  };
}

/** A server that gives every session one task, always numbered 1, and asks by the session's name. */
async function startNumbering() {
  const sessions: string[] = [];
  const answers: Json[] = [];
  const task = { taskId: "1", status: "input_required", createdAt: "", lastUpdatedAt: "", ttl: null };
  const result = (outgoing: ServerResponse, { id }: Message, result: Json) =>
    outgoing.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ jsonrpc: "2.0", id, result }));
  const script = async ({ message, headers }: Heard, outgoing: ServerResponse): Promise<boolean> => {
    const session = String(headers["mcp-session-id"]);
    if (message?.method === "initialize") {
      outgoing.setHeader("mcp-session-id", `session-${sessions.push("") - 1}`);
      const capabilities = { tools: {}, tasks: { requests: { tools: { call: {} } } } };
      const serverInfo = { name: "numbering", version: "1" };
      result(outgoing, message, { protocolVersion: "2025-11-25", capabilities, serverInfo });
    } else if (message?.method === "tools/list") {
      const tool = { name: "ask", inputSchema: { type: "object" }, execution: { taskSupport: "required" } };
      result(outgoing, message, { tools: [tool] });
    } else if (message?.method === "tools/call") result(outgoing, message, { task });
    else if (message?.method === "tasks/get") result(outgoing, message, task);
    else if (message?.method === "tasks/result")
      eventStream(outgoing)({
        jsonrpc: "2.0",
        id: 0,
        method: "elicitation/create",
        params: {
          mode: "url",
          url: "https://example.com/",
          message: session,
          elicitationId: "its own",
          _meta: RELATED,
        },
      });
    else if (message && message.method === undefined) {
      answers.push({ session, ...(message as unknown as Json) });
      outgoing.writeHead(202).end();
    } else return false;
    return true;
  };
  const upstream = await startScripted(script);
  onTestFinished(upstream.close);
  return { upstream, answers };
}

test("tasks that a server numbers alike in every session are not mixed up between principals", async () => {
  const { upstream, answers } = await startNumbering();
  const { url } = await gateway.bundle("numbering", upstream.url, { visibility: "public" });
  const [admin, ann] = [await client(url, "admin@example.com"), await client(url, "ann@example.com")];
  const begun = [await admin("tools/call", { name: "ask" }), await ann("tools/call", { name: "ask" })];
  const [mine, hers] = begun.map(({ taskId }) => String(taskId));
  expect(mine).not.toBe(hers);

  const asked = async (who: typeof admin, taskId: unknown) =>
    (await who("tasks/get", { taskId })).inputRequests as Record<string, { params: Json }>;
  const questions = [await asked(admin, mine), await asked(ann, hers)];
  const [[ofMine], [ofHers]] = questions.map((requests) => Object.values(requests).map(({ params }) => params)) as [
    Json[],
    Json[],
  ];
  expect(ofMine?.message).not.toBe(ofHers?.message);
  expect(ofMine).toEqual({ mode: "url", url: "https://example.com/", message: ofMine?.message });

  await ann("tasks/update", { taskId: hers, inputResponses: { "0": { action: "accept" } } });
  expect(answers).toEqual([
    { session: ofHers?.message, jsonrpc: "2.0", id: 0, result: { action: "accept", _meta: RELATED } },
  ]);
  expect(await asked(admin, mine)).toEqual(questions[0]);
});

test("a task outlives the gateway: begun and asked before it stops, answered and fetched after it starts again", async () => {
  const directory = await mkdtemp(join(tmpdir(), "tasks-"));
  const vars = { JWT_SECRET_KEY: "a".repeat(40), AUTH_ENCRYPTION_SECRET: "b".repeat(40) };
  const upstream = await startSessionTasks();
  onTestFinished(async () => {
    await upstream.close();
    await rm(directory, { recursive: true });
  });
  const ask = async (at: Gateway, url: string, method: string, params: Json): Promise<Json> => {
    const headers = { authorization: `Bearer ${await at.token()}` };
    const { answer } = await send(url, modern(1, method, { ...params, _meta: envelope(CAPABILITIES) }), headers);
    return answer?.result ?? { error: answer?.error };
  };

  const before = await startGateway(vars, directory);
  const { url, serverId } = await before.bundle("tasks", upstream.url);
  const { taskId } = await ask(before, url, "tools/call", { name: "confirm_delete", arguments: { filename: "a" } });
  let asked: Json = {};
  while (asked.inputRequests === undefined) asked = await ask(before, url, "tasks/get", { taskId });
  await before.dispose();

  const after = await startGateway(vars, directory);
  onTestFinished(after.dispose);
  const again = `${after.url}/servers/${serverId}/mcp`;
  expect(await ask(after, again, "tasks/get", { taskId })).toMatchObject({ inputRequests: asked.inputRequests });
  const [key = ""] = Object.keys(asked.inputRequests as Json);
  const inputResponses = { [key]: { action: "accept", content: { confirm: true } } };
  await ask(after, again, "tasks/update", { taskId, inputResponses });
  let task: Json = {};
  while (task.status !== "completed") task = await ask(after, again, "tasks/get", { taskId });
  expect(task.result).toMatchObject({ content: [{ text: "deleted a" }] });
  expect(upstream.executions).toEqual(["confirm_delete"]);
});
