// What a stateless client says with each request that it can do (MCP 2026-07-28 basic, "Client Capabilities"), as it is
// declared to upstreams that keep sessions: all of it, but for tasks, which the gateway puts into the upstream's form.
import { isObject, type JsonObject } from "../lib/json.ts";
import { PROTOCOL_META, TASKS_EXTENSION } from "../lib/mcp.ts";
import type { Exchange } from "./exchange.ts";

const INTERACTIVE: readonly string[] = ["tools/call", "prompts/get", "resources/read"];
const ASKABLE = ["elicitation", "sampling", "roots"] as const;

type Asking = Pick<Exchange, "era" | "method" | "params">;

function declared({ era, params }: Asking): JsonObject {
  const given = era === "modern" && isObject(params._meta) ? params._meta[PROTOCOL_META.clientCapabilities] : undefined;
  if (!isObject(given)) return {};
  if (!isObject(given.extensions) || given.extensions[TASKS_EXTENSION] === undefined) return given;
  const { extensions, ...rest } = given;
  const { [TASKS_EXTENSION]: _tasks, ...others } = given.extensions;
  return Object.keys(others).length > 0 ? { ...rest, extensions: others } : rest;
}

/** Of a client that can be asked something; undefined when it can't, or may not ("Supported Requests"). */
export function askableOf(exchange: Asking): JsonObject | undefined {
  if (!INTERACTIVE.includes(exchange.method)) return undefined;
  const all = declared(exchange);
  return ASKABLE.some((name) => isObject(all[name])) ? all : undefined;
}

/** Where nobody can be asked anything. */
export function unaskedOf(exchange: Asking): JsonObject {
  const { elicitation: _elicitation, sampling: _sampling, roots: _roots, ...rest } = declared(exchange);
  return rest;
}
