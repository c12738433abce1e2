// notifications/tasks of the tasks extension (ext-tasks, "Task Status Notifications"): what an upstream that has the
// extension tells of a client's tasks goes on to the client's subscriptions/listen stream. Tasks of other upstreams are
// not agreed to; they are asked for.
import { taskFormOf } from "../catalog/target.ts";
import type { UpstreamData, View } from "../catalog/view.ts";
import { newId } from "../lib/ids.ts";
import { isObject, type JsonObject, memberAt } from "../lib/json.ts";
import { send } from "../upstream/connect.ts";
import { tryParse } from "../upstream/read-answer.ts";
import type { Exchange } from "./exchange.ts";
import { surroundings } from "./surroundings.ts";
import { placeOf } from "./task-ids.ts";
import { messageForClients } from "./uris.ts";

type Messages = AsyncGenerator<string, void, void>;

/** The client's ids of tasks by the upstream's. */
type Ids = Map<string, string>;

const ACKNOWLEDGES_WITHIN = 1_500;

/** Hears of tasks until the client leaves or their upstream ends it; gives the ids that upstreams agreed to. */
export async function hearOfTasks(
  exchange: Exchange,
  taskIds: readonly unknown[],
  tell: (task: JsonObject) => void,
): Promise<string[]> {
  const wanted = new Map<UpstreamData, Ids>();
  for (const id of taskIds) {
    const place = await placeOf(exchange, id);
    const target = place && exchange.view.upstreams.get(place.upstreamId);
    if (!target || place.keptIn !== undefined || taskFormOf(target) !== "extension") continue;
    wanted.set(target, (wanted.get(target) ?? new Map()).set(place.taskId, String(id)));
  }
  const agreed = await Promise.all([...wanted].map(([target, ids]) => hearUpstream(exchange, target, ids, tell)));
  return agreed.flat();
}

async function hearUpstream(
  exchange: Exchange,
  target: UpstreamData,
  ids: Ids,
  tell: (task: JsonObject) => void,
): Promise<string[]> {
  const params = { _meta: exchange.params._meta ?? {}, notifications: { taskIds: [...ids.keys()] } };
  try {
    const request = { id: newId(), method: "subscriptions/listen", params };
    const answer = await send(target, request, surroundings(exchange));
    if (answer.kind !== "stream") return [];
    const late = scheduler.wait(ACKNOWLEDGES_WITHIN).then(() => ({ value: undefined }));
    const { value: first } = await Promise.race([answer.messages.next(), late]);
    const agreed = first ? memberAt(tryParse(first), "params", "notifications", "taskIds") : undefined;
    void relay(exchange, target, ids, answer.messages, tell);
    return Array.isArray(agreed) ? agreed.flatMap((id) => ids.get(String(id)) ?? []) : [];
  } catch (error) {
    console.warn({ event: "not told of tasks", upstream: target.name, reason: String(error) });
    return [];
  }
}

async function relay(
  { view, signal }: Exchange,
  target: UpstreamData,
  ids: Ids,
  messages: Messages,
  tell: (task: JsonObject) => void,
): Promise<void> {
  try {
    for await (const text of messages) {
      const message = text.includes('"notifications/tasks"') ? tryParse(text) : undefined;
      const task = isObject(message) && isObject(message.params) ? message.params : {};
      const taskId = ids.get(String(task.taskId));
      if (taskId !== undefined) tell({ ...forClients(view, target, task), taskId });
    }
  } catch (error) {
    if (!signal.aborted)
      console.warn({ event: "no longer told of tasks", upstream: target.name, reason: String(error) });
  }
}

/** A task as the client's tasks/get would give it. */
function forClients(view: View, target: UpstreamData, { _meta, ...task }: JsonObject): JsonObject {
  const told = tryParse(messageForClients(view, target.id, JSON.stringify({ result: task })));
  return isObject(told) && isObject(told.result) ? told.result : task;
}
