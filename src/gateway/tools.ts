// tools/list and tools/call (MCP server/tools). The whole story of a call: find the tool in the view, hold its mirrors
// against its arguments, send it where it lives, bring the answer back.
import { isObject, type JsonObject } from "../lib/json.ts";
import { RPC } from "../lib/mcp.ts";
import { mirror, mismatch } from "../lib/param-headers.ts";
import { callRest, type RestTool } from "../upstream/rest.ts";
import { type Answer, complete, type Exchange, invalidParams, refuse, textParam } from "./exchange.ts";
import { forward } from "./forward.ts";
import { unwrapState } from "./request-state.ts";
import { callAsTask } from "./task-calls.ts";
import { argumentsForUpstream } from "./uris.ts";

export async function callTool(exchange: Exchange): Promise<Answer> {
  const { params, view } = exchange;
  const name = textParam(params, "name");
  const tool = view.tools.get(name);
  if (!tool) return invalidParams(`Unknown tool: ${name}`);

  const wrong =
    exchange.era === "modern" && tool.params ? mismatch(tool.params, params.arguments, exchange.headers) : undefined;
  if (wrong) return refuse(RPC.headerMismatch, wrong);

  if (tool.rest) return complete(exchange, await callOwn(exchange, { ...tool.rest, id: tool.id, name: tool.name }));
  const upstreamId = tool.upstreamId ?? "";
  const theirs = argumentsForUpstream(view, upstreamId, params);
  const own = {
    ...(params.requestState === undefined ? theirs : await unwrapState(exchange, upstreamId, theirs)),
    name: tool.original,
  };
  const asTask = await callAsTask(exchange, tool, view.upstreams.get(upstreamId), own);
  return asTask ?? (await forward(exchange, upstreamId, own, tool.params && mirror(tool.params, theirs.arguments)));
}

/** Calls a REST tool. @throws GatewayError. */
async function callOwn({ params, context, signal, timing }: Exchange, tool: RestTool): Promise<JsonObject> {
  const args: JsonObject = isObject(params.arguments) ? params.arguments : {};
  const asked = Date.now();
  try {
    return await callRest(tool, args, {
      secrets: context.config.sealingSecrets,
      principal: context.caller.id,
      toolTimeout: context.config.toolTimeout,
      outbound: context.outbound,
      signal,
    });
  } finally {
    timing.upstream += Date.now() - asked;
  }
}
