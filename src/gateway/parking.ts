// Stateless clients at upstreams that keep sessions: a call whose client can be asked runs in an object, which owns it
// from the first byte, so that it can wait there for the client's answers (MCP 2026-07-28 basic/mrtr). The object is one
// per principal, upstream and set of capabilities, and owns the session they share there.
import { GatewayError, type PlainFailure } from "../errors.ts";
import { toBase64url } from "../lib/base64url.ts";
import { isObject, type JsonObject, type JsonValue } from "../lib/json.ts";
import { PROTOCOL_META } from "../lib/mcp.ts";
import type { Answer, Target, UpstreamRequest } from "../upstream/upstream.ts";
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

const INTERACTIVE: readonly string[] = ["tools/call", "prompts/get", "resources/read"];
const ASKABLE = ["elicitation", "sampling", "roots"] as const;

/** What a client of this request can be asked; undefined when it can't, or may not (basic/mrtr names the methods). */
export function askableOf({
  era,
  method,
  params,
}: Pick<Exchange, "era" | "method" | "params">): JsonObject | undefined {
  if (era !== "modern" || !INTERACTIVE.includes(method) || !isObject(params._meta)) return undefined;
  const declared = params._meta[PROTOCOL_META.clientCapabilities];
  if (!isObject(declared)) return undefined;
  const asked = ASKABLE.filter((name) => isObject(declared[name] ?? null));
  return asked.length > 0 ? Object.fromEntries(asked.map((name) => [name, declared[name] as JsonValue])) : undefined;
}

/** Sends a call by way of its object, or goes on with the one that waits there. `params` are the upstream's own. */
export async function callParked(
  exchange: Exchange,
  target: Target,
  capabilities: JsonObject,
  params: JsonObject,
): Promise<Answer> {
  const { requestState, inputResponses, ...rest } = params;
  const parked = parkedIn(requestState);
  const responses = isObject(inputResponses ?? null) ? (inputResponses as JsonObject) : {};
  if (parked) {
    const answer = await follow(exchange, target, parked, rest, { round: parked.round, responses });
    if (answer) return answer;
    if (!mayRunAgain(exchange))
      throw new GatewayError(
        "exchange_lost",
        "The gateway lost this call while it waited; it may have been carried out in part",
      );
  }
  const fresh = { object: await objectFor(exchange, target, capabilities), exchange: crypto.randomUUID(), round: 0 };
  const answer = await follow(exchange, target, fresh, rest, { capabilities: JSON.stringify(capabilities) });
  if (!answer) throw new GatewayError("exchange_lost", "The gateway lost this call");
  return answer;
}

const parkedIn = (state: JsonValue | undefined): Parked | undefined =>
  isObject(state ?? null) ? (state as unknown as Parked) : undefined;

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
  const reply = await exchange.context.env.SESSION.getByName(place.object).fetch(
    `https://session/exchanges/${"round" in how ? place.exchange : ""}`,
    { method: "POST", body: JSON.stringify(body), signal: exchange.signal },
  );
  const frames = framesOf(reply.body);
  const first = await next(frames);
  if ("lost" in first) return undefined;
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
  yield message;
  for (;;) {
    const frame = await next(frames);
    if (!("message" in frame)) return yield await last(exchange, target, place, frame);
    yield frame.message;
  }
}

async function next(frames: AsyncGenerator<Frame, void, void>): Promise<Frame> {
  const { done, value } = await frames.next();
  return done ? { failure: LOST } : value;
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

async function* framesOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Frame, void, void> {
  const decoder = new TextDecoder();
  let begun = "";
  for await (const chunk of body ?? []) {
    const lines = (begun + decoder.decode(chunk, { stream: true })).split("\n");
    begun = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line) as Frame;
  }
}
