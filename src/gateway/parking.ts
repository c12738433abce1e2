// Stateless clients at upstreams that keep sessions: a call whose client can be asked runs in an object, which owns it
// from the first byte, so that it can wait there for the client's answers (MCP 2026-07-28 basic/patterns/mrtr). The object
// is one per principal, upstream and set of capabilities, and owns the session they share there.
import { GatewayError, type PlainFailure } from "../errors.ts";
import { toBase64url } from "../lib/base64url.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import { tryParse } from "../upstream/read-answer.ts";
import type { Answer, Target, UpstreamRequest } from "../upstream/upstream.ts";
import { askableOf } from "./declared.ts";
import type { Exchange } from "./exchange.ts";
import { levelFor } from "./log-level.ts";
import { disguise } from "./own-ids.ts";
import type { Frame } from "./parked-exchange.ts";
import { INVALID_STATE, sealState } from "./request-state.ts";

/** What begins an exchange in its object. `capabilities` as JSON; `level` is the log level asked for. */
export interface Starting extends Pick<UpstreamRequest, "method" | "params"> {
  readonly exchange: string;
  readonly target: Target;
  readonly capabilities: string;
  readonly level: string | null;
}

/** What goes on with one. */
export interface Going {
  readonly round: number;
  readonly responses: JsonObject;
}

/** Where a call waits, as its requestState carries it under seal. */
export interface Parked {
  readonly object: string;
  readonly exchange: string;
  readonly round: number;
}

/** How a request goes by way of an object: where it waits already, or what its client can be asked. */
type Way = { readonly parked: Parked } | { readonly askable: JsonObject };

/** The way of a request; undefined when it takes none of this. `params` have their state unsealed. */
export function wayOf(exchange: Exchange, target: Target, { requestState }: JsonObject): Way | undefined {
  if (isParked(requestState)) return { parked: requestState };
  if (target.era !== "sse" && !(target.era === "session" && target.sessionful)) return undefined;
  const askable = askableOf(exchange);
  return askable && { askable };
}

/** Sends a call by way of its object, or goes on with the one that waits there. `params` are the upstream's own. */
export async function callParked(exchange: Exchange, target: Target, way: Way, params: JsonObject): Promise<Answer> {
  const { inputResponses } = exchange.params;
  const responses = isObject(inputResponses) ? inputResponses : {};
  if ("parked" in way) {
    const { parked } = way;
    const answer = await follow(exchange, target, parked, params, { round: parked.round, responses });
    if (answer) return answer;
    if (!mayRunAgain(exchange))
      throw new GatewayError(
        "exchange_lost",
        "The gateway lost this call while it waited; it may have been carried out in part",
      );
  }
  const capabilities = "askable" in way ? way.askable : (askableOf(exchange) ?? {});
  const fresh = { object: await objectFor(exchange, target, capabilities), exchange: crypto.randomUUID(), round: 0 };
  const answer = await follow(exchange, target, fresh, params, { capabilities: JSON.stringify(capabilities) });
  if (!answer) throw new GatewayError("exchange_lost", "The gateway lost this call");
  return answer;
}

const isParked = (state: unknown): state is Parked => isObject(state) && typeof state.exchange === "string";

/** The object that has such a client's calls at an upstream, and the session they share there. */
export async function objectFor(
  { context }: Exchange,
  { id, url, sealed }: Target,
  capabilities: JsonObject,
): Promise<string> {
  const facts = JSON.stringify([context.caller.id, id, url, sealed, capabilities]);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(facts));
  return `pool:${toBase64url(new Uint8Array(digest))}`;
}

/** Follows an exchange in its object as far as it goes now; undefined when the object does not have it. */
async function follow(
  exchange: Exchange,
  target: Target,
  place: Parked,
  params: JsonObject,
  how: Going | { capabilities: string },
): Promise<Answer | undefined> {
  const own = disguise({ id: exchange.id, params }, place.exchange);
  const body: Starting | Going =
    "round" in how
      ? how
      : {
          ...how,
          exchange: place.exchange,
          target,
          method: exchange.method,
          params: own.params,
          level: levelFor(exchange, target) ?? null,
        };
  const path = `https://session/exchanges/${"round" in how ? place.exchange : ""}`;
  const request = { method: "POST", body: JSON.stringify(body), signal: exchange.signal };
  const frames = framesOf(() => exchange.context.env.SESSION.getByName(place.object).fetch(path, request));
  const { value: first } = await frames.next();
  if (!first || "lost" in first || ("failure" in first && first.failure === LOST)) return undefined;
  if (!("message" in first)) return own.reveal({ kind: "message", text: await last(exchange, target, place, first) });
  return own.reveal({ kind: "stream", messages: rest(exchange, target, place, first.message, frames) });
}

async function* rest(
  exchange: Exchange,
  target: Target,
  place: Parked,
  message: string,
  frames: AsyncGenerator<Frame, void, void>,
): AsyncGenerator<string, void, void> {
  const unasked = isObject(exchange.params._meta) && exchange.params._meta.progressToken === undefined;
  const wanted = (text: string) => !(unasked && isProgressOf(place.exchange, text));
  if (wanted(message)) yield message;
  for await (const frame of frames) {
    if (!("message" in frame)) return yield await last(exchange, target, place, frame);
    if (wanted(frame.message)) yield frame.message;
  }
}

/** Progress of a call that an earlier request wanted to hear of; this one gave no token. */
function isProgressOf(call: string, text: string): boolean {
  const message = text.includes(call) ? tryParse(text) : undefined;
  return isObject(message) && isObject(message.params) && message.params.progressToken === call;
}

const LOST: PlainFailure = {
  code: "exchange_lost",
  message: "The gateway lost this call; it may have been carried out",
  details: {},
  headers: {},
};

/** The response that a frame ends the call with, for now. */
async function last(exchange: Exchange, target: Target, place: Parked, frame: Frame): Promise<string> {
  if ("response" in frame) return frame.response;
  if ("failure" in frame) throw GatewayError.from(frame.failure);
  if (!("asked" in frame)) throw INVALID_STATE();
  const requestState = await sealState(exchange, target.id, { ...place, round: frame.round });
  const result = { resultType: "input_required", inputRequests: frame.asked, requestState };
  return JSON.stringify({ jsonrpc: "2.0", id: place.exchange, result });
}

/** A call that changes nothing, or nothing twice, may be made again when it was lost (MCP server/tools, annotations). */
function mayRunAgain({ method, params, view }: Exchange): boolean {
  if (method !== "tools/call") return true;
  const tool = view.tools.get(String(params.name));
  const { annotations } = JSON.parse(tool?.text ?? "{}") as { annotations?: Record<string, unknown> };
  return annotations?.readOnlyHint === true || annotations?.idempotentHint === true;
}

/** What an object answers; when it vanishes in the middle, that the call is lost. */
async function* framesOf(send: () => Promise<Response>): AsyncGenerator<Frame, void, void> {
  const decoder = new TextDecoder();
  let begun = "";
  try {
    for await (const chunk of (await send()).body ?? []) {
      const lines = (begun + decoder.decode(chunk, { stream: true })).split("\n");
      begun = lines.pop() ?? "";
      for (const line of lines) yield JSON.parse(line) as Frame;
    }
  } catch (error) {
    console.warn({ event: "a call was lost with its object", reason: String(error) });
    yield { failure: LOST };
  }
}
