// Who is signed in and what they may do. The cookie is HttpOnly: this page never sees what is in it.
import { signal } from "@preact/signals";
import type { Permission } from "../../src/identity/permissions.ts";
import type { Me } from "../../src/schemas/users.ts";
import { ApiError, asApiError, get, onSignedOut, send } from "./api.ts";
import { here, navigate } from "./location.ts";

export type { Me, Permission };

/** undefined: not asked yet. null: nobody. An ApiError: the gateway could not tell. */
export const session = signal<Me | ApiError | null | undefined>(undefined);

/** Whether somebody was signed in here whose session ended without their doing. */
export const ended = signal(false);

const LOGIN = "/ui/login";
const CLAIM = "/ui/claim";

/** Pages for people who are not signed in. */
const OUTSIDE = new Set([LOGIN, CLAIM, "/ui/reset"]);

/** Whether a page is for people who are not signed in. */
export const isOutside = (path: string): boolean => OUTSIDE.has(path);

/** Who is signed in; undefined when nobody is, or nobody knows. */
export const me = (): Me | undefined => (session.value instanceof ApiError ? undefined : (session.value ?? undefined));

/**
 * Whether the person may do this: everywhere, in one team, or (without `teamId`) in any team. Only for what is shown:
 * the gateway decides again.
 */
export function may(permission: Permission, teamId?: string): boolean {
  const inTeams = me()?.teams.filter((team) => teamId === undefined || team.id === teamId) ?? [];
  return mayEverywhere(permission) || inTeams.some((team) => covers(team.permissions, permission));
}

/** Whether the person may do this everywhere, not only in some team. */
export const mayEverywhere = (permission: Permission): boolean => covers(me()?.permissions ?? [], permission);

type Placed = { visibility: "private" | "team" | "public"; ownerEmail: string | null; teamId: string | null };

/** Whether the person may do this to something of the catalog: by a role, or because it is theirs. */
export const mayTo = (permission: Permission, { visibility, ownerEmail, teamId }: Placed): boolean =>
  mayEverywhere(permission) ||
  (teamId !== null && visibility !== "private" && may(permission, teamId)) ||
  (ownerEmail === me()?.email && visibility !== "team");

const covers = (grants: readonly string[], permission: Permission): boolean =>
  grants.some((grant) => grant === permission || grant === "*" || grant === permission.replace(/[.].*/, ".*"));

onSignedOut.run = () => {
  if (me() !== undefined) ended.value = true;
  session.value = null;
  if (isOutside(here.value.path)) return;
  const next = here.value.path + location.search;
  void navigate(`${LOGIN}?next=${encodeURIComponent(next)}`, { replace: true, force: true });
};

const isPath = (text: string): boolean => /^\/(?![/\\])/.test(text);

/** Where to go after signing in: a path of the dashboard, never another site. */
export function nextPlace(asked: string | null): string {
  if (asked === null || !isPath(asked)) return "/ui/";
  // "/ui/..//elsewhere" names another site once its dots are taken out
  const to = new URL(asked, location.origin);
  const stays = to.origin === location.origin && isPath(to.pathname) && !isOutside(to.pathname);
  return stays ? to.pathname + to.search : "/ui/";
}

/** Asks the gateway who is signed in. */
export async function loadSession(): Promise<void> {
  try {
    session.value = await get<Me>("/auth/session");
    ended.value = false;
  } catch (error) {
    const failure = asApiError(error);
    if (failure.status === 401) return;
    session.value = failure;
    if (failure.code === "not_claimed" && !isOutside(here.value.path)) await navigate(CLAIM, { replace: true });
  }
}

/** Trades a token for a session cookie. Throws ApiError when the token is refused. */
export async function loginByToken(token: string): Promise<void> {
  await send("POST", "/auth/session", { body: { token } });
  await loadSession();
}

/** Signs in; the session comes as a cookie. Throws ApiError: 401 when wrong, 429 or 423 with `retryAfter` when locked. */
export async function login(email: string, password: string): Promise<void> {
  await send("POST", "/auth/login", { body: { email, password } });
  await loadSession();
}

/** Ends the session here and at the gateway. */
export async function logout(): Promise<void> {
  await send("DELETE", "/auth/session");
  session.value = null;
  await navigate(LOGIN);
}
