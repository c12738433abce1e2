// Messages that may be sent a second time when the connection was lost before an answer (RFC 9110 section 9.2.2). A server
// closes connections that were idle for a while, and may do so while a message is on its way (RFC 9112 section 9.5).
import type { JsonObject } from "../lib/json.ts";

/** Requests that change nothing, or nothing more the second time. A call of a tool is made by nobody again. */
const REPEATABLE: ReadonlySet<unknown> = new Set([
  "initialize",
  "ping",
  "server/discover",
  "subscriptions/listen",
  "tools/list",
  "prompts/list",
  "prompts/get",
  "resources/list",
  "resources/templates/list",
  "resources/read",
  "resources/subscribe",
  "resources/unsubscribe",
  "completion/complete",
  "logging/setLevel",
  "tasks/list",
  "tasks/get",
  "tasks/result",
]);

/** Notifications and replies may come twice: the second says nothing new. */
export const isRepeatable = ({ method, id }: JsonObject): boolean =>
  method === undefined || id === undefined || REPEATABLE.has(method);
