// What the dashboard asks the gateway about calls: figures over a time, and how each tool is used.
import type { Outcome } from "../../../../src/schemas/calls.ts";
import type {
  CallFigures,
  Dimension,
  MetricsAnswer,
  MetricsQuery,
  Step,
  Usage,
  UsageList,
  UsageTab,
} from "../../../../src/schemas/metrics.ts";
import { get, type Query, withFields } from "../../api.ts";
import type { Tone } from "../../charts/tones.tsx";
import { here } from "../../location.ts";

export type { CallFigures, Dimension, MetricsAnswer, Usage, UsageList, UsageTab };

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The times that can be looked at, up to now. */
export const RANGES = [
  { value: "1h", label: "1 h", words: "last hour", before: "the hour before", ms: HOUR_MS },
  { value: "6h", label: "6 h", words: "last 6 hours", before: "the 6 hours before", ms: 6 * HOUR_MS },
  { value: "24h", label: "24 h", words: "last 24 hours", before: "the day before", ms: DAY_MS },
  { value: "7d", label: "7 d", words: "last 7 days", before: "the 7 days before", ms: 7 * DAY_MS },
  { value: "30d", label: "30 d", words: "last 30 days", before: "the 30 days before", ms: 30 * DAY_MS },
] as const;
export type Range = (typeof RANGES)[number];
const USUAL: Range = RANGES[2];

/** The time that the address asks for; a day when it asks for none. */
export function rangeAsked(): Range {
  const asked = here.value.query.get("range");
  return RANGES.find(({ value }) => value === asked) ?? USUAL;
}

/** What the field of the address is for a time. */
export const rangeField = (value: string): string | null => (value === USUAL.value ? null : value);

export const STEP_MS: Record<Step, number> = { minute: 60_000, hour: HOUR_MS, day: DAY_MS };

export type Asked = Partial<Record<Dimension, string>> &
  Partial<Pick<MetricsQuery, "step" | "group_by" | "sort" | "limit" | "format">>;

/** The path of the figures of a time up to `until`, in milliseconds since 1970. */
export const queryPath = ({ ms }: { ms: number }, asked: Asked, until = Date.now()): string =>
  withFields("/metrics/query", {
    since: new Date(until - ms).toISOString(),
    until: new Date(until).toISOString(),
    ...asked,
  });

export const queryMetrics = (
  range: { ms: number },
  asked: Asked,
  signal: AbortSignal,
  until?: number,
): Promise<MetricsAnswer> => get(queryPath(range, asked, until), signal);

export const usagePath = (query: Query): string => withFields("/metrics/usage", query);

export const getUsage = (query: Query, signal: AbortSignal): Promise<UsageList> => get(usagePath(query), signal);

/** The colours of what came of calls, in the order of the bars from below. */
export const OUTCOME_TONES: Record<Outcome, Tone> = {
  ok: 1,
  tool_error: 2,
  rpc_error: 3,
  denied: 6,
  limited: 7,
  cancelled: 4,
  timeout: 8,
  upstream_error: 5,
  gateway_error: 9,
};

export const errorRate = ({ calls, errors }: { calls: number; errors: number }): number =>
  calls === 0 ? 0 : errors / calls;

/** When each step of a series begins, in milliseconds. */
export const startsOf = ({ series }: MetricsAnswer): number[] => series.map(({ start }) => Date.parse(start));
