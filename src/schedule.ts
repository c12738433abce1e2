// What runs every minute: upkeep, step by step. Each step does a bounded piece of its work and goes on with the next run;
// one that fails is told in the log and is in nobody's way.
import { sweepRevocations } from "./catalog/stamp.ts";
import { Context } from "./context.ts";
import type { Bindings } from "./env.ts";
import { tellExpiring } from "./identity/expiring-tokens.ts";
import { sweepLinks } from "./identity/links.ts";
import { sweepSessions } from "./identity/sessions.ts";
import { sweepUsage } from "./identity/token-usage.ts";
import { alertErrorRates, ratesIn } from "./observability/error-rate.ts";
import { sweepDeliveries } from "./observability/outbox.ts";
import { rollUp, sumsBetween, sweepTraffic } from "./observability/rollups.ts";
import { deliverDue } from "./upstream/webhooks.ts";

/** Batches of segments that are counted in one run. */
const MOST_ROLLUPS = 20;

const STEPS: Readonly<Record<string, (context: Context) => Promise<void>>> = {
  rollups: countSegments,
  "old traffic": ({ store, config }) => sweepTraffic(store.d1, config.recording),
  revocations: ({ store }) => sweepRevocations(store),
  "token usage": ({ store }) => sweepUsage(store),
  sessions: ({ store }) => sweepSessions(store),
  links: ({ store }) => sweepLinks(store),
  "old deliveries": ({ store }) => sweepDeliveries(store),
  "expiring tokens": ({ desk }) => tellExpiring(desk),
  "error rates": alertRates,
  webhooks: async (context) => void (await deliverDue(context)),
};

/** Segments are counted in every fifth run: what is not counted yet is added by whoever reads, and rows cost. */
async function countSegments({ store }: Context): Promise<void> {
  if (Math.floor(Date.now() / 60_000) % 5 !== 0) return;
  for (let batch = 0; batch < MOST_ROLLUPS; batch++) if (!(await rollUp(store.d1))) return;
}

/** Looks at the calls of the last minutes. */
async function alertRates({ desk, store, config }: Context): Promise<void> {
  const { minutes } = config.alerts;
  const now = Date.now();
  const sums = await sumsBetween(store.d1, "minute", now - minutes * 60_000, now);
  await alertErrorRates(desk, ratesIn(sums.values()), config.alerts);
}

/** One run of the schedule. */
export async function runSchedule(env: Bindings, execution: ExecutionContext): Promise<void> {
  const context = new Context(env, execution);
  for (const [step, run] of Object.entries(STEPS)) {
    await run(context).catch((error: unknown) =>
      console.error({ event: "upkeep failed", step, reason: String(error) }),
    );
  }
}
