// API tokens as they are looked for: by whose they are, by name, by what has become of them; the newest first.

import { and, count, desc, eq, gt, isNotNull, isNull, lte, or, type SQL } from "drizzle-orm";
import type { Desk } from "../catalog/change.ts";
import { anyOf, contains, tables } from "../db/client.ts";
import type { ApiTokenRow } from "../db/tables/tokens.ts";
import { GatewayError } from "../errors.ts";
import { nowInSeconds } from "../lib/now.ts";

const { apiTokens } = tables;

export type TokenStatus = "active" | "inactive" | "expired" | "revoked";

/** Whose tokens: a user's, a team's, or everybody's. */
export type Whose = { readonly userEmail: string } | { readonly teamId: string } | "everybody";

export interface TokenQuery {
  readonly limit: number;
  readonly offset: number;
  readonly q?: string | undefined;
  readonly status?: TokenStatus | undefined;
  readonly include_inactive: boolean;
}

/** What has become of a token. */
export function statusOf({ revokedAt, expiresAt, isActive }: ApiTokenRow): TokenStatus {
  if (revokedAt !== null) return "revoked";
  if (expiresAt !== null && expiresAt <= nowInSeconds()) return "expired";
  return isActive ? "active" : "inactive";
}

const unexpired = () => or(isNull(apiTokens.expiresAt), gt(apiTokens.expiresAt, nowInSeconds()));
const IS: Record<TokenStatus, () => SQL | undefined> = {
  revoked: () => isNotNull(apiTokens.revokedAt),
  expired: () => and(isNull(apiTokens.revokedAt), lte(apiTokens.expiresAt, nowInSeconds())),
  inactive: () => and(isNull(apiTokens.revokedAt), unexpired(), eq(apiTokens.isActive, false)),
  active: () => and(isNull(apiTokens.revokedAt), unexpired(), eq(apiTokens.isActive, true)),
};

/** One page of tokens, and how many there are. */
export async function listTokens({ db }: Desk, whose: Whose, query: TokenQuery) {
  const status = query.status ?? (query.include_inactive ? undefined : "active");
  const where = and(belongsTo(whose), status && IS[status](), query.q ? mentions(query.q) : undefined);
  const [tokens, [totals]] = await Promise.all([
    db
      .select()
      .from(apiTokens)
      .where(where)
      .orderBy(desc(apiTokens.createdAt), desc(apiTokens.id))
      .limit(query.limit)
      .offset(query.offset),
    db.select({ total: count() }).from(apiTokens).where(where),
  ]);
  return { tokens, total: totals?.total ?? 0 };
}

/** A token. @throws GatewayError `not_found`, the same for one that is somebody else's. */
export async function tokenOf({ db }: Desk, whose: Whose, id: string): Promise<ApiTokenRow> {
  const [row] = await db
    .select()
    .from(apiTokens)
    .where(and(eq(apiTokens.id, id), belongsTo(whose)));
  if (!row) throw new GatewayError("not_found", "Token not found");
  return row;
}

/** Names of tokens by id. */
export async function tokenNames({ db }: Desk, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await db
    .select({ id: apiTokens.id, name: apiTokens.name })
    .from(apiTokens)
    .where(anyOf(apiTokens.id, ids));
  return new Map(rows.map(({ id, name }) => [id, name]));
}

function belongsTo(whose: Whose): SQL | undefined {
  if (whose === "everybody") return undefined;
  return "teamId" in whose ? eq(apiTokens.teamId, whose.teamId) : eq(apiTokens.userEmail, whose.userEmail);
}

const mentions = (q: string): SQL | undefined =>
  or(...[apiTokens.name, apiTokens.description, apiTokens.userEmail].map((column) => contains(column, q)));
