// What runs every minute.
import { sweepRevocations } from "./catalog/stamp.ts";
import { Context } from "./context.ts";
import type { Bindings } from "./env.ts";
import { sweepLinks } from "./identity/links.ts";
import { sweepSessions } from "./identity/sessions.ts";
import { sweepUsage } from "./identity/token-usage.ts";

/** One run of the schedule. */
export async function runSchedule(env: Bindings, execution: ExecutionContext): Promise<void> {
  const { store } = new Context(env, execution);
  await Promise.all([sweepRevocations(store), sweepUsage(store), sweepSessions(store), sweepLinks(store)]);
}
