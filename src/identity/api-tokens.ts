// API tokens: what programs present. A token acts for its user, narrowed by what it was made for.

import { and, eq, isNull } from "drizzle-orm";
import type { Store } from "../catalog/stamp.ts";
import { openDatabase, tables } from "../db/client.ts";
import type { ApiTokenRow } from "../db/tables/tokens.ts";
import type { TokenScope } from "./caller.ts";
import type { Found } from "./found.ts";
import { idOf } from "./secrets.ts";

const { apiTokens } = tables;

/** Whose token a secret is and what it may; undefined when there is none, or it was revoked or switched off. */
export async function findApiToken({ d1 }: Store, secret: string): Promise<Found | undefined> {
  const [row] = await openDatabase(d1)
    .select()
    .from(apiTokens)
    .where(and(eq(apiTokens.hash, await idOf(secret)), eq(apiTokens.isActive, true), isNull(apiTokens.revokedAt)));
  if (!row) return undefined;
  const scope = scopeOf(row);
  return {
    email: row.userEmail,
    proof: {
      credential: "api_token",
      tokenId: row.id,
      ...(row.expiresAt === null ? {} : { expiresAt: row.expiresAt }),
      ...(row.teamId === null ? {} : { teams: [row.teamId] }),
      ...(scope ? { scope } : {}),
    },
  };
}

/** What a token narrows its user to; undefined when to nothing. */
function scopeOf(row: ApiTokenRow): TokenScope | undefined {
  const given = {
    serverIds: row.serverIds,
    toolNames: row.toolNames,
    permissions: row.permissions,
    ipRestrictions: row.ipRestrictions,
    timeRestrictions: row.timeRestrictions,
    usageLimits: row.usageLimits,
  };
  const narrowing = Object.entries(given).filter(([, value]) => Object.keys(value).length > 0);
  return narrowing.length > 0 ? Object.fromEntries(narrowing) : undefined;
}
