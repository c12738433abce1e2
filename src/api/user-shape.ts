// People as the REST API shows them (schemas/users.ts), from the rows of users, roles and teams and the count of failed
// logins. Never a hash.

import { and, eq } from "drizzle-orm";
import type { Context } from "../context.ts";
import { anyOf, tables } from "../db/client.ts";
import type { SessionRow, UserRow } from "../db/tables/users.ts";
import type { Caller } from "../identity/caller.ts";
import { assignmentStands } from "../identity/roles.ts";
import { failedLogins } from "../policy/limiter.ts";
import type { SessionRead, UserRead } from "../schemas/users.ts";

const { roleAssignments, roles, teamMembers, teams } = tables;

/** Seconds since 1970 as ISO-8601. */
export const timeOf = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** Users with their roles, teams and locks, in the order given. */
export async function presentUsers(context: Context, rows: readonly UserRow[]): Promise<UserRead[]> {
  const emails = rows.map((row) => row.email);
  const { desk, env, config } = context;
  const [held, memberships] = await desk.db.batch([
    desk.db
      .select({ email: roleAssignments.userEmail, id: roleAssignments.roleId, name: roles.name })
      .from(roleAssignments)
      .leftJoin(roles, eq(roles.id, roleAssignments.roleId))
      .where(and(anyOf(roleAssignments.userEmail, emails), eq(roleAssignments.scopeId, ""), assignmentStands())),
    desk.db
      .select({ email: teamMembers.userEmail, id: teams.id, name: teams.name, role: teamMembers.role })
      .from(teamMembers)
      .innerJoin(teams, eq(teams.id, teamMembers.teamId))
      .where(anyOf(teamMembers.userEmail, emails))
      .orderBy(teams.name),
  ]);
  const failures = await Promise.all(emails.map((email) => failedLogins(env, email, config.login)));
  return rows.map((row, at) => {
    const { failed = 0, lockedUntil = null } = failures[at] ?? {};
    const granted = held.filter(({ email }) => email === row.email).map(({ id, name }) => name ?? id);
    return {
      email: row.email,
      full_name: row.fullName,
      is_admin: row.isAdmin,
      is_active: row.isActive,
      auth_provider: row.authProvider,
      created_at: row.createdAt,
      last_login: row.lastLoginAt,
      email_verified: true,
      password_change_required: row.mustChangePassword,
      has_password: row.passwordHash !== null,
      failed_login_attempts: failed,
      locked_until: lockedUntil === null ? null : new Date(lockedUntil).toISOString(),
      is_locked: lockedUntil !== null,
      roles: [...new Set([...(row.isAdmin ? ["platform_admin"] : []), ...granted])].sort(),
      teams: memberships.filter(({ email }) => email === row.email).map(({ email: _, ...team }) => team),
      version: row.version,
    };
  });
}

/** One user. */
export async function presentUser(context: Context, row: UserRow): Promise<UserRead> {
  const [shown] = await presentUsers(context, [row]);
  if (!shown) throw new Error("a user was lost on the way");
  return shown;
}

/** What is known of the administrator who has no account: the gateway's own secrets vouch for this address. */
export const presentBootstrapAdmin = ({ id, admin }: Caller): UserRead => ({
  email: id,
  full_name: null,
  is_admin: admin,
  is_active: true,
  auth_provider: "bootstrap",
  created_at: null,
  last_login: null,
  email_verified: true,
  password_change_required: false,
  has_password: false,
  failed_login_attempts: 0,
  locked_until: null,
  is_locked: false,
  roles: admin ? ["platform_admin"] : [],
  teams: [],
  version: 0,
});

/** A login as its user and administrators see it. The id is a digest: it lets nobody in. */
export const presentSession = (row: SessionRow, current: string | undefined): SessionRead => ({
  id: row.id,
  current: row.id === current,
  started_by: row.startedBy,
  created_at: row.createdAt,
  last_seen_at: row.lastSeenAt,
  expires_at: timeOf(Math.min(row.endsAt, row.idleAt)),
  ip: row.ip,
  user_agent: row.userAgent,
});
