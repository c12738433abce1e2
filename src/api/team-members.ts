// REST: /teams/:id/members, and leaving. Whoever changes members holds what the member's role holds.
import * as z from "zod";
import type { Context } from "../context.ts";
import type { TeamRole } from "../db/tables/teams.ts";
import { GatewayError } from "../errors.ts";
import { ROLE_OF } from "../identity/access.ts";
import {
  addMember,
  changeMember,
  type Member,
  memberOf,
  membersOf,
  removeMember,
  usersAmong,
} from "../identity/members.ts";
import { roleNamed } from "../identity/permissions.ts";
import { requireHeld } from "../policy/grant.ts";
import { seesMembers } from "../policy/teams.ts";
import { deleted } from "../schemas/common.ts";
import { memberAdd, memberUpdate, teamMember } from "../schemas/teams.ts";
import { type Route, route } from "./route.ts";
import { changing, teamFor } from "./team-for.ts";

const tag = "Teams";

export const showMember = (member: Member) => ({
  team_id: member.teamId,
  user_email: member.userEmail,
  full_name: member.fullName,
  role: member.role,
  joined_at: member.joinedAt,
  invited_by: member.invitedBy,
});

/** Refuses whoever holds less in a team than the role that they give or take. @throws GatewayError `forbidden`. */
export const requireRank = ({ caller }: Context, teamId: string, role: TeamRole): void =>
  requireHeld(caller, roleNamed(ROLE_OF[role]).permissions, teamId);

const addressIn = (params: Readonly<Record<string, string>>): string => (params.email ?? "").toLowerCase();

export const teamMemberRoutes: readonly Route[] = [
  route("GET", "/teams/:id/members", {
    summary: "Who is in a team",
    tag,
    permission: "teams.read",
    answer: z.array(teamMember),
    async run(call) {
      const { context } = call;
      const team = await teamFor(call, "teams.read");
      if (!seesMembers(context.caller, team))
        throw new GatewayError("forbidden", "Only its members see who is in a team", {
          details: { permission: "teams.read" },
        });
      return (await membersOf(context.desk, team.id)).map(showMember);
    },
  }),
  route("POST", "/teams/:id/members", {
    summary: "Add a user to a team",
    tag,
    permission: "teams.manage_members",
    body: memberAdd,
    answer: teamMember,
    status: 201,
    run: (call) =>
      changing(call, async () => {
        const { context, body } = call;
        const team = await teamFor(call, "teams.manage_members");
        requireRank(context, team.id, body.role);
        if (!(await usersAmong(context.desk, [body.email])).has(body.email))
          throw new GatewayError("not_found", "User not found: invite them instead", { details: { field: "email" } });
        await addMember(context.desk, team, { ...body, invitedBy: context.caller.id }, "team.member_add");
        return showMember(await memberOf(context.desk, team.id, body.email));
      }),
  }),
  route("PUT", "/teams/:id/members/:email", {
    summary: "Give a member another role",
    tag,
    permission: "teams.manage_members",
    body: memberUpdate,
    answer: teamMember,
    run: (call) =>
      changing(call, async () => {
        const { context, params, body } = call;
        const team = await teamFor(call, "teams.manage_members");
        const member = await memberOf(context.desk, team.id, addressIn(params));
        for (const role of [member.role, body.role]) requireRank(context, team.id, role);
        await changeMember(context.desk, team, member, body.role);
        return showMember({ ...member, role: body.role });
      }),
  }),
  route("DELETE", "/teams/:id/members/:email", {
    summary: "Take somebody out of a team",
    tag,
    permission: "teams.manage_members",
    answer: deleted,
    async run(call) {
      const { context, params } = call;
      const email = addressIn(params);
      await changing(call, async () => {
        const team = await teamFor(call, "teams.manage_members");
        const member = await memberOf(context.desk, team.id, email);
        requireRank(context, team.id, member.role);
        await removeMember(context.desk, team, member, "team.member_remove");
      });
      return { status: "success", message: `${email} is no longer in the team` };
    },
  }),
  route("DELETE", "/teams/:id/leave", {
    summary: "Leave a team",
    tag,
    permission: "teams.join",
    answer: deleted,
    async run(call) {
      const { context } = call;
      await changing(call, async () => {
        const team = await teamFor(call, "teams.join");
        const member = await memberOf(context.desk, team.id, context.caller.id);
        await removeMember(context.desk, team, member, "team.leave");
      });
      return { status: "success", message: "You are no longer in the team" };
    },
  }),
];
