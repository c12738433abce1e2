// People as the REST API shows and takes them (ContextForge: /auth/…, /auth/email/admin/users). Names in snake_case, as
// ContextForge has them here; times are ISO-8601 UTC.
import * as z from "zod";

/** An e-mail address, kept in lower case. */
export const email = z.string().trim().toLowerCase().max(254).pipe(z.email());

/** Where a password is chosen; identity/passwords.ts says what a good one is. */
export const newPassword = z.string().max(1024);

export const userRead = z
  .object({
    email: z.string(),
    full_name: z.string().nullable(),
    is_admin: z.boolean(),
    is_active: z.boolean(),
    auth_provider: z
      .string()
      .describe("`local`, the identity provider that vouches for this user, or `bootstrap`: there is no account"),
    created_at: z.string().nullable().describe("Null where there is no account"),
    last_login: z.string().nullable(),
    email_verified: z.boolean().describe("Always true: addresses are entered by administrators or proven by links"),
    password_change_required: z.boolean(),
    has_password: z.boolean(),
    failed_login_attempts: z.number().int(),
    locked_until: z.string().nullable(),
    is_locked: z.boolean(),
    roles: z.array(z.string()).describe("Names of the roles held everywhere"),
    teams: z.array(z.object({ id: z.string(), name: z.string(), role: z.string() })),
    version: z.number().int(),
  })
  .meta({ id: "User" });
export type UserRead = z.infer<typeof userRead>;

/** Without a password the answer carries a link that lets the user choose one. */
export const userCreate = z
  .strictObject({
    email,
    full_name: z.string().trim().max(200).nullish(),
    password: newPassword.optional(),
    is_admin: z.boolean().default(false),
    is_active: z.boolean().default(true),
    password_change_required: z.boolean().optional().describe("Default: true when a password is given here"),
  })
  .meta({ id: "UserCreate" });
export type UserCreate = z.infer<typeof userCreate>;

export const userUpdate = z
  .strictObject({
    full_name: z.string().trim().max(200).nullish(),
    password: newPassword.optional(),
    is_admin: z.boolean().optional(),
    is_active: z.boolean().optional(),
    password_change_required: z.boolean().optional(),
  })
  .meta({ id: "UserUpdate" });
export type UserUpdate = z.infer<typeof userUpdate>;

/** A link that works once. `delivery` says whether it was sent, or is for the administrator to hand on. */
export const oneTimeLink = z
  .object({
    url: z.string().nullable().describe("Shown here once; null when it was sent to the user"),
    expires_at: z.string(),
    delivery: z.enum(["shown", "sent"]),
  })
  .meta({ id: "OneTimeLink" });

export const userCreated = z
  .object({
    ...userRead.shape,
    link: oneTimeLink.nullable().describe("For the user to choose a password; null when one was given"),
  })
  .meta({ id: "UserCreated" });

export const userQuery = z.object({
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  q: z.string().max(200).optional().describe("Part of the address or the name"),
  include_inactive: z.stringbool().default(true),
  is_admin: z.stringbool().optional(),
});

export const userList = z.object({
  users: z.array(userRead),
  nextCursor: z.string().nullable(),
  total: z.number().int(),
});

export const loginBody = z
  .strictObject({ email: email.optional(), username: email.optional(), password: z.string().min(1).max(1024) })
  .refine((given) => given.email !== undefined || given.username !== undefined, {
    path: ["email"],
    message: "email (or username) is needed",
  })
  .meta({ id: "Login" });

/** `access_token` is the session itself, for clients that keep no cookies. */
export const loggedIn = z
  .object({
    access_token: z.string(),
    token_type: z.literal("bearer"),
    expires_in: z.number().int().describe("Seconds"),
    user: userRead,
  })
  .meta({ id: "LoggedIn" });

/** Who is logged in and what they may do, for the dashboard. */
export const me = z
  .object({
    email: z.string(),
    fullName: z.string().nullable(),
    isAdmin: z.boolean(),
    credential: z.enum(["session", "api_token", "jwt", "basic"]),
    permissions: z.array(z.string()).describe("Held everywhere"),
    teams: z.array(
      z.object({ id: z.string(), name: z.string(), role: z.string().nullable(), permissions: z.array(z.string()) }),
    ),
    mustChangePassword: z.boolean(),
    hasPassword: z.boolean(),
    serverId: z.string().nullable().describe("The one virtual server a scoped token is for"),
    expiresAt: z.string().nullable(),
  })
  .meta({ id: "Me" });
export type Me = z.infer<typeof me>;

export const sessionRead = z
  .object({
    id: z.string(),
    current: z.boolean(),
    started_by: z.string(),
    created_at: z.string(),
    last_seen_at: z.string(),
    expires_at: z.string(),
    ip: z.string().nullable(),
    user_agent: z.string().nullable(),
  })
  .meta({ id: "LoginSession" });
export type SessionRead = z.infer<typeof sessionRead>;

/** What people change of themselves. */
export const meUpdate = z.strictObject({ full_name: z.string().trim().max(200).nullable() }).meta({ id: "MeUpdate" });

export const register = z
  .strictObject({ email, full_name: z.string().trim().max(200).nullish() })
  .meta({ id: "Register" });

export const passwordChange = z.strictObject({ old_password: z.string().min(1).max(1024), new_password: newPassword });
export const passwordForgotten = z.strictObject({ email });
export const passwordReset = z.strictObject({
  new_password: newPassword,
  full_name: z.string().trim().max(200).nullish(),
});
export const claimBody = z.strictObject({
  token: z
    .string()
    .min(1)
    .max(512)
    .optional()
    .describe("From the claim link, or BOOTSTRAP_TOKEN; not needed behind Cloudflare Access"),
  email,
  password: newPassword,
  full_name: z.string().trim().max(200).nullish(),
});
export const claimState = z.object({
  claimed: z.boolean(),
  how: z.array(z.string()).describe("Ways to prove ownership that are set up here"),
});
