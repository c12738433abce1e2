// Upstreams whose calls fail too often: told once, and again only after it was better in between. Which ones that are is
// kept in `upkeep`, one row each, so that it is known from run to run.
import { sql } from "drizzle-orm";
import { anyOf, tables } from "../db/client.ts";
import { OUTCOMES, type Outcome } from "../schemas/calls.ts";
import { type Place, tell } from "./outbox.ts";
import { type Sums, valueIn } from "./sums.ts";

const { upkeep, upstreams } = tables;

/** What is too much: a share of calls, 0 to 1, of so many at least, within so many minutes. */
export interface Threshold {
  readonly rate: number;
  readonly minCalls: number;
  readonly minutes: number;
}

/** Calls of an upstream, and how many of them failed. */
export interface Rate {
  readonly upstreamId: string;
  readonly calls: number;
  readonly errors: number;
}

/** What says nothing of the upstream: the call never got there. */
const OUR_DOING: ReadonlySet<string> = new Set<Outcome>(["denied", "limited", "cancelled"]);

/** Calls and failures by upstream. */
export function ratesIn(periods: Iterable<Sums>): Rate[] {
  const rates = new Map<string, { upstreamId: string; calls: number; errors: number }>();
  for (const sums of periods)
    for (const [combination, { calls }] of sums.rows()) {
      const [upstreamId, outcome] = [valueIn(combination, "upstream"), valueIn(combination, "outcome")];
      if (!upstreamId || !outcome || !(outcome in OUTCOMES) || OUR_DOING.has(outcome)) continue;
      const rate = rates.get(upstreamId) ?? { upstreamId, calls: 0, errors: 0 };
      rate.calls += calls;
      if (outcome !== "ok") rate.errors += calls;
      rates.set(upstreamId, rate);
    }
  return [...rates.values()];
}

/** Whether a rate is too high. With few calls nobody knows: then what was said before stands. */
export function verdict({ calls, errors }: Rate, { rate, minCalls }: Threshold): "high" | "fine" | "unknown" {
  if (calls === 0 || errors / calls < rate) return "fine";
  return calls < minCalls ? "unknown" : "high";
}

const TASK = "errors.high of ";

/** Tells of upstreams whose rate has become too high; those that are not among `rates` had no calls. */
export async function alertErrorRates(place: Place, rates: readonly Rate[], threshold: Threshold): Promise<void> {
  const { db } = place;
  const notFine = rates.filter((one) => verdict(one, threshold) !== "fine");
  const high = notFine.filter((one) => verdict(one, threshold) === "high");
  const ids = high.map(({ upstreamId }) => upstreamId);
  const named =
    ids.length === 0
      ? []
      : await db.select({ id: upstreams.id, name: upstreams.name }).from(upstreams).where(anyOf(upstreams.id, ids));
  const stands = JSON.stringify(notFine.map(({ upstreamId }) => TASK + upstreamId));
  const better = db
    .delete(upkeep)
    .where(sql`${upkeep.task} LIKE ${`${TASK}%`} AND ${upkeep.task} NOT IN (SELECT value FROM json_each(${stands}))`);
  const worse = named.flatMap((upstream) => {
    const { calls = 0, errors = 0 } = high.find(({ upstreamId }) => upstreamId === upstream.id) ?? {};
    const data = { upstream, calls, errors, rate: errors / calls, threshold: threshold.rate };
    const task = TASK + upstream.id;
    return [
      tell(
        place,
        "errors.high",
        { ...data, window_minutes: threshold.minutes },
        { when: sql`NOT EXISTS (SELECT 1 FROM ${upkeep} WHERE ${upkeep.task} = ${task})` },
      ),
      db.insert(upkeep).values({ task, version: 1 }).onConflictDoNothing(),
    ];
  });
  await db.batch([better, ...worse]);
}
