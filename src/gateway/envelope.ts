// Params of a request as the upstream's era has them: the envelope of 2026-07-28 (basic, "_meta") is put on or taken off,
// everything else passes.
import { taskFormOf } from "../catalog/target.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import { MODERN_VERSION, PROTOCOL_META } from "../lib/mcp.ts";
import type { Target } from "../upstream/upstream.ts";
import type { Exchange } from "./exchange.ts";
import { levelFor } from "./log-level.ts";
import { withTasks } from "./task-forms.ts";

/** A client's params as this upstream takes them. */
export function paramsFor(exchange: Exchange, target: Target, params: JsonObject): JsonObject {
  if (exchange.era === "modern")
    return target.era === "modern" || target.era === "builtin" ? params : withoutEnvelope(params);
  if (target.era !== "modern") return params;
  const meta = isObject(params._meta) ? params._meta : {};
  const capabilities = exchange.session?.capabilities ?? {};
  const logLevel = levelFor(exchange, target);
  const envelope = {
    [PROTOCOL_META.protocolVersion]: MODERN_VERSION,
    [PROTOCOL_META.clientInfo]: exchange.session?.clientInfo ?? { ...exchange.context.introduction },
    [PROTOCOL_META.clientCapabilities]: taskFormOf(target) ? withTasks(capabilities) : capabilities,
    ...(logLevel ? { [PROTOCOL_META.logLevel]: logLevel } : {}),
  };
  const { task: _task, ...rest } = params; // of 2025-11-25; with the extension it is the server that decides
  return { ...rest, _meta: { ...meta, ...envelope } };
}

/** Params without anything that only 2026-07-28 has. */
export function withoutEnvelope(params: JsonObject): JsonObject {
  const { inputResponses: _responses, requestState: _state, ...rest } = params;
  if (!isObject(rest._meta)) return rest;
  const meta = Object.fromEntries(
    Object.entries(rest._meta).filter(([key]) => !key.startsWith("io.modelcontextprotocol/")),
  );
  return { ...rest, _meta: meta };
}
