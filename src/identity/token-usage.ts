// How API tokens are used: counted in this isolate's memory and written to D1 together, at most every few seconds and
// never before an answer. An isolate that is killed in between loses what it had not written yet.
import type { Store } from "../catalog/stamp.ts";
import { sweep } from "../db/sweep.ts";

/** One use. `endpoint`: the path without ids; `at` in milliseconds since 1970. */
export interface Use {
  readonly tokenId: string;
  readonly endpoint: string;
  readonly ip: string | null;
}

interface Count {
  readonly token_id: string;
  readonly hour: string;
  readonly endpoint: string;
  requests: number;
  blocked: number;
}

interface Last {
  readonly id: string;
  at: string;
  ip: string | null;
}

/** Milliseconds until counts are written. A writer whose request was cut off is replaced after the second. */
const WRITTEN_AFTER = 2_000;
const GIVEN_UP_AFTER = 20_000;

/** Counters kept while D1 can't be written. */
const MOST = 5_000;

let counts = new Map<string, Count>();
let lasts = new Map<string, Last>();
let writerSince = Number.NEGATIVE_INFINITY;

/** Counts a request, or that one which is counted already was refused. */
export function count(store: Store, { tokenId, endpoint, ip }: Use, what: "requests" | "blocked"): void {
  const now = Date.now();
  const at = new Date(now).toISOString();
  add({ token_id: tokenId, hour: `${at.slice(0, 13)}:00:00.000Z`, endpoint, requests: 0, blocked: 0, [what]: 1 });
  if (what === "requests") lasts.set(tokenId, { id: tokenId, at, ip });
  if (now - writerSince < GIVEN_UP_AFTER) return;
  writerSince = now;
  store.waitUntil(scheduler.wait(WRITTEN_AFTER).then(() => writeUsage(store)));
}

function add(more: Count): void {
  const key = `${more.token_id} ${more.hour} ${more.endpoint}`;
  const known = counts.get(key);
  if (known) {
    known.requests += more.requests;
    known.blocked += more.blocked;
  } else if (counts.size < MOST) counts.set(key, more);
}

/** Writes what was counted so far. Never throws: counts that can't be written are kept for the next time. */
export async function writeUsage({ d1 }: Store): Promise<void> {
  const [taken, last] = [counts, lasts];
  [counts, lasts, writerSince] = [new Map(), new Map(), Number.NEGATIVE_INFINITY];
  if (taken.size === 0) return;
  try {
    await d1.batch([
      d1.prepare(ADD).bind(JSON.stringify([...taken.values()])),
      d1.prepare(LAST).bind(JSON.stringify([...last.values()])),
    ]);
  } catch (error) {
    console.warn({ event: "token usage not written", reason: String(error) });
    for (const one of taken.values()) add(one);
    for (const one of last.values()) if (!lasts.has(one.id)) lasts.set(one.id, one);
  }
}

const ADD = `INSERT INTO token_usage (token_id, hour, endpoint, requests, blocked)
  SELECT value ->> 'token_id', value ->> 'hour', value ->> 'endpoint', value ->> 'requests', value ->> 'blocked'
  FROM json_each(?) WHERE value ->> 'token_id' IN (SELECT id FROM api_tokens)
  ON CONFLICT (token_id, hour, endpoint)
  DO UPDATE SET requests = requests + excluded.requests, blocked = blocked + excluded.blocked`;

const LAST = `UPDATE api_tokens SET last_used_at = used.value ->> 'at', last_used_ip = used.value ->> 'ip'
  FROM json_each(?) AS used
  WHERE api_tokens.id = used.value ->> 'id' AND coalesce(last_used_at, '') < used.value ->> 'at'`;

/** Days for which usage is kept. */
const KEPT_DAYS = 90;

/** Deletes usage that is too old to be shown. Called by the schedule. */
export async function sweepUsage({ d1 }: Store): Promise<void> {
  await sweep(d1, "token_usage", "hour < ?", daysAgo(KEPT_DAYS)).run();
}

/** How a token was used lately: requests by endpoint, and by hour in the order of time. */
export async function usageOf(store: Store, tokenId: string, days: number) {
  await writeUsage(store);
  const [endpoints, hours] = await store.d1.batch([
    store.d1.prepare(BY_ENDPOINT).bind(tokenId, daysAgo(days)),
    store.d1.prepare(BY_HOUR).bind(tokenId, daysAgo(days)),
  ]);
  return {
    endpoints: (endpoints?.results ?? []) as { endpoint: string; requests: number }[],
    hours: (hours?.results ?? []) as { hour: string; requests: number; blocked: number }[],
  };
}

const BY_ENDPOINT = `SELECT endpoint, sum(requests) AS requests FROM token_usage WHERE token_id = ? AND hour >= ?
  GROUP BY endpoint ORDER BY 2 DESC, 1 LIMIT 20`;
const BY_HOUR = `SELECT hour, sum(requests) AS requests, sum(blocked) AS blocked FROM token_usage
  WHERE token_id = ? AND hour >= ? GROUP BY hour ORDER BY hour`;

const daysAgo = (days: number): string => new Date(Date.now() - days * 24 * 3600_000).toISOString();
