// The request log as ContextForge's log calls take and show it: entries of its log viewer (/admin/logs) and of its
// structured search (/api/logs). Names are ContextForge's; times ISO-8601 UTC, durations milliseconds.
import * as z from "zod";
import { type Outcome, outcome, TARGET_KINDS, type TargetKind } from "./calls.ts";
import { commaList } from "./common.ts";
import { tailQuery } from "./requests.ts";

/** Levels, the least severe first. */
export const LEVELS = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"] as const;
export type Level = (typeof LEVELS)[number];

/** The level of what came of a call. */
export const LEVEL_OF: Readonly<Record<Outcome, Level>> = {
  ok: "info",
  tool_error: "warning",
  rpc_error: "warning",
  denied: "warning",
  limited: "warning",
  cancelled: "warning",
  timeout: "error",
  upstream_error: "error",
  gateway_error: "error",
};

/** What ContextForge calls the part of the gateway that such a call is the business of. */
export const COMPONENT_OF: Readonly<Record<TargetKind, string>> = {
  tool: "tool_service",
  prompt: "prompt_service",
  resource: "resource_service",
  agent: "a2a_service",
  other: "http_gateway",
};

/** What may be asked for as an entity. */
const ENTITY_TYPES = ["tool", "prompt", "resource", "agent", "server", "gateway"] as const;

/** How far an `offset` goes, and the most entries at once. */
export const FARTHEST = 10_000;
export const MOST_ENTRIES = 1_000;

const level = z.string().toLowerCase().pipe(z.enum(LEVELS));
const component = z.enum([...TARGET_KINDS, ...Object.values(COMPONENT_OF), "gateway"]);
const text = z.string().max(200);
const limit = z.int().min(1).max(MOST_ENTRIES);
const offset = z.int().min(0).max(FARTHEST).describe("Farther back, narrow the time instead");
const order = z.enum(["asc", "desc"]).default("desc");

/** A time as Python writes it: with an offset or without, which is UTC. */
const moment = z.iso
  .datetime({ offset: true, local: true })
  .transform((given) => new Date(/(Z|[+-]\d\d:\d\d)$/.test(given) ? given : `${given}Z`).toISOString());

/** Which entries of the log viewer. All that is given has to hold. */
export const logFilter = z.object({
  level: level.optional().describe("Entries of this level, or a more severe one"),
  component: commaList.pipe(z.array(component)).optional().describe("One or several, separated by commas"),
  search: text.optional().describe("Part of the message, or of the user"),
  entity_type: z.enum(ENTITY_TYPES).optional(),
  entity_id: z.string().optional(),
  request_id: z.string().optional(),
  start_time: moment.optional(),
  end_time: moment.optional().describe("The last moment that is in"),
});
export type LogFilter = z.infer<typeof logFilter>;

export const logQuery = z.object({
  ...logFilter.shape,
  limit: z.coerce.number().pipe(limit).default(100),
  offset: z.coerce.number().pipe(offset).default(0),
  order,
});

export const logTailQuery = z.object({
  ...logFilter.shape,
  max: tailQuery.shape.max,
  seconds: tailQuery.shape.seconds,
});

export const logExportQuery = z.object({ ...logFilter.shape, format: z.enum(["json", "csv"]).default("json") });

/** An entry of the log viewer. `id` is the request id: GET /requests/{id} has all of it. */
export const logEntry = z
  .object({
    id: z.string(),
    timestamp: z.string(),
    level: z.enum(LEVELS),
    entity_type: z.string().nullable(),
    entity_id: z.string().nullable(),
    entity_name: z.string().nullable(),
    message: z.string(),
    logger: z.string(),
    component: z.string().describe("The same as `logger`"),
    request_id: z.string(),
    data: z.object({
      method: z.string(),
      outcome,
      error: z.string().nullable(),
      user: z.string().nullable(),
      client: z.string().nullable(),
      server_id: z.string().nullable(),
      gateway_id: z.string().nullable(),
      duration_ms: z.number(),
      upstream_duration_ms: z.number(),
    }),
  })
  .meta({ id: "LogEntry" });
export type LogEntry = z.infer<typeof logEntry>;

const counts = z.record(z.string(), z.number().int());
const searchedUntil = z
  .string()
  .describe(
    "Everything since then was searched, and is what the totals count: older entries come with this as the end",
  );

export const logList = z.object({
  total: z.number().int(),
  logs: z.array(logEntry),
  stats: z.object({
    total_logs: z.number().int(),
    unique_entities: z.number().int(),
    unique_requests: z.number().int(),
    level_distribution: counts,
    entity_distribution: counts,
  }),
  searched_until: searchedUntil,
});
export type LogList = z.infer<typeof logList>;

/** What the structured search sorts by. */
const SORTS = ["timestamp", "level", "component", "message", "user_id", "duration_ms", "operation_type"] as const;

/** Null is the same as nothing. */
export const logSearch = z.strictObject({
  search_text: text.nullish(),
  level: z.array(level).nullish(),
  component: z.array(component).nullish(),
  correlation_id: z.string().nullish(),
  user_id: z.string().nullish(),
  start_time: moment.nullish(),
  end_time: moment.nullish(),
  min_duration_ms: z.number().min(0).nullish(),
  max_duration_ms: z.number().min(0).nullish(),
  has_error: z.boolean().nullish().describe("Whether anything but a good answer came of it"),
  limit: limit.default(100),
  offset: offset.default(0),
  sort_by: z.enum(SORTS).default("timestamp"),
  sort_order: order,
});
export type LogSearch = z.infer<typeof logSearch>;

/** An entry of the structured search. */
export const structuredEntry = z
  .object({
    id: z.string(),
    timestamp: z.string(),
    level: z.string().describe("In capitals, as ContextForge has it here"),
    component: z.string(),
    message: z.string(),
    correlation_id: z.string(),
    user_id: z.string().nullable(),
    user_email: z.string().nullable(),
    duration_ms: z.number(),
    operation_type: z.string().describe("The MCP method"),
    request_path: z.null(),
    request_method: z.null(),
    is_security_event: z.boolean().describe("The call was denied"),
    error_details: z.object({ outcome, code: z.string().nullable(), message: z.string().nullable() }).nullable(),
  })
  .meta({ id: "StructuredLogEntry" });
export type StructuredEntry = z.infer<typeof structuredEntry>;

export const logSearchAnswer = z.object({
  total: z.number().int(),
  results: z.array(structuredEntry),
  searched_until: searchedUntil,
});
export type LogSearchAnswer = z.infer<typeof logSearchAnswer>;

/** When to look for a trace; without, from the newest call on. */
export const traceQuery = z.object({ start_time: moment.optional(), end_time: moment.optional() });

/** All that carries a correlation id, oldest first; changes are told to those who have `audit.read`. */
export const trace = z.object({
  correlation_id: z.string(),
  total_duration_ms: z.number().nullable().describe("Of all calls together"),
  log_count: z.number().int(),
  error_count: z.number().int(),
  logs: z.array(structuredEntry),
  security_events: z.array(structuredEntry).describe("Those of the logs that were denied"),
  audit_trails: z.array(
    z.object({
      id: z.string(),
      timestamp: z.string(),
      action: z.string(),
      resource_type: z.string(),
      resource_id: z.string(),
      user_id: z.string(),
      success: z.literal(true),
    }),
  ),
  performance_metrics: z.null().describe("They are at /metrics/query"),
  searched_until: searchedUntil,
});
export type Trace = z.infer<typeof trace>;
