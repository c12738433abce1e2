// Everything the metrics page shows of calls, loaded together.
import type { asked } from "./measures.ts";
import { MEASURES } from "./measures.ts";
import { type Dimension, type MetricsAnswer, queryMetrics, RANGES, type Range } from "./metrics.ts";

type Wish = ReturnType<typeof asked>;

/** `before`: the same time before, when it is compared with. `week`: by hour. `names`: of what is filtered by. */
export type Shown = {
  range: Range;
  wish: Wish;
  answer: MetricsAnswer;
  before: MetricsAnswer | undefined;
  week: MetricsAnswer;
  names: Partial<Record<Dimension, string>>;
};

const MOST_GROUPS = 20;
/** What is filtered by an id, and so needs a name. */
const BY_ID: readonly Dimension[] = ["target", "server", "upstream", "token"];
const WEEK = RANGES[3];

export async function loadShown(range: Range, wish: Wish, signal: AbortSignal): Promise<Shown> {
  const { measure, by, compare, filters } = wish;
  const now = Date.now();
  const nameOf = async (one: Dimension): Promise<[Dimension, string]> => {
    const { groups } = await queryMetrics(range, { ...filters, group_by: one, limit: 1 }, signal, now);
    return [one, groups[0]?.name ?? filters[one] ?? ""];
  };
  const [answer, before, week, names] = await Promise.all([
    queryMetrics(range, { ...filters, group_by: by, sort: MEASURES[measure].sort, limit: MOST_GROUPS }, signal, now),
    compare ? queryMetrics(range, filters, signal, now - range.ms) : undefined,
    queryMetrics(WEEK, { ...filters, step: "hour" }, signal, now),
    Promise.all(BY_ID.filter((one) => filters[one] !== undefined).map(nameOf)),
  ]);
  return { range, wish, answer, before, week, names: Object.fromEntries(names) };
}
