// People in the database: made with a team of their own, changed from the version that was read, and never so that no
// administrator is left. How they end: deleted-users.ts.
import { eq, type SQL, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { commit, type Deed, type Desk } from "../catalog/change.ts";
import { tables } from "../db/client.ts";
import type { UserRow } from "../db/tables/users.ts";
import { GatewayError } from "../errors.ts";
import { newId } from "../lib/ids.ts";

const { teamMembers, teams, users } = tables;

type Statement = BatchItem<"sqlite">;

/** A user to be. `passwordHash` null: chooses a password through a link, or is vouched for by somebody else. */
export type NewUser = Pick<UserRow, "email" | "fullName" | "isAdmin" | "passwordHash"> &
  Partial<Pick<UserRow, "isActive" | "mustChangePassword" | "authProvider">>;

/** Statements that make a user, and the personal team that is made with it. */
export function newUser({ db, author }: Desk, user: NewUser): Statement[] {
  const now = new Date().toISOString();
  const teamId = newId();
  const { email, fullName, passwordHash } = user;
  return [
    db.insert(users).values({
      ...user,
      createdAt: now,
      createdBy: author.email,
      ...(passwordHash === null ? {} : { passwordChangedAt: now }),
    }),
    db.insert(teams).values({
      id: teamId,
      name: `${fullName ?? email}'s team`,
      slug: `personal-${teamId.slice(0, 16)}`,
      isPersonal: true,
      maxMembers: 1,
      createdBy: email,
      createdAt: now,
      updatedAt: now,
    }),
    db.insert(teamMembers).values({ teamId, userEmail: email, role: "owner", joinedAt: now }),
  ];
}

/** A user by address (lower case). */
export async function findUser({ db }: Desk, email: string): Promise<UserRow | undefined> {
  const [row] = await db.select().from(users).where(eq(users.email, email));
  return row;
}

/** Earlier passwords that a new one must differ from, the present one among them. */
const REMEMBERED = 5;

/** Hashes that a new password must not match, newest first. */
export const earlierHashes = ({ passwordHash, passwordHistory }: UserRow): string[] =>
  [...(passwordHash === null ? [] : [passwordHash]), ...passwordHistory].slice(0, REMEMBERED);

/** Columns of a user with another password. */
export const withPassword = (row: UserRow, passwordHash: string, mustChangePassword = false) => ({
  passwordHash,
  passwordChangedAt: new Date().toISOString(),
  passwordHistory: earlierHashes(row).slice(0, REMEMBERED - 1),
  mustChangePassword,
});

type Changes = Partial<Omit<UserRow, "email" | "version" | "createdAt" | "createdBy" | "updatedAt">>;

const otherAdmin = (email: string): SQL =>
  sql`EXISTS (SELECT 1 FROM users AS other WHERE other.is_admin = 1 AND other.is_active = 1 AND other.email <> ${email})`;

/**
 * The statement that changes a user from a row that was read, if `still` holds. It fails, and its batch with it, when the
 * row has changed since, or when no active administrator would be left: the columns can't be null.
 */
export function changeUser({ db }: Desk, row: UserRow, changes: Changes, still: SQL = sql`TRUE`): Statement {
  const isActive = changes.isActive ?? row.isActive;
  const leaves = row.isAdmin && row.isActive && !(isActive && (changes.isAdmin ?? true));
  return db
    .update(users)
    .set({
      ...changes,
      ...(leaves ? { isActive: sql`CASE WHEN ${otherAdmin(row.email)} THEN ${isActive ? 1 : 0} END` } : {}),
      updatedAt: new Date().toISOString(),
      version: sql`CASE WHEN ${users.version} = ${row.version} AND ${still} THEN ${row.version + 1} END`,
    })
    .where(eq(users.email, row.email));
}

/**
 * The statement that notes a login, for the batch that begins its session: it fails when the user was deactivated or got
 * another password while this one was looked at. Nobody's copy of the user becomes outdated by it.
 */
export const noteLogin = (
  { db }: Desk,
  { email, passwordHash }: UserRow,
  noted: Pick<UserRow, "lastLoginAt" | "passwordHash">,
): Statement =>
  db
    .update(users)
    .set({
      ...noted,
      version: sql`CASE WHEN ${users.isActive} AND ${users.passwordHash} = ${passwordHash} THEN ${users.version} END`,
    })
    .where(eq(users.email, email));

/**
 * Commits changes of users.
 * @throws GatewayError `stale_version`, `conflict` for the last administrator, and what `commit` throws.
 */
export async function commitUsers(desk: Desk, deed: Deed, statements: readonly Statement[]): Promise<void> {
  await commit(desk, { moves: ["access"], ...deed }, statements).catch((cause: unknown) => {
    const text = String(cause);
    if (text.includes("NOT NULL constraint failed: users.is_active"))
      throw new GatewayError("conflict", "This is the last active administrator: make somebody else one first", {
        cause,
      });
    if (text.includes("NOT NULL constraint failed: users.version"))
      throw new GatewayError("stale_version", "Somebody changed this meanwhile. Load it again", { cause });
    throw cause;
  });
}
