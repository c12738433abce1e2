// Roles and who holds them, as the REST API shows and takes them (ContextForge: /rbac). Names in snake_case, as
// ContextForge has them here.
import * as z from "zod";
import { email } from "./users.ts";

const fields = {
  description: z.string().max(2000).nullish(),
  permissions: z.array(z.string()).max(200).describe("`noun.verb`, `noun.*` or `*`"),
  inherits_from: z.string().nullish().describe("Id of a role whose permissions this one has too"),
};

export const roleCreate = z
  .strictObject({
    name: z
      .string()
      .trim()
      .regex(/^[A-Za-z0-9][A-Za-z0-9 _-]{0,99}$/),
    scope: z.enum(["global", "team"]),
    ...fields,
  })
  .meta({ id: "RoleCreate" });
export type RoleCreate = z.infer<typeof roleCreate>;

export const roleUpdate = z
  .strictObject({
    description: fields.description,
    permissions: fields.permissions.optional(),
    inherits_from: fields.inherits_from,
  })
  .meta({ id: "RoleUpdate" });
export type RoleUpdate = z.infer<typeof roleUpdate>;

export const roleRead = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    scope: z.enum(["global", "team"]),
    permissions: z.array(z.string()),
    effective_permissions: z.array(z.string()).describe("Its own and those it inherits"),
    inherits_from: z.string().nullable(),
    is_system_role: z.boolean().describe("Built in: can't be changed"),
    is_active: z.literal(true),
    holders: z.number().int().describe("Assignments of it"),
    created_by: z.string().nullable(),
    created_at: z.string().nullable(),
    updated_at: z.string().nullable(),
    version: z.number().int(),
  })
  .meta({ id: "Role" });
export type RoleRead = z.infer<typeof roleRead>;

export const roleAssign = z
  .strictObject({
    role_id: z.string(),
    scope: z.enum(["global", "team"]).optional().describe("That of the role"),
    scope_id: z.string().nullish().describe("The team's id, for a role of scope team"),
    expires_at: z.iso.datetime().nullish(),
  })
  .meta({ id: "RoleAssign" });

export const roleAssignment = z
  .object({
    id: z.string(),
    user_email: z.string(),
    role_id: z.string(),
    role_name: z.string(),
    scope: z.enum(["global", "team"]),
    scope_id: z.string().nullable(),
    granted_by: z.string(),
    granted_at: z.string(),
    expires_at: z.string().nullable(),
    is_active: z.boolean(),
  })
  .meta({ id: "RoleAssignment" });
export type RoleAssignment = z.infer<typeof roleAssignment>;

export const permissionCheck = z.strictObject({
  user_email: email.optional().describe("Default: the caller"),
  permission: z.string(),
  team_id: z.string().nullish(),
});
export const permissionAnswer = z.object({
  user_email: z.string(),
  permission: z.string(),
  granted: z.boolean(),
  because: z.array(z.string()).describe("Roles that grant it"),
});
export const permissionList = z.object({
  all_permissions: z.array(z.string()),
  permissions_by_resource: z.record(z.string(), z.array(z.string())),
  total_count: z.number().int(),
});
