// Worker entry: requests, the schedule, and the Durable Objects.
import { serve } from "./app.ts";
import type { Bindings } from "./env.ts";
import { runSchedule } from "./schedule.ts";

export { Session } from "./downstream/session-object.ts";
export { Sync } from "./federation/sync-object.ts";
export { Limiter } from "./policy/limiter-object.ts";

export default {
  fetch: serve,
  scheduled(_controller, env, execution) {
    execution.waitUntil(runSchedule(env, execution));
  },
} satisfies ExportedHandler<Bindings>;
