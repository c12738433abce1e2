// What the dashboard asks and tells the gateway about roles, and who holds them.
import type { z } from "zod";
import type {
  permissionAnswer,
  permissionCheck,
  RoleAssignment,
  RoleCreate,
  RoleRead,
  RoleUpdate,
  roleAssign,
} from "../../../../src/schemas/roles.ts";
import { get, send } from "../../api.ts";
import type { Source } from "../../parts/listing.tsx";
import type { Entity } from "../../parts/table.tsx";

export type { RoleAssignment };
export type Role = RoleRead & Entity;

const ROLES = "/rbac/roles";

const below = (id: string, rest = ""): string => `${ROLES}/${encodeURIComponent(id)}${rest}`;
const held = (email: string): string => `/rbac/users/${encodeURIComponent(email)}/roles`;

const asRole = (raw: RoleRead): Role => ({ ...raw, enabled: true });

/** Every role: there are few, so that the gateway gives all and the list is searched here. */
export const ALL_ROLES: Source<Role> = {
  kind: "roles",
  load: async ({ q }, signal) => {
    const text = String(q ?? "").toLowerCase();
    const rows = await get<RoleRead[]>(ROLES, signal);
    const items = rows.filter((role) => `${role.name} ${role.description}`.toLowerCase().includes(text)).map(asRole);
    return { items, nextCursor: null, total: items.length };
  },
};

export const getRole = async (id: string, signal: AbortSignal): Promise<Role> =>
  asRole(await get<RoleRead>(below(id), signal));

export const addRole = (body: RoleCreate): Promise<RoleRead> => send("POST", ROLES, { body });

export const changeRole = (id: string, body: RoleUpdate, ifMatch: number): Promise<RoleRead> =>
  send("PUT", below(id), { body, ifMatch });

export const deleteRole = (id: string): Promise<unknown> => send("DELETE", below(id));

export const holdersOf = (id: string, signal: AbortSignal): Promise<RoleAssignment[]> =>
  get(below(id, "/holders"), signal);

export const assign = (email: string, body: z.input<typeof roleAssign>): Promise<RoleAssignment> =>
  send("POST", held(email), { body });

export const unassign = ({ user_email, role_id, scope_id }: RoleAssignment): Promise<unknown> =>
  send(
    "DELETE",
    `${held(user_email)}/${encodeURIComponent(role_id)}${scope_id ? `?scope_id=${encodeURIComponent(scope_id)}` : ""}`,
  );

export const checkPermission = (body: z.input<typeof permissionCheck>): Promise<z.infer<typeof permissionAnswer>> =>
  send("POST", "/rbac/permissions/check", { body });
