// People: users, the sessions they are logged in with, and links that work once (claim, invitation, password reset).
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Times are ISO-8601 UTC, addresses lower case. */
export const users = sqliteTable("users", {
  email: text("email").primaryKey(),
  fullName: text("full_name"),
  /** Holds the role platform_admin: may do everything. */
  isAdmin: integer("is_admin", { mode: "boolean" }).notNull().default(false),
  isActive: integer("is_active", { mode: "boolean" }).notNull().default(true),
  /** Versioned hash of identity/passwords.ts; null: this user logs in another way, or not yet. */
  passwordHash: text("password_hash"),
  passwordChangedAt: text("password_changed_at"),
  /** Earlier hashes, newest first, which a new password must not match. */
  passwordHistory: text("password_history", { mode: "json" }).$type<string[]>().notNull().default([]),
  /** The next login leads to choosing another password, and to nothing else. */
  mustChangePassword: integer("must_change_password", { mode: "boolean" }).notNull().default(false),
  /** Who vouches for this user: `local`, or an identity provider. */
  authProvider: text("auth_provider").notNull().default("local"),
  lastLoginAt: text("last_login_at"),
  createdAt: text("created_at").notNull(),
  createdBy: text("created_by"),
  updatedAt: text("updated_at"),
  version: integer("version").notNull().default(1),
});
export type UserRow = typeof users.$inferSelect;

/**
 * Where a user is logged in. `id` is the SHA-256 of what the browser keeps; ended ones are in `revocations`. The bootstrap
 * administrator, who needs no row, has sessions too.
 */
export const sessions = sqliteTable(
  "sessions",
  {
    id: text("id").primaryKey(),
    userEmail: text("user_email").notNull(),
    createdAt: text("created_at").notNull(),
    /** Moved forward while the session is in use, at most every few minutes. */
    lastSeenAt: text("last_seen_at").notNull(),
    /** Seconds since 1970. `endsAt` never moves; `idleAt` does while the session is in use. */
    endsAt: integer("ends_at").notNull(),
    idleAt: integer("idle_at").notNull(),
    /** How it began: `password`, `token`, `claim`, or an identity provider. */
    startedBy: text("started_by").notNull(),
    /** Id of the token it began with, which it ends with. */
    tokenId: text("token_id"),
    ip: text("ip"),
    userAgent: text("user_agent"),
  },
  (table) => [index("sessions_user").on(table.userEmail)],
);
export type SessionRow = typeof sessions.$inferSelect;

/** A link that works once. `id` is the SHA-256 of the secret in it; using it deletes the row and returns it. */
export const links = sqliteTable("links", {
  id: text("id").primaryKey(),
  purpose: text("purpose", { enum: ["claim", "invitation", "reset"] }).notNull(),
  /** Whom it is for; null: whoever claims the gateway. */
  email: text("email"),
  /** Seconds since 1970. */
  expiresAt: integer("expires_at").notNull(),
  createdAt: text("created_at").notNull(),
  createdBy: text("created_by"),
});
