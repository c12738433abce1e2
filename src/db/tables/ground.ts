// What the catalog stands on: people, version stamps, revocations and the audit trail.
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const users = sqliteTable("users", {
  /** Lower case. */
  email: text("email").primaryKey(),
  fullName: text("full_name"),
  isAdmin: integer("is_admin", { mode: "boolean" }).notNull().default(false),
  isActive: integer("is_active", { mode: "boolean" }).notNull().default(true),
  createdAt: text("created_at").notNull(),
});

/** Counters that isolates compare with what they hold: `catalog` (views) and `access` (users). */
export const stamps = sqliteTable("stamps", {
  name: text("name", { enum: ["catalog", "access"] }).primaryKey(),
  version: integer("version").notNull(),
});

/**
 * Tokens (by `jti`) and sessions that ended before their time. Isolates read on from the last `seq` they saw; rows go
 * when `expiresAt` (seconds) has passed.
 */
export const revocations = sqliteTable("revocations", {
  seq: integer("seq").primaryKey({ autoIncrement: true }),
  id: text("id").notNull().unique(),
  expiresAt: integer("expires_at").notNull(),
});

/** One row per change, written in the same batch as the change. `detail` never holds secrets. */
export const audit = sqliteTable(
  "audit",
  {
    id: integer("id").primaryKey({ autoIncrement: true }),
    at: text("at").notNull(),
    actor: text("actor").notNull(),
    action: text("action").notNull(),
    targetType: text("target_type").notNull(),
    targetId: text("target_id").notNull(),
    detail: text("detail", { mode: "json" }).$type<Record<string, unknown>>().notNull(),
    requestId: text("request_id").notNull(),
    ip: text("ip"),
  },
  (table) => [index("audit_at").on(table.at)],
);
