// What calls add up to, as the REST API tells it: figures by whatever calls are told apart by, over any range, and how
// every entity of the catalog is used. Times of day are ISO-8601 UTC, durations milliseconds, sizes bytes.
import * as z from "zod";
import { OUTCOMES, outcome, TARGET_KINDS } from "./calls.ts";

/** What calls are told apart by, in the order in which sums keep it. Only ever append. */
export const DIMENSIONS = [
  "kind",
  "target",
  "server",
  "upstream",
  "user",
  "token",
  "client",
  "outcome",
  "error",
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

export const STEPS = ["minute", "hour", "day"] as const;
export type Step = (typeof STEPS)[number];

/** Percentiles of a duration: what half, 95 % and 99 % of calls stay under, to within 9 %; null when nothing was timed. */
const percentiles = z.object({
  average: z.number().nullable(),
  p50: z.number().nullable(),
  p95: z.number().nullable(),
  p99: z.number().nullable(),
});

const figures = {
  calls: z.number().int(),
  errors: z.number().int().describe("Calls with any outcome but `ok`"),
  errorsByKind: z.partialRecord(outcome, z.number().int()).describe(`By outcome: ${Object.keys(OUTCOMES).join(", ")}`),
  bytesIn: z.number().int(),
  bytesOut: z.number().int(),
  firstAt: z.string().nullable(),
  lastAt: z.string().nullable(),
  averageMs: z.number().nullable().describe("From the request to the end of the answer"),
  minMs: z.number().nullable(),
  maxMs: z.number().nullable(),
  gateway: percentiles.describe("Time that was not spent waiting for the upstream"),
  upstream: percentiles.describe("Time spent waiting for the upstream, of calls that went to one"),
};

/** What calls add up to. */
export const callFigures = z.object(figures).meta({ id: "CallFigures" });
export type CallFigures = z.infer<typeof callFigures>;

const p95 = z
  .object({ gateway: z.number().nullable(), upstream: z.number().nullable() })
  .describe("95th percentile of both times");
const point = { calls: z.number().int(), errors: z.number().int(), p95 };

export const metricsAnswer = z
  .object({
    step: z.enum(STEPS),
    since: z.string().describe("The range as it was taken: from the beginning of a step"),
    until: z.string(),
    groupBy: z.enum([...DIMENSIONS, "none"]),
    groups: z.array(
      z.object({
        key: z.string().describe("Value to filter by; an id where there is one, empty where calls have none"),
        name: z.string().describe("What to call it"),
        kind: z.enum(TARGET_KINDS).nullable().describe("Of a target"),
        clients: z.number().int().describe("How many different clients called"),
        ...figures,
      }),
    ),
    groupCount: z.number().int().describe("How many groups there are; `groups` and `series` have the first `limit`"),
    series: z
      .array(
        z.object({
          start: z.string(),
          ...point,
          groups: z.record(z.string(), z.object(point)).describe("By key; those that had calls"),
        }),
      )
      .describe("One entry per step, the empty ones too"),
    total: z.object({ ...figures, clients: z.number().int() }),
    previous: z
      .object({ since: z.string(), until: z.string(), ...figures, clients: z.number().int() })
      .describe("The same number of steps before"),
  })
  .meta({ id: "Metrics" });
export type MetricsAnswer = z.infer<typeof metricsAnswer>;

/** Filters: a value each, exactly; an empty one means calls that have none, such as of the gateway's own endpoint. */
const filters = {
  kind: z.enum(TARGET_KINDS).optional(),
  target: z.string().optional().describe("Id of a tool, prompt or resource"),
  server: z.string().optional().describe("Id of a virtual server; empty: the gateway's own endpoint"),
  upstream: z.string().optional().describe("Id of a gateway"),
  user: z.string().optional(),
  token: z.string().optional().describe("Id of a token"),
  client: z.string().optional().describe("Name and version, as clients introduce themselves"),
  outcome: outcome.optional(),
  error: z.string().optional().describe("Code of the failure"),
};

export const METRIC_SORTS = ["calls", "errors", "error_rate", "p95", "last"] as const;

export const metricsQuery = z.object({
  since: z.iso.datetime().optional().describe("24 hours before `until` unless told"),
  until: z.iso.datetime().optional().describe("Now unless told; the first moment that is out"),
  step: z.enum(STEPS).optional().describe("Fits the range unless told: minutes up to 6 hours, hours up to 7 days"),
  group_by: z.enum([...DIMENSIONS, "none"]).default("none"),
  ...filters,
  sort: z.enum(METRIC_SORTS).default("calls").describe("`p95`: of the slower of gateway and upstream time"),
  limit: z.coerce.number().int().min(1).max(200).default(20),
  format: z.enum(["json", "csv"]).default("json").describe("csv: the groups"),
});
export type MetricsQuery = z.infer<typeof metricsQuery>;

export const USED_KINDS = ["tool", "prompt", "resource", "server", "gateway"] as const;
export type UsedKind = (typeof USED_KINDS)[number];

export const USAGE_TABS = ["most", "recent", "failing", "slow", "unused"] as const;
export type UsageTab = (typeof USAGE_TABS)[number];

export const usageQuery = z.object({
  kind: z.enum(USED_KINDS).default("tool"),
  tab: z
    .enum(USAGE_TABS)
    .default("most")
    .describe("`unused`: enabled, and never called or not within `days`, the longest unused first"),
  days: z.coerce.number().int().min(1).max(365).default(30),
  q: z.string().max(200).optional(),
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  format: z.enum(["json", "csv"]).default("json").describe("csv: all of the tab"),
});
export type UsageQuery = z.infer<typeof usageQuery>;

export const usage = z
  .object({
    id: z.string(),
    name: z.string(),
    enabled: z.boolean(),
    gatewayId: z.string().nullable(),
    gatewayName: z.string().nullable(),
    createdAt: z.string(),
    everCalls: z.number().int(),
    everFirstAt: z.string().nullable(),
    everLastAt: z.string().nullable().describe("Null: never used"),
    clients: z.number().int().describe("How many different clients called within `days`"),
    ...figures,
  })
  .meta({ id: "Usage" });
export type Usage = z.infer<typeof usage>;

/** Figures are of the last `days`, from the beginning of a day; `ever…` of all time. */
export const usageList = z.object({
  usage: z.array(usage),
  nextCursor: z.string().nullable(),
  total: z.number().int(),
  counts: z.record(z.enum(USAGE_TABS), z.number().int()).describe("How many entities each tab has"),
});
export type UsageList = z.infer<typeof usageList>;

/** ContextForge's figures of an entity or a kind. Seconds. */
export const entityMetrics = z
  .object({
    totalExecutions: z.number().int(),
    successfulExecutions: z.number().int(),
    failedExecutions: z.number().int(),
    failureRate: z.number().describe("0 to 1"),
    minResponseTime: z.number().nullable(),
    maxResponseTime: z.number().nullable(),
    avgResponseTime: z.number().nullable(),
    lastExecutionTime: z.string().nullable(),
  })
  .meta({ id: "EntityMetrics" });
export type EntityMetrics = z.infer<typeof entityMetrics>;

/** ContextForge's aggregate: of all calls of a kind; `servers`: of all calls to virtual servers. */
export const aggregate = z.object({
  tools: entityMetrics,
  resources: entityMetrics,
  servers: entityMetrics,
  prompts: entityMetrics,
});
export type Aggregate = z.infer<typeof aggregate>;

const topPerformer = z.object({
  id: z.string(),
  name: z.string(),
  executionCount: z.number().int(),
  avgResponseTime: z.number().nullable(),
  successRate: z.number().nullable().describe("Per cent"),
  lastExecution: z.string().nullable(),
});
export type TopPerformer = z.infer<typeof topPerformer>;

export const TOP_KINDS = ["tools", "resources", "prompts", "servers"] as const;

export const topQuery = z.object({
  entity_type: z.enum(TOP_KINDS).default("tools").describe("Of a CSV"),
  limit: z.coerce.number().int().min(1).max(100).default(10),
  format: z.enum(["json", "csv"]).default("json"),
});

export const topAnswer = aggregate.extend({ topPerformers: z.record(z.enum(TOP_KINDS), z.array(topPerformer)) });

/** What is forgotten: everything, a kind, or one entity of it. */
export const resetQuery = z
  .object({
    entity: z.enum(USED_KINDS).optional().describe("All metrics unless told"),
    entity_id: z.string().min(1).optional(),
  })
  .refine(({ entity, entity_id }) => entity !== undefined || entity_id === undefined, {
    path: ["entity"],
    message: "is needed with entity_id",
  });

export const resetAnswer = z.object({ status: z.literal("success"), message: z.string() });
