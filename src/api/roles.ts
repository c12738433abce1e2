// REST: /rbac/roles (ContextForge's paths). Who holds them: api/role-assignments.ts.
import * as z from "zod";
import { persistently } from "../catalog/change.ts";
import type { Context } from "../context.ts";
import { permissionsOf } from "../identity/access.ts";
import {
  type AnyRole,
  allRoles,
  checked,
  createRole,
  deleteRole,
  holders,
  type Roles,
  requireOwn,
  roleIn,
  updateRole,
} from "../identity/roles.ts";
import { requireHeld } from "../policy/grant.ts";
import { deleted } from "../schemas/common.ts";
import { type RoleRead, roleCreate, roleRead, roleUpdate } from "../schemas/roles.ts";
import { type Call, type Route, route } from "./route.ts";

const tag = "Roles";

const show = (role: AnyRole, all: Roles, held: number): RoleRead => ({
  id: role.id,
  name: role.name,
  description: role.description,
  scope: role.scope,
  permissions: role.permissions,
  effective_permissions: [...permissionsOf(role.id, all)],
  inherits_from: role.inheritsFrom,
  is_system_role: role.builtIn,
  is_active: true,
  holders: held,
  created_by: role.createdBy,
  created_at: role.createdAt,
  updated_at: role.updatedAt,
  version: role.version,
});

async function shown(
  { context, params, headers }: Pick<Call<undefined, undefined>, "context" | "params" | "headers">,
  id = params.id ?? "",
): Promise<RoleRead> {
  const [all, held] = await Promise.all([allRoles(context.desk), holders(context.desk)]);
  const role = roleIn(all, id);
  headers.set("etag", String(role.version));
  return show(role, all, held.get(id) ?? 0);
}

/** A role of the path that can be changed by the caller, who then holds all that it grants. */
async function own({ desk, caller }: Context, id = ""): Promise<{ role: AnyRole; all: Roles }> {
  const all = await allRoles(desk);
  const role = roleIn(all, id);
  requireOwn(role);
  requireHeld(caller, [...permissionsOf(role.id, all)]);
  return { role, all };
}

const changing = (call: { readonly version: number | undefined }, change: () => Promise<void>): Promise<void> =>
  call.version === undefined ? persistently(change) : change();

export const roleRoutes: readonly Route[] = [
  route("GET", "/rbac/roles", {
    summary: "All roles",
    tag,
    permission: "roles.read",
    query: z.object({ scope: z.enum(["global", "team"]).optional() }),
    answer: z.array(roleRead),
    async run({ context, query }) {
      const [all, held] = await Promise.all([allRoles(context.desk), holders(context.desk)]);
      return [...all.values()]
        .filter(({ scope }) => query.scope === undefined || scope === query.scope)
        .map((role) => show(role, all, held.get(role.id) ?? 0));
    },
  }),
  route("POST", "/rbac/roles", {
    summary: "Make a role of permissions you hold",
    tag,
    permission: "roles.create",
    body: roleCreate,
    answer: roleRead,
    status: 201,
    async run(call) {
      const { context, body } = call;
      const all = await allRoles(context.desk);
      requireHeld(context.caller, checked(all, { ...body, inheritsFrom: body.inherits_from ?? null }));
      return await shown(call, await createRole(context.desk, body));
    },
  }),
  route("GET", "/rbac/roles/:id", {
    summary: "One role",
    tag,
    permission: "roles.read",
    answer: roleRead,
    run: (call) => shown(call),
  }),
  route("PUT", "/rbac/roles/:id", {
    summary: "Change a role",
    tag,
    permission: "roles.update",
    body: roleUpdate,
    answer: roleRead,
    async run(call) {
      const { context, params, body, version } = call;
      await changing(call, async () => {
        const { role, all } = await own(context, params.id);
        const { permissions = role.permissions, inherits_from: inheritsFrom = role.inheritsFrom } = body;
        requireHeld(context.caller, checked(all, { id: role.id, scope: role.scope, permissions, inheritsFrom }));
        await updateRole(context.desk, role, body, version);
      });
      return await shown(call);
    },
  }),
  route("DELETE", "/rbac/roles/:id", {
    summary: "Delete a role that nobody holds",
    tag,
    permission: "roles.delete",
    answer: deleted,
    async run(call) {
      const { context, params, version } = call;
      await changing(call, async () => {
        const { role, all } = await own(context, params.id);
        await deleteRole(context.desk, role, all, version);
      });
      return { status: "success", message: `Role ${params.id} deleted` };
    },
  }),
];
