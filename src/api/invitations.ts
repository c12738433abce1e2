// REST: invitations into teams and requests to join them.
import * as z from "zod";
import type { Context } from "../context.ts";
import { GatewayError } from "../errors.ts";
import {
  accept,
  askToJoin,
  dismiss,
  type InvitationRow,
  invitationsOf,
  invitationWith,
  invite,
  type JoinRequestRow,
  joinRequest,
  joinRequestsOf,
  withdraw,
} from "../identity/invitations.ts";
import { addMember, memberOf, usersAmong } from "../identity/members.ts";
import { type TeamSeen, teamOf } from "../identity/teams.ts";
import { can } from "../policy/can.ts";
import { teamTarget } from "../policy/teams.ts";
import { deleted } from "../schemas/common.ts";
import * as shapes from "../schemas/teams.ts";
import { type Route, route } from "./route.ts";
import { changing, teamFor } from "./team-for.ts";
import { requireRank, showMember } from "./team-members.ts";

const tag = "Teams";

/** An invitation as the API shows it; its secret only right after it was made. */
export const showInvitation = (
  origin: string,
  team: Pick<TeamSeen, "id" | "name">,
  row: InvitationRow,
  secret?: string,
) => ({
  id: row.id,
  team_id: team.id,
  team_name: team.name,
  email: row.email,
  role: row.role,
  invited_by: row.invitedBy,
  created_at: row.createdAt,
  expires_at: new Date(row.expiresAt * 1000).toISOString(),
  token: secret ?? null,
  url: secret ? `${origin}/ui/invitation#${secret}` : null,
});

const showRequest = (row: JoinRequestRow) => ({
  id: row.id,
  team_id: row.teamId,
  user_email: row.userEmail,
  message: row.message,
  created_at: row.createdAt,
});

/** Refuses programs: what a person answers for is done logged in. @throws GatewayError `forbidden`. */
function requirePerson({ caller }: Context): void {
  if (caller.credential === "api_token")
    throw new GatewayError("forbidden", "Invitations are accepted by people: log in");
}

export const invitationRoutes: readonly Route[] = [
  route("GET", "/teams/:id/invitations", {
    summary: "Invitations that wait for an answer",
    tag,
    permission: "teams.manage_members",
    answer: z.array(shapes.teamInvitation),
    async run(call) {
      const { context } = call;
      const team = await teamFor(call, "teams.manage_members");
      const rows = await invitationsOf(context.desk, team.id);
      return rows.map((row) => showInvitation(context.origin, team, row));
    },
  }),
  route("POST", "/teams/:id/invitations", {
    summary: "Invite an address into a team",
    tag,
    permission: "teams.manage_members",
    body: shapes.invite,
    answer: shapes.teamInvitation,
    status: 201,
    run: (call) =>
      changing(call, async () => {
        const { context, body } = call;
        const team = await teamFor(call, "teams.manage_members");
        requireRank(context, team.id, body.role);
        const { row, secret } = await invite(context.desk, team, body);
        return showInvitation(context.origin, team, row, secret);
      }),
  }),
  route("DELETE", "/teams/invitations/:id", {
    summary: "Take an invitation back",
    tag,
    permission: "teams.manage_members",
    answer: deleted,
    async run(call) {
      const { context, params } = call;
      await changing(call, async () => {
        const row = await invitationWith(context.desk, params.id ?? "");
        const team = await teamOf(context.desk, row.teamId);
        const { caller } = context;
        if (!team || can(caller, "teams.manage_members", teamTarget(caller, team)) !== "yes")
          throw new GatewayError("not_found", "Invitation not found");
        await withdraw(context.desk, team, row);
      });
      return { status: "success", message: "The invitation is void" };
    },
  }),
  route("POST", "/teams/invitations/:token/accept", {
    summary: "Accept an invitation",
    tag,
    permission: "teams.join",
    answer: shapes.teamMember,
    run: (call) =>
      changing(call, async () => {
        const { context, params } = call;
        requirePerson(context);
        const teamId = await accept(context.desk, params.token ?? "");
        return showMember(await memberOf(context.desk, teamId, context.caller.id));
      }),
  }),
  route("POST", "/teams/:id/join", {
    summary: "Ask to join a team",
    tag,
    permission: "teams.join",
    body: shapes.joinBody,
    answer: shapes.joinRequest,
    status: 201,
    async run(call) {
      const { context, body } = call;
      const team = await teamFor(call, "teams.join");
      return showRequest(await askToJoin(context.desk, team, body.message ?? null));
    },
  }),
  route("DELETE", "/teams/:id/join", {
    summary: "Take back the request to join",
    tag,
    permission: "teams.join",
    answer: deleted,
    async run(call) {
      const { context } = call;
      const team = await teamFor(call, "teams.join");
      const row = await joinRequest(context.desk, team.id, { email: context.caller.id });
      await dismiss(context.desk, row, "team.join_cancel");
      return { status: "success", message: "You no longer ask to join" };
    },
  }),
  route("GET", "/teams/:id/join-requests", {
    summary: "Who asks to join a team",
    tag,
    permission: "teams.manage_members",
    answer: z.array(shapes.joinRequest),
    async run(call) {
      const { context } = call;
      const team = await teamFor(call, "teams.manage_members");
      return (await joinRequestsOf(context.desk, team.id)).map(showRequest);
    },
  }),
  route("POST", "/teams/:id/join-requests/:rid/approve", {
    summary: "Let somebody join",
    tag,
    permission: "teams.manage_members",
    answer: shapes.teamMember,
    run: (call) =>
      changing(call, async () => {
        const { context, params } = call;
        const team = await teamFor(call, "teams.manage_members");
        requireRank(context, team.id, "member");
        const { userEmail: email } = await joinRequest(context.desk, team.id, { id: params.rid ?? "" });
        if (!(await usersAmong(context.desk, [email])).has(email))
          throw new GatewayError("conflict", "Whoever asked is no active user any more");
        await addMember(
          context.desk,
          team,
          { email, role: "member", invitedBy: context.caller.id },
          "team.join_approve",
        );
        return showMember(await memberOf(context.desk, team.id, email));
      }),
  }),
  route("DELETE", "/teams/:id/join-requests/:rid", {
    summary: "Turn a request to join down",
    tag,
    permission: "teams.manage_members",
    answer: deleted,
    async run(call) {
      const { context, params } = call;
      const team = await teamFor(call, "teams.manage_members");
      await dismiss(
        context.desk,
        await joinRequest(context.desk, team.id, { id: params.rid ?? "" }),
        "team.join_reject",
      );
      return { status: "success", message: "The request is turned down" };
    },
  }),
];
