// How a user ends: with logins, tokens, links, memberships and the personal team. What a deleted user made stays, under
// that name; and no team loses its last owner.
import { and, eq, or, sql } from "drizzle-orm";
import { type Desk, modified } from "../catalog/change.ts";
import { tables } from "../db/client.ts";
import type { UserRow } from "../db/tables/users.ts";
import { GatewayError } from "../errors.ts";
import { madePrivate } from "./deleted-teams.ts";
import { endTokens } from "./ended-tokens.ts";
import { endSessions } from "./sessions.ts";
import { changeUser, commitUsers } from "./users.ts";

const { apiTokens, joinRequests, links, roleAssignments, savedFilters, teamInvitations, teamMembers, teams, users } =
  tables;

/** Ids of teams that a user is in, personal or shared ones. */
const teamsOf = (email: string, isPersonal: boolean) =>
  sql`(SELECT t.id FROM teams t JOIN team_members m ON m.team_id = t.id
       WHERE m.user_email = ${email} AND t.is_personal = ${isPersonal ? 1 : 0})`;

/** Whether a user is the only owner of the team in this row. */
const ownsAlone = (email: string) =>
  sql`(EXISTS (SELECT 1 FROM team_members m WHERE m.team_id = teams.id AND m.role = 'owner' AND m.user_email = ${email})
       AND NOT EXISTS (SELECT 1 FROM team_members m WHERE m.team_id = teams.id AND m.role = 'owner' AND m.user_email <> ${email}))`;

/** Shared teams that nobody else owns. */
const ownedAlone = ({ db }: Desk, email: string): Promise<{ id: string; name: string }[]> =>
  db
    .select({ id: teams.id, name: teams.name })
    .from(teams)
    .where(and(eq(teams.isPersonal, false), ownsAlone(email)))
    .orderBy(teams.name);

/** Why a user who owns teams alone stays. */
async function lastOwner(desk: Desk, email: string, cause?: unknown): Promise<GatewayError | undefined> {
  const found = await ownedAlone(desk, email);
  if (found.length === 0) return undefined;
  const names = found.map(({ name }) => name).join(", ");
  return new GatewayError(
    "conflict",
    `Nobody else owns ${names}: make somebody else an owner first, or delete ${found.length === 1 ? "it" : "them"}`,
    { cause, details: { teams: found } },
  );
}

/**
 * Deletes a user. What only the personal team saw becomes private to whoever made it.
 * @throws GatewayError `conflict` naming the teams that would be left without an owner, and what `commitUsers` throws.
 */
export async function deleteUser(desk: Desk, row: UserRow): Promise<void> {
  const { db } = desk;
  const { email } = row;
  const refusal = await lastOwner(desk, email);
  if (refusal) throw refusal;
  const personal = teamsOf(email, true);
  const { updatedAt } = modified(desk);
  const statements = [
    changeUser(desk, row, { isActive: false }),
    // Fails, and all of it, when the other owners are gone since; whoever changes a team at the same time begins anew.
    db
      .update(teams)
      .set({ updatedAt, version: sql`CASE WHEN ${ownsAlone(email)} THEN NULL ELSE ${teams.version} + 1 END` })
      .where(sql`${teams.id} IN ${teamsOf(email, false)}`),
    ...endSessions(desk, email),
    ...endTokens(desk, eq(apiTokens.userEmail, email), "user deleted"),
    db.delete(links).where(eq(links.email, email)),
    db.delete(savedFilters).where(eq(savedFilters.owner, email)),
    db.delete(joinRequests).where(eq(joinRequests.userEmail, email)),
    db.delete(teamInvitations).where(or(eq(teamInvitations.email, email), eq(teamInvitations.invitedBy, email))),
    db.delete(roleAssignments).where(eq(roleAssignments.userEmail, email)),
    ...madePrivate(desk, personal),
    db.delete(teams).where(sql`${teams.id} IN ${personal}`),
    db.delete(teamMembers).where(eq(teamMembers.userEmail, email)),
    db.delete(users).where(eq(users.email, email)),
  ];
  const moves = ["access", "catalog"] as const;
  const deed = { action: "user.delete", targetType: "user", targetId: email, moves };
  await commitUsers(desk, deed, statements).catch(async (cause: unknown) => {
    if (String(cause).includes("NOT NULL constraint failed: teams.version"))
      throw (await lastOwner(desk, email, cause)) ?? new GatewayError("stale_version", "Try again", { cause });
    if (cause instanceof GatewayError && cause.details.field !== undefined)
      throw new GatewayError(
        "conflict",
        "Something of the personal team has the name of something private of its owner's: rename one of them first",
        { cause },
      );
    throw cause;
  });
}
