// subscriptions/listen of 2026-07-28 (utilities/subscriptions): one stream that tells of changed lists and updated
// resources, as far as the client asked for it.
import type { View } from "../catalog/view.ts";
import { isObject, type JsonObject, type JsonValue } from "../lib/json.ts";
import { PROTOCOL_META } from "../lib/mcp.ts";
import { permit } from "../policy/can.ts";
import { type Answer, type Exchange, invalidParams } from "./exchange.ts";
import { LISTS, type Lists, watchLists } from "./list-changes.ts";
import { Mailbox } from "./mailbox.ts";
import { declaresTasks, hasTasks } from "./task-forms.ts";
import { hearOfTasks } from "./task-updates.ts";
import { needsExtension } from "./tasks-modern.ts";
import { Hearings } from "./updates.ts";

export async function listen(exchange: Exchange): Promise<Answer> {
  const asked = exchange.params.notifications;
  if (!isObject(asked)) return invalidParams("params.notifications must be an object");
  const lists = LISTS.filter((list) => asked[list.filter] === true);
  const uris = Array.isArray(asked.resourceSubscriptions)
    ? asked.resourceSubscriptions.filter((uri) => typeof uri === "string")
    : [];
  if (uris.length > 0) permit(exchange.context.caller, "resources.read", "Server", exchange.view.target);
  if (asked.taskIds !== undefined && hasTasks(exchange.view) && !declaresTasks(exchange.params))
    return needsExtension();
  const taskIds = Array.isArray(asked.taskIds) ? asked.taskIds : [];
  if (taskIds.length > 0) permit(exchange.context.caller, "tools.execute", "Server", exchange.view.target);
  return { kind: "stream", messages: stream(exchange, lists, uris, taskIds) };
}

async function* stream(
  exchange: Exchange,
  lists: Lists,
  uris: readonly string[],
  taskIds: readonly JsonValue[],
): AsyncGenerator<string, void, void> {
  const tell = (method: string, params: JsonObject = {}): string =>
    JSON.stringify({
      jsonrpc: "2.0",
      method,
      params: { ...params, _meta: { [PROTOCOL_META.subscriptionId]: exchange.id } },
    });
  const post = new Mailbox<string>();
  const { context, view, signal } = exchange;
  signal.addEventListener("abort", () => post.close(), { once: true });

  const hearings = new Hearings(context, lists, (params) =>
    post.putOnce(tell("notifications/resources/updated", params)),
  );
  const follow = (now: View) => hearings.follow(now, uris);
  const over = new AbortController();
  try {
    follow(view);
    watchLists({
      context,
      view,
      era: "modern",
      lists,
      signal: over.signal,
      changed: (method) => post.putOnce(tell(method)),
      looked: follow,
      over: () => post.close(),
    });
    const [tasks] = await Promise.all([
      hearOfTasks(exchange, taskIds, (task) => post.put(tell("notifications/tasks", task))),
      hearings.ready(),
    ]);
    const agreed = hearings.agreed();
    const notifications: JsonObject = {
      ...Object.fromEntries(lists.map((list) => [list.filter, true])),
      ...(agreed.length > 0 ? { resourceSubscriptions: agreed } : {}),
      ...(tasks.length > 0 ? { taskIds: tasks } : {}),
    };
    yield tell("notifications/subscriptions/acknowledged", { notifications });
    yield* post;
  } finally {
    over.abort();
    hearings.close();
  }
}
