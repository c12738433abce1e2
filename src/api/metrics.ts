// REST: /metrics/query, what calls add up to, by whatever they are told apart by. Shapes in
// schemas/metrics.ts. Everybody is told of what they see; see observability/metrics.ts `known`.
import { namesSeen } from "../catalog/seen.ts";
import type { Context } from "../context.ts";
import { tokenNames } from "../identity/token-lists.ts";
import {
  figuresOf,
  filtered,
  known,
  type Looker,
  ORDERS,
  p95Of,
  type Tally,
  talliesOf,
  tallyOf,
} from "../observability/metrics.ts";
import { writeCalls } from "../observability/recorder.ts";
import { sumsBetween } from "../observability/rollups.ts";
import { type Sums, valueIn } from "../observability/sums.ts";
import { can } from "../policy/can.ts";
import type { TargetKind } from "../schemas/calls.ts";
import {
  type Dimension,
  type MetricsAnswer,
  type MetricsQuery,
  metricsAnswer,
  metricsQuery,
} from "../schemas/metrics.ts";
import { csvFile, FIGURE_COLUMNS } from "./csv-file.ts";
import { rangeOf, type Steps } from "./metrics-range.ts";
import { type Route, route } from "./route.ts";

const tag = "Metrics";

/** What a caller may know, with names of what they see. */
export async function lookerOf({
  desk,
  caller,
}: Context): Promise<Looker & { readonly names: ReadonlyMap<string, string> }> {
  const names = await namesSeen(desk, caller.sight);
  return {
    names,
    sees: caller.sight === "everything" ? "everything" : (id) => names.has(id),
    knows: can(caller, "users.read") === "yes" ? "everybody" : { user: caller.id },
  };
}

/** What to call calls that have no such thing, or whose it is not for the caller to know. */
const NAMELESS: Readonly<Record<Dimension, string>> = {
  kind: "other",
  target: "no target",
  server: "the gateway's own endpoint",
  upstream: "no gateway",
  user: "others",
  token: "no token",
  client: "unknown",
  outcome: "none",
  error: "none",
};

async function namer(
  context: Context,
  dimension: Dimension | "none",
  keys: readonly string[],
  names: ReadonlyMap<string, string>,
  all: readonly Sums[],
): Promise<(key: string) => string> {
  if (dimension === "none") return () => "all";
  const tokens = dimension === "token" ? await tokenNames(context.desk, keys) : undefined;
  const then = dimension === "target" ? Object.assign({}, ...all.map((sums) => sums.names)) : {};
  const nameOf = (key: string): string | undefined =>
    dimension === "token" ? (tokens?.get(key) ?? "a login") : (names.get(key) ?? (then as Record<string, string>)[key]);
  return (key) => (key === "" ? NAMELESS[dimension] : (nameOf(key) ?? key));
}

const pointOf = ({ sum, errors }: Tally) => ({ calls: sum.calls, errors, p95: p95Of(sum) });
const iso = (ms: number): string => new Date(ms).toISOString();

async function query(context: Context, asked: MetricsQuery): Promise<MetricsAnswer> {
  const {
    group_by: groupBy,
    sort,
    limit,
    since: _since,
    until: _until,
    step: _step,
    format: _format,
    ...filter
  } = asked;
  const steps = rangeOf(asked, context.config.recording.rollupDays);
  const { step, since, until, before } = steps;
  await writeCalls(context.store);
  const [looker, read] = await Promise.all([lookerOf(context), sumsBetween(context.store.d1, step, before, until)]);
  const told = [...read].map(([start, sums]) => [start * 1000, filtered(known(sums, looker), filter)] as const);
  const now = new Map(told.filter(([start]) => start >= since));
  const earlier = told.filter(([start]) => start < since).map(([, sums]) => sums);
  const all = [...now.values()];

  const keyOf = (combination: readonly string[]): string =>
    groupBy === "none" ? "all" : valueIn(combination, groupBy);
  const order = ORDERS[sort];
  const groups = [...talliesOf(all, keyOf)].sort(
    ([one, first], [other, second]) => order(second) - order(first) || (one < other ? -1 : 1),
  );
  const shown = groups.slice(0, limit);
  const nameOf = await namer(
    context,
    groupBy,
    shown.map(([key]) => key),
    looker.names,
    all,
  );
  const kinds = groupBy === "target" ? kindsOf(all) : undefined;
  const [total, previous] = [tallyOf(all), tallyOf(earlier)];
  const among = new Set(shown.map(([key]) => key));
  return {
    step,
    since: iso(since),
    until: iso(until),
    groupBy,
    groups: shown.map(([key, tally]) => ({
      key,
      name: nameOf(key),
      kind: kinds?.get(key) ?? null,
      clients: tally.clients.size,
      ...figuresOf(tally),
    })),
    groupCount: groups.length,
    series: pointsOf(steps, now, (combination) => {
      const key = keyOf(combination);
      return among.has(key) ? key : undefined;
    }),
    total: { clients: total.clients.size, ...figuresOf(total) },
    previous: { since: iso(before), until: iso(since), clients: previous.clients.size, ...figuresOf(previous) },
  };
}

function pointsOf(
  { since, until, length }: Steps,
  sums: ReadonlyMap<number, Sums>,
  keyOf: (combination: readonly string[]) => string | undefined,
): MetricsAnswer["series"] {
  return Array.from({ length: (until - since) / length }, (_, at) => {
    const start = since + at * length;
    const own = [sums.get(start)].filter((one) => one !== undefined);
    const groups = Object.fromEntries([...talliesOf(own, keyOf)].map(([key, tally]) => [key, pointOf(tally)]));
    return { start: iso(start), ...pointOf(tallyOf(own)), groups };
  });
}

/** What kind targets are of. */
const kindsOf = (all: readonly Sums[]): ReadonlyMap<string, TargetKind> =>
  new Map(
    all.flatMap((sums) =>
      [...sums.rows()].map(([combination]) => [
        valueIn(combination, "target"),
        valueIn(combination, "kind") as TargetKind,
      ]),
    ),
  );

export const metricsRoutes: readonly Route[] = [
  route("GET", "/metrics/query", {
    summary: "What calls add up to, over a range, in groups",
    tag,
    permission: "metrics.read",
    query: metricsQuery,
    answer: metricsAnswer,
    async run({ context, query: asked }) {
      const answer = await query(context, asked);
      return asked.format === "json"
        ? answer
        : csvFile("metrics", ["key", "name", "clients", ...FIGURE_COLUMNS], answer.groups);
    },
  }),
];
