// REST: choosing a password: another one by who knows the old one, or one through a link that works once. Each ends the
// logins that were begun with what went before.
import * as z from "zod";
import { type Deed, inTheNameOf, isStale } from "../catalog/change.ts";
import type { Context } from "../context.ts";
import type { UserRow } from "../db/tables/users.ts";
import { GatewayError } from "../errors.ts";
import { endLinks, findLink, linkStands } from "../identity/links.ts";
import { hashPassword, verifyPassword } from "../identity/passwords.ts";
import { but, endSessions, rootOf } from "../identity/sessions.ts";
import { changeUser, commitUsers, findUser, withPassword } from "../identity/users.ts";
import { take, tooMany, unlock } from "../policy/limiter.ts";
import { passwordChange, passwordForgotten, passwordReset } from "../schemas/users.ts";
import { canMail } from "./mail.ts";
import { passwordLink } from "./password-links.ts";
import { requireFreshPassword, requireGoodPassword } from "./password-rules.ts";
import { InvalidFields, type Route, route } from "./route.ts";
import { timeOf } from "./user-shape.ts";

const tag = "Passwords";
const FIELD = "new_password";

/** How often one session may try the old password, and one address ask for links or try them. */
const OLD_TRIES = { per: 15 * 60, most: 5 };
const LINK_TRIES = { per: 15 * 60, most: 20 };
/** Links that may be asked for in one account's name. */
const ASKED = { per: 15 * 60, most: 3 };

const done = z.object({ success: z.literal(true), message: z.string() });
const answered = (message: string) => ({ success: true, message });

const about = (email: string, action: string, more: Partial<Deed> = {}): Deed => ({
  action,
  targetType: "user",
  targetId: email,
  ...more,
});

/** A new password of a user, in the form it is stored in. @throws InvalidFields when it is not taken. */
async function chosen({ config }: Context, row: UserRow, password: string): Promise<string> {
  requireGoodPassword(password, row.email, FIELD);
  await requireFreshPassword(config, row, password, FIELD);
  return await hashPassword(config, password);
}

/**
 * Who holds somebody's session knows no password yet: tries are counted by session, so that nobody else is locked out, and
 * with it those that began with it, so that no more are to be had by beginning more.
 */
async function changeOwn(context: Context, old: string, password: string) {
  const { caller, config, desk, env } = context;
  const session = caller.tokenId === undefined ? caller.id : await rootOf(desk, caller.tokenId);
  const { allowed, retryAfter } = await take(env, `old password in ${session}`, [OLD_TRIES]);
  if (!allowed) throw tooMany(retryAfter, "Too many tries", OLD_TRIES.most);
  const row = await findUser(desk, caller.id);
  if (!row?.passwordHash)
    throw new GatewayError("conflict", "This account has no password: ask for a link to choose one");
  if (!(await verifyPassword(config, old, row.passwordHash)).ok) {
    await commitUsers(desk, about(row.email, "password.change_failed", { moves: [] }), []);
    throw new InvalidFields([
      { type: "wrong_password", loc: ["body", "old_password"], msg: "This is not your present password" },
    ]);
  }
  const hash = await chosen(context, row, password);
  await commitUsers(desk, about(row.email, "password.change"), [
    changeUser(desk, row, withPassword(row, hash)),
    ...endSessions(desk, row.email, but(caller.tokenId)),
    endLinks(desk, row.email),
  ]);
  return answered("Password changed. All other logins have ended");
}

/** The same answer for whoever asks, whatever there is; what there is to do is done after it. */
async function forgotten(context: Context, email: string) {
  const { allowed, retryAfter } = await take(context.env, `password link for ${email}`, [ASKED]);
  if (!allowed) throw tooMany(retryAfter, "Links were asked for too often", ASKED.most);
  if (!canMail(context))
    return answered("This gateway sends no mail: ask an administrator for a link to choose another password");
  context.store.waitUntil(mailLink(context, email));
  return answered("If there is such an account, a link to choose another password is on its way");
}

async function mailLink(context: Context, email: string): Promise<void> {
  const desk = inTheNameOf(context.desk, "anonymous");
  const row = await findUser(desk, email);
  if (!row?.isActive) return;
  const link = await passwordLink(context, desk, "reset", email);
  await commitUsers(desk, about(email, "password.link", { moves: [] }), link.statements);
  await link.send();
}

const gone = () => new GatewayError("not_found", "This link was used, or is too old: ask for another one");

/** What a link is for. @throws GatewayError `not_found` alike for links that never were. */
async function linkOf({ desk }: Context, secret: string | undefined) {
  const link = await findLink(desk, secret ?? "");
  const row = link && (await findUser(desk, link.email));
  if (!link || !row) throw gone();
  return { link, row };
}

async function reset(context: Context, secret: string | undefined, given: z.output<typeof passwordReset>) {
  const { link, row } = await linkOf(context, secret);
  const { email } = row;
  const hash = await chosen(context, row, given.new_password);
  const desk = inTheNameOf(context.desk, email);
  const fullName = given.full_name ?? row.fullName;
  await commitUsers(desk, about(email, "password.reset", { detail: { by: link.purpose } }), [
    changeUser(desk, row, { fullName, ...withPassword(row, hash) }, linkStands(link)),
    endLinks(desk, email),
    ...endSessions(desk, email),
  ]).catch((error: unknown) => {
    throw isStale(error) ? gone() : error;
  });
  await unlock(context.env, email);
  return answered("Your password is set: log in with it. All earlier logins have ended");
}

export const passwordRoutes: readonly Route[] = [
  route("POST", "/auth/email/change-password", {
    summary: "Choose another password; ends all other logins",
    tag,
    own: "login",
    body: passwordChange,
    answer: done,
    run: ({ context, body: { old_password, new_password } }) => changeOwn(context, old_password, new_password),
  }),
  route("POST", "/auth/email/forgot-password", {
    summary: "Ask for a link to choose another password",
    tag,
    limit: LINK_TRIES,
    body: passwordForgotten,
    answer: done,
    run: ({ context, body: { email } }) => forgotten(context, email),
  }),
  route("GET", "/auth/email/reset-password/:token", {
    summary: "Whose link this is, if it still works",
    tag,
    limit: LINK_TRIES,
    answer: z.object({
      email: z.string(),
      full_name: z.string().nullable(),
      purpose: z.enum(["invitation", "reset"]),
      expires_at: z.string(),
    }),
    async run({ context, params }) {
      const { link, row } = await linkOf(context, params.token);
      return { email: row.email, full_name: row.fullName, purpose: link.purpose, expires_at: timeOf(link.expiresAt) };
    },
  }),
  route("POST", "/auth/email/reset-password/:token", {
    summary: "Choose a password through a link that works once; ends all logins",
    tag,
    limit: LINK_TRIES,
    body: passwordReset,
    answer: done,
    run: ({ context, params, body }) => reset(context, params.token, body),
  }),
];
