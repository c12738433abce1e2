// Which method each era has, and what it means. A method that is absent here does not exist: -32601.
import type { View } from "../catalog/view.ts";
import { RPC } from "../lib/mcp.ts";
import { type Permission, permit } from "../policy/can.ts";
import { completeArgument } from "./completion.ts";
import { type Answer, type Exchange, type Method, refuse } from "./exchange.ts";
import { discover, ping, setLevel } from "./handshake.ts";
import { list } from "./lists.ts";
import { getPrompt } from "./prompts.ts";
import { recorded } from "./recording.ts";
import { readResource, subscribeResource } from "./resources.ts";
import { listen } from "./subscriptions.ts";
import { hasTasks } from "./task-forms.ts";
import * as modernTasks from "./tasks-modern.ts";
import * as sessionTasks from "./tasks-session.ts";
import { callTool } from "./tools.ts";

const BOTH: Readonly<Record<string, Method>> = {
  "tools/list": list("tools"),
  "tools/call": callTool,
  "prompts/list": list("prompts"),
  "prompts/get": getPrompt,
  "resources/list": list("resources"),
  "resources/templates/list": list("templates"),
  "resources/read": readResource,
  "completion/complete": completeArgument,
};

const METHODS: Readonly<Record<Exchange["era"], ReadonlyMap<string, Method>>> = {
  modern: new Map(
    Object.entries({
      ...BOTH,
      "server/discover": discover,
      "subscriptions/listen": listen,
      "tasks/get": modernTasks.getTask,
      "tasks/update": modernTasks.updateTask,
      "tasks/cancel": modernTasks.cancelTask,
    }),
  ),
  session: new Map(
    Object.entries({
      ...BOTH,
      ping,
      "logging/setLevel": setLevel,
      "resources/subscribe": subscribeResource,
      "resources/unsubscribe": subscribeResource,
      "tasks/get": sessionTasks.getTask,
      "tasks/result": sessionTasks.taskResult,
      "tasks/list": sessionTasks.listTasks,
      "tasks/cancel": sessionTasks.cancelTask,
    }),
  ),
};

/** What a caller needs for a method, besides the use of the virtual server that let it in. */
const PERMISSIONS: ReadonlyMap<string, Permission> = new Map([
  ["tools/list", "tools.read"],
  ["tools/call", "tools.execute"],
  ["prompts/list", "prompts.read"],
  ["prompts/get", "prompts.read"],
  ["resources/list", "resources.read"],
  ["resources/templates/list", "resources.read"],
  ["resources/read", "resources.read"],
  ["resources/subscribe", "resources.read"],
  ["tasks/get", "tools.execute"],
  ["tasks/update", "tools.execute"],
  ["tasks/result", "tools.execute"],
]);

/** Whether an era has a method here; those for tasks exist where something has tasks. */
export const hasMethod = (era: Exchange["era"], method: string, view: View): boolean =>
  METHODS[era].has(method) && (!method.startsWith("tasks/") || hasTasks(view));

/** Runs the exchange's method, and has it recorded. @throws GatewayError. */
export function dispatch(exchange: Exchange): Answer | Promise<Answer> {
  return recorded(exchange, run);
}

function run(exchange: Exchange): Answer | Promise<Answer> {
  const { era, method, view, context } = exchange;
  const permission = PERMISSIONS.get(method);
  if (permission) permit(context.caller, permission, "Server", view.target);
  const means = hasMethod(era, method, view) ? METHODS[era].get(method) : undefined;
  return means ? means(exchange) : refuse(RPC.methodNotFound, `Method not found: ${method}`);
}
