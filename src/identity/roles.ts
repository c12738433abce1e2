// Roles: those built in, and those that an admin made. What a role grants are its own permissions and those it inherits.

import { and, count, eq, gt, isNull, lte, or, type SQL, sql } from "drizzle-orm";
import { commit, type Desk, defined, requireVersion } from "../catalog/change.ts";
import { tables } from "../db/client.ts";
import type { RoleRow } from "../db/tables/roles.ts";
import { GatewayError } from "../errors.ts";
import { newId } from "../lib/ids.ts";
import { nowInSeconds } from "../lib/now.ts";
import type { RoleCreate, RoleUpdate } from "../schemas/roles.ts";
import { permissionsOf } from "./access.ts";
import { BUILT_IN, isGrant, isOfTeams } from "./permissions.ts";

const { roles, roleAssignments, users, teamMembers } = tables;

/** A role; who made it and when is null where it is built in. */
export type AnyRole = Omit<RoleRow, "createdBy" | "createdAt" | "updatedAt"> & {
  readonly builtIn: boolean;
  readonly createdBy: string | null;
  readonly createdAt: string | null;
  readonly updatedAt: string | null;
};
export type Roles = ReadonlyMap<string, AnyRole>;

const ALWAYS: readonly AnyRole[] = BUILT_IN.map((role) => ({
  ...role,
  permissions: [...role.permissions],
  inheritsFrom: null,
  builtIn: true,
  createdBy: null,
  createdAt: null,
  updatedAt: null,
  version: 1,
}));

/** Every role by its id, the built-in ones first. */
export async function allRoles({ db }: Pick<Desk, "db">): Promise<Roles> {
  const made = await db.select().from(roles).orderBy(roles.name);
  return new Map([...ALWAYS, ...made.map((row) => ({ ...row, builtIn: false }))].map((role) => [role.id, role]));
}

/** A role among all. @throws GatewayError `not_found`. */
export function roleIn(all: Roles, id: string): AnyRole {
  const role = all.get(id);
  if (!role) throw new GatewayError("not_found", "Role not found");
  return role;
}

/** Of assignments, those that have not ended. */
export const assignmentStands = (): SQL | undefined =>
  or(isNull(roleAssignments.expiresAt), gt(roleAssignments.expiresAt, nowInSeconds()));

/** How often each role is held, by its id: assigned, as an administrator, or by being in a team. */
export async function holders({ db }: Pick<Desk, "db">): Promise<Map<string, number>> {
  const assigned = db
    .select({ id: roleAssignments.roleId, n: count().as("n") })
    .from(roleAssignments)
    .where(assignmentStands())
    .groupBy(roleAssignments.roleId);
  const admins = db
    .select({ id: sql<string>`'platform_admin'`.as("id"), n: count().as("n") })
    .from(users)
    .where(eq(users.isAdmin, true));
  const roleId = sql<string>`CASE ${teamMembers.role} WHEN 'owner' THEN 'team_admin' WHEN 'member' THEN 'developer' ELSE 'viewer' END`;
  const members = db
    .select({ id: roleId.as("id"), n: count().as("n") })
    .from(teamMembers)
    .groupBy(teamMembers.role);
  const held = new Map<string, number>();
  for (const rows of await db.batch([assigned, admins, members]))
    for (const { id, n } of rows) held.set(id, (held.get(id) ?? 0) + n);
  return held;
}

const unfit = (field: string, message: string) =>
  new GatewayError("invalid_params", `${field}: ${message}`, { details: { field } });

/** What a role is to be. `id` absent: it is new. */
export interface Wanted {
  readonly id?: string;
  readonly scope: "global" | "team";
  readonly permissions: readonly string[];
  readonly inheritsFrom: string | null;
}

/** All that a role is to grant, once it makes sense. @throws GatewayError `invalid_params` naming the field. */
export function checked(all: Roles, wanted: Wanted): string[] {
  const { id, scope, permissions, inheritsFrom } = wanted;
  const unknown = permissions.find((one) => !isGrant(one));
  if (unknown !== undefined) throw unfit("permissions", `${unknown} is no permission`);
  if (permissions.includes("*")) throw unfit("permissions", "* is what platform_admin means: assign that role");
  const global = scope === "team" ? permissions.find((one) => !isOfTeams(one)) : undefined;
  if (global !== undefined) throw unfit("permissions", `${global} can't be held in a team`);
  const parent = inheritsFrom === null ? undefined : all.get(inheritsFrom);
  if (inheritsFrom !== null && !parent) throw unfit("inherits_from", "there is no such role");
  if (parent?.id === "platform_admin") throw unfit("inherits_from", "platform_admin is assigned, not inherited from");
  if (parent && scope === "team" && parent.scope === "global")
    throw unfit("inherits_from", "a role held in a team inherits from such roles only");
  for (let one = parent; one; one = one.inheritsFrom === null ? undefined : all.get(one.inheritsFrom))
    if (one.id === id) throw unfit("inherits_from", "the role would inherit from itself");
  return [...new Set([...permissions, ...(parent ? permissionsOf(parent.id, all) : [])])];
}

const requireFreeName = (name: string): void => {
  if (ALWAYS.some((role) => role.name === name))
    throw new GatewayError("conflict", "A built-in role has this name", { details: { field: "name" } });
};

/** Makes a role that was `checked`; gives its id. */
export async function createRole(desk: Desk, { name, scope, permissions, ...given }: RoleCreate): Promise<string> {
  requireFreeName(name);
  const id = newId();
  const now = new Date().toISOString();
  await commit(
    desk,
    {
      action: "role.create",
      targetType: "role",
      targetId: id,
      detail: { name, scope, permissions, inherits_from: given.inherits_from ?? null },
      moves: ["access"],
    },
    [
      desk.db.insert(roles).values({
        id,
        name,
        scope,
        permissions,
        description: given.description ?? null,
        inheritsFrom: given.inherits_from ?? null,
        createdBy: desk.author.email,
        createdAt: now,
        updatedAt: now,
      }),
    ],
  );
  return id;
}

/** Refuses to touch a built-in role. @throws GatewayError `conflict`. */
export function requireOwn({ builtIn, name }: AnyRole): void {
  if (builtIn) throw new GatewayError("conflict", `${name} is built in and stays as it is`);
}

/** Changes a role to what was `checked`. */
export async function updateRole(desk: Desk, role: AnyRole, given: RoleUpdate, version?: number): Promise<void> {
  requireVersion(role.version, version);
  const { description, permissions, inherits_from: inheritsFrom } = given;
  await commit(
    desk,
    {
      action: "role.update",
      targetType: "role",
      targetId: role.id,
      from: { table: roles, version: role.version },
      detail: { name: role.name, fields: given },
      moves: ["access"],
    },
    [
      desk.db
        .update(roles)
        .set({
          ...defined({ description, permissions, inheritsFrom }),
          updatedAt: new Date().toISOString(),
          version: role.version + 1,
        })
        .where(eq(roles.id, role.id)),
    ],
  );
}

/** Deletes a role that nobody holds and no role inherits from. @throws GatewayError `conflict` with the counts. */
export async function deleteRole(desk: Desk, role: AnyRole, all: Roles, version?: number): Promise<void> {
  requireVersion(role.version, version);
  const held = (await holders(desk)).get(role.id) ?? 0;
  const heirs = [...all.values()].filter((one) => one.inheritsFrom === role.id).length;
  if (held + heirs > 0)
    throw new GatewayError("conflict", `The role is in use: ${held} hold it, ${heirs} roles inherit from it`, {
      details: { holders: held, heirs },
    });
  await commit(
    desk,
    {
      action: "role.delete",
      targetType: "role",
      targetId: role.id,
      from: { table: roles, version: role.version },
      detail: { name: role.name },
      moves: ["access"],
    },
    [
      desk.db
        .delete(roleAssignments)
        .where(and(eq(roleAssignments.roleId, role.id), lte(roleAssignments.expiresAt, nowInSeconds()))),
      desk.db.delete(roles).where(eq(roles.id, role.id)),
    ],
  );
}
