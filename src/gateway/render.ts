// The gateway's own requests for what it holds: a prompt rendered or a resource read for the REST API, by the same road
// that MCP clients take.

import { seenRow } from "../catalog/list.ts";
import { targetOf } from "../catalog/target.ts";
import { View, type ViewData } from "../catalog/view.ts";
import type { Context } from "../context.ts";
import { tables } from "../db/client.ts";
import type { PromptRow, ResourceRow } from "../db/tables/catalog.ts";
import { GatewayError } from "../errors.ts";
import type { JsonObject } from "../lib/json.ts";
import { RpcFailure, resultOf } from "../upstream/read-answer.ts";
import { dispatch } from "./dispatch.ts";
import { startTiming } from "./exchange.ts";

/** A prompt with its arguments: the GetPromptResult. @throws GatewayError. */
export async function renderPrompt(
  context: Context,
  row: PromptRow,
  args: Record<string, string>,
): Promise<JsonObject> {
  const prompt = {
    id: row.id,
    upstreamId: row.upstreamId,
    name: row.name,
    original: row.originalName,
    text: row.definition,
    ...(row.template === null ? {} : { template: row.template }),
  };
  return await ask(context, { prompts: [prompt] }, row.upstreamId, "prompts/get", { name: row.name, arguments: args });
}

/** A resource's contents: the ReadResourceResult. @throws GatewayError. */
export async function readContents(context: Context, row: ResourceRow): Promise<JsonObject> {
  const { mimeType } = JSON.parse(row.definition) as { mimeType?: string };
  const resource = {
    id: row.id,
    upstreamId: row.upstreamId,
    uri: row.uri,
    text: row.definition,
    ...(mimeType ? { mimeType } : {}),
    ...(row.content === null ? {} : { content: row.content }),
  };
  return await ask(context, { resources: [resource] }, row.upstreamId, "resources/read", { uri: row.uri });
}

async function ask(
  context: Context,
  content: Partial<ViewData>,
  upstreamId: string | null,
  method: string,
  params: JsonObject,
): Promise<JsonObject> {
  const upstream =
    upstreamId === null
      ? undefined
      : await seenRow(context.desk, tables.upstreams, "Gateway", upstreamId, "everything");
  if (upstream && !upstream.enabled)
    throw new GatewayError("upstream_disabled", `${upstream.name} is disabled`, {
      details: { upstream: upstream.name },
    });
  const upstreams = upstream ? [{ ...targetOf(upstream), instructions: null }] : [];
  const data: ViewData = {
    scope: "rest",
    version: 0,
    server: null,
    tools: [],
    prompts: [],
    resources: [],
    templates: [],
    links: [],
    withheld: [],
    ...content,
    upstreams,
  };
  const signal = new AbortController().signal;
  const exchange = {
    era: "session",
    id: "rest",
    method,
    params,
    headers: new Headers(),
    view: new View(data, 1),
    context,
    timing: startTiming(),
    signal,
  } as const;
  try {
    return await resultOf(await dispatch(exchange));
  } catch (error) {
    if (error instanceof RpcFailure)
      throw new GatewayError("invalid_params", error.message, {
        details: { ...(upstream ? { upstream: upstream.name } : {}), rpc_error: error.error },
      });
    throw error;
  }
}
