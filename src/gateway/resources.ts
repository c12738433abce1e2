// resources/read, resources/subscribe and resources/unsubscribe (MCP server/resources). A URI is looked up in the view,
// then among its templates; one that the catalog does not know at all (a link in a result, say) is asked for at the
// upstreams of the view, in order. What was not chosen, or is disabled, stays out of reach.
import type { Place } from "../catalog/uris.ts";
import type { ResourceData } from "../catalog/view.ts";
import type { JsonObject } from "../lib/json.ts";
import { RPC } from "../lib/mcp.ts";
import { responseText, rpcErrorIn } from "../upstream/read-answer.ts";
import { sessionObject } from "../upstream/sessions.ts";
import { type Answer, complete, type Exchange, refuse, textParam } from "./exchange.ts";
import { forward } from "./forward.ts";
import { type Asked, isAsked, reachable } from "./reach.ts";
import { unwrapState } from "./request-state.ts";

export async function readResource(exchange: Exchange): Promise<Answer> {
  const uri = textParam(exchange.params, "uri");
  const place = exchange.view.uris.toUpstream(uri);
  if (place?.entry?.content !== undefined)
    return complete(exchange, { ...caching(exchange), contents: [contentOf(place.entry, place.entry.content)] });
  return await atOwner(exchange, uri, place);
}

/**
 * resources/subscribe and resources/unsubscribe of the session era: in the client's own session at an upstream that keeps
 * sessions; for the others the client's session remembers it, and its stream hears of the updates (standing.ts).
 */
export async function subscribeResource(exchange: Exchange): Promise<Answer> {
  const { params, view, session, context, method } = exchange;
  const uri = textParam(params, "uri");
  const place = view.uris.toUpstream(uri);
  const keeps = (upstreamId: string): boolean => {
    const target = view.upstreams.get(upstreamId);
    return target?.era === "session" && target.sessionful; // a connection of HTTP+SSE ends with its request
  };
  if (!session || (place && (!isAsked(place) || (place.entry && keeps(place.upstreamId)))))
    return await atOwner(exchange, uri, place);
  const places = (await reachable(exchange, [uri])).get(uri) ?? [];
  const keepers = places.filter(({ upstreamId }) => keeps(upstreamId));
  if (keepers.length > 0 || places.length === 0) {
    const answer = await search(exchange, keepers, uri);
    if (keepers.length === places.length || !isNotFound(answer)) return answer;
  }
  await sessionObject(context.env, session.id).subscribe(uri, method === "resources/subscribe");
  return complete(exchange, {});
}

const caching = ({ era }: Exchange): JsonObject => (era === "modern" ? { ttlMs: 10_000, cacheScope: "private" } : {});

/** A resource of our own as MCP gives its contents. */
export const contentOf = ({ uri, mimeType }: Pick<ResourceData, "uri" | "mimeType">, text: string): JsonObject => ({
  uri,
  mimeType: mimeType ?? "text/plain",
  text,
});

async function atOwner(exchange: Exchange, uri: string, place: Place | undefined): Promise<Answer> {
  if (place && !isAsked(place)) return complete(exchange, {}); // ours: it never tells of changes
  if (place?.entry) return await at(exchange, place);
  return await search(exchange, (await reachable(exchange, [uri])).get(uri) ?? [], uri);
}

async function at(exchange: Exchange, { upstreamId, uri }: Asked): Promise<Answer> {
  const params = await unwrapState(exchange, upstreamId, exchange.params);
  return await forward(exchange, upstreamId, { ...params, uri });
}

/** Asks one after the other until one has it. That one of them is down is told only when none of the others has it. */
async function search(exchange: Exchange, places: readonly Asked[], uri: string): Promise<Answer> {
  let answer = notFound(exchange, uri);
  const failures: unknown[] = [];
  for (const place of places) {
    try {
      const given = await at(exchange, place);
      answer = place === places.at(-1) ? given : await read(given);
      if (!isNotFound(answer)) return answer;
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return places.length === 1 ? answer : notFound(exchange, uri);
}

/** An answer whose end is known: of a stream, the response. */
const read = async (answer: Answer): Promise<Answer> =>
  answer.kind === "stream" ? { kind: "message", text: await responseText(answer) } : answer;

const notFound = ({ era }: Exchange, uri: string): Answer =>
  refuse(era === "modern" ? RPC.invalidParams : RPC.resourceNotFound, "Resource not found", { uri });

/** 0 is what servers on the official Python SDK say for whatever they raise. */
const NOT_FOUND: readonly number[] = [RPC.invalidParams, RPC.resourceNotFound, RPC.methodNotFound, 0];

function isNotFound(answer: Answer): boolean {
  const error =
    answer.kind === "error" ? answer.error : answer.kind === "message" ? rpcErrorIn(answer.text) : undefined;
  return error !== undefined && NOT_FOUND.includes(error.code);
}
