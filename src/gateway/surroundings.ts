// What connectors need of an exchange (upstream/upstream.ts), and how the gateway itself asks an upstream in the course of
// one.

import { newId } from "../lib/ids.ts";
import type { JsonObject } from "../lib/json.ts";
import { send } from "../upstream/connect.ts";
import { resultOf } from "../upstream/read-answer.ts";
import { sessionsOfClient, sessionsOfPrincipal } from "../upstream/sessions.ts";
import type { Surroundings, Target, UpstreamSessions } from "../upstream/upstream.ts";
import { unaskedOf } from "./declared.ts";
import { paramsFor } from "./envelope.ts";
import type { Exchange } from "./exchange.ts";

/** How long tasks/result may be silent: it is answered when the task is over. */
export const A_DAY = 24 * 3600_000;

/** What a connector needs of this exchange. What only some calls use is made when it is used. */
export function surroundings(exchange: Exchange): Surroundings {
  const { context, session } = exchange;
  const { env, store } = context;
  const background = (work: Promise<unknown>): void => store.waitUntil(work);
  const around = {
    outbound: context.outbound,
    secrets: context.config.sealingSecrets,
    principal: context.caller.id,
    clientInfo: context.introduction,
    timeout: exchange.method === "tasks/result" ? A_DAY : context.config.toolTimeout,
    background,
    get signal() {
      return exchange.signal;
    },
    get onSlow() {
      return exchange.onSlow;
    },
    get client() {
      return exchange.client;
    },
    get declared() {
      return session ? session.capabilities : unaskedOf(exchange);
    },
    get sessions(): UpstreamSessions {
      return session
        ? sessionsOfClient(env, session.id, session.capabilities, background)
        : sessionsOfPrincipal(context.caller.id, this as Surroundings);
    },
  };
  return around as Surroundings;
}

/** For what the client's leaving does not end. */
export const NEVER = new AbortController().signal;

/** Asks an upstream something on the gateway's own account in the course of an exchange. @throws GatewayError, RpcFailure. */
export type Ask = (method: string, params: JsonObject) => Promise<JsonObject>;

/** What the client's leaving does not end: it is short, and what it is about goes on at the upstream. */
export function asker(exchange: Exchange, target: Target, around: Surroundings): Ask {
  return async (method, params) => {
    const request = { id: newId(), method, params: paramsFor(exchange, target, params) };
    return await resultOf(await send(target, request, { ...around, signal: NEVER }));
  };
}
