// What can be measured, and by what calls can be told apart: the choices of the metrics page.

import { here } from "../../location.ts";
import { duration, percent, short, whole } from "../../parts/numbers.ts";
import { type CallFigures, type Dimension, errorRate, type MetricsAnswer } from "./metrics.ts";

type Point = MetricsAnswer["series"][number]["groups"][string];

type Measure = {
  label: string;
  /** What adds up is stacked; the rest are lines. */
  as: "bars" | "lines";
  sort: "calls" | "errors" | "error_rate" | "p95";
  of: (figures: CallFigures) => number | null;
  at: (point: Point) => number | null;
  /** On an axis, and where there is room. */
  onAxis: (value: number) => string;
  format: (value: number) => string;
};

export const MEASURES = {
  calls: {
    label: "Calls",
    as: "bars",
    sort: "calls",
    of: ({ calls }) => calls,
    at: ({ calls }) => calls,
    onAxis: short,
    format: whole,
  },
  errors: {
    label: "Errors",
    as: "bars",
    sort: "errors",
    of: ({ errors }) => errors,
    at: ({ errors }) => errors,
    onAxis: short,
    format: whole,
  },
  error_rate: {
    label: "Error rate",
    as: "lines",
    sort: "error_rate",
    of: (figures) => (figures.calls === 0 ? null : errorRate(figures)),
    at: (point) => (point.calls === 0 ? null : errorRate(point)),
    onAxis: percent,
    format: percent,
  },
  upstream: {
    label: "Time servers take, p95",
    as: "lines",
    sort: "p95",
    of: ({ upstream }) => upstream.p95,
    at: ({ p95 }) => p95.upstream,
    onAxis: duration,
    format: duration,
  },
  gateway: {
    label: "Time Causeway adds, p95",
    as: "lines",
    sort: "p95",
    of: ({ gateway }) => gateway.p95,
    at: ({ p95 }) => p95.gateway,
    onAxis: duration,
    format: duration,
  },
} as const satisfies Record<string, Measure>;
type MeasureName = keyof typeof MEASURES;

export type By = Dimension | "none";

/** `noun`: as in "calls by …". `next`: what the calls of one are told apart by next. */
export const BY: Record<By, { label: string; noun: string; next: By }> = {
  upstream: { label: "MCP server", noun: "MCP server", next: "target" },
  target: { label: "Tool, prompt or resource", noun: "tool, prompt or resource", next: "client" },
  server: { label: "Virtual server", noun: "virtual server", next: "target" },
  client: { label: "Client", noun: "client", next: "target" },
  user: { label: "User", noun: "user", next: "target" },
  token: { label: "Token", noun: "token", next: "target" },
  outcome: { label: "Outcome", noun: "outcome", next: "target" },
  error: { label: "Error", noun: "error", next: "target" },
  kind: { label: "Kind", noun: "kind", next: "target" },
  none: { label: "nothing: all calls", noun: "nothing", next: "upstream" },
};
export const DIMENSIONS = (Object.keys(BY) as By[]).filter((by): by is Dimension => by !== "none");

/** What the address asks for. */
export function asked(): {
  measure: MeasureName;
  by: By;
  compare: boolean;
  filters: Partial<Record<Dimension, string>>;
} {
  const { query } = here.value;
  const measure = query.get("measure") ?? "";
  const by = query.get("by") ?? "";
  const filters = DIMENSIONS.map((one) => [one, query.get(one)] as const).filter(([, value]) => value !== null);
  return {
    measure: measure in MEASURES ? (measure as MeasureName) : "calls",
    by: by in BY ? (by as By) : "upstream",
    compare: query.get("compare") === "1",
    filters: Object.fromEntries(filters),
  };
}
