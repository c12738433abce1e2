// tools/call where a task stands in between at an upstream of the session era (MCP 2025-11-25 basic/utilities/tasks,
// "Tool-Level Negotiation"): the client's own task, one that the gateway makes because the tool must have one, and one
// in place of the answer for a client of 2026-07-28 with the tasks extension.
import { taskFormOf } from "../catalog/target.ts";
import type { ToolData, UpstreamData } from "../catalog/view.ts";
import { newId } from "../lib/ids.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import { send } from "../upstream/connect.ts";
import { isResponse, responseText, tryParse } from "../upstream/read-answer.ts";
import type { Answer as UpstreamAnswer } from "../upstream/upstream.ts";
import type { Answer, Exchange } from "./exchange.ts";
import { forward } from "./forward.ts";
import { A_DAY, asker, surroundings } from "./surroundings.ts";
import { declaresTasks, toExtensionTask, unrelated } from "./task-forms.ts";
import { taskIdOf } from "./task-ids.ts";
import { withClientIds } from "./task-names.ts";
import { remember } from "./task-notes.ts";
import { sessionOfCall } from "./task-sessions.ts";
import { needsExtension } from "./tasks-modern.ts";
import { messageForClients } from "./uris.ts";

/** The answer to a call in which a task stands in between; undefined for every other call. */
export async function callAsTask(
  exchange: Exchange,
  tool: ToolData,
  target: UpstreamData | undefined,
  params: JsonObject,
): Promise<Answer | undefined> {
  if (!target || taskFormOf(target) !== "session") return undefined;
  if (exchange.era === "modern") {
    const { task: _hint, ...plain } = params; // no client of this revision decides on tasks
    if (tool.task === undefined)
      return params.task === undefined ? undefined : await forward(exchange, target.id, plain);
    if (declaresTasks(params)) return await beginTask(exchange, target, plain);
    return tool.task === "required" ? needsExtension() : undefined;
  }
  if (params.task !== undefined) return await clientsTask(exchange, target, params);
  return tool.task === "required" ? ownTask(exchange, target, params) : undefined;
}

/** A task that the client asked for: the upstream's CreateTaskResult with the client's id, remembered for tasks/list. */
async function clientsTask(exchange: Exchange, target: UpstreamData, params: JsonObject): Promise<Answer> {
  const answer = await withClientIds(exchange, target.id, await forward(exchange, target.id, params));
  return await withResponse(answer, async (response) => {
    const { task } = resultIn(response) ?? {};
    if (isObject(task) && typeof task.taskId === "string") await remember(exchange, task.taskId);
    return response;
  });
}

function resultIn(response: string): JsonObject | undefined {
  const message = tryParse(response);
  return isObject(message) && isObject(message.result) ? message.result : undefined;
}

/** A call of a tool that must have a task, for a client that did not ask for one: it gets what tasks/result says. */
async function ownTask(exchange: Exchange, target: UpstreamData, params: JsonObject): Promise<Answer> {
  const answer = await forward(exchange, target.id, { ...params, task: {} });
  return answer.kind === "error" ? answer : { kind: "stream", messages: throughTask(exchange, target, answer) };
}

async function* throughTask(
  exchange: Exchange,
  target: UpstreamData,
  answer: Exclude<Answer, { kind: "error" }>,
): AsyncGenerator<string, void, void> {
  const around = surroundings(exchange);
  for await (const text of answer.kind === "stream" ? answer.messages : [await responseText(answer)]) {
    const { task } = (isResponse(text) && resultIn(text)) || {};
    const taskId = isObject(task) ? task.taskId : undefined;
    if (typeof taskId !== "string") {
      yield* asOfCall(exchange, text);
      continue;
    }
    const ask = asker(exchange, target, around);
    exchange.onCancel?.(() => around.background(ask("tasks/cancel", { taskId }).catch(() => {})));
    const request = { id: newId(), method: "tasks/result", params: { taskId } };
    const outcome = await send(target, request, { ...around, timeout: A_DAY });
    for await (const theirs of messagesOf(exchange, outcome))
      yield* asOfCall(exchange, messageForClients(exchange.view, target.id, theirs));
  }
}

async function* messagesOf({ id }: Exchange, answer: UpstreamAnswer): AsyncGenerator<string, void, void> {
  if (answer.kind === "stream") yield* answer.messages;
  else if (answer.kind === "error") yield JSON.stringify({ jsonrpc: "2.0", id, error: answer.error });
  else if (answer.kind === "result") yield JSON.stringify({ jsonrpc: "2.0", id, result: answer.result });
  else yield await responseText(answer);
}

/** What belongs to a task as if it belonged to the call: the client knows of no task. */
function* asOfCall({ id }: Exchange, text: string): Generator<string, void, void> {
  const message = tryParse(text);
  if (!isObject(message) || message.method === "notifications/tasks/status") return;
  const { method, params, result } = message;
  if (method !== undefined) yield isObject(params) ? JSON.stringify({ ...message, params: unrelated(params) }) : text;
  else yield JSON.stringify({ ...message, id, ...(isObject(result) ? { result: unrelated(result) } : {}) });
}

/** Calls a tool as a task, which is what the client of 2026-07-28 gets. What the server asks before is asked as in any call. */
async function beginTask(exchange: Exchange, target: UpstreamData, params: JsonObject): Promise<Answer> {
  const answer = await forward(exchange, target.id, { ...params, task: {} });
  return await withResponse(answer, async (response) => {
    const { task, resultType: _type, ...rest } = resultIn(response) ?? {};
    if (!isObject(task) || typeof task.taskId !== "string") return response;
    const session = await sessionOfCall(exchange, target);
    const place = { upstreamId: target.id, taskId: task.taskId, ...(session ? { session } : {}) };
    const created = { resultType: "task", ...rest, ...toExtensionTask(task, await taskIdOf(exchange, place)) };
    return JSON.stringify({ jsonrpc: "2.0", id: exchange.id, result: created });
  });
}

/** An answer whose response becomes another; what comes before it passes. */
async function withResponse(answer: Answer, change: (response: string) => Promise<string>): Promise<Answer> {
  if (answer.kind === "error") return answer;
  if (answer.kind !== "stream") return { kind: "message", text: await change(await responseText(answer)) };
  return { kind: "stream", messages: changed(answer.messages, change) };
}

async function* changed(
  messages: AsyncGenerator<string, void, void>,
  change: (response: string) => Promise<string>,
): AsyncGenerator<string, void, void> {
  for await (const text of messages) yield isResponse(text) ? await change(text) : text;
}
