// Hashing a password keeps an isolate busy for as long as hundreds of calls take. So hashes take turns, and only a few may
// wait: whoever comes then is told to come back, and everybody else's requests are answered in between.
import { GatewayError } from "../errors.ts";

/** How many wait at most, and for how many milliseconds one counts whose request went away before its turn. */
const MOST = 8;
const FORGOTTEN_AFTER = 10_000;

const waiting = new Set<{ readonly since: number }>();

/**
 * The outcome of work that keeps the processor busy, done when those before are done.
 * @throws GatewayError `too_many_requests` when too many wait already.
 */
export async function inTurn<T>(work: () => T): Promise<T> {
  const now = Date.now();
  for (const one of waiting) if (one.since + FORGOTTEN_AFTER < now) waiting.delete(one);
  if (waiting.size >= MOST)
    throw new GatewayError("too_many_requests", "Many passwords are being checked right now: try again in 2 s", {
      headers: { "retry-after": "2" },
    });
  const turn = { since: now };
  waiting.add(turn);
  try {
    await scheduler.wait(0); // whoever else has arrived is counted, or answered, before the processor is taken
    return work();
  } finally {
    waiting.delete(turn);
  }
}
