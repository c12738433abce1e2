// REST: logging in and out, and who is logged in. A login is a session row; its secret is the dashboard's cookie, and a
// bearer token for clients that keep no cookies. Whoever can't log in learns nothing of why (OWASP ASVS 6.3.8).

import * as z from "zod";
import { commit, inTheNameOf, isStale, requireVersion } from "../catalog/change.ts";
import { tookRevocation } from "../catalog/stamp.ts";
import type { Context } from "../context.ts";
import { tables } from "../db/client.ts";
import type { UserRow } from "../db/tables/users.ts";
import { GatewayError } from "../errors.ts";
import type { Caller } from "../identity/caller.ts";
import { newLink } from "../identity/links.ts";
import { hashPassword, verifyPassword } from "../identity/passwords.ts";
import { type Beginning, cookieOf, endNow, NO_COOKIE, newSession, onlyThat } from "../identity/sessions.ts";
import { changeUser, commitUsers, findUser, noteLogin } from "../identity/users.ts";
import { nowInSeconds } from "../lib/now.ts";
import { attemptLogin, loginSucceeded, loginUnchecked } from "../policy/limiter.ts";
import { loggedIn, loginBody, me, meUpdate } from "../schemas/users.ts";
import { claimByPassword } from "./claim.ts";
import { identity } from "./me.ts";
import { type Route, route } from "./route.ts";
import { presentUser } from "./user-shape.ts";

const { revocations } = tables;
const tag = "Login";

/** How often one address may try a password, whatever the account; and a token, which nobody guesses. */
const PASSWORD_TRIES = { per: 15 * 60, most: 30 };
const TOKEN_TRIES = { per: 60, most: 30 };

/** Seconds in which a password that must be changed can be, after the old one was given. */
const TO_CHANGE = 15 * 60;

const wrong = () =>
  new GatewayError("unauthorized", "Invalid email or password", {
    headers: { "www-authenticate": 'Bearer realm="Causeway"' },
  });

const aboutUser = (email: string, action: string, detail: Record<string, unknown> = {}) => ({
  action,
  targetType: "user",
  targetId: email,
  detail,
  moves: [],
});

/**
 * The user with this address and password. Counted before it is looked at; unknown, wrong and deactivated are one answer,
 * after the same time.
 * @throws GatewayError `unauthorized` or `too_many_requests`.
 */
async function proven(
  context: Context,
  email: string,
  password: string,
): Promise<{
  readonly row: UserRow /** Of the same password, as it is hashed today. */;
  readonly hash: string | null;
}> {
  const { config, env, clientAddress } = context;
  await attemptLogin(env, email, clientAddress, config.login);
  const { row, ok, outdated } = await looked(context, email, password).catch(async (reason: unknown) => {
    await loginUnchecked(env, email, clientAddress);
    throw reason;
  });
  if (!row || !ok || !row.isActive) {
    await commit(inTheNameOf(context.desk, "anonymous"), aboutUser(email, "login.failed"), []);
    throw wrong();
  }
  await loginSucceeded(env, email, clientAddress);
  return { row, hash: outdated ? await hashPassword(config, password) : row.passwordHash };
}

async function looked(context: Context, email: string, password: string) {
  await claimByPassword(context, email, password);
  const row = await findUser(context.desk, email);
  return { row, ...(await verifyPassword(context.config, password, row?.passwordHash)) };
}

async function logIn(context: Context, email: string, password: string, headers: Headers) {
  const { row, hash } = await proven(context, email, password);
  if (row.mustChangePassword) throw await changeFirst(context, email);
  const desk = inTheNameOf(context.desk, email);
  const session = await newSession(desk, email, context.config.session, { startedBy: "password" });
  const lastLoginAt = new Date().toISOString();
  await commitUsers(desk, aboutUser(email, "login", { session: session.id }), [
    noteLogin(desk, row, { lastLoginAt, passwordHash: hash }),
    session.statement,
  ]).catch((error: unknown) => {
    throw isStale(error) ? wrong() : error;
  });
  headers.set("set-cookie", cookieOf(session));
  return {
    access_token: session.secret,
    token_type: "bearer",
    expires_in: session.endsAt - nowInSeconds(),
    user: await presentUser(context, { ...row, lastLoginAt }),
  };
}

/** The old password was right, yet leads to choosing another one and to nothing else: a link that does just that. */
async function changeFirst(context: Context, email: string): Promise<GatewayError> {
  const desk = inTheNameOf(context.desk, email);
  const link = await newLink(desk, "reset", email, TO_CHANGE);
  await commit(desk, aboutUser(email, "login.password_change_required"), link.statements);
  return new GatewayError("forbidden", "Password change required. Please change your password before continuing.", {
    headers: { "x-password-change-required": "true" },
    details: { reset_path: `/auth/email/reset-password/${link.secret}` },
  });
}

const login = (path: string): Route =>
  route("POST", path, {
    summary: "Log in with e-mail address and password: sets an HttpOnly cookie, and answers with a bearer token",
    tag,
    limit: PASSWORD_TRIES,
    body: loginBody,
    answer: loggedIn,
    run: ({ context, body: { email, username, password }, headers }) =>
      logIn(context, email ?? username ?? "", password, headers),
  });

/** A login through a token lasts no longer than it, and proves no more. What a token narrows, a login would widen. */
function beginningWith({ credential, scope, teams, tokenId, expiresAt }: Caller): Beginning {
  if (credential === "api_token")
    throw new GatewayError("forbidden", "API tokens are for programs: log in with your e-mail address and password");
  if (scope || teams)
    throw new GatewayError(
      "forbidden",
      "This token is narrowed to some servers, teams or permissions: it can't log in",
    );
  return { startedBy: credential === "session" ? "session" : "token", tokenId, until: expiresAt };
}

async function logInWithToken(context: Context, token: string, headers: Headers) {
  const caller = await context.identify(token);
  const desk = inTheNameOf(context.desk, caller.id);
  const session = await newSession(desk, caller.id, context.config.session, beginningWith(caller));
  await commit(desk, aboutUser(caller.id, "login", { session: session.id, with: caller.credential }), [
    session.statement,
  ]);
  headers.set("set-cookie", cookieOf(session));
  return await identity(context, await context.identify(session.secret));
}

/** Ends what the caller presented: its session, or its JWT where that has an id. API tokens have an end of their own. */
async function logOut({ caller, desk }: Context, headers: Headers): Promise<boolean> {
  headers.set("set-cookie", NO_COOKIE);
  const { tokenId, id: email, credential, expiresAt = 0 } = caller;
  if (tokenId === undefined || credential === "api_token") return false;
  const ended = await endNow(desk, email, onlyThat(tokenId), { action: "logout" });
  if (ended.includes(tokenId)) return true;
  const until = Math.ceil(expiresAt) + 60; // clocks of issuers may differ by so much
  await commit(desk, aboutUser(email, "logout", { token: tokenId }), [
    desk.db.insert(revocations).values({ id: tokenId, expiresAt: until }).onConflictDoNothing(),
  ]);
  tookRevocation(tokenId, until);
  return true;
}

const whoIs = (path: string): Route =>
  route("GET", path, {
    summary: "Who is logged in, and what they may do",
    tag,
    own: "credential",
    answer: me,
    run: ({ context }) => identity(context, context.caller),
  });

async function changeMe(context: Context, fullName: string | null, version: number | undefined) {
  const { caller, desk } = context;
  const row = await findUser(desk, caller.id);
  if (!row) throw new GatewayError("not_found", "The bootstrap administrator has no account until one is made");
  requireVersion(row.version, version);
  await commitUsers(desk, { ...aboutUser(row.email, "user.update", { full_name: fullName }), moves: ["access"] }, [
    changeUser(desk, row, { fullName }),
  ]);
  return await identity(context, caller);
}

/** A cookie of this host holds at most so many characters. */
const tokenBody = z.strictObject({ token: z.string().trim().min(1).max(4096) });

export const loginRoutes: readonly Route[] = [
  login("/auth/login"),
  login("/auth/email/login"),
  route("POST", "/auth/logout", {
    summary: "End the login or JWT that is presented",
    tag,
    answer: z.object({ message: z.string(), revoked_token: z.boolean() }),
    run: async ({ context, headers }) => ({
      revoked_token: await logOut(context, headers),
      message: "Logged out",
    }),
  }),
  whoIs("/auth/session"),
  whoIs("/auth/me"),
  route("PUT", "/auth/me", {
    summary: "Change what the caller is called",
    tag,
    own: "login",
    body: meUpdate,
    answer: me,
    run: ({ context, body, version }) => changeMe(context, body.full_name, version),
  }),
  route("POST", "/auth/session", {
    summary: "Log in to the dashboard with a token: sets an HttpOnly cookie",
    tag,
    limit: TOKEN_TRIES,
    body: tokenBody,
    answer: me,
    run: ({ context, body: { token }, headers }) => logInWithToken(context, token, headers),
  }),
  route("DELETE", "/auth/session", {
    summary: "Log out of the dashboard",
    tag,
    answer: z.null(),
    status: 204,
    run: async ({ context, headers }) => {
      await logOut(context, headers);
      return new Response(null, { status: 204, headers });
    },
  }),
];
