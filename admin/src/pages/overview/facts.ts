// Everything the overview shows, loaded in two parts: what there is, and what goes through it.

import type { AuditEntry } from "../../../../src/schemas/audit.ts";
import type { Call } from "../../../../src/schemas/calls.ts";
import type { RequestList } from "../../../../src/schemas/requests.ts";
import type { TokenRead } from "../../../../src/schemas/tokens.ts";
import { get, list, listAll, type ServerRead, type UpstreamRead, withFields } from "../../api.ts";
import { may } from "../../session.ts";
import { getUsage, type MetricsAnswer, queryMetrics, type Range, type UsageList } from "../metrics/metrics.ts";

type Tokens = { active: number; ending: number };

/** What there is; undefined what the person may not see. */
export type Facts = {
  at: Date;
  upstreams: UpstreamRead[] | undefined;
  servers: ServerRead[] | undefined;
  tools: { all: number; on: number } | undefined;
  tokens: Tokens | undefined;
  unused: UsageList | undefined;
  /** Changes of tools that wait for somebody. */
  pending: number | undefined;
  failures: Call[] | undefined;
  changes: AuditEntry[] | undefined;
};

const WEEK_MS = 7 * 86_400_000;
/** Most tokens looked through for those that end soon. */
const MOST_TOKENS = 500;
/** Lines of each list. */
export const SHOWN = 5;

export async function loadFacts(signal: AbortSignal): Promise<Facts> {
  const [upstreams, servers, tools, tokens, unused, pending, failures, changes] = await Promise.all([
    may("gateways.read") ? listAll("gateways", {}, signal) : undefined,
    may("servers.read") ? listAll("servers", {}, signal) : undefined,
    may("tools.read") ? countTools(signal) : undefined,
    may("tokens.read") ? countTokens(signal) : undefined,
    may("metrics.read") ? getUsage({ tab: "unused", limit: SHOWN }, signal) : undefined,
    may("tools.read") ? countPending(signal) : undefined,
    may("logs.read") ? recentFailures(signal) : undefined,
    may("audit.read") ? recentChanges(signal) : undefined,
  ]);
  return { at: new Date(), upstreams, servers, tools, tokens, unused, pending, failures, changes };
}

async function countTools(signal: AbortSignal): Promise<{ all: number; on: number }> {
  const [all, on] = await Promise.all([
    list("tools", { limit: 1, include_inactive: true }, signal),
    list("tools", { limit: 1 }, signal),
  ]);
  return { all: all.total, on: on.total };
}

async function countTokens(signal: AbortSignal): Promise<Tokens> {
  const path = withFields("/tokens", { status: "active", limit: MOST_TOKENS });
  const { tokens, total } = await get<{ tokens: TokenRead[]; total: number }>(path, signal);
  const soon = Date.now() + WEEK_MS;
  const ending = tokens.filter(({ expires_at }) => expires_at !== null && Date.parse(expires_at) < soon);
  return { active: total, ending: ending.length };
}

const countPending = async (signal: AbortSignal): Promise<number> =>
  (await get<{ total: number }>("/changes?limit=1", signal)).total;

const recentFailures = async (signal: AbortSignal): Promise<Call[]> =>
  (await get<RequestList>(withFields("/requests", { errors_only: true, limit: SHOWN }), signal)).requests;

const recentChanges = async (signal: AbortSignal): Promise<AuditEntry[]> =>
  (await get<{ entries: AuditEntry[] }>(withFields("/audit", { limit: SHOWN }), signal)).entries;

/** What went through in a time: by what came of it, by who called, by who answered. */
export type Traffic = {
  range: Range;
  outcomes: MetricsAnswer;
  clients: MetricsAnswer;
  upstreams: MetricsAnswer;
};

/** Undefined when the person may not see it. */
export async function loadTraffic(range: Range, signal: AbortSignal): Promise<Traffic | undefined> {
  if (!may("metrics.read")) return undefined;
  const [outcomes, clients, upstreams] = await Promise.all([
    queryMetrics(range, { group_by: "outcome" }, signal),
    queryMetrics(range, { group_by: "client", limit: SHOWN }, signal),
    queryMetrics(range, { group_by: "upstream" }, signal),
  ]);
  return { range, outcomes, clients, upstreams };
}

/** The tools that stand out by something. */
export const loadTop = (range: Range, sort: "calls" | "errors" | "p95", signal: AbortSignal): Promise<MetricsAnswer> =>
  queryMetrics(range, { group_by: "target", kind: "tool", sort, limit: SHOWN }, signal);
