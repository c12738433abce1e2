// Who holds which role where. Who is an administrator is told by `users.is_admin` alone: assigning platform_admin sets it,
// taking it away clears it, and no row of `role_assignments` ever names that role.

import { and, asc, eq, gt, isNull, or, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { commit, type Desk } from "../catalog/change.ts";
import { tables } from "../db/client.ts";
import { GatewayError } from "../errors.ts";
import { newId } from "../lib/ids.ts";
import { nowInSeconds } from "../lib/now.ts";
import { permissionsOf, ROLE_OF } from "./access.ts";
import { covers, isOfTeams, type Permission } from "./permissions.ts";
import { type AnyRole, assignmentStands, type Roles } from "./roles.ts";

const { roleAssignments, users, teamMembers } = tables;

/** The role of administrators. */
export const ADMIN = "platform_admin";
const TEAM_ROLES = ["owner", "member", "viewer"] as const;

/** A role that somebody holds; `scopeId` empty: everywhere. */
export type Assignment = typeof roleAssignments.$inferSelect;

/** Roles a user was given, platform_admin among them; what being a user or in a team brings is not. */
export async function assignmentsOf({ db }: Pick<Desk, "db">, email: string): Promise<Assignment[]> {
  const [[user], rows] = await db.batch([
    db.select({ isAdmin: users.isAdmin, createdAt: users.createdAt }).from(users).where(eq(users.email, email)),
    db
      .select()
      .from(roleAssignments)
      .where(and(eq(roleAssignments.userEmail, email), assignmentStands()))
      .orderBy(asc(roleAssignments.grantedAt), asc(roleAssignments.id)),
  ]);
  return user?.isAdmin ? [administrator(email, user.createdAt), ...rows] : rows;
}

/** The first holders of a role: those it was given to, administrators, and members of teams whose place it is. */
export async function holdersOf({ db }: Pick<Desk, "db">, roleId: string, most: number): Promise<Assignment[]> {
  const now = nowInSeconds();
  const place = TEAM_ROLES.find((role) => ROLE_OF[role] === roleId);
  const [given, admins, members] = await db.batch([
    db
      .select()
      .from(roleAssignments)
      .where(
        and(
          eq(roleAssignments.roleId, roleId),
          or(isNull(roleAssignments.expiresAt), gt(roleAssignments.expiresAt, now)),
        ),
      )
      .orderBy(asc(roleAssignments.userEmail))
      .limit(most),
    db
      .select({ email: users.email, at: users.createdAt })
      .from(users)
      .where(and(eq(users.isAdmin, true), sql`${roleId} = ${ADMIN}`))
      .orderBy(asc(users.email))
      .limit(most),
    db
      .select()
      .from(teamMembers)
      .where(place === undefined ? sql`0` : eq(teamMembers.role, place))
      .orderBy(asc(teamMembers.userEmail))
      .limit(most),
  ]);
  return [
    ...admins.map(({ email, at }) => administrator(email, at)),
    ...given,
    ...members.map((one) => inPlace(one, roleId)),
  ].slice(0, most);
}

/** The role that being in a team brings, as an assignment. */
const inPlace = (member: typeof teamMembers.$inferSelect, roleId: string): Assignment => ({
  id: `${member.teamId}:${member.userEmail}`,
  userEmail: member.userEmail,
  roleId,
  scopeId: member.teamId,
  grantedBy: member.invitedBy ?? "",
  grantedAt: member.joinedAt,
  expiresAt: null,
});

/** Being an administrator, as an assignment. */
export const administrator = (userEmail: string, grantedAt: string): Assignment => ({
  id: `${ADMIN}:${userEmail}`,
  userEmail,
  roleId: ADMIN,
  scopeId: "",
  grantedBy: "",
  grantedAt,
  expiresAt: null,
});

/** Names of the roles that give a user a permission: everywhere, or in this team. */
export async function because(
  desk: Desk,
  all: Roles,
  { email, admin }: { email: string; admin: boolean },
  permission: Permission,
  teamId: string | null,
): Promise<string[]> {
  const [held, memberships] = await Promise.all([
    assignmentsOf(desk, email),
    desk.db
      .select({ role: teamMembers.role })
      .from(teamMembers)
      .where(and(eq(teamMembers.userEmail, email), eq(teamMembers.teamId, teamId ?? ""))),
  ]);
  const everywhere = held.filter(({ scopeId }) => scopeId === "").map(({ roleId }) => roleId);
  const here = held.filter(({ scopeId }) => scopeId !== "" && scopeId === teamId).map(({ roleId }) => roleId);
  const inTeam = isOfTeams(permission) ? [...here, ...memberships.map(({ role }) => ROLE_OF[role])] : [];
  const ids = new Set([...(admin ? [ADMIN] : []), ...everywhere, "platform_viewer", ...inTeam]);
  return [...ids].filter((id) => covers(permissionsOf(id, all), permission)).map((id) => all.get(id)?.name ?? id);
}

const deedOf = (action: string, email: string, role: AnyRole, scopeId: string, expiresAt?: number | null) => ({
  action,
  targetType: "user",
  targetId: email,
  detail: {
    role: role.name,
    ...(scopeId === "" ? {} : { team: scopeId }),
    ...(expiresAt ? { expires_at: new Date(expiresAt * 1000).toISOString() } : {}),
  },
  moves: ["access"] as const,
});

const held = (email: string, roleId: string, scopeId: string) =>
  and(eq(roleAssignments.userEmail, email), eq(roleAssignments.roleId, roleId), eq(roleAssignments.scopeId, scopeId));

const setAdmin = ({ db }: Desk, email: string, isAdmin: ReturnType<typeof sql<boolean>>): BatchItem<"sqlite"> =>
  db
    .update(users)
    .set({ isAdmin, updatedAt: new Date().toISOString(), version: sql`version + 1` })
    .where(eq(users.email, email));

/** Gives a user a role, everywhere or in a team; one that is held already gets the new end. `expiresAt` in seconds. */
export async function assign(
  desk: Desk,
  email: string,
  role: AnyRole,
  scopeId: string,
  expiresAt: number | null,
): Promise<Assignment> {
  const { db, author } = desk;
  const deed = deedOf("role.assign", email, role, scopeId, expiresAt);
  const grantedAt = new Date().toISOString();
  if (role.id === ADMIN) {
    if (expiresAt !== null)
      throw new GatewayError("invalid_params", "expires_at: administrators stay until the role is taken away", {
        details: { field: "expires_at" },
      });
    await commit(desk, deed, [setAdmin(desk, email, sql`1`)]);
    return { ...administrator(email, grantedAt), grantedBy: author.email };
  }
  const row = {
    id: newId(),
    userEmail: email,
    roleId: role.id,
    scopeId,
    grantedBy: author.email,
    grantedAt,
    expiresAt,
  };
  await commit(desk, deed, [
    db.delete(roleAssignments).where(held(email, role.id, scopeId)),
    db.insert(roleAssignments).values(row),
  ]);
  return row;
}

/** Takes a role from a user. @throws GatewayError `not_found`; `conflict` when no administrator would be left. */
export async function unassign(desk: Desk, email: string, role: AnyRole, scopeId: string): Promise<void> {
  const known = (await assignmentsOf(desk, email)).some((one) => one.roleId === role.id && one.scopeId === scopeId);
  if (!known) throw new GatewayError("not_found", "Assignment not found");
  const others = sql`SELECT 1 FROM users o WHERE o.is_admin = 1 AND o.is_active = 1 AND o.email <> ${email}`;
  const statement =
    role.id === ADMIN
      ? setAdmin(desk, email, sql<boolean>`CASE WHEN EXISTS (${others}) THEN 0 END`) // null fails, and all with it
      : desk.db.delete(roleAssignments).where(held(email, role.id, scopeId));
  await commit(desk, deedOf("role.unassign", email, role, scopeId), [statement]).catch((cause: unknown) => {
    if (!/NOT NULL constraint failed: users\.is_admin/.test(String(cause))) throw cause;
    throw new GatewayError("conflict", "This is the only administrator: make somebody else one first", { cause });
  });
}
