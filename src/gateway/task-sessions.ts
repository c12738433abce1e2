// The session at an upstream that has a stateless client's task. It is opened with what this client can be asked, shared
// by the requests of one principal with the same capabilities, and named in the task's id, so that every isolate goes on
// in it.
import { isObject, type JsonObject } from "../lib/json.ts";
import { PROTOCOL_META, TASKS_EXTENSION } from "../lib/mcp.ts";
import { sessionsOfPrincipal } from "../upstream/sessions.ts";
import type { AskableClient, Surroundings, UpstreamSession, UpstreamSessions } from "../upstream/upstream.ts";
import type { Exchange } from "./exchange.ts";
import { surroundings } from "./forward.ts";
import type { TaskPlace } from "./task-ids.ts";

/** Surroundings in which a task's session is used; `used` tells which it was. */
export interface InTaskSession {
  readonly around: Surroundings;
  readonly used: () => UpstreamSession | undefined;
}

/** The surroundings of an exchange in a task's session; for a new task, in one that this client's tasks share. */
export function inTaskSession(exchange: Exchange, place?: TaskPlace): InTaskSession {
  const usual = surroundings(exchange);
  const capabilities = askable(exchange);
  const asking: Surroundings = { ...usual, client: unasked(capabilities) };
  const shared = sessionsOfPrincipal(`${exchange.context.caller.id}|tasks|${JSON.stringify(capabilities)}`, asking);
  let used = place?.session;
  const held = used;
  const sessions: UpstreamSessions = {
    shared: true,
    async get(target) {
      used ??= await shared.get(target);
      return used;
    },
    async forget(target, session) {
      used = undefined;
      if (session !== held) await shared.forget(target, session);
    },
  };
  return { around: { ...asking, sessions }, used: () => used };
}

/** What the client can be asked, as its request declares it. */
function askable({ params }: Exchange): JsonObject {
  const declared = isObject(params._meta) ? params._meta[PROTOCOL_META.clientCapabilities] : undefined;
  const { extensions, ...capabilities } = isObject(declared) ? declared : {};
  const { [TASKS_EXTENSION]: _tasks, ...others } = isObject(extensions) ? extensions : {};
  return Object.keys(others).length > 0 ? { ...capabilities, extensions: others } : capabilities;
}

/** A client whose capabilities are declared, and that is asked by other means. */
export const unasked = (capabilities: JsonObject, heard: (request: JsonObject) => void = () => {}): AskableClient => ({
  capabilities,
  ask(request) {
    heard(request);
    return { text: JSON.stringify(request), reply: new Promise(() => {}) };
  },
  hangUp() {},
});
