// How much entities were used, as their reads show it (ContextForge's `metrics`): what was ever counted, remembered by this
// isolate for a few seconds, so that lists cost no more than one read.
import type { Context } from "../context.ts";
import { SingleFlight } from "../lib/single-flight.ts";
import { entityMetricsOf, Tally, talliesOf } from "../observability/metrics.ts";
import { sumsEver } from "../observability/rollups.ts";
import { valueIn } from "../observability/sums.ts";
import type { Dimension, EntityMetrics } from "../schemas/metrics.ts";

/** What entities are told apart by. */
type Noun = Extract<Dimension, "target" | "server" | "upstream">;
type Used = Readonly<Record<Noun, ReadonlyMap<string, Tally>>>;

/** Milliseconds. */
const REMEMBERED = 5_000;
let remembered: { readonly used: Used; readonly until: number } | undefined;
const reads = new SingleFlight<Used>();

/** Gives the metrics of an entity by its id. */
export async function entityMetrics({ store }: Context, noun: Noun): Promise<(id: string) => EntityMetrics> {
  const used =
    remembered && Date.now() < remembered.until
      ? remembered.used
      : await reads.run(
          "ever",
          (work) => store.waitUntil(work),
          () => read(store.d1),
        );
  return (id) => entityMetricsOf(used[noun].get(id) ?? new Tally());
}

async function read(d1: D1Database): Promise<Used> {
  const ever = [await sumsEver(d1)];
  const by = (noun: Noun) => talliesOf(ever, (combination) => valueIn(combination, noun) || undefined);
  const used = { target: by("target"), server: by("server"), upstream: by("upstream") };
  remembered = { used, until: Date.now() + REMEMBERED };
  return used;
}

/** What was remembered is no longer so. */
export const forgetRemembered = (): void => {
  remembered = undefined;
};
