// The session at an upstream that has a stateless client's task: the one in which the call was made that became the task.
// It is named in the task's id, so that every isolate goes on in it, whatever the client declares meanwhile.
import { GatewayError } from "../errors.ts";
import type { JsonObject } from "../lib/json.ts";
import { sessionObject } from "../upstream/sessions.ts";
import type { AskableClient, Surroundings, Target, UpstreamSession, UpstreamSessions } from "../upstream/upstream.ts";
import { askableOf } from "./declared.ts";
import type { Exchange } from "./exchange.ts";
import { objectFor } from "./parking.ts";
import { surroundings } from "./surroundings.ts";
import type { TaskPlace } from "./task-ids.ts";

/** The session that a call of this client uses at an upstream; undefined where there are none. */
export async function sessionOfCall(exchange: Exchange, target: Target): Promise<UpstreamSession | undefined> {
  if (!target.sessionful) return undefined;
  const askable = askableOf(exchange);
  if (!askable) return await surroundings(exchange).sessions.get(target);
  const object = sessionObject(exchange.context.env, await objectFor(exchange, target, askable));
  const opening = await object.upstreamSession(target, JSON.stringify(askable));
  if ("failure" in opening) throw GatewayError.from(opening.failure);
  return opening.session;
}

/** The surroundings of an exchange in a task's session; when the upstream has lost that, in the one for other requests. */
export function inTaskSession(exchange: Exchange, { session }: TaskPlace): Surroundings {
  const usual = surroundings(exchange);
  if (!session) return { ...usual };
  let lost = false;
  const sessions: UpstreamSessions = {
    shared: true,
    get: (target) => (lost ? usual.sessions.get(target) : session),
    async forget(target, which) {
      if (lost) await usual.sessions.forget(target, which);
      lost = true;
    },
  };
  return { ...usual, sessions };
}

/** A client that is asked by other means: what it is asked is only heard. */
export const hearing = (capabilities: JsonObject, heard: (request: JsonObject) => void): AskableClient => ({
  capabilities,
  ask(request) {
    heard(request);
    return { text: JSON.stringify(request), reply: new Promise(() => {}) };
  },
  hangUp() {},
});
