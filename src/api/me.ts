// Who is logged in and what they may do, as the dashboard asks for it before anything else.
import type { Context } from "../context.ts";
import { anyOf, tables } from "../db/client.ts";
import type { Caller } from "../identity/caller.ts";
import { findUser } from "../identity/users.ts";
import type { Me } from "../schemas/users.ts";
import { timeOf } from "./user-shape.ts";

const { teams } = tables;

/** What a caller is, as told to itself. */
export async function identity({ desk }: Context, caller: Caller): Promise<Me> {
  const { access, credential, expiresAt, scope } = caller;
  const [row, named] = await Promise.all([
    findUser(desk, caller.id),
    desk.db
      .select({ id: teams.id, name: teams.name })
      .from(teams)
      .where(anyOf(teams.id, [...access.teams.keys()])),
  ]);
  const names = new Map(named.map(({ id, name }) => [id, name]));
  return {
    email: caller.id,
    fullName: row?.fullName ?? null,
    isAdmin: caller.admin,
    credential: credential === "none" ? "session" : credential,
    permissions: [...access.everywhere].sort(),
    teams: [...access.teams].map(([id, { role, permissions }]) => ({
      id,
      name: names.get(id) ?? id,
      role: role ?? null,
      permissions: [...permissions].sort(),
    })),
    mustChangePassword: row?.mustChangePassword ?? false,
    hasPassword: row !== undefined && row.passwordHash !== null,
    serverId: scope?.serverIds?.[0] ?? null,
    expiresAt: expiresAt === undefined ? null : timeOf(expiresAt),
  };
}
