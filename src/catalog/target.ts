// Where an upstream is and how it is spoken to: the part of its row that calls need, compiled into views.
import type { Era, UpstreamRow } from "../db/tables/upstreams.ts";
import { type JsonObject, memberAt } from "../lib/json.ts";
import { TASKS_EXTENSION } from "../lib/mcp.ts";

/** Serialisable: travels through KV and to Durable Objects. */
export interface Target {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly era: Era;
  readonly protocolVersion: string;
  /** The upstream issues session ids. */
  readonly sessionful: boolean;
  readonly capabilities: JsonObject;
  /** Credentials to present, sealed; opened by upstream/credentials.ts when used. */
  readonly sealed: string | null;
}

/** How an upstream has tasks: as the extension of 2026-07-28, or as 2025-11-25 has them; undefined when it has none. */
export function taskFormOf({
  era,
  capabilities,
}: Pick<Target, "era" | "capabilities">): "extension" | "session" | undefined {
  const has = (...path: readonly string[]): boolean => memberAt(capabilities, ...path) !== undefined;
  if (era === "modern" && has("extensions", TASKS_EXTENSION)) return "extension";
  return era === "session" && has("tasks", "requests", "tools", "call") ? "session" : undefined;
}

export const targetOf = (row: UpstreamRow): Target => ({
  id: row.id,
  name: row.name,
  url: row.url,
  era: row.era,
  protocolVersion: row.protocolVersion,
  sessionful: row.sessionful,
  capabilities: row.capabilities as JsonObject,
  sealed: row.authSealed,
});
