// Who is in a team. A team keeps at least one owner, and has at most as many members as it may: each change is made from
// the team as it was read (identity/teams.ts `commitTeam`), and begins anew when another was faster.
import { and, asc, count, eq } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import type { Desk } from "../catalog/change.ts";
import { anyOf, tables } from "../db/client.ts";
import type { TeamRole } from "../db/tables/teams.ts";
import { GatewayError } from "../errors.ts";
import { commitTeam, joining, type TeamSeen } from "./teams.ts";

const { teamMembers, teamInvitations, joinRequests, roleAssignments, users } = tables;

/** A member with the name its user has. */
export interface Member {
  readonly teamId: string;
  readonly userEmail: string;
  readonly fullName: string | null;
  readonly role: TeamRole;
  readonly joinedAt: string;
  readonly invitedBy: string | null;
}

const select = ({ db }: Desk) =>
  db
    .select({
      teamId: teamMembers.teamId,
      userEmail: teamMembers.userEmail,
      fullName: users.fullName,
      role: teamMembers.role,
      joinedAt: teamMembers.joinedAt,
      invitedBy: teamMembers.invitedBy,
    })
    .from(teamMembers)
    .leftJoin(users, eq(users.email, teamMembers.userEmail));

/** Members of a team by address. */
export const membersOf = (desk: Desk, teamId: string): Promise<Member[]> =>
  select(desk).where(eq(teamMembers.teamId, teamId)).orderBy(asc(teamMembers.userEmail));

/** One member. @throws GatewayError `not_found`. */
export async function memberOf(desk: Desk, teamId: string, email: string): Promise<Member> {
  const [member] = await select(desk).where(and(eq(teamMembers.teamId, teamId), eq(teamMembers.userEmail, email)));
  if (!member) throw new GatewayError("not_found", "Member not found");
  return member;
}

/** Which of these addresses are active users'. */
export async function usersAmong({ db }: Desk, emails: readonly string[]): Promise<Set<string>> {
  const rows = await db
    .select({ email: users.email })
    .from(users)
    .where(and(anyOf(users.email, emails), eq(users.isActive, true)));
  return new Set(rows.map((row) => row.email));
}

/** Refuses to let others into a personal team. @throws GatewayError `conflict`. */
export function requireShared(team: TeamSeen): void {
  if (team.isPersonal) throw new GatewayError("conflict", "A personal team can't be shared");
}

/** Makes somebody a member; what they asked for, or were asked, is settled by it. @throws GatewayError `conflict`. */
export async function addMember(
  desk: Desk,
  team: TeamSeen,
  { email, role, invitedBy }: { email: string; role: TeamRole; invitedBy: string },
  action: "team.member_add" | "team.join" | "team.join_approve",
): Promise<void> {
  requireShared(team);
  const { db } = desk;
  const [known] = await db
    .select({ role: teamMembers.role })
    .from(teamMembers)
    .where(and(eq(teamMembers.teamId, team.id), eq(teamMembers.userEmail, email)));
  if (known) throw new GatewayError("conflict", `${email} is in this team already`, { details: { field: "email" } });
  if (team.memberCount >= team.maxMembers)
    throw new GatewayError("conflict", `The team is full: it may have ${team.maxMembers} members`, {
      details: { max_members: team.maxMembers },
    });
  await commitTeam(desk, team, { action, detail: { name: team.name, email, role } }, [
    joining(desk, team.id, email, role, invitedBy),
    db.delete(teamInvitations).where(and(eq(teamInvitations.teamId, team.id), eq(teamInvitations.email, email))),
    db.delete(joinRequests).where(and(eq(joinRequests.teamId, team.id), eq(joinRequests.userEmail, email))),
  ]);
}

/** Gives a member another role. @throws GatewayError `conflict` when no owner would be left. */
export async function changeMember(desk: Desk, team: TeamSeen, member: Member, role: TeamRole): Promise<void> {
  if (member.role === role) return;
  await requireOwnerBeside(desk, member);
  const { db } = desk;
  const detail = { name: team.name, email: member.userEmail, from: member.role, to: role };
  await commitTeam(desk, team, { action: "team.member_update", detail }, [
    db.update(teamMembers).set({ role }).where(isMember(member)),
    ...(role === "owner" ? [] : [withdrawn(desk, member)]),
  ]);
}

/** Takes somebody out of a team, with the roles held there. @throws GatewayError `conflict` when no owner would be left. */
export async function removeMember(
  desk: Desk,
  team: TeamSeen,
  member: Member,
  action: "team.member_remove" | "team.leave",
): Promise<void> {
  if (team.isPersonal) throw new GatewayError("conflict", "A personal team can't be left");
  await requireOwnerBeside(desk, member);
  const { db } = desk;
  await commitTeam(desk, team, { action, detail: { name: team.name, email: member.userEmail, role: member.role } }, [
    db.delete(teamMembers).where(isMember(member)),
    db
      .delete(roleAssignments)
      .where(and(eq(roleAssignments.scopeId, team.id), eq(roleAssignments.userEmail, member.userEmail))),
    withdrawn(desk, member),
  ]);
}

const isMember = ({ teamId, userEmail }: Member) =>
  and(eq(teamMembers.teamId, teamId), eq(teamMembers.userEmail, userEmail));

/** Invitations by somebody who may no longer invite. */
const withdrawn = ({ db }: Desk, { teamId, userEmail }: Member): BatchItem<"sqlite"> =>
  db.delete(teamInvitations).where(and(eq(teamInvitations.teamId, teamId), eq(teamInvitations.invitedBy, userEmail)));

async function requireOwnerBeside({ db }: Desk, { teamId, role }: Member): Promise<void> {
  if (role !== "owner") return;
  const [owners] = await db
    .select({ n: count() })
    .from(teamMembers)
    .where(and(eq(teamMembers.teamId, teamId), eq(teamMembers.role, "owner")));
  if ((owners?.n ?? 0) < 2)
    throw new GatewayError("conflict", "A team keeps at least one owner: make somebody else an owner first");
}
