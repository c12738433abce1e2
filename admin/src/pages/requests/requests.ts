// What the dashboard asks the gateway about calls that went through. The address holds the filter under the names the
// gateway has for them; `last` is a span until now.
import type { Call, Outcome } from "../../../../src/schemas/calls.ts";
import type { RequestDetail, RequestList, StoredPayload } from "../../../../src/schemas/requests.ts";
import { get, list, type Query, withFields } from "../../api.ts";
import { here } from "../../location.ts";
import type { Era, Tone } from "../../parts/badges.tsx";
import type { IconName } from "../../parts/icon.tsx";
import type { Entity } from "../../parts/table.tsx";

export type { Call, Outcome, RequestDetail, StoredPayload };
/** `id` tells a row from all others; `requestId` does not where calls came in one batch. */
export type Row = Omit<Call, "id"> & Entity & { requestId: string };

const REQUESTS = "/requests";

/** Fields of the filter that the address holds and the gateway takes as they are. */
export const FIELDS = [
  "q",
  "since",
  "until",
  "outcome",
  "errors_only",
  "error",
  "method",
  "kind",
  "target",
  "name",
  "server",
  "upstream",
  "client",
  "token",
  "user",
  "request_id",
  "min_ms",
] as const;
/** All that the address may hold of a filter. */
export const ASKED = [...FIELDS, "last"] as const;

export const SPANS = [
  { value: "15m", label: "15 min", seconds: 900 },
  { value: "1h", label: "1 h", seconds: 3600 },
  { value: "24h", label: "24 h", seconds: 86_400 },
  { value: "7d", label: "7 days", seconds: 604_800 },
];
const MINUTE_MS = 60_000;

/** The filter that the address asks for. */
export function filterAsked(now: number): Query {
  const { query } = here.value;
  const span = SPANS.find(({ value }) => value === query.get("last"));
  // to the minute, so that what is asked for stays the same for a while
  const since = span && new Date(Math.floor(now / MINUTE_MS) * MINUTE_MS - span.seconds * 1000).toISOString();
  return {
    ...Object.fromEntries(FIELDS.map((field) => [field, query.get(field)])),
    ...(since && { since, until: null }),
  };
}

const PAGE = 100;

export const getPage = (filter: Query, cursor: string | null, signal?: AbortSignal): Promise<RequestList> =>
  get(withFields(REQUESTS, { ...filter, limit: PAGE, cursor }), signal);

/** One request; `at` is when it came, in milliseconds, as the list says. */
export const getOne = (id: string, at: string | null, signal: AbortSignal): Promise<RequestDetail> =>
  get(withFields(`${REQUESTS}/${encodeURIComponent(id)}`, { at }), signal);

export const exportPath = (format: "ndjson" | "csv", filter: Query): string =>
  withFields(`${REQUESTS}/export`, { ...filter, format });

export const streamPath = (filter: Query): string =>
  // a live tail has no end, and begins now
  withFields(`${REQUESTS}/stream`, { ...filter, since: null, until: null });

export const rowOf = (call: Call): Row => ({
  ...call,
  id: [call.id, call.at, call.method, call.name, call.took].join(" "),
  requestId: call.id,
  enabled: true,
});

/** Rows of both, newest first, each once. */
export function merged(rows: readonly Row[], more: readonly Row[]): Row[] {
  const all = new Map([...rows, ...more].map((row) => [row.id, row]));
  return [...all.values()].sort((a, b) => b.at - a.at);
}

/** What virtual servers and gateways are called, and how gateways are spoken to now. */
export type Known = {
  servers: readonly { id: string; name: string }[];
  upstreams: readonly { id: string; name: string; era: Era; protocolVersion: string }[];
};

export async function getKnown(signal: AbortSignal): Promise<Known> {
  const all = { limit: 0, include_inactive: true };
  const [servers, upstreams] = await Promise.all([list("servers", all, signal), list("gateways", all, signal)]);
  return { servers: servers.items, upstreams: upstreams.items };
}

export const nameOf = (things: readonly { id: string; name: string }[], id: string): string =>
  things.find((one) => one.id === id)?.name ?? id;

export const OUTCOME_WORDS: Record<Outcome | "cancelled", { word: string; tone: Tone; icon: IconName }> = {
  ok: { word: "OK", tone: "ok", icon: "ok" },
  tool_error: { word: "Tool failed", tone: "warn", icon: "warn" },
  rpc_error: { word: "Protocol error", tone: "warn", icon: "warn" },
  denied: { word: "Denied", tone: "auth", icon: "lock" },
  limited: { word: "Over a limit", tone: "auth", icon: "stop" },
  cancelled: { word: "Cancelled", tone: "idle", icon: "off" },
  timeout: { word: "Timed out", tone: "bad", icon: "clock" },
  upstream_error: { word: "Server failed", tone: "bad", icon: "bad" },
  gateway_error: { word: "Gateway failed", tone: "bad", icon: "bad" },
};

/** The era a protocol revision belongs to. */
export const eraOf = (protocol: string): Era =>
  protocol === "2024-11-05" ? "sse" : protocol.startsWith("2026") ? "modern" : "session";

/** Milliseconds as people read them. */
export const ms = (n: number): string => (n < 10 ? n.toFixed(1) : Math.round(n).toLocaleString("en"));

/** Bytes as people read them: "312 B", "8.2 kB". */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const [n, unit] = bytes < 1_000_000 ? [bytes / 1000, "kB"] : [bytes / 1_000_000, "MB"];
  return `${n < 10 ? n.toFixed(1) : Math.round(n)} ${unit}`;
}

/** A time to the millisecond, where the person is; with its day when that is not today. */
export function moment(at: number): string {
  const time = new Date(at);
  const clock = `${time.toTimeString().slice(0, 8)}.${String(time.getMilliseconds()).padStart(3, "0")}`;
  const today = time.toDateString() === new Date().toDateString();
  return today ? clock : `${time.toLocaleDateString("en", { month: "short", day: "numeric" })} ${clock}`;
}
