// tools/call where a task stands in between at an upstream of the session era (MCP 2025-11-25 basic/utilities/tasks,
// "Tool-Level Negotiation"): the client's own task, one that the gateway makes because the tool must have one, and one
// in place of the answer for a client of 2026-07-28 with the tasks extension.
import { taskFormOf } from "../catalog/target.ts";
import type { ToolData, UpstreamData } from "../catalog/view.ts";
import { newId } from "../lib/ids.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import { send } from "../upstream/connect.ts";
import { isResponse, RpcFailure, responseText, tryParse } from "../upstream/read-answer.ts";
import type { Answer as UpstreamAnswer } from "../upstream/upstream.ts";
import { type Answer, complete, type Exchange } from "./exchange.ts";
import { A_DAY, asker, forward, surroundings } from "./forward.ts";
import { declaresTasks, unrelated } from "./task-forms.ts";
import { withClientIds } from "./task-names.ts";
import { remember } from "./task-notes.ts";
import { beginTask, needsExtension } from "./tasks-modern.ts";
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
  if (answer.kind === "stream") return { kind: "stream", messages: noting(exchange, answer.messages) };
  if (answer.kind === "message") await rememberIn(exchange, answer.text);
  return answer;
}

async function* noting(
  exchange: Exchange,
  messages: AsyncGenerator<string, void, void>,
): AsyncGenerator<string, void, void> {
  for await (const text of messages) {
    if (isResponse(text)) await rememberIn(exchange, text);
    yield text;
  }
}

async function rememberIn(exchange: Exchange, response: string): Promise<void> {
  const message = tryParse(response);
  const task = isObject(message) && isObject(message.result) ? message.result.task : undefined;
  if (isObject(task) && typeof task.taskId === "string") await remember(exchange, task.taskId);
}

/** A call of a tool that must have a task, for a client that did not ask for one: it gets what tasks/result says. */
async function ownTask(exchange: Exchange, target: UpstreamData, params: JsonObject): Promise<Answer> {
  const around = surroundings(exchange);
  const ask = asker(exchange, target, around);
  try {
    const result = await ask("tools/call", { ...params, task: {} });
    const taskId = isObject(result.task) ? result.task.taskId : undefined;
    if (typeof taskId !== "string") return complete(exchange, result);
    exchange.onCancel?.(() => around.background(ask("tasks/cancel", { taskId }).catch(() => {})));
    const request = { id: newId(), method: "tasks/result", params: { taskId } };
    return {
      kind: "stream",
      messages: asAnswers(exchange, target, send(target, request, { ...around, timeout: A_DAY })),
    };
  } catch (error) {
    if (error instanceof RpcFailure) return { kind: "error", error: error.error };
    throw error;
  }
}

/** What tasks/result brings, as if the call itself had brought it. */
async function* asAnswers(
  exchange: Exchange,
  target: UpstreamData,
  sent: Promise<UpstreamAnswer>,
): AsyncGenerator<string, void, void> {
  const answer = await sent;
  const respond = (content: JsonObject) => JSON.stringify({ jsonrpc: "2.0", id: exchange.id, ...content });
  if (answer.kind === "error") return yield respond({ error: answer.error as unknown as JsonObject });
  if (answer.kind === "result") return yield respond({ result: answer.result });
  const messages = answer.kind === "stream" ? answer.messages : [await responseText(answer)];
  for await (const theirs of messages) {
    const text = messageForClients(exchange.view, target.id, theirs);
    const message = tryParse(text);
    if (!isObject(message) || message.method === "notifications/tasks/status") continue;
    const { method, params, result } = message;
    if (method === undefined)
      yield respond(isObject(result) ? { result: unrelated(result) } : { error: message.error ?? null });
    else yield isObject(params) ? JSON.stringify({ ...message, params: unrelated(params) }) : text;
  }
}
