// Forgetting calls: they are taken out of every rollup, some rows at a time. What is not counted yet is counted first, so
// that rollups are all there is. The request log keeps its calls.
import type { Dimension } from "../schemas/metrics.ts";
import { claim, inTurn, rollUp, versionIn } from "./rollups.ts";
import { Sums, valueIn } from "./sums.ts";

/** Which calls: those that have a value in a dimension, or any there when no value is named. */
export interface Which {
  readonly dimension: Dimension;
  readonly value?: string | undefined;
}

/** From now on, no segment is open. Milliseconds. */
const AHEAD = 2 * 60_000;
/** Rows rewritten in one batch. */
const MOST = 10;

/** Forgets calls, or all there are. Calls that are answered meanwhile are counted. @throws what D1 throws. */
export async function forgetCalls(d1: D1Database, which: Which | "all"): Promise<void> {
  while (await inTurn(() => rollUp(d1, Date.now() + AHEAD)));
  if (which === "all") return await inTurn(() => forgetAll(d1));
  let after: Row | undefined = { period: "", start: 0 };
  while (after) {
    const from: Row = after;
    after = await inTurn(() => forgetSome(d1, which, from));
  }
}

async function forgetAll(d1: D1Database): Promise<void> {
  const found = await versionIn(d1).first<{ version: number }>();
  await d1.batch([claim(d1, found?.version ?? 0), d1.prepare("DELETE FROM rollups")]);
}

interface Row {
  readonly period: string;
  readonly start: number;
}

/** Rewrites the next rows; gives the last of them, or nothing when there were no more. */
async function forgetSome(d1: D1Database, { dimension, value }: Which, after: Row): Promise<Row | undefined> {
  const [page, versions] = await d1.batch<Row & { sums: string; version: number }>([
    d1
      .prepare(
        `SELECT period, start, sums FROM rollups WHERE (period, start) > (?, ?) AND instr(sums, ?) > 0
         ORDER BY period, start LIMIT ${MOST}`,
      )
      .bind(after.period, after.start, value === undefined ? "" : JSON.stringify(value)),
    versionIn(d1),
  ]);
  const rows = page?.results ?? [];
  if (rows.length === 0) return undefined;
  const keeps = (combination: readonly string[]): boolean => {
    const own = valueIn(combination, dimension);
    return value === undefined ? own === "" : own !== value;
  };
  await d1.batch([
    claim(d1, versions?.results[0]?.version ?? 0),
    ...rows.map(({ period, start, sums }) => {
      const kept = Sums.parse(sums).changed((combination) => (keeps(combination) ? combination : undefined));
      return d1.prepare("UPDATE rollups SET sums = ? WHERE period = ? AND start = ?").bind(kept.text, period, start);
    }),
  ]);
  return rows.at(-1);
}
