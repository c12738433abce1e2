// API tokens that end with something else: with their user, or with the team they are narrowed to.

import { type SQL, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import type { Desk } from "../catalog/change.ts";
import { tables } from "../db/client.ts";
import { nowInSeconds } from "../lib/now.ts";

const { apiTokens, revocations } = tables;

/** A century, for what never expires by itself. */
const FOR_GOOD = 100 * 365 * 86_400;

/** Statements that revoke tokens: those not revoked yet for which `which` holds. */
export function endTokens({ db, author }: Desk, which: SQL, reason: string): BatchItem<"sqlite">[] {
  const now = nowInSeconds();
  const ended = sql`${which} AND ${apiTokens.revokedAt} IS NULL`;
  return [
    db
      .insert(revocations)
      .select(
        sql`SELECT NULL, ${apiTokens.id}, COALESCE(${apiTokens.expiresAt}, ${now + FOR_GOOD}) FROM ${apiTokens} WHERE ${ended}`,
      )
      .onConflictDoNothing(),
    db
      .update(apiTokens)
      .set({
        isActive: false,
        revokedAt: new Date().toISOString(),
        revokedBy: author.email,
        revocationReason: reason,
      })
      .where(ended),
  ];
}
