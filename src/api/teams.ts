// REST: /teams (ContextForge's paths). Who is in a team: api/team-members.ts; how people come in: api/invitations.ts.
import * as z from "zod";
import type { Context } from "../context.ts";
import { GatewayError } from "../errors.ts";
import { deleteTeam } from "../identity/deleted-teams.ts";
import { invitation } from "../identity/invitations.ts";
import { usersAmong } from "../identity/members.ts";
import { createTeam, joining, listTeams, type TeamSeen, teamOf, updateTeam, type Which } from "../identity/teams.ts";
import { newId } from "../lib/ids.ts";
import { permit } from "../policy/can.ts";
import { listedTeams } from "../policy/teams.ts";
import { deleted } from "../schemas/common.ts";
import {
  type TeamCreate,
  type TeamRead,
  teamCreate,
  teamCreated,
  teamList,
  teamQuery,
  teamRead,
  teamUpdate,
} from "../schemas/teams.ts";
import { showInvitation } from "./invitations.ts";
import { type Call, type Route, route } from "./route.ts";
import { changing, teamFor } from "./team-for.ts";

const tag = "Teams";

const show = (team: TeamSeen): TeamRead => ({
  id: team.id,
  name: team.name,
  slug: team.slug,
  description: team.description,
  created_by: team.createdBy,
  is_personal: team.isPersonal,
  visibility: team.visibility,
  max_members: team.maxMembers,
  member_count: team.memberCount,
  created_at: team.createdAt,
  updated_at: team.updatedAt,
  is_active: team.isActive,
  my_role: team.myRole,
  version: team.version,
});

type Asking = Pick<Call<undefined, undefined>, "context" | "params" | "headers">;

async function shown({ context, params, headers }: Asking): Promise<TeamRead> {
  const team = await teamFor({ context, params }, "teams.read");
  headers.set("etag", String(team.version));
  return show(team);
}

async function list({ desk }: Context, which: Which, query: z.output<typeof teamQuery>) {
  const { teams, total } = await listTeams(desk, which, query);
  return { teams: teams.map(show), total, limit: query.limit, offset: query.offset };
}

/** Makes a team: whoever is a user here and named in the body is in it at once, others are invited. */
async function create({ desk, origin }: Context, body: TeamCreate) {
  const { name, slug, description, visibility, max_members: maxMembers = 100 } = body;
  const wanted = [...new Map((body.members ?? []).map((one) => [one.email, one])).values()].filter(
    ({ email }) => email !== desk.author.email,
  );
  if (wanted.length + 1 > maxMembers)
    throw new GatewayError("invalid_params", `members: the team may have ${maxMembers} members, you among them`, {
      details: { field: "members" },
    });
  const users = await usersAmong(
    desk,
    wanted.map(({ email }) => email),
  );
  const [added, others] = [
    wanted.filter(({ email }) => users.has(email)),
    wanted.filter(({ email }) => !users.has(email)),
  ];
  const team = { id: newId(), name, slug, description: description ?? null, visibility, maxMembers };
  const made = await Promise.all(others.map((one) => invitation(desk, team.id, { ...one, expires_in_days: 7 })));
  await createTeam(desk, team, [
    ...added.map(({ email, role }) => joining(desk, team.id, email, role, desk.author.email)),
    ...made.flatMap(({ statements }) => statements),
  ]);
  return {
    id: team.id,
    members_added: added.map(({ email }) => email),
    invitations_sent: others.map(({ email }) => email),
    invitations: made.map(({ row, secret }) => showInvitation(origin, team, row, secret)),
  };
}

export const teamRoutes: readonly Route[] = [
  route("GET", "/teams", {
    summary: "My teams; for administrators all",
    tag,
    permission: "teams.read",
    query: teamQuery,
    answer: teamList,
    run: ({ context, query }) => list(context, listedTeams(context.caller), query),
  }),
  route("POST", "/teams", {
    summary: "Make a team",
    tag,
    permission: "teams.create",
    body: teamCreate,
    answer: teamCreated,
    status: 201,
    async run(call) {
      const { id, ...settled } = await create(call.context, call.body);
      return { ...(await createdTeam(call, id)), ...settled };
    },
  }),
  route("GET", "/teams/discover", {
    summary: "Public teams I am not in",
    tag,
    permission: "teams.read",
    query: teamQuery,
    answer: teamList,
    run: ({ context, query }) => list(context, "discoverable", { ...query, include_inactive: false }),
  }),
  route("GET", "/teams/:id", {
    summary: "One team",
    tag,
    permission: "teams.read",
    answer: teamRead,
    run: (call) => shown(call),
  }),
  route("PUT", "/teams/:id", {
    summary: "Change a team",
    tag,
    permission: "teams.update",
    body: teamUpdate,
    answer: teamRead,
    async run(call) {
      const { context, body } = call;
      await changing(call, async () => {
        const team = await teamFor(call, "teams.update");
        if (body.is_active !== undefined) permit(context.caller, "admin.update", "Team");
        await updateTeam(context.desk, team, body);
      });
      return await shown(call);
    },
  }),
  route("DELETE", "/teams/:id", {
    summary: "Delete a team",
    tag,
    permission: "teams.delete",
    query: z.object({
      entities: z.enum(["private"]).optional().describe("private: what only the team saw becomes its owners' alone"),
    }),
    answer: deleted,
    async run(call) {
      const { context, params, query } = call;
      await changing(call, async () =>
        deleteTeam(context.desk, await teamFor(call, "teams.delete"), query.entities === "private"),
      );
      return { status: "success", message: `Team ${params.id} deleted` };
    },
  }),
];

/** The maker sees the new team, whatever the credential was narrowed to. */
async function createdTeam({ context, headers }: Asking, id: string): Promise<TeamRead> {
  const team = await teamOf(context.desk, id);
  if (!team) throw new GatewayError("not_found", "Team not found");
  headers.set("etag", String(team.version));
  return show(team);
}
