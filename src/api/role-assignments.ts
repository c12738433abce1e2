// REST: who holds which role, and what that lets them do (ContextForge: /rbac/users, /rbac/permissions, /rbac/my).
import * as z from "zod";
import type { Context } from "../context.ts";
import { GatewayError } from "../errors.ts";
import { permissionsOf, type UserFacts, userFacts } from "../identity/access.ts";
import { memberOf } from "../identity/members.ts";
import { covers, PERMISSIONS, type Permission, spelledOut } from "../identity/permissions.ts";
import {
  ADMIN,
  type Assignment,
  administrator,
  assign,
  assignmentsOf,
  because,
  holdersOf,
  unassign,
} from "../identity/role-assignments.ts";
import { type AnyRole, allRoles, type Roles, roleIn } from "../identity/roles.ts";
import { can, permit } from "../policy/can.ts";
import { requireHeld, requireWhole } from "../policy/grant.ts";
import { deleted } from "../schemas/common.ts";
import * as shapes from "../schemas/roles.ts";
import { type Route, route } from "./route.ts";
import { teamFor } from "./team-for.ts";

const tag = "Roles";
const MOST_HOLDERS = 500;

const show = (all: Roles, one: Assignment): shapes.RoleAssignment => ({
  id: one.id,
  user_email: one.userEmail,
  role_id: one.roleId,
  role_name: all.get(one.roleId)?.name ?? one.roleId,
  scope: one.scopeId === "" ? "global" : "team",
  scope_id: one.scopeId || null,
  granted_by: one.grantedBy,
  granted_at: one.grantedAt,
  expires_at: one.expiresAt === null ? null : new Date(one.expiresAt * 1000).toISOString(),
  is_active: true,
});

/** A user, or the bootstrap administrator. @throws GatewayError `not_found`. */
async function userNamed({ store, bootstrapAdmin }: Context, given = ""): Promise<UserFacts> {
  const email = given.toLowerCase();
  const facts = (await userFacts(store, email)) ?? (email === bootstrapAdmin.email ? bootstrapAdmin : undefined);
  if (!facts) throw new GatewayError("not_found", "User not found");
  return facts;
}

const unfit = (field: string, message: string) =>
  new GatewayError("invalid_params", `${field}: ${message}`, { details: { field } });

/** The team a role is to be held in; empty: everywhere. Only members hold roles in a team. */
async function placeFor(context: Context, email: string, role: AnyRole, given: z.output<typeof shapes.roleAssign>) {
  const scopeId = given.scope_id ?? "";
  if (given.scope !== undefined && given.scope !== role.scope) throw unfit("scope", `the role's is ${role.scope}`);
  if (role.scope === "global" && scopeId !== "") throw unfit("scope_id", "this role is held everywhere");
  if (role.scope === "team" && scopeId === "") throw unfit("scope_id", "name the team in which the role is to be held");
  if (scopeId === "") return "";
  const team = await teamFor({ context, params: { id: scopeId } }, "teams.read");
  await memberOf(context.desk, team.id, email);
  return team.id;
}

/** Who is an administrator is said by people, whichever way they say it. */
function requireMayName({ caller }: Context, { id }: AnyRole): void {
  if (id === ADMIN) requireWhole(caller, "Administrators are matters for people: log in for this");
}

function endOf(given: string | null | undefined): number | null {
  if (given === undefined || given === null) return null;
  const end = Math.floor(Date.parse(given) / 1000);
  if (end * 1000 <= Date.now()) throw unfit("expires_at", "is over already");
  return end;
}

export const roleAssignmentRoutes: readonly Route[] = [
  route("GET", "/rbac/permissions/available", {
    summary: "Every permission there is",
    tag,
    permission: "tokens.read",
    answer: shapes.permissionList,
    async run() {
      const groups = Map.groupBy(PERMISSIONS, (one) => one.slice(0, one.indexOf(".")));
      return {
        all_permissions: PERMISSIONS,
        permissions_by_resource: Object.fromEntries(groups),
        total_count: PERMISSIONS.length,
      };
    },
  }),
  route("POST", "/rbac/permissions/check", {
    summary: "Whether somebody may do something, and by which roles",
    tag,
    permission: "tokens.read",
    body: shapes.permissionCheck,
    answer: shapes.permissionAnswer,
    async run({ context, body }) {
      const { caller, desk } = context;
      const permission = PERMISSIONS.find((one) => one === body.permission);
      if (!permission) throw unfit("permission", "there is no such permission");
      const self = body.user_email === undefined || body.user_email === caller.id;
      if (!self) permit(caller, "roles.read", "User");
      const user = self ? { email: caller.id, admin: caller.admin } : await userNamed(context, body.user_email);
      const teamId = body.team_id ?? null;
      if (teamId !== null) await teamFor({ context, params: { id: teamId } }, "teams.read");
      const roles = await because(desk, await allRoles(desk), user, permission, teamId);
      const granted = roles.length > 0 && (!self || can(caller, permission) === "yes");
      return { user_email: user.email, permission, granted, because: granted ? roles : [] };
    },
  }),
  route("GET", "/rbac/my/roles", {
    summary: "Roles I was given",
    tag,
    permission: "tokens.read",
    answer: z.array(shapes.roleAssignment),
    async run({ context: { desk, caller } }) {
      const [all, found] = await Promise.all([allRoles(desk), assignmentsOf(desk, caller.id)]);
      const unwritten = caller.admin && !found.some(({ roleId }) => roleId === "platform_admin");
      return (unwritten ? [administrator(caller.id, ""), ...found] : found).map((one) => show(all, one));
    },
  }),
  route("GET", "/rbac/my/permissions", {
    summary: "What I may do, everywhere or in a team too",
    tag,
    permission: "tokens.read",
    query: z.object({ team_id: z.string().optional() }),
    answer: z.array(z.string()),
    async run({ context, query }) {
      const { access, scope, teams } = context.caller;
      const here = query.team_id === undefined || teams?.includes(query.team_id) === false ? undefined : query.team_id;
      const inTeam = here === undefined ? undefined : access.teams.get(here);
      const held: readonly Permission[] = spelledOut([...access.everywhere, ...(inTeam?.permissions ?? [])]);
      const { permissions } = scope ?? {};
      return permissions ? held.filter((one) => covers(permissions, one)) : held;
    },
  }),
  route("GET", "/rbac/roles/:id/holders", {
    summary: "Who holds a role: given it, or by being in a team; the first 500",
    tag,
    permission: "roles.read",
    answer: z.array(shapes.roleAssignment),
    async run({ context: { desk }, params }) {
      const all = await allRoles(desk);
      const { id } = roleIn(all, params.id ?? "");
      return (await holdersOf(desk, id, MOST_HOLDERS)).map((one) => show(all, one));
    },
  }),
  route("GET", "/rbac/users/:email/roles", {
    summary: "Roles a user was given",
    tag,
    permission: "roles.read",
    answer: z.array(shapes.roleAssignment),
    async run({ context, params }) {
      const { email } = await userNamed(context, params.email);
      const [all, found] = await Promise.all([allRoles(context.desk), assignmentsOf(context.desk, email)]);
      return found.map((one) => show(all, one));
    },
  }),
  route("POST", "/rbac/users/:email/roles", {
    summary: "Give a user a role whose permissions you hold",
    tag,
    permission: "roles.assign",
    body: shapes.roleAssign,
    answer: shapes.roleAssignment,
    status: 201,
    async run({ context, params, body }) {
      const { email } = await userNamed(context, params.email);
      const all = await allRoles(context.desk);
      const role = all.get(body.role_id);
      if (!role) throw unfit("role_id", "there is no such role");
      requireMayName(context, role);
      const scopeId = await placeFor(context, email, role, body);
      requireHeld(context.caller, [...permissionsOf(role.id, all)], scopeId || undefined);
      return show(all, await assign(context.desk, email, role, scopeId, endOf(body.expires_at)));
    },
  }),
  route("DELETE", "/rbac/users/:email/roles/:role_id", {
    summary: "Take a role from a user",
    tag,
    permission: "roles.assign",
    query: z.object({ scope_id: z.string().default("").describe("The team's id, for a role held in a team") }),
    answer: deleted,
    async run({ context, params, query }) {
      const { email } = await userNamed(context, params.email);
      const all = await allRoles(context.desk);
      const role = roleIn(all, params.role_id ?? "");
      requireMayName(context, role);
      requireHeld(context.caller, [...permissionsOf(role.id, all)], query.scope_id || undefined);
      await unassign(context.desk, email, role, query.scope_id);
      return { status: "success", message: `${email} no longer has the role ${role.name}` };
    },
  }),
];
