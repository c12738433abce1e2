// REST: /metrics/usage, how every entity of a noun is used, and which are not; "disable selected". Shapes in
// schemas/metrics.ts and schemas/tools.ts.
import * as z from "zod";
import { type Entity, entitiesSeen } from "../catalog/seen.ts";
import { disableTools } from "../catalog/tools.ts";
import type { Context } from "../context.ts";
import { encodeCursor } from "../lib/paginate.ts";
import { figuresOf, known, ORDERS, Tally, talliesOf } from "../observability/metrics.ts";
import { writeCalls } from "../observability/recorder.ts";
import { sumsBetween, sumsEver } from "../observability/rollups.ts";
import { valueIn } from "../observability/sums.ts";
import { can, type Target } from "../policy/can.ts";
import {
  type Dimension,
  USAGE_TABS,
  type Usage,
  type UsageList,
  type UsageQuery,
  type UsageTab,
  type UsedKind,
  usageList,
  usageQuery,
} from "../schemas/metrics.ts";
import { toolsDisable, toolsDisabled } from "../schemas/tools.ts";
import { csvFile, FIGURE_COLUMNS } from "./csv-file.ts";
import { positionIn } from "./cursor.ts";
import { lookerOf } from "./metrics.ts";
import { type Route, route } from "./route.ts";

const DAY = 86_400_000;
const IN: Readonly<Record<UsedKind, Dimension>> = {
  tool: "target",
  prompt: "target",
  resource: "target",
  server: "server",
  gateway: "upstream",
};

/** An entity, and what its calls add up to: of late, and ever. */
interface Used {
  readonly entity: Entity;
  readonly late: Tally;
  readonly ever: Tally;
}

/** Which entities a tab has, what comes first. */
interface Tab {
  has(used: Used, since: number): boolean;
  order(used: Used): number;
}
const called = ({ late }: Used): boolean => late.sum.calls > 0;

const TABS: Readonly<Record<UsageTab, Tab>> = {
  most: { has: called, order: ({ late }) => ORDERS.calls(late) },
  recent: { has: ({ ever }) => ever.sum.calls > 0, order: ({ ever }) => ORDERS.last(ever) },
  failing: { has: ({ late }) => late.errors > 0, order: ({ late }) => ORDERS.error_rate(late) },
  slow: { has: called, order: ({ late }) => ORDERS.p95(late) },
  unused: {
    has: ({ entity, ever }, since) => entity.enabled && ever.sum.last < since,
    order: ({ ever }) => -ever.sum.last,
  },
};

/** What a page goes on after: the place of its last entity. */
type Place = readonly [order: number, name: string, id: string];
const aPlace = z
  .string()
  .transform((text) => text.split("\n"))
  .pipe(z.tuple([z.string().regex(/^-?\d+(\.\d+)?(e-?\d+)?$/), z.string(), z.string()]))
  .transform(([order, name, id]): Place => [Number(order), name, id]);

const isBefore = (one: Place, other: Place): boolean =>
  one[0] !== other[0] ? one[0] > other[0] : one[1] !== other[1] ? one[1] < other[1] : one[2] < other[2];

async function usedBy(context: Context, { kind, q, days }: UsageQuery, now: number) {
  const { desk, store, caller } = context;
  await writeCalls(store);
  const [looker, entities, late, ever] = await Promise.all([
    lookerOf(context),
    entitiesSeen(desk, kind, caller.sight, q),
    sumsBetween(store.d1, "day", now - days * DAY, now),
    sumsEver(store.d1),
  ]);
  const keyOf = (combination: readonly string[]): string => valueIn(combination, IN[kind]);
  const [lately, always] = [[...late.values()], [ever]].map((all) =>
    talliesOf(
      all.map((sums) => known(sums, looker)),
      keyOf,
    ),
  );
  const used = entities.map(
    (entity): Used => ({
      entity,
      late: lately?.get(entity.id) ?? new Tally(),
      ever: always?.get(entity.id) ?? new Tally(),
    }),
  );
  return { used, names: looker.names };
}

async function usage(context: Context, query: UsageQuery): Promise<UsageList> {
  const now = Date.now();
  const since = now - query.days * DAY;
  const { used, names } = await usedBy(context, query, now);
  const { has, order } = TABS[query.tab];
  const placeOf = (one: Used): Place => [order(one), one.entity.name, one.entity.id];
  const all = used
    .filter((one) => has(one, since))
    .map((one) => ({ one, place: placeOf(one) }))
    .sort((first, second) => (isBefore(first.place, second.place) ? -1 : 1));
  const after = positionIn(query.cursor, aPlace);
  const rest = after === undefined ? all : all.filter(({ place }) => isBefore(after, place));
  const shown = query.format === "csv" ? rest : rest.slice(0, query.limit);
  const last = rest.length > shown.length ? shown.at(-1) : undefined;
  return {
    usage: shown.map(({ one }) => usageOf(one, names)),
    nextCursor: last ? encodeCursor({ after: last.place.join("\n") }) : null,
    total: all.length,
    counts: Object.fromEntries(
      USAGE_TABS.map((tab) => [tab, used.filter((one) => TABS[tab].has(one, since)).length]),
    ) as UsageList["counts"],
  };
}

function usageOf({ entity, late, ever }: Used, names: ReadonlyMap<string, string>): Usage {
  const { id, name, enabled, createdAt, upstreamId } = entity;
  const gatewayName = names.get(upstreamId ?? "") ?? null;
  const always = figuresOf(ever);
  return {
    id,
    name,
    enabled,
    gatewayId: gatewayName === null ? null : upstreamId,
    gatewayName,
    createdAt,
    everCalls: always.calls,
    everFirstAt: always.firstAt,
    everLastAt: always.lastAt,
    clients: late.clients.size,
    ...figuresOf(late),
  };
}

export const usageRoutes: readonly Route[] = [
  route("GET", "/metrics/usage", {
    summary: "How tools, prompts, resources, virtual servers or gateways are used, and which are not",
    tag: "Metrics",
    permission: "metrics.read",
    query: usageQuery,
    answer: usageList,
    async run({ context, query }) {
      const answer = await usage(context, query);
      if (query.format === "json") return answer;
      const columns = ["id", "name", "gatewayName", "enabled", "createdAt", "everCalls", "everFirstAt", "everLastAt"];
      return csvFile(`usage-${query.kind}-${query.tab}`, [...columns, "clients", ...FIGURE_COLUMNS], answer.usage);
    },
  }),
  route("POST", "/tools/disable", {
    summary: "Disable several tools at once",
    tag: "Tools",
    permission: "tools.update",
    body: toolsDisable,
    answer: toolsDisabled,
    async run({ context: { desk, caller }, body: { ids } }) {
      const mayChange = (row: Target): boolean => can(caller, "tools.update", row) === "yes";
      return { results: await disableTools(desk, ids, caller.sight, mayChange) };
    },
  }),
];
