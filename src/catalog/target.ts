// Where an upstream is and how it is spoken to: the part of its row that calls need, compiled into views.
import type { Era, UpstreamRow } from "../db/tables/upstreams.ts";
import type { JsonObject } from "../lib/json.ts";

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
