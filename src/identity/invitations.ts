// How people come into a team without being put there: invitations, which their link accepts once, and requests to join.

import { and, asc, eq, gt, lte, or } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { commit, type Desk } from "../catalog/change.ts";
import { tables } from "../db/client.ts";
import type { TeamRole } from "../db/tables/teams.ts";
import { GatewayError } from "../errors.ts";
import { newId } from "../lib/ids.ts";
import { nowInSeconds } from "../lib/now.ts";
import { addMember, requireShared } from "./members.ts";
import { idOf, newSecret } from "./secrets.ts";
import { commitTeam, type TeamSeen, teamOf } from "./teams.ts";

const { teamInvitations, joinRequests, teamMembers } = tables;

export type InvitationRow = typeof teamInvitations.$inferSelect;
export type JoinRequestRow = typeof joinRequests.$inferSelect;

/** What an invitation says. */
export interface Invite {
  readonly email: string;
  readonly role: TeamRole;
  readonly expires_in_days: number;
}

/** A new invitation: its row, its secret, and the statements that put it in place of earlier ones to that address. */
export async function invitation(
  { db, author }: Pick<Desk, "db" | "author">,
  teamId: string,
  { email, role, expires_in_days: days }: Invite,
): Promise<{ row: InvitationRow; secret: string; statements: BatchItem<"sqlite">[] }> {
  const { secret, id } = await newSecret("link");
  const row: InvitationRow = {
    id,
    teamId,
    email,
    role,
    invitedBy: author.email,
    createdAt: new Date().toISOString(),
    expiresAt: nowInSeconds() + days * 24 * 3600,
  };
  const outdated = and(
    eq(teamInvitations.teamId, teamId),
    or(eq(teamInvitations.email, email), lte(teamInvitations.expiresAt, nowInSeconds())),
  );
  return {
    row,
    secret,
    statements: [db.delete(teamInvitations).where(outdated), db.insert(teamInvitations).values(row)],
  };
}

/** Invites an address into a team. The secret is in the answer and nowhere else. @throws GatewayError `conflict`. */
export async function invite(
  desk: Desk,
  team: TeamSeen,
  given: Invite,
): Promise<{ row: InvitationRow; secret: string }> {
  requireShared(team);
  const [known] = await desk.db
    .select({ role: teamMembers.role })
    .from(teamMembers)
    .where(and(eq(teamMembers.teamId, team.id), eq(teamMembers.userEmail, given.email)));
  if (known)
    throw new GatewayError("conflict", `${given.email} is in this team already`, { details: { field: "email" } });
  const { row, secret, statements } = await invitation(desk, team.id, given);
  const detail = { name: team.name, email: row.email, role: row.role };
  await commitTeam(desk, team, { action: "team.invite", detail, moves: [] }, statements);
  return { row, secret };
}

/** Invitations of a team that can still be accepted, oldest first. */
export const invitationsOf = ({ db }: Desk, teamId: string): Promise<InvitationRow[]> =>
  db
    .select()
    .from(teamInvitations)
    .where(and(eq(teamInvitations.teamId, teamId), gt(teamInvitations.expiresAt, nowInSeconds())))
    .orderBy(asc(teamInvitations.createdAt), asc(teamInvitations.id));

const notFound = () => new GatewayError("not_found", "Invitation not found");

/** An invitation that can still be accepted, by its id. */
export async function invitationWith({ db }: Desk, id: string): Promise<InvitationRow> {
  const [row] = await db
    .select()
    .from(teamInvitations)
    .where(and(eq(teamInvitations.id, id), gt(teamInvitations.expiresAt, nowInSeconds())));
  if (!row) throw notFound();
  return row;
}

/** Takes an invitation back. */
export async function withdraw(desk: Desk, team: TeamSeen, { id, email }: InvitationRow): Promise<void> {
  await commitTeam(desk, team, { action: "team.invitation_withdraw", detail: { name: team.name, email }, moves: [] }, [
    desk.db.delete(teamInvitations).where(eq(teamInvitations.id, id)),
  ]);
}

/** Accepts an invitation in its addressee's name; it works once. Gives the team's id. @throws GatewayError `not_found`, `forbidden`. */
export async function accept(desk: Desk, secret: string): Promise<string> {
  const row = await invitationWith(desk, await idOf(secret));
  const { email } = desk.author;
  if (row.email !== email)
    throw new GatewayError("forbidden", "This invitation is for another address: log in with the one it was sent to");
  const team = await teamOf(desk, row.teamId);
  if (!team?.isActive) throw notFound();
  await addMember(desk, team, { email, role: row.role, invitedBy: row.invitedBy }, "team.join");
  return team.id;
}

/** Asks to join a team. @throws GatewayError `conflict` when this was asked before, or is no question any more. */
export async function askToJoin(desk: Desk, team: TeamSeen, message: string | null): Promise<JoinRequestRow> {
  requireShared(team);
  const { email } = desk.author;
  if (team.myRole !== null) throw new GatewayError("conflict", "You are in this team already");
  const row = { id: newId(), teamId: team.id, userEmail: email, message, createdAt: new Date().toISOString() };
  const deed = {
    action: "team.join_ask",
    targetType: "team",
    targetId: team.id,
    detail: { name: team.name },
    moves: [],
  };
  await commit(desk, deed, [desk.db.insert(joinRequests).values(row)]).catch((error: unknown) => {
    if (!(error instanceof GatewayError) || !/join_requests\./.test(String(error.cause))) throw error;
    throw new GatewayError("conflict", "You have asked to join this team already", { cause: error });
  });
  return row;
}

/** Requests to join a team, oldest first. */
export const joinRequestsOf = ({ db }: Desk, teamId: string): Promise<JoinRequestRow[]> =>
  db
    .select()
    .from(joinRequests)
    .where(eq(joinRequests.teamId, teamId))
    .orderBy(asc(joinRequests.createdAt), asc(joinRequests.id));

/** A request to join a team, by its id or by who asked. @throws GatewayError `not_found`. */
export async function joinRequest(
  { db }: Desk,
  teamId: string,
  which: { readonly id: string } | { readonly email: string },
): Promise<JoinRequestRow> {
  const named = "id" in which ? eq(joinRequests.id, which.id) : eq(joinRequests.userEmail, which.email);
  const [row] = await db
    .select()
    .from(joinRequests)
    .where(and(eq(joinRequests.teamId, teamId), named));
  if (!row) throw new GatewayError("not_found", "Join request not found");
  return row;
}

/** Settles a request to join without letting anybody in. */
export async function dismiss(
  desk: Desk,
  { id, teamId, userEmail }: JoinRequestRow,
  action: "team.join_reject" | "team.join_cancel",
): Promise<void> {
  await commit(desk, { action, targetType: "team", targetId: teamId, detail: { email: userEmail }, moves: [] }, [
    desk.db.delete(joinRequests).where(eq(joinRequests.id, id)),
  ]);
}
