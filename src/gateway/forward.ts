// The road to an upstream: a client's request re-built for the upstream's era, sent, its answer brought back.
import type { UpstreamData } from "../catalog/view.ts";
import { GatewayError } from "../errors.ts";
import type { JsonObject } from "../lib/json.ts";
import { connectorOf, send } from "../upstream/connect.ts";
import type { Surroundings, Target, Answer as UpstreamAnswer, UpstreamRequest } from "../upstream/upstream.ts";
import { bridge } from "./bridge.ts";
import { paramsFor, withoutEnvelope } from "./envelope.ts";
import type { Answer, Exchange } from "./exchange.ts";
import { withInput } from "./input-required.ts";
import { audible, levelFor, lowerLevel } from "./log-level.ts";
import { type Disguise, disguise } from "./own-ids.ts";
import { callParked, wayOf } from "./parking.ts";
import { asker, NEVER, surroundings } from "./surroundings.ts";
import { withTask } from "./task-answers.ts";

/** Sends the exchange's method to an upstream of its view. `params` have the upstream's own names in them. */
export async function forward(
  exchange: Exchange,
  upstreamId: string,
  params: JsonObject,
  paramHeaders?: Record<string, string>,
): Promise<Answer> {
  const target = upstreamOf(exchange, upstreamId);
  const way = wayOf(exchange, target, params);
  const asked = Date.now();
  let answer: UpstreamAnswer;
  try {
    answer = way
      ? await callParked(exchange, target, way, withoutEnvelope(params))
      : await call(exchange, target, requestFor(exchange, target, params, paramHeaders));
  } finally {
    exchange.timing.upstream += Date.now() - asked;
  }
  return await bridge(exchange, target, heard(exchange, target, answer));
}

function requestFor(
  exchange: Exchange,
  target: Target,
  params: JsonObject,
  paramHeaders: Record<string, string> | undefined,
): UpstreamRequest {
  const logLevel = target.era === "sse" ? levelFor(exchange, target) : undefined;
  return {
    id: exchange.id,
    method: exchange.method,
    params: paramsFor(exchange, target, params),
    ...(logLevel ? { logLevel } : {}),
    ...(paramHeaders ? { paramHeaders } : {}),
  };
}

/** The whole answer to a call: whatever the upstream asks for in the course of it is gathered, whatever it puts off is awaited. */
async function call(exchange: Exchange, target: Target, asked: UpstreamRequest): Promise<UpstreamAnswer> {
  const around = surroundings(exchange);
  const shared: Disguise | undefined = !exchange.session && target.sessionful ? disguise(asked) : undefined;
  const request = shared ? { ...asked, id: shared.id, params: shared.params } : asked;
  cancelWith(exchange, target, request, around);
  if (shared) await lowerLevel(exchange, target, around);
  const sent = await send(target, request, around);
  const answer = shared ? await shared.reveal(sent) : sent;
  if (target.era !== "modern") return answer;
  const { client } = around;
  const resend = (more: JsonObject) => send(target, { ...request, params: { ...request.params, ...more } }, around);
  const whole = client ? await withInput(exchange, client, resend, answer) : answer;
  return await withTask(exchange, target, asker(exchange, target, around), client, whole);
}

/** Tells the upstream when the client no longer wants the answer: by its cancellation, or where there is none, by hanging up. */
function cancelWith(exchange: Exchange, target: Target, { id }: UpstreamRequest, around: Surroundings): void {
  const telling = connectorOf(target.era).notify;
  if (!telling) return;
  const tell = (): void => {
    const told = telling(target, "notifications/cancelled", { requestId: id }, { ...around, signal: NEVER });
    around.background(told.catch(() => {}));
  };
  if (exchange.onCancel) exchange.onCancel(tell);
  else exchange.signal.addEventListener("abort", tell, { once: true });
}

/** Whoever sets levels at the upstream itself gets what it asked for; for the others more was asked for than they may want. */
function heard(exchange: Exchange, target: Target, answer: UpstreamAnswer): UpstreamAnswer {
  const bySelf = exchange.era === "modern" ? target.era === "modern" : target.sessionful;
  if (answer.kind !== "stream" || bySelf) return answer;
  return { kind: "stream", messages: audible(exchange, answer.messages) };
}

/** The upstream of a view's entry. @throws GatewayError when it has gone meanwhile. */
function upstreamOf(exchange: Exchange, id: string): UpstreamData {
  const target = exchange.view.upstreams.get(id);
  if (!target) throw new GatewayError("upstream_disabled", "The upstream of this is disabled");
  return target;
}
