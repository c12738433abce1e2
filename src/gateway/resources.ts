// resources/read, resources/subscribe and resources/unsubscribe (MCP server/resources). A URI is looked up in the view,
// then among its templates; one that is listed nowhere is asked for where resources are, in order.
import type { ResourceData } from "../catalog/view.ts";
import type { JsonObject } from "../lib/json.ts";
import { RPC } from "../lib/mcp.ts";
import { rpcErrorIn } from "../upstream/read-answer.ts";
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
  const owners = resource?.upstreamId
    ? [resource.upstreamId]
    : exchange.view.able("resources").map((upstream) => upstream.id);
  let answer = notFound(exchange, uri);
  for (const owner of owners) {
    answer = await forward(exchange, owner, await unwrapState(exchange, owner, exchange.params));
    if (!isNotFound(answer)) return answer;
  }
  return answer;
}

const notFound = ({ era }: Exchange, uri: string): Answer =>
  refuse(era === "modern" ? RPC.invalidParams : RPC.resourceNotFound, "Resource not found", { uri });

const NOT_FOUND: readonly number[] = [RPC.invalidParams, RPC.resourceNotFound];

function isNotFound(answer: Answer): boolean {
  const error =
    answer.kind === "error" ? answer.error : answer.kind === "message" ? rpcErrorIn(answer.text) : undefined;
  return error !== undefined && NOT_FOUND.includes(error.code);
}
