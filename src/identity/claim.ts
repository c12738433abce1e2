// Claiming the gateway: its first administrator, who has proven to own it. It happens once, however many try at a time:
// the stamp of it has a primary key, and everything else goes with it in one batch.

import { and, eq, gt, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import type { Desk } from "../catalog/change.ts";
import { tookClaim } from "../catalog/stamp.ts";
import { tables } from "../db/client.ts";
import { GatewayError } from "../errors.ts";
import { nowInSeconds } from "../lib/now.ts";
import { idOf, PREFIX } from "./secrets.ts";
import { changeUser, commitUsers, findUser, newUser, withPassword } from "./users.ts";

const { links, stamps } = tables;

/** What somebody proved to own the gateway with. */
export type ClaimProof = "claim_link" | "bootstrap_token" | "cloudflare_access" | "admin_password";

/** The administrator to be. */
export interface NewOwner {
  readonly email: string;
  readonly fullName: string | null;
  readonly passwordHash: string;
  readonly mustChangePassword: boolean;
}

/** Whether this is the secret of a claim link that still counts. */
export async function isClaimLink({ db }: Desk, secret: string): Promise<boolean> {
  if (!secret.startsWith(PREFIX.link)) return false;
  const [link] = await db
    .select({ id: links.id })
    .from(links)
    .where(and(eq(links.id, await idOf(secret)), eq(links.purpose, "claim"), gt(links.expiresAt, nowInSeconds())));
  return link !== undefined;
}

export const claimedAlready = (cause?: unknown): GatewayError =>
  new GatewayError("conflict", "This gateway has been claimed already; its administrators can invite you", { cause });

/**
 * Makes the first administrator and closes every other way to claim, with further statements in the same batch.
 * @throws GatewayError `conflict` when somebody was faster.
 */
export async function claimGateway(
  desk: Desk,
  owner: NewOwner,
  proof: ClaimProof,
  more: readonly BatchItem<"sqlite">[] = [],
): Promise<void> {
  const { db } = desk;
  const deed = { action: "gateway.claim", targetType: "user", targetId: owner.email, detail: { proof } };
  await commitUsers(desk, deed, [
    db.insert(stamps).values({ name: "claimed", version: sql`unixepoch() * 1000` }),
    db.delete(links).where(eq(links.purpose, "claim")),
    ...(await administrator(desk, owner)),
    ...more,
  ]).catch((cause: unknown) => {
    const taken = cause instanceof GatewayError && cause.code === "conflict" && cause.details.field === "name";
    throw taken ? claimedAlready(cause) : cause;
  });
  tookClaim();
}

/** On somebody's own machine, where the gateway serves before it is claimed, the address may be a user's already. */
async function administrator(desk: Desk, owner: NewOwner): Promise<BatchItem<"sqlite">[]> {
  const { email, fullName, passwordHash, mustChangePassword } = owner;
  const row = await findUser(desk, email);
  if (!row) return newUser(desk, { ...owner, isAdmin: true });
  const changes = { isAdmin: true, isActive: true, fullName: fullName ?? row.fullName };
  return [changeUser(desk, row, { ...changes, ...withPassword(row, passwordHash, mustChangePassword) })];
}
