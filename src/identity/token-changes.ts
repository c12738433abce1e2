// How API tokens are made, changed, rotated and revoked. Each moves `access`, so that every isolate asks anew; a secret
// is given back once, and neither it nor its digest stands in the audit trail.

import { and, eq, type SQL, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { commit, type Desk } from "../catalog/change.ts";
import { tookRevocation } from "../catalog/stamp.ts";
import { tables } from "../db/client.ts";
import type { ApiTokenRow, TimeWindow, UsageLimits } from "../db/tables/tokens.ts";
import { GatewayError } from "../errors.ts";
import { newId } from "../lib/ids.ts";
import { nowInSeconds } from "../lib/now.ts";
import { newSecret } from "./secrets.ts";

const { apiTokens, revocations } = tables;

/** What a token narrows its user to, as it is stored: empty means not at all. */
export interface StoredScope {
  readonly serverIds: string[];
  readonly toolNames: string[];
  readonly permissions: string[];
  readonly ipRestrictions: string[];
  readonly timeRestrictions: TimeWindow;
  readonly usageLimits: UsageLimits;
}

export const UNSCOPED: StoredScope = {
  serverIds: [],
  toolNames: [],
  permissions: [],
  ipRestrictions: [],
  timeRestrictions: {},
  usageLimits: {},
};

/** What a token is made of. `expiresAt` in seconds since 1970; null: never. */
export interface NewToken extends StoredScope {
  readonly name: string;
  readonly description: string | null;
  readonly teamId: string | null;
  readonly tags: string[];
  readonly isActive: boolean;
  readonly expiresAt: number | null;
}

/** What may be changed of a token. */
export type TokenChange = Partial<StoredScope & Pick<NewToken, "name" | "description" | "tags" | "isActive">>;

/** A token that exists by now, and its secret: shown this once. */
export interface Made {
  readonly id: string;
  readonly secret: string;
}

const SHOWN = 12;
/** Makes a token of the desk's author. @throws GatewayError `conflict` when the author has one of this name. */
export async function createToken(desk: Desk, token: NewToken): Promise<Made> {
  const { id, secret, row } = await fresh(desk.author.email, token);
  const name = nameUnlessTaken(row.userEmail, token.name, id);
  const detail = { name: token.name, team_id: token.teamId, expires_at: token.expiresAt, ...narrowing(token) };
  await move(desk, { action: "token.create", id, detail }, [desk.db.insert(apiTokens).values({ ...row, name })]);
  return { id, secret };
}

/** Changes a token. @throws GatewayError `stale_version`, `conflict` when its user has another of the new name. */
export async function updateToken(desk: Desk, row: ApiTokenRow, change: TokenChange): Promise<void> {
  requireUnrevoked(row);
  const name = change.name === undefined ? {} : { name: nameUnlessTaken(row.userEmail, change.name, row.id) };
  const detail = { name: change.name ?? row.name, fields: Object.keys(change), ...narrowing({ ...row, ...change }) };
  await move(desk, { action: "token.update", id: row.id, from: row, detail }, [
    set(desk, row, { ...change, ...name, updatedAt: new Date().toISOString() }),
  ]);
}

/**
 * Puts a new token with a new secret in the place of one; the old one works for so many hours more, at most until it
 * expires. The new one lives as long as the old one was made for. @throws GatewayError `conflict` for one that is over.
 */
export async function rotateToken(desk: Desk, row: ApiTokenRow, overlapHours: number): Promise<Made> {
  requireUnrevoked(row);
  const now = nowInSeconds();
  if (row.replacedBy !== null) throw new GatewayError("conflict", "This token was rotated already");
  if (row.expiresAt !== null && row.expiresAt <= now) throw new GatewayError("conflict", "This token has expired");
  const expiresAt =
    row.expiresAt === null ? null : now + (row.expiresAt - Math.floor(Date.parse(row.createdAt) / 1000));
  const next = await fresh(row.userEmail, { ...row, expiresAt });
  const endsAt = Math.min(row.expiresAt ?? Number.POSITIVE_INFINITY, now + Math.floor(overlapHours * 3600));
  const detail = { name: row.name, replaced_by: next.id, overlap_hours: overlapHours };
  await move(desk, { action: "token.rotate", id: row.id, from: row, detail }, [
    set(desk, row, { replacedBy: next.id, expiresAt: endsAt, updatedAt: new Date().toISOString() }),
    desk.db.insert(apiTokens).values(next.row),
  ]);
  return { id: next.id, secret: next.secret };
}

/** A session or stream that began with a token lives no longer than this. */
const REMEMBERED_FOR = 7 * 24 * 3600;

/** Ends a token for good: here at once, elsewhere within 10 s. Nothing happens to one that is revoked already. */
export async function revokeToken(desk: Desk, row: ApiTokenRow, reason: string | null): Promise<void> {
  if (row.revokedAt !== null) return;
  const at = new Date().toISOString();
  const expiresAt = nowInSeconds() + REMEMBERED_FOR;
  const detail = { name: row.name, user_email: row.userEmail, reason };
  await move(desk, { action: "token.revoke", id: row.id, from: row, detail }, [
    set(desk, row, { revokedAt: at, revokedBy: desk.author.email, revocationReason: reason, updatedAt: at }),
    desk.db.insert(revocations).values({ id: row.id, expiresAt }).onConflictDoNothing(),
  ]);
  tookRevocation(row.id, expiresAt);
}

async function fresh(userEmail: string, token: NewToken) {
  const { secret, id: hash } = await newSecret("apiToken");
  const id = newId();
  const now = new Date().toISOString();
  const { name, description, teamId, tags, isActive, expiresAt } = token;
  const row = {
    id,
    ...scopeIn(token),
    ...{ name, description, teamId, tags, isActive, expiresAt },
    userEmail,
    hash,
    prefix: secret.slice(0, SHOWN),
    createdAt: now,
    updatedAt: now,
  };
  return { id, secret, row };
}

const scopeIn = ({
  serverIds,
  toolNames,
  permissions,
  ipRestrictions,
  timeRestrictions,
  usageLimits,
}: StoredScope) => ({
  serverIds,
  toolNames,
  permissions,
  ipRestrictions,
  timeRestrictions,
  usageLimits,
});

/** What of a scope narrows, for the audit trail. */
const narrowing = (scope: StoredScope): Record<string, unknown> =>
  Object.fromEntries(Object.entries(scopeIn(scope)).filter(([, value]) => Object.keys(value).length > 0));

const set = (desk: Desk, row: ApiTokenRow, fields: Record<string, unknown>) =>
  desk.db
    .update(apiTokens)
    .set({ ...fields, version: row.version + 1 })
    .where(and(eq(apiTokens.id, row.id), eq(apiTokens.version, row.version)));

/** The name, or nothing where the user has a token of this name that is in use: nothing is no name, and fails the batch. */
const nameUnlessTaken = (email: string, name: string, id: string): SQL<string> => sql<string>`CASE WHEN EXISTS (
  SELECT 1 FROM ${apiTokens} AS other WHERE other.user_email = ${email} AND other.name = ${name} AND other.id <> ${id}
  AND other.revoked_at IS NULL AND other.replaced_by IS NULL
  AND (other.expires_at IS NULL OR other.expires_at > ${nowInSeconds()})) THEN NULL ELSE ${name} END`;

const NAME_TAKEN = /NOT NULL constraint failed: api_tokens\.name/;

interface Move {
  readonly action: string;
  readonly id: string;
  readonly from?: ApiTokenRow;
  readonly detail: Record<string, unknown>;
}

async function move(desk: Desk, { action, id, from, detail }: Move, statements: readonly BatchItem<"sqlite">[]) {
  const version = from && { from: { table: apiTokens, version: from.version } };
  const deed = { action, targetType: "token", targetId: id, detail, moves: ["access"], ...version } as const;
  await commit(desk, deed, statements).catch((cause: unknown) => {
    if (!NAME_TAKEN.test(String(cause))) throw cause;
    throw new GatewayError("conflict", "You have a token of this name already; revoke it or choose another name", {
      cause,
      details: { field: "name" },
    });
  });
}

function requireUnrevoked({ revokedAt }: ApiTokenRow): void {
  if (revokedAt !== null) throw new GatewayError("conflict", "This token is revoked");
}
