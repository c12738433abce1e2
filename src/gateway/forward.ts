// The road to an upstream: a client's request re-built for the upstream's era, sent, its answer brought back.
import { taskFormOf } from "../catalog/target.ts";
import type { UpstreamData } from "../catalog/view.ts";
import { GatewayError } from "../errors.ts";
import { newId } from "../lib/ids.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import { MODERN_VERSION, PROTOCOL_META } from "../lib/mcp.ts";
import { connectorOf, send } from "../upstream/connect.ts";
import { resultOf } from "../upstream/read-answer.ts";
import { sessionsOfClient, sessionsOfPrincipal } from "../upstream/sessions.ts";
import type { Surroundings, Target, Answer as UpstreamAnswer, UpstreamSessions } from "../upstream/upstream.ts";
import { bridge } from "./bridge.ts";
import type { Answer, Exchange } from "./exchange.ts";
import { withInput } from "./input-required.ts";
import { audible, levelFor, lowerLevel } from "./log-level.ts";
import { disguise } from "./own-ids.ts";
import { callParked, wayOf } from "./parking.ts";
import { withTask } from "./task-answers.ts";
import { withTasks } from "./task-forms.ts";

/** Sends the exchange's method to an upstream of its view. `params` have the upstream's own names in them. */
export async function forward(
  exchange: Exchange,
  upstreamId: string,
  params: JsonObject,
  paramHeaders?: Record<string, string>,
): Promise<Answer> {
  const target = upstreamOf(exchange, upstreamId);
  const way = wayOf(exchange, target, params);
  if (way) {
    const answer = await callParked(exchange, target, way, withoutEnvelope(params));
    return await bridge(exchange, target, heard(exchange, target, answer));
  }
  const asked = { id: exchange.id, params: paramsFor(exchange, target, params) };
  const disguised = !exchange.session && target.sessionful ? disguise(asked) : undefined;
  const { id } = disguised ?? asked;
  const logLevel = target.era === "sse" ? levelFor(exchange, target) : undefined;
  const request = {
    ...asked,
    ...disguised,
    method: exchange.method,
    ...(logLevel ? { logLevel } : {}),
    ...(paramHeaders ? { paramHeaders } : {}),
  };
  const around = surroundings(exchange);
  const telling = connectorOf(target.era).notify;
  if (telling) {
    onLeave(exchange, () => {
      const told = telling(target, "notifications/cancelled", { requestId: id }, { ...around, signal: NEVER });
      around.background(told.catch(() => {}));
    });
  }
  if (disguised) await lowerLevel(exchange, target, around);
  const sent = await send(target, request, around);
  const answer = heard(exchange, target, disguised ? await disguised.reveal(sent) : sent);
  const client = target.era === "modern" ? around.client : undefined;
  const resend = (more: JsonObject) => send(target, { ...request, params: { ...request.params, ...more } }, around);
  const whole = client ? await withInput(exchange, client, resend, answer) : answer;
  const ask = asker(exchange, target, around);
  return await bridge(exchange, target, await withTask(exchange, target, ask, client, whole));
}

/** Asks an upstream something on the gateway's own account in the course of an exchange. @throws GatewayError, RpcFailure. */
export type Ask = (method: string, params: JsonObject) => Promise<JsonObject>;

/** What the client's leaving does not end: it is short, and what it is about goes on at the upstream. */
export function asker(exchange: Exchange, target: Target, around: Surroundings): Ask {
  return async (method, params) => {
    const request = { id: newId(), method, params: paramsFor(exchange, target, params) };
    return await resultOf(await send(target, request, { ...around, signal: NEVER }));
  };
}

/** Whoever sets levels at the upstream itself gets what it asked for; for the others more was asked for than they may want. */
function heard(exchange: Exchange, target: Target, answer: UpstreamAnswer): UpstreamAnswer {
  const bySelf = exchange.era === "modern" ? target.era === "modern" : target.sessionful;
  if (answer.kind !== "stream" || bySelf) return answer;
  return { kind: "stream", messages: audible(exchange, answer.messages) };
}

/** Calls back when the client no longer wants the answer: by its cancellation, or where there is none, by hanging up. */
function onLeave(exchange: Exchange, listener: () => void): void {
  if (exchange.onCancel) exchange.onCancel(listener);
  else exchange.signal.addEventListener("abort", listener, { once: true });
}

const NEVER = new AbortController().signal;

/** How long tasks/result may be silent: it is answered when the task is over. */
export const A_DAY = 24 * 3600_000;

/** The upstream of a view's entry. @throws GatewayError when it has gone meanwhile. */
function upstreamOf(exchange: Exchange, id: string): UpstreamData {
  const target = exchange.view.upstreams.get(id);
  if (!target) throw new GatewayError("upstream_disabled", "The upstream of this is disabled");
  return target;
}

/** What a connector needs of this exchange. What only some calls use is made when it is used. */
export function surroundings(exchange: Exchange): Surroundings {
  const { context, session } = exchange;
  const { env, store } = context;
  const background = (work: Promise<unknown>): void => store.waitUntil(work);
  const around = {
    outbound: context.outbound,
    secrets: context.config.sealingSecrets,
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
    get sessions(): UpstreamSessions {
      return session
        ? sessionsOfClient(env, session.id, session.capabilities, background)
        : sessionsOfPrincipal(context.caller.id, this as Surroundings);
    },
  };
  return around as Surroundings;
}

/** Params in the upstream's era: the envelope of 2026-07-28 is added or taken off; everything else passes. */
function paramsFor(exchange: Exchange, target: Target, params: JsonObject): JsonObject {
  if (exchange.era === "modern")
    return target.era === "modern" || target.era === "builtin" ? params : withoutEnvelope(params);
  if (target.era !== "modern") return params;
  const meta = isObject(params._meta) ? params._meta : {};
  const capabilities = exchange.session?.capabilities ?? {};
  const logLevel = levelFor(exchange, target);
  const envelope = {
    [PROTOCOL_META.protocolVersion]: MODERN_VERSION,
    [PROTOCOL_META.clientInfo]: exchange.session?.clientInfo ?? { ...exchange.context.introduction },
    [PROTOCOL_META.clientCapabilities]: taskFormOf(target) ? withTasks(capabilities) : capabilities,
    ...(logLevel ? { [PROTOCOL_META.logLevel]: logLevel } : {}),
  };
  const { task: _task, ...rest } = params; // of 2025-11-25; with the extension it is the server that decides
  return { ...rest, _meta: { ...meta, ...envelope } };
}

function withoutEnvelope(params: JsonObject): JsonObject {
  const { inputResponses: _responses, requestState: _state, ...rest } = params;
  if (!isObject(rest._meta)) return rest;
  const meta = Object.fromEntries(
    Object.entries(rest._meta).filter(([key]) => !key.startsWith("io.modelcontextprotocol/")),
  );
  return { ...rest, _meta: meta };
}
