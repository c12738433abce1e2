// Links that work once: the way to a first password, or to another one. The secret is in the link alone; here is its
// digest. What is done with a link is done in the batch that deletes it, so that of two who use it one finds it gone.

import { and, eq, gt, inArray, type SQL, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import type { Desk } from "../catalog/change.ts";
import type { Store } from "../catalog/stamp.ts";
import { tables } from "../db/client.ts";
import { sweep } from "../db/sweep.ts";
import { nowInSeconds } from "../lib/now.ts";
import { idOf, newSecret } from "./secrets.ts";

const { links } = tables;

type LinkRow = typeof links.$inferSelect;
type ForPassword = "invitation" | "reset";

/** A link for somebody's password. */
type PasswordLink = LinkRow & { readonly email: string; readonly purpose: ForPassword };

export interface NewLink {
  readonly secret: string;
  /** Seconds since 1970. */
  readonly expiresAt: number;
  /** Statements that make it, and void earlier ones. */
  readonly statements: BatchItem<"sqlite">[];
}

/** A link through which a user chooses a password, for so many seconds. The user's earlier ones end. */
export async function newLink(desk: Desk, purpose: ForPassword, email: string, lifetime: number): Promise<NewLink> {
  const { secret, id } = await newSecret("link");
  const expiresAt = nowInSeconds() + lifetime;
  const { db, author } = desk;
  const made = { createdAt: new Date().toISOString(), createdBy: author.email };
  return {
    secret,
    expiresAt,
    statements: [endLinks(desk, email), db.insert(links).values({ id, purpose, email, expiresAt, ...made })],
  };
}

/** The link with this secret, if it still works. */
export async function findLink({ db }: Desk, secret: string): Promise<PasswordLink | undefined> {
  const [row] = await db
    .select()
    .from(links)
    .where(
      and(
        eq(links.id, await idOf(secret)),
        inArray(links.purpose, ["invitation", "reset"] satisfies ForPassword[]),
        gt(links.expiresAt, nowInSeconds()),
      ),
    );
  if (!row || row.email === null || row.purpose === "claim") return undefined;
  return { ...row, email: row.email, purpose: row.purpose };
}

/** Whether a link has not been used meanwhile, as a condition within the batch that uses it. */
export const linkStands = ({ id }: LinkRow): SQL => sql`EXISTS (SELECT 1 FROM links AS link WHERE link.id = ${id})`;

/** The statement that ends the links by which a user could choose a password. */
export const endLinks = ({ db }: Desk, email: string): BatchItem<"sqlite"> =>
  db
    .delete(links)
    .where(and(eq(links.email, email), inArray(links.purpose, ["invitation", "reset"] satisfies ForPassword[])));

/** Deletes links that are over. Called by the schedule. */
export async function sweepLinks({ d1 }: Store): Promise<void> {
  await sweep(d1, "links", "expires_at < ?", nowInSeconds()).run();
}
