// completion/complete (MCP server/utilities/completion): asked where the referenced prompt or resource template lives.
import { originalUri } from "../catalog/uris.ts";
import { isObject } from "../lib/json.ts";
import { permit } from "../policy/can.ts";
import { type Answer, complete, type Exchange, invalidParams } from "./exchange.ts";
import { forward } from "./forward.ts";

export async function completeArgument(exchange: Exchange): Promise<Answer> {
  const { ref } = exchange.params;
  if (!isObject(ref)) return invalidParams("params.ref must be an object");
  const { context, view } = exchange;
  if (ref.type === "ref/prompt") {
    permit(context.caller, "prompts.read", "Server", view.target);
    const prompt = view.prompts.get(String(ref.name));
    if (!prompt) return invalidParams(`Unknown prompt: ${String(ref.name)}`);
    return await at(exchange, prompt.upstreamId, { ...ref, name: prompt.original });
  }
  if (ref.type === "ref/resource") {
    permit(context.caller, "resources.read", "Server", view.target);
    const resource = view.uris.reference(String(ref.uri));
    if (!resource) return invalidParams(`Unknown resource: ${String(ref.uri)}`);
    return await at(exchange, resource.upstreamId, { ...ref, uri: originalUri(resource) });
  }
  return invalidParams("params.ref.type must be ref/prompt or ref/resource");
}

/** What is ours, or lives where nothing completes, has no suggestions. */
async function at(exchange: Exchange, upstreamId: string | null, ref: Record<string, unknown>): Promise<Answer> {
  const completes = exchange.view.upstreams.get(upstreamId ?? "")?.capabilities.completions !== undefined;
  if (upstreamId === null || !completes)
    return complete(exchange, { completion: { values: [], total: 0, hasMore: false } });
  return await forward(exchange, upstreamId, { ...exchange.params, ref: ref as never });
}
