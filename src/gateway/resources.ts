// resources/read, resources/subscribe and resources/unsubscribe (MCP server/resources). A URI is looked up in the view,
// then among its templates; one that the catalog does not know at all (a link in a result, say) is asked for at the
// upstreams whose resources are in the view, in order. What was not chosen, or is disabled, stays out of reach.
import { isKnownUri } from "../catalog/resources.ts";
import type { ResourceData } from "../catalog/view.ts";
import type { JsonObject } from "../lib/json.ts";
import { RPC } from "../lib/mcp.ts";
import { responseText, rpcErrorIn } from "../upstream/read-answer.ts";
import { type Answer, complete, type Exchange, refuse, textParam } from "./exchange.ts";
import { forward } from "./forward.ts";
import { unwrapState } from "./request-state.ts";

export async function readResource(exchange: Exchange): Promise<Answer> {
  const uri = textParam(exchange.params, "uri");
  const resource = exchange.view.resource(uri);
  if (resource?.content !== undefined)
    return complete(exchange, { ...caching(exchange), contents: [contentOf(resource, resource.content)] });
  return await atOwner(exchange, uri, resource);
}

/** resources/subscribe and resources/unsubscribe of the session era: at the upstream that has the resource. */
export async function subscribeResource(exchange: Exchange): Promise<Answer> {
  const uri = textParam(exchange.params, "uri");
  return await atOwner(exchange, uri, exchange.view.resource(uri));
}

const caching = ({ era }: Exchange): JsonObject => (era === "modern" ? { ttlMs: 10_000, cacheScope: "private" } : {});

/** A resource of our own as MCP gives its contents. */
export const contentOf = ({ uri, mimeType }: Pick<ResourceData, "uri" | "mimeType">, text: string): JsonObject => ({
  uri,
  mimeType: mimeType ?? "text/plain",
  text,
});

async function atOwner(exchange: Exchange, uri: string, resource: ResourceData | undefined): Promise<Answer> {
  if (resource && resource.upstreamId === null) return complete(exchange, {}); // ours: it never tells of changes
  if (resource?.upstreamId) return await at(exchange, resource.upstreamId);
  return await search(exchange, await ownersOfUnlisted(exchange, uri), uri);
}

const at = async (exchange: Exchange, owner: string): Promise<Answer> =>
  await forward(exchange, owner, await unwrapState(exchange, owner, exchange.params));

/** Asks one after the other until one has it. That one of them is down is told only when none of the others has it. */
async function search(exchange: Exchange, owners: readonly string[], uri: string): Promise<Answer> {
  let answer = notFound(exchange, uri);
  const failures: unknown[] = [];
  for (const owner of owners) {
    try {
      const given = await at(exchange, owner);
      answer = owner === owners.at(-1) ? given : await read(given);
      if (!isNotFound(answer)) return answer;
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return answer;
}

/** An answer whose end is known: of a stream, the response. */
const read = async (answer: Answer): Promise<Answer> =>
  answer.kind === "stream" ? { kind: "message", text: await responseText(answer) } : answer;

async function ownersOfUnlisted({ view, context }: Exchange, uri: string): Promise<string[]> {
  const { resources, templates } = view.data;
  const owners = [...new Set([...resources, ...templates].flatMap((entry) => entry.upstreamId ?? []))];
  const withheld = owners.length > 0 && (await isKnownUri(context.desk, owners, uri));
  return withheld ? [] : owners;
}

const notFound = ({ era }: Exchange, uri: string): Answer =>
  refuse(era === "modern" ? RPC.invalidParams : RPC.resourceNotFound, "Resource not found", { uri });

const NOT_FOUND: readonly number[] = [RPC.invalidParams, RPC.resourceNotFound];

function isNotFound(answer: Answer): boolean {
  const error =
    answer.kind === "error" ? answer.error : answer.kind === "message" ? rpcErrorIn(answer.text) : undefined;
  return error !== undefined && NOT_FOUND.includes(error.code);
}
