// resources/read, resources/subscribe and resources/unsubscribe (MCP server/resources). A URI is looked up in the view,
// then among its templates; one that the catalog does not know at all (a link in a result, say) is asked for at the
// upstreams of the view, in order. What was not chosen, or is disabled, stays out of reach.
import { knownAt } from "../catalog/resources.ts";
import type { Place } from "../catalog/uris.ts";
import type { ResourceData } from "../catalog/view.ts";
import type { JsonObject } from "../lib/json.ts";
import { RPC } from "../lib/mcp.ts";
import { responseText, rpcErrorIn } from "../upstream/read-answer.ts";
import { sessionObject } from "../upstream/sessions.ts";
import { type Answer, complete, type Exchange, refuse, textParam } from "./exchange.ts";
import { forward } from "./forward.ts";
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
  const { params, view, session, context } = exchange;
  const uri = textParam(params, "uri");
  const place = view.uris.toUpstream(uri);
  const owner = view.upstreams.get(place?.upstreamId ?? "");
  const keepsSessions = owner?.era === "session" && owner.sessionful; // a connection of HTTP+SSE ends with its request
  if (!owner || keepsSessions || !session) return await atOwner(exchange, uri, place);
  await sessionObject(context.env, session.id).subscribe(uri, exchange.method === "resources/subscribe");
  return complete(exchange, {});
}

const caching = ({ era }: Exchange): JsonObject => (era === "modern" ? { ttlMs: 10_000, cacheScope: "private" } : {});

/** A resource of our own as MCP gives its contents. */
export const contentOf = ({ uri, mimeType }: Pick<ResourceData, "uri" | "mimeType">, text: string): JsonObject => ({
  uri,
  mimeType: mimeType ?? "text/plain",
  text,
});

/** A place that can be asked. */
type Asked = Place & { readonly upstreamId: string };

async function atOwner(exchange: Exchange, uri: string, place: Place | undefined): Promise<Answer> {
  if (place?.upstreamId === null) return complete(exchange, {}); // ours: it never tells of changes
  const places = await reachable(exchange, uri, place as Asked | undefined);
  const [owner] = places;
  return place?.entry && owner ? await at(exchange, owner) : await search(exchange, places, uri);
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

/**
 * Where a URI may be asked for: where the view has it; what no list of the view has, at its own upstream if it bears a
 * mark, else at each that has resources. Where the catalog knows it, it was not chosen or is switched off.
 */
async function reachable(
  { view, context }: Exchange,
  uri: string,
  place: Asked | undefined,
): Promise<readonly Asked[]> {
  if (place?.entry) return [place];
  const places = place ? [place] : view.able("resources").map(({ id }) => ({ upstreamId: id, uri }));
  if (places.length === 0) return places;
  const ids = places.map(({ upstreamId }) => upstreamId);
  const known = await knownAt(context.desk, ids, place?.uri ?? uri);
  return places.filter(({ upstreamId }) => !known.has(upstreamId));
}

const notFound = ({ era }: Exchange, uri: string): Answer =>
  refuse(era === "modern" ? RPC.invalidParams : RPC.resourceNotFound, "Resource not found", { uri });

/** 0 is what servers on the official Python SDK say for whatever they raise. */
const NOT_FOUND: readonly number[] = [RPC.invalidParams, RPC.resourceNotFound, RPC.methodNotFound, 0];

function isNotFound(answer: Answer): boolean {
  const error =
    answer.kind === "error" ? answer.error : answer.kind === "message" ? rpcErrorIn(answer.text) : undefined;
  return error !== undefined && NOT_FOUND.includes(error.code);
}
