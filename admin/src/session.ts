// Who is signed in. The cookie is HttpOnly: this page never sees the token again after it was pasted.
import { signal } from "@preact/signals";
import { type ApiError, asApiError, get, onSignedOut, send } from "./api.ts";
import { here, navigate } from "./location.ts";

export type Session = { email: string; isAdmin: boolean; serverId: string | null; expiresAt: string };

/** undefined: not asked yet. null: nobody. An ApiError: the gateway could not tell. */
export const session = signal<Session | ApiError | null | undefined>(undefined);

const LOGIN = "/ui/login";

onSignedOut.run = () => {
  session.value = null;
  if (here.value.path === LOGIN) return;
  const next = here.value.path + location.search;
  void navigate(`${LOGIN}?next=${encodeURIComponent(next)}`, { replace: true, force: true });
};

const isPath = (text: string): boolean => /^\/(?![/\\])/.test(text);

/** Where to go after signing in: a path of the dashboard, never another site. */
export function nextPlace(asked: string | null): string {
  if (asked === null || !isPath(asked)) return "/ui/";
  // "/ui/..//elsewhere" names another site once its dots are taken out
  const to = new URL(asked, location.origin);
  const stays = to.origin === location.origin && isPath(to.pathname) && to.pathname !== LOGIN;
  return stays ? to.pathname + to.search : "/ui/";
}

/** Asks the gateway who is signed in. */
export async function loadSession(): Promise<void> {
  try {
    session.value = await get<Session>("/auth/session");
  } catch (error) {
    const failure = asApiError(error);
    if (failure.status !== 401) session.value = failure;
  }
}

/** Trades a token for a session cookie. Throws ApiError when the token is refused. */
export async function login(token: string): Promise<void> {
  await send("POST", "/auth/session", { body: { token } });
  await loadSession();
}

/** Ends the session here and at the gateway. */
export async function logout(): Promise<void> {
  await send("DELETE", "/auth/session");
  session.value = null;
  await navigate(LOGIN);
}
