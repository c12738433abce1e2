// Telling that a token was used as often as it may be: once for each limit in any of its windows, however many requests
// are refused. Nothing is asked of the database by requests that are let through, nor again by an isolate that knows.
import { eq, sql } from "drizzle-orm";
import type { Desk } from "../catalog/change.ts";
import { tables } from "../db/client.ts";
import type { Config } from "../env.ts";
import type { Caller } from "../identity/caller.ts";
import { idOf } from "../identity/secrets.ts";
import { nowInSeconds } from "../lib/now.ts";
import { tell } from "../observability/outbox.ts";
import { deliverSoon } from "../upstream/webhooks.ts";
import type { Rule } from "./sliding.ts";

const { apiTokens, webhookDeliveries } = tables;

/** Until when a limit need not be told of again, in seconds since 1970, by what is counted and the window. */
const told = new Map<string, number>();
const MOST_TOLD = 10_000;
/** Letters of a digest: enough to tell tokens apart. */
const SHORT = 22;

/** Who was refused: a request. */
interface Refused {
  readonly caller: Caller;
  readonly config: Config;
  readonly desk: Desk;
}

/** Tells of a refusal in the background. `key`: what is counted; `retryAfter` in seconds. */
export function tellLimit(refused: Refused, key: string, rule: Rule, retryAfter: number): void {
  const now = nowInSeconds();
  const known = `${key} ${rule.per}`;
  if ((told.get(known) ?? 0) > now) return;
  if (told.size >= MOST_TOLD) told.clear();
  told.set(known, now + rule.per);
  const failed = (error: unknown): void => {
    told.delete(known); // the next one who is refused tries again
    console.error({ event: "limit not told", reason: String(error) });
  };
  refused.desk.store.waitUntil(write(refused, key, rule, retryAfter, now).catch(failed));
}

async function write(refused: Refused, key: string, { per, most }: Rule, retryAfter: number, now: number) {
  const { caller, desk } = refused;
  const id = caller.tokenId ?? "";
  const [row] = await desk.db.select({ name: apiTokens.name }).from(apiTokens).where(eq(apiTokens.id, id));
  const begin = `limit-${(await idOf(key)).slice(0, SHORT)}-${per}-`;
  const token = { id, name: row?.name ?? null, user: caller.id };
  await tell(
    desk,
    "limit.reached",
    { token, most, per_seconds: per, retry_after: retryAfter },
    {
      once: begin + now,
      // Ids are in the order of time, as long as seconds have ten digits.
      when: sql`NOT EXISTS (SELECT 1 FROM ${webhookDeliveries}
        WHERE ${webhookDeliveries.id} > ${begin + (now - per)} AND ${webhookDeliveries.id} < ${`${begin}~`})`,
    },
  );
  deliverSoon(refused);
}
