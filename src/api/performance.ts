// REST: metrics as ContextForge has them: /metrics, /metrics/prometheus, /metrics/reset, and the top performers of /admin/metrics. Shapes in
// schemas/metrics.ts.
import * as z from "zod";
import { commit } from "../catalog/change.ts";
import type { Context } from "../context.ts";
import { forgetCalls } from "../observability/forgetting.ts";
import { entityMetricsOf, filtered, known, ORDERS, type Tally, talliesOf, tallyOf } from "../observability/metrics.ts";
import { PROMETHEUS_TYPE, prometheusText } from "../observability/prometheus.ts";
import { writeCalls } from "../observability/recorder.ts";
import { sumsEver } from "../observability/rollups.ts";
import { type Sums, valueIn } from "../observability/sums.ts";
import {
  type Aggregate,
  aggregate,
  type Dimension,
  resetAnswer,
  resetQuery,
  TOP_KINDS,
  type TopPerformer,
  topAnswer,
  topQuery,
  type UsedKind,
} from "../schemas/metrics.ts";
import { csvFile } from "./csv-file.ts";
import { forgetRemembered } from "./entity-metrics.ts";
import { lookerOf } from "./metrics.ts";
import { type Route, route } from "./route.ts";

const tag = "Metrics";

/** All that was ever counted, as far as a caller may know it, with names of what they see. */
async function everKnown(context: Context): Promise<{ sums: Sums; names: ReadonlyMap<string, string> }> {
  await writeCalls(context.store);
  const [looker, ever] = await Promise.all([lookerOf(context), sumsEver(context.store.d1)]);
  return { sums: known(ever, looker), names: looker.names };
}

type TopKind = (typeof TOP_KINDS)[number];

/** The sums of a kind, and what its entities are told apart by. */
const KINDS: Readonly<Record<TopKind, { of(sums: Sums): Sums; by: Dimension }>> = {
  tools: { of: (sums) => filtered(sums, { kind: "tool" }), by: "target" },
  resources: { of: (sums) => filtered(sums, { kind: "resource" }), by: "target" },
  prompts: { of: (sums) => filtered(sums, { kind: "prompt" }), by: "target" },
  servers: {
    of: (sums) => sums.changed((combination) => (valueIn(combination, "server") ? combination : undefined)),
    by: "server",
  },
};

const forEach = <T>(make: (kind: TopKind) => T): Record<TopKind, T> =>
  Object.fromEntries(TOP_KINDS.map((kind) => [kind, make(kind)])) as Record<TopKind, T>;

const aggregateOf = (sums: Sums): Aggregate => forEach((kind) => entityMetricsOf(tallyOf([KINDS[kind].of(sums)])));

/** The most called of a kind. */
function topOf(kind: TopKind, sums: Sums, names: ReadonlyMap<string, string>, limit: number): TopPerformer[] {
  const { of, by } = KINDS[kind];
  const entities = talliesOf([of(sums)], (combination) => valueIn(combination, by) || undefined);
  return [...entities]
    .sort(([one, first], [other, second]) => ORDERS.calls(second) - ORDERS.calls(first) || (one < other ? -1 : 1))
    .slice(0, limit)
    .map(([id, tally]) => performerOf(id, names.get(id) ?? sums.names[id] ?? id, tally));
}

function performerOf(id: string, name: string, tally: Tally): TopPerformer {
  const { totalExecutions, successfulExecutions, avgResponseTime, lastExecutionTime } = entityMetricsOf(tally);
  return {
    id,
    name,
    executionCount: totalExecutions,
    avgResponseTime,
    successRate: totalExecutions === 0 ? null : (100 * successfulExecutions) / totalExecutions,
    lastExecution: lastExecutionTime,
  };
}

/** What the calls of an entity, or of all of its kind, have. */
const FORGOTTEN: Readonly<
  Record<UsedKind, (id: string | undefined) => { dimension: Dimension; value?: string | undefined }>
> = {
  tool: (id) => (id === undefined ? { dimension: "kind", value: "tool" } : { dimension: "target", value: id }),
  prompt: (id) => (id === undefined ? { dimension: "kind", value: "prompt" } : { dimension: "target", value: id }),
  resource: (id) => (id === undefined ? { dimension: "kind", value: "resource" } : { dimension: "target", value: id }),
  server: (value) => ({ dimension: "server", value }),
  gateway: (value) => ({ dimension: "upstream", value }),
};

/** Dimensions whose values are ids. */
const NAMED: readonly Dimension[] = ["target", "server", "upstream"];

const TOP_COLUMNS = ["rank", "name", "executionCount", "avgResponseTime", "successRate", "lastExecution"];
/** As ContextForge's dashboard has them. */
const TOP_HEADS = ["Rank", "Name", "Executions", "Avg Response Time", "Success Rate", "Last Used"];

export const performanceRoutes: readonly Route[] = [
  route("GET", "/metrics", {
    summary: "What all calls ever add up to, by kind",
    tag,
    permission: "metrics.read",
    answer: aggregate,
    run: async ({ context }) => aggregateOf((await everKnown(context)).sums),
  }),
  route("GET", "/admin/metrics", {
    summary: "The same with the most called of each kind",
    tag,
    permission: "metrics.read",
    query: topQuery,
    answer: topAnswer,
    async run({ context, query: { entity_type, limit, format } }) {
      const { sums, names } = await everKnown(context);
      const top = (kind: TopKind) => topOf(kind, sums, names, limit);
      if (format === "json") return { ...aggregateOf(sums), topPerformers: forEach(top) };
      const rows = top(entity_type).map((row, at) => ({ rank: at + 1, ...row }));
      return csvFile(`top-${entity_type}`, TOP_COLUMNS, rows, TOP_HEADS);
    },
  }),
  route("GET", "/metrics/prometheus", {
    summary: "What all calls ever add up to, for Prometheus",
    tag,
    permission: "metrics.read",
    media: "text/plain",
    answer: z.string(),
    async run({ context }) {
      const { sums, names } = await everKnown(context);
      const nameOf = (dimension: Dimension, value: string): string =>
        NAMED.includes(dimension) ? (names.get(value) ?? sums.names[value] ?? value) : value;
      return new Response(prometheusText(sums, nameOf), { headers: { "content-type": PROMETHEUS_TYPE } });
    },
  }),
  route("POST", "/metrics/reset", {
    summary: "Forget the calls of an entity, of all of its kind, or all there were; the request log keeps them",
    tag,
    permission: "admin.update",
    query: resetQuery,
    answer: resetAnswer,
    async run({ context, query: { entity, entity_id } }) {
      const { store, desk } = context;
      await writeCalls(store);
      const detail = { entity: entity ?? "all", id: entity_id ?? null };
      const deed = { action: "metrics.reset", targetType: entity ?? "metrics", targetId: entity_id ?? "all" };
      await commit(desk, { ...deed, detail, moves: [] }, []);
      await forgetCalls(store.d1, entity ? FORGOTTEN[entity](entity_id) : "all");
      forgetRemembered();
      return {
        status: "success",
        message: `Metrics reset for ${[entity ?? "everything", entity_id].filter(Boolean).join(" ")}`,
      };
    },
  }),
];
