// What the dashboard asks and tells the gateway about users.
import type { z } from "zod";
import type {
  oneTimeLink,
  SessionRead,
  UserCreate,
  UserRead,
  UserUpdate,
  userCreated,
} from "../../../../src/schemas/users.ts";
import { get, send } from "../../api.ts";
import type { Entity } from "../../parts/table.tsx";
import { source } from "../access/source.ts";

export type { SessionRead, UserCreate };
export type User = UserRead & Entity;
export type OneTimeLink = z.infer<typeof oneTimeLink>;

const USERS = "/auth/email/admin/users";

/** A path below one user. */
const below = (email: string, rest = ""): string => `${USERS}/${encodeURIComponent(email)}${rest}`;

const asUser = (raw: UserRead): User => ({
  ...raw,
  id: raw.email,
  name: raw.full_name || raw.email,
  enabled: raw.is_active,
});

export const ALL_USERS = source({ kind: "users", path: USERS, under: "users", row: asUser });

export const getUser = async (email: string, signal: AbortSignal): Promise<User> =>
  asUser(await get<UserRead>(below(email), signal));

export const addUser = (user: UserCreate): Promise<z.infer<typeof userCreated>> => send("POST", USERS, { body: user });

export const changeUser = (email: string, body: UserUpdate): Promise<UserRead> => send("PUT", below(email), { body });

export const unlockUser = (email: string): Promise<unknown> => send("POST", below(email, "/unlock"));

export const deleteUser = (email: string): Promise<unknown> => send("DELETE", below(email));

/** Makes a link to choose a new password; older links of the user stop working. */
export const makeResetLink = (email: string): Promise<OneTimeLink> => send("POST", below(email, "/reset-link"));

export const sessionsOf = (email: string, signal: AbortSignal): Promise<SessionRead[]> =>
  get(below(email, "/sessions"), signal);

/** Ends all sessions of a user. */
export const endSessionsOf = (email: string): Promise<unknown> => send("DELETE", below(email, "/sessions"));

export type Status = "active" | "inactive" | "locked";
export const statusOf = (user: UserRead): Status =>
  user.is_active ? (user.is_locked ? "locked" : "active") : "inactive";
