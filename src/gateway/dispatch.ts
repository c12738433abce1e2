// Which method each era has, and what it means. A method that is absent here does not exist: -32601.
import { RPC } from "../lib/mcp.ts";
import { completeArgument } from "./completion.ts";
import { type Answer, type Exchange, type Method, refuse } from "./exchange.ts";
import { discover, ping, setLevel } from "./handshake.ts";
import { list } from "./lists.ts";
import { getPrompt } from "./prompts.ts";
import { readResource, subscribeResource } from "./resources.ts";
import { listen } from "./subscriptions.ts";
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
  modern: new Map(Object.entries({ ...BOTH, "server/discover": discover, "subscriptions/listen": listen })),
  session: new Map(
    Object.entries({
      ...BOTH,
      ping,
      "logging/setLevel": setLevel,
      "resources/subscribe": subscribeResource,
      "resources/unsubscribe": subscribeResource,
    }),
  ),
};

/** Whether an era has a method. */
export const hasMethod = (era: Exchange["era"], method: string): boolean => METHODS[era].has(method);

/** Runs the exchange's method. @throws GatewayError. */
export function dispatch(exchange: Exchange): Answer | Promise<Answer> {
  const method = METHODS[exchange.era].get(exchange.method);
  return method ? method(exchange) : refuse(RPC.methodNotFound, `Method not found: ${exchange.method}`);
}
