// REST: the request log by ContextForge's log calls. Shapes in schemas/logs.ts, its words in log-entries.ts; what is found,
// and who sees it, is as in requests.ts.
import type { Context } from "../context.ts";
import { csvRecord } from "../lib/csv.ts";
import { newest } from "../observability/trail.ts";
import { can } from "../policy/can.ts";
import type { Call } from "../schemas/calls.ts";
import {
  FARTHEST,
  type LogEntry,
  type LogList,
  type LogSearchAnswer,
  logEntry,
  logExportQuery,
  logList,
  logQuery,
  logSearch,
  logSearchAnswer,
  logTailQuery,
  MOST_ENTRIES,
  type StructuredEntry,
  type Trace,
  trace,
  traceQuery,
} from "../schemas/logs.ts";
import type { RequestFilter } from "../schemas/requests.ts";
import { fileOf } from "./file.ts";
import { logEntryOf, searchFilter, statsOf, structuredEntryOf, viewerFilter } from "./log-entries.ts";
import { tailResponse, type Voice } from "./request-tail.ts";
import { callsOf, MOST_SEARCHES, searchLog } from "./requests.ts";
import { type Route, route } from "./route.ts";

const common = { tag: "ContextForge's logs", permission: "logs.read" } as const;

/** Calls that are found at most: the farthest page, whole. */
const REACH = FARTHEST + MOST_ENTRIES;

/** The calls that fit, newest first, as far back as a bounded piece of work goes. */
async function found(context: Context, filter: RequestFilter): Promise<{ calls: Call[]; searched_until: string }> {
  const calls: Call[] = [];
  let [searches, until] = [0, 0];
  for await (const page of searchLog(context, filter, REACH)) {
    calls.push(...page.calls);
    until = page.searchedUntil;
    if (calls.length >= REACH || ++searches === MOST_SEARCHES) break;
  }
  return { calls: calls.sort((one, other) => other.at - one.at), searched_until: new Date(until).toISOString() };
}

/** The tail as ContextForge tells it: events without a name are entries. */
const VOICE: Voice = {
  call: (call) => ({ data: JSON.stringify(logEntryOf(call)) }),
  more: (count) => ({ event: "more", data: JSON.stringify({ count }) }),
};

const COLUMNS = [
  "timestamp",
  "level",
  "entity_type",
  "entity_id",
  "entity_name",
  "message",
  "logger",
  "request_id",
] as const satisfies readonly (keyof LogEntry)[];

const FORMATS = {
  json: {
    type: "application/json",
    head: "[",
    between: ",\n",
    tail: "]\n",
    line: (call: Call) => JSON.stringify(logEntryOf(call)),
  },
  csv: {
    type: "text/csv; charset=utf-8; header=present",
    head: csvRecord(COLUMNS),
    line(call: Call) {
      const entry = logEntryOf(call);
      return csvRecord(COLUMNS.map((column) => entry[column]));
    },
  },
};

/** Puts entries in the order of a field; those that are alike in it stay as they are. */
function sorted(entries: StructuredEntry[], by: keyof StructuredEntry, order: "asc" | "desc"): StructuredEntry[] {
  const sign = order === "asc" ? 1 : -1;
  const compare = (one: unknown, other: unknown): number =>
    typeof one === "number" && typeof other === "number" ? one - other : String(one) < String(other) ? -1 : 1;
  return entries.sort((one, other) => (one[by] === other[by] ? 0 : sign * compare(one[by], other[by])));
}

/** Changes that a request made: at most so many of them are told. */
const MOST_CHANGES = 500;

async function changesOf({ desk, caller }: Context, id: string): Promise<Trace["audit_trails"]> {
  if (can(caller, "audit.read") !== "yes") return [];
  const { rows } = await newest(desk.db, { request_id: id }, MOST_CHANGES);
  return rows.reverse().map((row) => ({
    id: String(row.id),
    timestamp: row.at,
    action: row.action,
    resource_type: row.targetType,
    resource_id: row.targetId,
    user_id: row.actor,
    success: true,
  }));
}

export const logRoutes: readonly Route[] = [
  route("GET", "/admin/logs", {
    ...common,
    summary: "The request log as ContextForge's log viewer has it; GET /requests knows more",
    query: logQuery,
    answer: logList,
    async run({ context, query: { limit, offset, order, ...asked } }): Promise<LogList> {
      const { calls, searched_until } = await found(context, viewerFilter(asked));
      const stats = statsOf(calls);
      if (order === "asc") calls.reverse();
      const logs = calls.slice(offset, offset + limit).map(logEntryOf);
      return { total: calls.length, logs, stats, searched_until };
    },
  }),
  route("GET", "/admin/logs/stream", {
    ...common,
    summary: "The same as it comes, as server-sent events without a name; `more` with how many were left out",
    query: logTailQuery,
    answer: logEntry,
    run: async ({ context, query: { max, seconds, ...asked } }) =>
      await tailResponse(context, { ...viewerFilter(asked), max, seconds }, VOICE),
  }),
  route("GET", "/admin/logs/export", {
    ...common,
    summary: "The same as a file, newest first: a JSON array, or CSV",
    query: logExportQuery,
    answer: logEntry.array(),
    run: async ({ context, query: { format, ...asked } }) =>
      await fileOf("logs", format, FORMATS[format], callsOf(context, viewerFilter(asked))),
  }),
  route("POST", "/api/logs/search", {
    ...common,
    summary: "The request log as ContextForge's structured search has it",
    body: logSearch,
    answer: logSearchAnswer,
    async run({ context, body }): Promise<LogSearchAnswer> {
      const { calls, searched_until } = await found(context, searchFilter(body));
      const { limit, offset, sort_by, sort_order } = body;
      const results = sorted(calls.map(structuredEntryOf), sort_by, sort_order).slice(offset, offset + limit);
      return { total: calls.length, results, searched_until };
    },
  }),
  route("GET", "/api/logs/trace/:correlation_id", {
    ...common,
    summary: "All calls and changes that carry a correlation id, in order",
    query: traceQuery,
    answer: trace,
    async run({ context, params: { correlation_id = "" }, query: { start_time, end_time } }): Promise<Trace> {
      const filter = viewerFilter({ request_id: correlation_id, start_time, end_time });
      const { calls, searched_until } = await found(context, filter);
      const logs = calls.reverse().map(structuredEntryOf);
      return {
        correlation_id,
        total_duration_ms: calls.length === 0 ? null : calls.reduce((sum, { took }) => sum + took, 0),
        log_count: logs.length,
        error_count: logs.filter(({ error_details }) => error_details).length,
        logs,
        security_events: logs.filter(({ is_security_event }) => is_security_event),
        audit_trails: await changesOf(context, correlation_id),
        performance_metrics: null,
        searched_until,
      };
    },
  }),
];
