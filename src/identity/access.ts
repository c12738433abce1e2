// What a user may do, worked out of rows: who they are, which teams they are in, which roles they hold. One door: what
// `access` counts (catalog/stamp.ts) is remembered here until it moves.

import { accessVersion, type Store } from "../catalog/stamp.ts";
import type { TeamRole } from "../db/tables/teams.ts";
import { GatewayError } from "../errors.ts";
import { nowInSeconds } from "../lib/now.ts";
import { SingleFlight } from "../lib/single-flight.ts";
import { BUILT_IN } from "./permissions.ts";

/** Permissions (`tools.read`, `tools.*`, `*`) of a user: those held everywhere, and those in each team. */
export interface Access {
  readonly everywhere: ReadonlySet<string>;
  readonly teams: ReadonlyMap<string, TeamAccess>;
  /** Seconds since 1970 at which the first of the roles ends; absent: none ends by itself. */
  readonly until?: number;
}

/** Whether no role in it has ended since it was read. */
export const accessStands = ({ until }: Access): boolean => until === undefined || until * 1000 > Date.now();

/** A user in a team. `role` absent: no member, yet holds a role there. */
export interface TeamAccess {
  readonly role?: TeamRole;
  readonly permissions: ReadonlySet<string>;
}

/** What access decisions need to know of a user. `admin` holds every permission everywhere. */
export interface UserFacts {
  readonly email: string;
  readonly admin: boolean;
  readonly active: boolean;
  readonly mustChangePassword: boolean;
  readonly access: Access;
}

/** The role that a member, an owner or a viewer of a team has in it. */
export const ROLE_OF: Readonly<Record<TeamRole, string>> = {
  owner: "team_admin",
  member: "developer",
  viewer: "viewer",
};

const MOST = 10_000;
const memory = { version: 0, users: new Map<string, UserFacts | undefined>() };
const readings = new SingleFlight<UserFacts | undefined>();

/** A user by e-mail address (lower case). Undefined when there is none. @throws GatewayError `unavailable`. */
export async function userFacts(store: Store, email: string): Promise<UserFacts | undefined> {
  const version = accessVersion();
  if (memory.version !== version) Object.assign(memory, { version, users: new Map() });
  const known = memory.users.get(email);
  if (known ? accessStands(known.access) : memory.users.has(email)) return known;
  const keepAlive = (work: Promise<unknown>): void => store.waitUntil(work);
  const facts = await readings
    .run(`${version} ${email}`, keepAlive, () => read(store.d1, email))
    .catch((cause: unknown) => {
      throw new GatewayError("unavailable", "Users can't be read right now; try again shortly", { cause });
    });
  if (memory.version !== version) return facts;
  if (memory.users.size >= MOST) memory.users.clear();
  memory.users.set(email, facts);
  return facts;
}

interface AssignmentRow {
  readonly role_id: string;
  readonly scope_id: string;
  readonly expires_at: number | null;
}

interface RoleRow {
  readonly id: string;
  readonly permissions: readonly string[];
  readonly inheritsFrom: string | null;
}

async function read(d1: D1Database, email: string): Promise<UserFacts | undefined> {
  const now = nowInSeconds();
  const [users, memberships, assignments, custom] = await d1.batch<never>([
    d1.prepare("SELECT is_admin, is_active, must_change_password FROM users WHERE email = ?").bind(email),
    d1
      .prepare(
        "SELECT m.team_id, m.role FROM team_members m JOIN teams t ON t.id = m.team_id WHERE m.user_email = ? AND t.is_active = 1",
      )
      .bind(email),
    d1
      .prepare(
        `SELECT role_id, scope_id, expires_at FROM role_assignments
         WHERE user_email = ? AND (expires_at IS NULL OR expires_at > ?)
         AND (scope_id = '' OR scope_id IN (SELECT id FROM teams WHERE is_active = 1))`,
      )
      .bind(email, now),
    d1.prepare("SELECT id, permissions, inherits_from FROM roles"),
  ]);
  const [user] = (users?.results ?? []) as { is_admin: number; is_active: number; must_change_password: number }[];
  if (!user) return undefined;
  const roles = rolesById(
    (custom?.results ?? []) as { id: string; permissions: string; inherits_from: string | null }[],
  );
  const admin = user.is_admin === 1;
  const held = (assignments?.results ?? []) as AssignmentRow[];
  const access = accessOf(
    admin ? [...held, { role_id: "platform_admin", scope_id: "", expires_at: null }] : held,
    (memberships?.results ?? []) as { team_id: string; role: TeamRole }[],
    roles,
  );
  return {
    email,
    admin: access.everywhere.has("*"),
    active: user.is_active === 1,
    mustChangePassword: user.must_change_password === 1,
    access,
  };
}

function rolesById(rows: readonly { id: string; permissions: string; inherits_from: string | null }[]) {
  const custom = rows.map(
    ({ id, permissions, inherits_from: inheritsFrom }): RoleRow => ({
      id,
      permissions: JSON.parse(permissions) as string[],
      inheritsFrom,
    }),
  );
  const builtIn = BUILT_IN.map(({ id, permissions }): RoleRow => ({ id, permissions, inheritsFrom: null }));
  return new Map([...builtIn, ...custom].map((role) => [role.id, role]));
}

/** Permissions of a role and of all that it inherits from. */
export function permissionsOf(roleId: string, roles: ReadonlyMap<string, RoleRow>): Set<string> {
  const permissions = new Set<string>();
  const passed = new Set<string>();
  for (let role = roles.get(roleId); role && !passed.has(role.id); role = roles.get(role.inheritsFrom ?? "")) {
    passed.add(role.id);
    for (const permission of role.permissions) permissions.add(permission);
  }
  return permissions;
}

function accessOf(
  held: readonly AssignmentRow[],
  memberships: readonly { team_id: string; role: TeamRole }[],
  roles: ReadonlyMap<string, RoleRow>,
): Access {
  const everywhere = permissionsOf("platform_viewer", roles);
  const teams = new Map<string, { role?: TeamRole; permissions: Set<string> }>();
  for (const { team_id, role } of memberships)
    teams.set(team_id, { role, permissions: permissionsOf(ROLE_OF[role], roles) });
  for (const { role_id, scope_id } of held) {
    const place =
      scope_id === "" ? everywhere : (teams.get(scope_id) ?? { permissions: new Set<string>() }).permissions;
    for (const permission of permissionsOf(role_id, roles)) place.add(permission);
    if (scope_id !== "" && !teams.has(scope_id)) teams.set(scope_id, { permissions: place });
  }
  const ends = held.flatMap(({ expires_at }) => expires_at ?? []);
  return { everywhere, teams, ...(ends.length > 0 ? { until: Math.min(...ends) } : {}) };
}

const EVERYTHING: Access = { everywhere: new Set(["*"]), teams: new Map() };

/** The bootstrap administrator, who needs no row. The access is always the same object: it has not changed. */
export const bootstrapAdmin = (email: string): UserFacts => ({
  email,
  admin: true,
  active: true,
  mustChangePassword: false,
  access: EVERYTHING,
});
