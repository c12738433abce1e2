// REST: /auth/email/admin/users, people as administrators manage them. Whoever may manage users, yet not everything, has
// no power over those who may more; and what lets somebody in is changed by people, not by API tokens.
import { and, asc, count, eq, gt, or } from "drizzle-orm";
import * as z from "zod";
import { requireVersion } from "../catalog/change.ts";
import type { Context } from "../context.ts";
import { contains, tables } from "../db/client.ts";
import type { UserRow } from "../db/tables/users.ts";
import { GatewayError } from "../errors.ts";
import { userFacts } from "../identity/access.ts";
import { deleteUser } from "../identity/deleted-users.ts";
import { endLinks } from "../identity/links.ts";
import { hashPassword } from "../identity/passwords.ts";
import { covers } from "../identity/permissions.ts";
import { endNow, endSessions, sessionsOf } from "../identity/sessions.ts";
import { changeUser, commitUsers, findUser, newUser, withPassword } from "../identity/users.ts";
import { decodeCursor, encodeCursor } from "../lib/paginate.ts";
import type { Permission } from "../policy/can.ts";
import { isWhole, requireWhole } from "../policy/grant.ts";
import { unlock } from "../policy/limiter.ts";
import { deleted } from "../schemas/common.ts";
import {
  oneTimeLink,
  sessionRead,
  type UserCreate,
  type UserUpdate,
  userCreate,
  userCreated,
  userList,
  userQuery,
  userRead,
  userUpdate,
} from "../schemas/users.ts";
import { canMail } from "./mail.ts";
import { passwordLink } from "./password-links.ts";
import { requireFreshPassword, requireGoodPassword } from "./password-rules.ts";
import { type Route, route } from "./route.ts";
import { presentBootstrapAdmin, presentSession, presentUser, presentUsers } from "./user-shape.ts";

const { users } = tables;
const tag = "Users";
const PATH = "/auth/email/admin/users";

async function existing({ desk }: Context, email: string | undefined): Promise<UserRow> {
  const row = await findUser(desk, (email ?? "").toLowerCase());
  if (!row) throw new GatewayError("not_found", "User not found");
  return row;
}

/** Refuses power over somebody who may more than the caller. @throws GatewayError `forbidden`. */
async function requirePowerOver({ caller, store }: Context, email: string): Promise<void> {
  if (caller.admin) return;
  const theirs = (await userFacts(store, email))?.access.everywhere ?? [];
  const beyond = [...theirs].find((grant) => !covers(caller.access.everywhere, grant as Permission));
  if (beyond !== undefined)
    throw new GatewayError("forbidden", `This user holds ${beyond}, which you do not: an administrator can do this`);
}

/** Refuses a program or a narrowed credential what lets somebody in, and everybody but administrators to make one. */
function requireMayGrant({ caller }: Context, given: { password?: unknown; is_admin?: boolean | undefined }): void {
  if (given.password !== undefined || given.is_admin !== undefined)
    requireWhole(caller, "Passwords and administrators are matters for people: log in for this");
  if (given.is_admin !== undefined && !caller.admin)
    throw new GatewayError("forbidden", "Only administrators say who is one");
}

async function create(context: Context, given: UserCreate) {
  const { desk, config } = context;
  const { email, password, full_name: fullName = null, is_admin: isAdmin, is_active: isActive } = given;
  const shown = password === undefined && !canMail(context); // a link that lets in whoever has it
  requireMayGrant(context, { password: password ?? (shown || undefined), is_admin: isAdmin || undefined });
  if (password !== undefined) requireGoodPassword(password, email);
  if (await findUser(desk, email))
    throw new GatewayError("conflict", "There is a user with this address already", { details: { field: "email" } });
  const link = password === undefined ? await passwordLink(context, desk, "invitation", email) : undefined;
  const passwordHash = password === undefined ? null : await hashPassword(config, password);
  const mustChangePassword = password !== undefined && (given.password_change_required ?? true);
  const user = { email, fullName, isAdmin, isActive, passwordHash, mustChangePassword };
  await commitUsers(
    desk,
    {
      action: "user.create",
      targetType: "user",
      targetId: email,
      detail: { isAdmin, isActive, ...(password === undefined ? {} : { password: "set" }) },
    },
    [...newUser(desk, user), ...(link?.statements ?? [])],
  );
  const handed = isWhole(context.caller) ? await link?.hand() : await link?.send().then(() => null);
  return { ...(await presentUser(context, await existing(context, email))), link: handed ?? null };
}

/** The hash of another password that an administrator chose. */
async function otherPassword({ config }: Context, row: UserRow, password: string): Promise<string> {
  requireGoodPassword(password, row.email);
  await requireFreshPassword(config, row, password);
  return await hashPassword(config, password);
}

async function change(context: Context, row: UserRow, given: UserUpdate): Promise<UserRow> {
  const { desk } = context;
  requireMayGrant(context, given);
  const { password, full_name: fullName, is_admin: isAdmin, is_active: isActive } = given;
  const hash = password === undefined ? undefined : await otherPassword(context, row, password);
  const mustChangePassword = given.password_change_required ?? (hash === undefined ? undefined : true);
  const changes = {
    ...(fullName === undefined ? {} : { fullName }),
    ...(isAdmin === undefined ? {} : { isAdmin }),
    ...(isActive === undefined ? {} : { isActive }),
    ...(hash === undefined ? {} : withPassword(row, hash)),
    ...(mustChangePassword === undefined ? {} : { mustChangePassword }),
  };
  const ends = hash !== undefined || isActive === false || mustChangePassword === true;
  const { password: _, ...told } = given;
  await commitUsers(
    desk,
    {
      action: "user.update",
      targetType: "user",
      targetId: row.email,
      detail: { ...told, ...(hash === undefined ? {} : { password: "set" }), ...(ends ? { sessions: "ended" } : {}) },
    },
    [
      changeUser(desk, row, changes),
      ...(ends ? endSessions(desk, row.email) : []),
      ...(hash !== undefined || isActive === false ? [endLinks(desk, row.email)] : []),
    ],
  );
  return await existing(context, row.email);
}

const listed = (context: Context, query: z.output<typeof userQuery>) => {
  const { db } = context.desk;
  const where = and(
    query.q ? or(contains(users.email, query.q), contains(users.fullName, query.q)) : undefined,
    query.include_inactive ? undefined : eq(users.isActive, true),
    query.is_admin === undefined ? undefined : eq(users.isAdmin, query.is_admin),
  );
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor)?.after;
  if (query.cursor !== undefined && after === undefined)
    throw new GatewayError("invalid_params", "cursor is not one that this list gave", { details: { field: "cursor" } });
  return Promise.all([
    db
      .select()
      .from(users)
      .where(and(where, after === undefined ? undefined : gt(users.email, after)))
      .orderBy(asc(users.email))
      .limit(query.limit + 1),
    db.select({ total: count() }).from(users).where(where),
  ]);
};

export const userRoutes: readonly Route[] = [
  route("GET", "/auth/email/me", {
    summary: "The caller as a user",
    tag,
    own: "credential",
    answer: userRead,
    run: async ({ context }) => {
      const row = await findUser(context.desk, context.caller.id);
      return row ? await presentUser(context, row) : presentBootstrapAdmin(context.caller);
    },
  }),
  route("GET", PATH, {
    summary: "Users, in the order of their addresses",
    tag,
    permission: "users.read",
    query: userQuery,
    answer: userList,
    async run({ context, query }) {
      const [found, [totals]] = await listed(context, query);
      const rows = found.slice(0, query.limit);
      const last = rows.at(-1);
      const nextCursor = found.length > query.limit && last ? encodeCursor({ after: last.email }) : null;
      return { users: await presentUsers(context, rows), nextCursor, total: totals?.total ?? 0 };
    },
  }),
  route("POST", PATH, {
    summary: "Make a user, with a personal team. Without a password the answer has a link to choose one",
    tag,
    permission: "users.create",
    body: userCreate,
    answer: userCreated,
    status: 201,
    async run({ context, body, headers }) {
      const made = await create(context, body);
      headers.set("etag", String(made.version));
      return made;
    },
  }),
  route("GET", `${PATH}/:email`, {
    summary: "One user",
    tag,
    permission: "users.read",
    answer: userRead,
    async run({ context, params, headers }) {
      const row = await existing(context, params.email);
      headers.set("etag", String(row.version));
      return await presentUser(context, row);
    },
  }),
  route("PUT", `${PATH}/:email`, {
    summary: "Change a user. Another password, deactivation and a required change of password end all logins at once",
    tag,
    permission: "users.update",
    body: userUpdate,
    answer: userRead,
    async run({ context, params, body, version, headers }) {
      const row = await existing(context, params.email);
      requireVersion(row.version, version);
      await requirePowerOver(context, row.email);
      const changed = await change(context, row, body);
      headers.set("etag", String(changed.version));
      return await presentUser(context, changed);
    },
  }),
  route("DELETE", `${PATH}/:email`, {
    summary:
      "Delete a user: logins, tokens, roles and the personal team end; what the user made stays, under this address",
    tag,
    permission: "users.delete",
    answer: deleted,
    async run({ context, params, version }) {
      const row = await existing(context, params.email);
      requireVersion(row.version, version);
      await requirePowerOver(context, row.email);
      await deleteUser(context.desk, row);
      return {
        status: "success",
        message:
          "User deleted with all logins and tokens. Tools, servers and the like that name this owner stay as they are",
      };
    },
  }),
  route("POST", `${PATH}/:email/unlock`, {
    summary: "Forget the failed logins of a user",
    tag,
    permission: "users.update",
    answer: userRead,
    async run({ context, params }) {
      const row = await existing(context, params.email);
      await requirePowerOver(context, row.email);
      await commitUsers(
        context.desk,
        { action: "user.unlock", targetType: "user", targetId: row.email, moves: [] },
        [],
      );
      await unlock(context.env, row.email);
      return await presentUser(context, row);
    },
  }),
  route("POST", `${PATH}/:email/reset-link`, {
    summary: "A link through which the user chooses another password; sent, or shown here once",
    tag,
    permission: "users.update",
    answer: oneTimeLink,
    async run({ context, params }) {
      const row = await existing(context, params.email);
      requireMayGrant(context, { password: "of somebody else" });
      await requirePowerOver(context, row.email);
      const { desk } = context;
      const link = await passwordLink(context, desk, row.passwordHash === null ? "invitation" : "reset", row.email);
      const deed = { action: "user.reset_link", targetType: "user", targetId: row.email, moves: [] };
      await commitUsers(desk, deed, link.statements);
      return await link.hand();
    },
  }),
  route("GET", `${PATH}/:email/sessions`, {
    summary: "Where a user is logged in",
    tag,
    permission: "users.read",
    answer: z.array(sessionRead),
    async run({ context, params }) {
      const row = await existing(context, params.email);
      return (await sessionsOf(context.desk, row.email)).map((one) => presentSession(one, context.caller.tokenId));
    },
  }),
  route("DELETE", `${PATH}/:email/sessions`, {
    summary: "Log a user out everywhere",
    tag,
    permission: "users.update",
    answer: deleted,
    async run({ context, params }) {
      const row = await existing(context, params.email);
      await requirePowerOver(context, row.email);
      const ended = await endNow(context.desk, row.email, undefined, { action: "user.logout" });
      return { status: "success", message: `${ended.length} logins ended` };
    },
  }),
];
