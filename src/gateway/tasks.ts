// Tasks (MCP 2025-11-25 basic/utilities/tasks; the extension io.modelcontextprotocol/tasks of 2026-07-28): what is
// offered to whom, and what both forms have in common. Each client's form has its own file, tasks-session.ts and
// tasks-modern.ts; ids are told in task-ids.ts.
import type { UpstreamData, View } from "../catalog/view.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import { TASKS_EXTENSION } from "../lib/mcp.ts";
import { RpcFailure } from "../upstream/read-answer.ts";
import { bridge } from "./bridge.ts";
import { type Answer, type Exchange, invalidParams } from "./exchange.ts";
import { hasTasks } from "./task-forms.ts";
import { placeOf, type TaskPlace } from "./task-ids.ts";

/** The revision that has tasks among its own methods. */
const SESSION_TASKS = "2025-11-25";

/** Capabilities with tasks in the form that clients of a revision know, when anything here has them. */
export function offeringTasks(view: View, version: string, capabilities: JsonObject): JsonObject {
  const { extensions, ...own } = capabilities;
  const { [TASKS_EXTENSION]: _tasks, ...others } = isObject(extensions) ? extensions : {};
  const offered = hasTasks(view);
  const all = offered && version > SESSION_TASKS ? { ...others, [TASKS_EXTENSION]: {} } : others;
  return {
    ...own,
    ...(Object.keys(all).length > 0 ? { extensions: all } : {}),
    ...(offered && version === SESSION_TASKS
      ? { tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } }
      : {}),
  };
}

/** A task that a request names: its id as the client has it, where it is, and the upstream there. */
export interface Known {
  readonly id: string;
  readonly place: TaskPlace;
  readonly target: UpstreamData;
}

/** Somebody else's task, one that was never, and one whose upstream has gone are the same to a client. */
export const unknownTask = (): Answer => invalidParams("Task not found");

/** Shorter ids are not looked for in messages: they may be there by chance. */
const TELLING = 8;

/** Runs a method on the task that the request names. What the upstream refuses is told with the client's id. */
export async function onTask(exchange: Exchange, run: (task: Known) => Promise<Answer>): Promise<Answer> {
  const { taskId: id } = exchange.params;
  const place = await placeOf(exchange, id);
  const target = place && exchange.view.upstreams.get(place.upstreamId);
  if (typeof id !== "string" || !target) return unknownTask();
  const answer = await run({ id, place, target }).catch((error: unknown) => {
    if (error instanceof RpcFailure) return bridge(exchange, target, { kind: "error", error: error.error });
    throw error;
  });
  if (answer.kind !== "error" || place.taskId.length < TELLING) return answer;
  const message = answer.error.message.replaceAll(place.taskId, id);
  return { kind: "error", error: { ...answer.error, message } };
}
