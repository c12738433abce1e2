// What was asked and answered, of virtual servers that keep it: it waits with its call, and is redacted, cut and packed
// when that is written, one row for each virtual server and flush.
import { nowInSeconds } from "../lib/now.ts";
import type { Call } from "../schemas/calls.ts";
import type { StoredPayload } from "../schemas/requests.ts";
import { redacted } from "./redact.ts";
import { packed, unpacked } from "./segments.ts";

/** Characters of each half that are stored, and up to which it is looked at at all: what is longer is left out. */
const LONGEST = 64 * 1024;
export const LARGEST = 4 * LONGEST;
/** Characters that wait in this isolate at most, and that one row may have. */
const MOST_WAITING = 1_000_000;
const LARGEST_ROW = 1_900_000;
const DAY = 86_400;

/** A payload as it came. `left`: some of it was too large to be kept. */
export interface Payload {
  readonly mode: "redacted" | "full";
  readonly days: number;
  readonly request: string;
  readonly response: readonly string[];
  readonly left: boolean;
}

/** A row on its way to the table. */
export interface PayloadRow {
  readonly server: string;
  readonly data: string;
  readonly expiresAt: number;
}

const waiting = new Map<Call, Payload>();
let characters = 0;
const sizeOf = ({ request, response }: Payload): number =>
  response.reduce((sum, message) => sum + message.length, request.length);

/** By which the payload of a call is found among others. Clients name their requests, and may give a name to many. */
const keyOf = ({ id, at, method, name, took, bytesIn, bytesOut }: Call): string =>
  JSON.stringify([id, at, method, name, took, bytesIn, bytesOut]);

/** Keeps a payload until its call is written. When too much waits, it is left out and the log says so. */
export function keepPayload(call: Call, payload: Payload): void {
  const size = sizeOf(payload);
  if (characters + size > MOST_WAITING) {
    console.warn({ event: "payload not kept", request_id: call.id, size });
    return;
  }
  waiting.set(call, payload);
  characters += size;
}

/** The rows of the payloads that these calls have; from now on they no longer wait. */
export async function payloadRows(calls: readonly Call[]): Promise<PayloadRow[]> {
  if (waiting.size === 0) return [];
  const byServer = new Map<string, { days: number; stored: Record<string, StoredPayload> }>();
  for (const call of calls) {
    const payload = waiting.get(call);
    if (!payload) continue;
    waiting.delete(call);
    characters -= sizeOf(payload);
    const row = byServer.get(call.server) ?? { days: payload.days, stored: {} };
    row.stored[keyOf(call)] = storedOf(payload);
    byServer.set(call.server, row);
  }
  const rows = [...byServer].map(async ([server, { days, stored }]) => ({
    server,
    data: await packed(JSON.stringify(stored)),
    expiresAt: nowInSeconds() + days * DAY,
  }));
  return (await Promise.all(rows)).filter(({ server, data }) => {
    if (data.length > LARGEST_ROW) console.warn({ event: "payloads not kept", server, size: data.length });
    return data.length <= LARGEST_ROW;
  });
}

function storedOf({ mode, request, response, left }: Payload): StoredPayload {
  const clean = mode === "redacted" ? redacted : (text: string) => text;
  const asked = clean(request);
  const answered = response.map((message) => clean(message)).join("\n");
  const cut = left || asked.length > LONGEST || answered.length > LONGEST;
  return { mode, request: asked.slice(0, LONGEST), response: answered.slice(0, LONGEST), cut };
}

/** The payload of a call of a segment; undefined when none was kept, or no longer. */
export async function payloadOf(d1: D1Database, segment: number, call: Call): Promise<StoredPayload | undefined> {
  const { results } = await d1
    .prepare("SELECT data FROM call_payloads WHERE segment_id = ? AND server_id = ? AND expires_at > ?")
    .bind(segment, call.server, nowInSeconds())
    .all<{ data: string }>();
  for (const { data } of results) {
    const found = (JSON.parse(await unpacked(data)) as Record<string, StoredPayload>)[keyOf(call)];
    if (found) return found;
  }
  return undefined;
}
