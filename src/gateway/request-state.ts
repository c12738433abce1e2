// requestState of 2026-07-28 (basic/patterns/mrtr): what an upstream wants back on the retry, or where a call waits, travels to the
// client sealed and bound to principal, virtual server, method and arguments. Whoever changes or moves it gets one fixed
// refusal.
import { GatewayError } from "../errors.ts";
import { isObject, type JsonObject, type JsonValue } from "../lib/json.ts";
import { sealer } from "../lib/seal.ts";
import type { Exchange } from "./exchange.ts";

/** Milliseconds a state is good for. */
export const STATE_LIFETIME = 10 * 60_000;

const seal = (exchange: Exchange) => sealer(exchange.context.config.sealingSecrets, "request-state");

/** What a state is bound to besides its seal. Answers and the state itself differ between rounds, so they stay out. */
function binding({ context, method, params, view }: Exchange): string {
  const { name, uri, arguments: args } = params;
  return JSON.stringify([view.data.scope, context.caller.id, method, name ?? uri ?? null, args ?? null]);
}

/** The refusal of a state that is not ours, not of this call, too old, or used before. */
export const INVALID_STATE = (): GatewayError =>
  new GatewayError("invalid_params", "requestState is not valid for this request", {
    details: { field: "requestState" },
  });

/** A state under seal: a text of the upstream's own, a place of ours, or null where the call is simply made again. */
export const sealState = (exchange: Exchange, upstreamId: string, state: string | object | null): Promise<string> =>
  seal(exchange).seal({ upstreamId, state: state as JsonValue, until: Date.now() + STATE_LIFETIME }, binding(exchange));

/** Puts the state of an `input_required` result under seal. Other results pass unchanged. */
export async function wrapState(exchange: Exchange, upstreamId: string, result: JsonObject): Promise<JsonObject> {
  if (result.resultType !== "input_required" || typeof result.requestState !== "string") return result;
  return { ...result, requestState: await sealState(exchange, upstreamId, result.requestState) };
}

/** Params with the state put back as it was sealed. @throws GatewayError `invalid_params`. */
export async function unwrapState(exchange: Exchange, upstreamId: string, params: JsonObject): Promise<JsonObject> {
  if (params.requestState === undefined) return params;
  const opened =
    typeof params.requestState === "string"
      ? await seal(exchange).open(params.requestState, binding(exchange))
      : undefined;
  const valid = isObject(opened) && opened.upstreamId === upstreamId && Number(opened.until) > Date.now();
  if (!valid) throw INVALID_STATE();
  const { requestState: _sealed, inputResponses, ...call } = params;
  if (opened.state === null) return call;
  return { ...call, ...(inputResponses === undefined ? {} : { inputResponses }), requestState: opened.state ?? null };
}
