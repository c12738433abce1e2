// Tasks as session clients have them (MCP 2025-11-25 basic/utilities/tasks): tasks/get, tasks/result, tasks/cancel and
// tasks/list. To an upstream of the session era they pass, with its ids; one with the extension is polled.
import { taskFormOf } from "../catalog/target.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import { RPC } from "../lib/mcp.ts";
import { RpcFailure } from "../upstream/read-answer.ts";
import { bridge } from "./bridge.ts";
import { type Answer, complete, type Exchange, invalidParams } from "./exchange.ts";
import { forward } from "./forward.ts";
import { asker, surroundings } from "./surroundings.ts";
import { isTerminal, related, toSessionTask, unrelated } from "./task-forms.ts";
import { placeOf } from "./task-ids.ts";
import { withClientIds } from "./task-names.ts";
import { forget, keptResult, remembered } from "./task-notes.ts";
import { outcome } from "./task-outcome.ts";
import { type Known, onTask, unknownTask } from "./tasks.ts";

/** tasks/get. */
export const getTask = (exchange: Exchange): Promise<Answer> =>
  onTask(exchange, async (task) => {
    if (passes(task)) return await pass(exchange, task);
    const state = await stateOf(exchange, task);
    return state ? complete(exchange, toSessionTask(state, task.id)) : unknownTask();
  });

/** tasks/result: answered when the task is over. */
export const taskResult = (exchange: Exchange): Promise<Answer> =>
  onTask(exchange, async (task) => {
    if (passes(task)) return await pass(exchange, task);
    const { id, place, target } = task;
    const call = asCall(exchange, task);
    if (place.keptIn === undefined) {
      const around = surroundings(exchange);
      const ask = asker(exchange, target, around);
      const messages = outcome(exchange, ask, { taskId: place.taskId, clientId: id, client: around.client });
      return await bridge(call, target, { kind: "stream", messages });
    }
    const kept = await stateOf(exchange, task);
    if (!kept || !isObject(kept.result)) return unknownTask();
    const response = { jsonrpc: "2.0", id: exchange.id, result: related(kept.result, id) };
    return await bridge(call, target, { kind: "message", text: JSON.stringify(response) });
  });

/** tasks/cancel. The extension only acknowledges it, so the task is looked at until it shows. */
export const cancelTask = (exchange: Exchange): Promise<Answer> =>
  onTask(exchange, async (task) => {
    if (passes(task)) return await pass(exchange, task);
    const before = await stateOf(exchange, task);
    if (!before) return unknownTask();
    if (isTerminal(before)) return invalidParams(`The task is over already: ${String(before.status)}`);
    const ask = asker(exchange, task.target, surroundings(exchange));
    const { taskId } = task.place;
    await ask("tasks/cancel", { taskId });
    let state = await ask("tasks/get", { taskId });
    for (let look = 1; look < LOOKS && !isTerminal(state); look++) {
      await scheduler.wait(BETWEEN_LOOKS);
      state = await ask("tasks/get", { taskId });
    }
    return complete(exchange, toSessionTask(state, task.id));
  });

const LOOKS = 10;
const BETWEEN_LOOKS = 200;

/** Tasks on one page of tasks/list. */
const PAGE = 10;

/**
 * tasks/list: the tasks this session began, newest first, each as its upstream has it now. An upstream's own list is not
 * asked: it may have the tasks of everybody who comes through the gateway, and the extension has none.
 */
export async function listTasks(exchange: Exchange): Promise<Answer> {
  const { cursor } = exchange.params;
  const all = (await remembered(exchange)).toReversed();
  const after = cursor === undefined ? -1 : all.findIndex(([key]) => key === cursor);
  if (cursor !== undefined && after === -1) return invalidParams("params.cursor is not valid");
  const page = all.slice(after + 1, after + 1 + PAGE);
  const tasks = await Promise.all(page.map(([key, id]) => listed(exchange, key, id)));
  const last = page.at(-1)?.[0];
  return complete(exchange, {
    tasks: tasks.filter((task) => task !== undefined),
    ...(last !== undefined && all.at(-1)?.[0] !== last ? { nextCursor: last } : {}),
  });
}

/** A task of the list; undefined for one that its upstream no longer has, or that can't be asked for now. */
async function listed(exchange: Exchange, key: string, id: string): Promise<JsonObject | undefined> {
  const place = await placeOf(exchange, id);
  const target = place && exchange.view.upstreams.get(place.upstreamId);
  if (!target) return undefined;
  const task = { id, place, target };
  try {
    if (!passes(task)) {
      const state = await stateOf(exchange, task);
      return state && toSessionTask(state, id);
    }
    const state = await asker(exchange, target, surroundings(exchange))("tasks/get", { taskId: place.taskId });
    return { ...unrelated(state), taskId: id };
  } catch (error) {
    if (error instanceof RpcFailure && error.error.code === RPC.invalidParams) await forget(exchange, key);
    return undefined;
  }
}

/** Both ends speak of tasks in the same form. */
const passes = ({ place, target }: Known): boolean => place.keptIn === undefined && taskFormOf(target) === "session";

const pass = async (exchange: Exchange, { place, target }: Known): Promise<Answer> =>
  await withClientIds(
    exchange,
    target.id,
    await forward(exchange, target.id, { ...exchange.params, taskId: place.taskId }),
  );

/** A task in the extension's form; undefined for one that was kept here and is gone. */
async function stateOf(exchange: Exchange, { place, target }: Known): Promise<JsonObject | undefined> {
  const { keptIn, taskId } = place;
  if (keptIn !== undefined) return await keptResult(exchange.context.env, keptIn, taskId);
  return await asker(exchange, target, surroundings(exchange))("tasks/get", { taskId });
}

/** The exchange as the call that the task was made for: its result is brought into the client's era as a call's is. */
const asCall = (exchange: Exchange, { place }: Known): Exchange => ({
  ...exchange,
  method: "tools/call",
  params: { name: place.tool ?? "" },
});
