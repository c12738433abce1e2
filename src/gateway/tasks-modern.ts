// Tasks as clients of 2026-07-28 have them (the extension io.modelcontextprotocol/tasks): tasks/get, tasks/update and
// tasks/cancel. To an upstream with the extension they pass; one of the session era is
// asked in its own form, in the session that has the task.
import { taskFormOf } from "../catalog/target.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import { RPC, TASKS_EXTENSION } from "../lib/mcp.ts";
import { RpcFailure } from "../upstream/read-answer.ts";
import { type Answer, complete, type Exchange, invalidParams, refuse } from "./exchange.ts";
import { type Ask, asker, surroundings } from "./surroundings.ts";
import { declaresTasks, isTerminal, toExtensionTask, unrelated } from "./task-forms.ts";
import { answerQuestion, questionsOf } from "./task-questions.ts";
import { inTaskSession } from "./task-sessions.ts";
import { type Known, onTask } from "./tasks.ts";
import { messageForClients } from "./uris.ts";

/** What a client gets that would have to declare the extension. */
export const needsExtension = (): Answer =>
  refuse(RPC.missingClientCapability, `The client must declare the extension ${TASKS_EXTENSION}`, {
    requiredCapabilities: { extensions: { [TASKS_EXTENSION]: {} } },
  });

/** Runs a method on the task that the request names, if the client declares the extension. */
async function onDeclared(exchange: Exchange, run: (task: Known) => Promise<Answer>): Promise<Answer> {
  return declaresTasks(exchange.params) ? await onTask(exchange, run) : needsExtension();
}

/** The request at an upstream that has the extension too, with its own id of the task. */
async function passed(exchange: Exchange, { place, target }: Known): Promise<JsonObject> {
  const ask = asker(exchange, target, surroundings(exchange));
  return await ask(exchange.method, { ...exchange.params, taskId: place.taskId });
}

const extended = ({ target }: Known): boolean => taskFormOf(target) === "extension";

/** tasks/get: the task with what its status brings along. */
export const getTask = (exchange: Exchange): Promise<Answer> =>
  onDeclared(exchange, async (task) => {
    const state = extended(task)
      ? { ...(await passed(exchange, task)), taskId: task.id }
      : await stateOf(exchange, task);
    const { view, id } = exchange;
    const text = JSON.stringify({ jsonrpc: "2.0", id, result: { resultType: "complete", ...state } });
    return { kind: "message", text: messageForClients(view, task.target.id, text) };
  });

/** A task of a session upstream as the extension tells it. */
async function stateOf(exchange: Exchange, known: Known): Promise<JsonObject> {
  const { id, place, target } = known;
  const around = inTaskSession(exchange, place);
  const ask = asker(exchange, target, around);
  const { taskId } = place;
  const task = toExtensionTask(await ask("tasks/get", { taskId }), id);
  if (task.status === "input_required") {
    const inputRequests = await questionsOf(exchange, known, around);
    // What was asked is answered, and the server has not said so yet.
    return Object.keys(inputRequests).length > 0 ? { ...task, inputRequests } : { ...task, status: "working" };
  }
  return isTerminal(task) && task.status !== "cancelled" ? { ...task, ...(await outcomeOf(ask, taskId)) } : task;
}

/** What a finished task came to. In the extension only errors of the protocol are failures, not those a tool reports. */
async function outcomeOf(ask: Ask, taskId: string): Promise<JsonObject> {
  try {
    return { status: "completed", result: unrelated(await ask("tasks/result", { taskId })) };
  } catch (error) {
    if (!(error instanceof RpcFailure)) throw error;
    return { status: "failed", error: error.error as unknown as JsonObject };
  }
}

/** tasks/update: the client's answers to what the task's server asked. Answers to nothing that was asked are dropped. */
export const updateTask = (exchange: Exchange): Promise<Answer> =>
  onDeclared(exchange, async (task) => {
    const { inputResponses } = exchange.params;
    if (!isObject(inputResponses)) return invalidParams("params.inputResponses must be an object");
    if (extended(task)) return complete(exchange, await passed(exchange, task));
    const around = inTaskSession(exchange, task.place);
    await asker(exchange, task.target, around)("tasks/get", { taskId: task.place.taskId }); // unknown ones are refused
    for (const [key, response] of Object.entries(inputResponses))
      await answerQuestion(exchange, task, key, response, around);
    return complete(exchange, {});
  });

/** tasks/cancel: acknowledged for every task there is. In the session era one that is over, or can't be stopped, is refused. */
export const cancelTask = (exchange: Exchange): Promise<Answer> =>
  onDeclared(exchange, async (task) => {
    if (extended(task)) return complete(exchange, await passed(exchange, task));
    const ask = asker(exchange, task.target, inTaskSession(exchange, task.place));
    const { taskId } = task.place;
    try {
      await ask("tasks/cancel", { taskId });
    } catch (error) {
      if (!(error instanceof RpcFailure)) throw error;
      await ask("tasks/get", { taskId }); // a task that is none is still refused
    }
    return complete(exchange, {});
  });
