// API tokens that expire soon: each is told of once. Called by the schedule.
import { and, eq, exists, gt, isNull, lte, notExists, sql } from "drizzle-orm";
import type { Desk } from "../catalog/change.ts";
import { tables } from "../db/client.ts";
import { nowInSeconds } from "../lib/now.ts";
import { deliveryId, tell, wants } from "../observability/outbox.ts";

const { apiTokens, webhooks, webhookDeliveries } = tables;

/** Seconds before its end at which a token is told of. */
const SOON = 7 * 24 * 3600;
/** Tokens told of in one run. */
const AT_ONCE = 50;

/** Tells of tokens that work and expire within seven days; those that were rotated end as they should. */
export async function tellExpiring(desk: Desk): Promise<void> {
  const { db } = desk;
  const now = nowInSeconds();
  const eventId = sql`'expiring-' || ${apiTokens.id} || '-' || ${apiTokens.expiresAt}`;
  const told = db
    .select()
    .from(webhookDeliveries)
    .where(eq(webhookDeliveries.id, deliveryId(eventId)));
  const untold = db
    .select()
    .from(webhooks)
    .where(and(wants("auth.expiring"), notExists(told)));
  const tokens = await db
    .select({ id: apiTokens.id, name: apiTokens.name, user: apiTokens.userEmail, expiresAt: apiTokens.expiresAt })
    .from(apiTokens)
    .where(
      and(
        eq(apiTokens.isActive, true),
        isNull(apiTokens.revokedAt),
        isNull(apiTokens.replacedBy),
        gt(apiTokens.expiresAt, now),
        lte(apiTokens.expiresAt, now + SOON),
        exists(untold),
      ),
    )
    .limit(AT_ONCE);
  const [first, ...others] = tokens.map(({ expiresAt, ...token }) => {
    const expires_at = new Date((expiresAt ?? 0) * 1000).toISOString();
    return tell(desk, "auth.expiring", { token, expires_at }, { once: `expiring-${token.id}-${expiresAt}` });
  });
  if (first) await db.batch([first, ...others]);
}
