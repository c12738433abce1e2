// What freshness and revocation stand on: version stamps, and what ended before its time.
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * Counters that isolates compare with what they hold: `catalog` (views), `access` (users, teams, roles, tokens).
 * `claimed` is there once somebody has proven to own the gateway.
 */
export const stamps = sqliteTable("stamps", {
  name: text("name", { enum: ["catalog", "access", "claimed"] }).primaryKey(),
  version: integer("version").notNull(),
});

/**
 * Tokens (by `jti` or id) and sessions that ended before their time. Isolates read on from the last `seq` they saw; rows
 * go when `expiresAt` (seconds) has passed.
 */
export const revocations = sqliteTable("revocations", {
  seq: integer("seq").primaryKey({ autoIncrement: true }),
  id: text("id").notNull().unique(),
  expiresAt: integer("expires_at").notNull(),
});
