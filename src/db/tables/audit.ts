// The audit trail: a chain of rows, each sealed with the digest of the one before, and counts of what is too frequent
// for a row each.
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

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
    /** Digest of the row before; unique, so that the chain never forks. Null: written before there was a chain. */
    prevHash: text("prev_hash").unique(),
    hash: text("hash"),
  },
  (table) => [index("audit_at").on(table.at)],
);
export type AuditRow = typeof audit.$inferSelect;

/** Refusals and uses of secrets, counted: who, what for, on what, in which minute (`minute`: ISO-8601 to the minute). */
export const auditCounts = sqliteTable(
  "audit_counts",
  {
    minute: text("minute").notNull(),
    kind: text("kind", { enum: ["denied", "secret_used"] }).notNull(),
    principal: text("principal").notNull(),
    /** Permission that was lacking, or the purpose of the secret. */
    what: text("what").notNull(),
    target: text("target").notNull(),
    count: integer("count").notNull(),
  },
  (table) => [primaryKey({ columns: [table.minute, table.kind, table.principal, table.what, table.target] })],
);
