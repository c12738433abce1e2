// API tokens: what programs present. The secret is shown once; here is only its SHA-256, and how it has been used.
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** When a token may be used: days 0 (Sunday) to 6, and from `start` to before `end` as HH:MM, in a time zone. */
export interface TimeWindow {
  days?: number[];
  start?: string;
  end?: string;
  timezone?: string;
}

/** How often a token may be used. */
export interface UsageLimits {
  requestsPerHour?: number;
  requestsPerDay?: number;
}

export const apiTokens = sqliteTable(
  "api_tokens",
  {
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    description: text("description"),
    userEmail: text("user_email").notNull(),
    /** Set: the token sees what is public and what is this team's. */
    teamId: text("team_id"),
    hash: text("hash").notNull().unique(),
    /** The first letters of the secret, to tell tokens apart by. */
    prefix: text("prefix").notNull(),
    /** Virtual servers it may use; empty: all its user may. */
    serverIds: text("server_ids", { mode: "json" }).$type<string[]>().notNull().default([]),
    /** Names of tools it may see and call within them; empty: all. */
    toolNames: text("tool_names", { mode: "json" }).$type<string[]>().notNull().default([]),
    /** Permissions it has; empty: all of its user's but those that only a login has. */
    permissions: text("permissions", { mode: "json" }).$type<string[]>().notNull().default([]),
    /** Addresses and CIDR ranges it may come from; empty: any. */
    ipRestrictions: text("ip_restrictions", { mode: "json" }).$type<string[]>().notNull().default([]),
    timeRestrictions: text("time_restrictions", { mode: "json" }).$type<TimeWindow>().notNull().default({}),
    usageLimits: text("usage_limits", { mode: "json" }).$type<UsageLimits>().notNull().default({}),
    tags: text("tags", { mode: "json" }).$type<string[]>().notNull().default([]),
    isActive: integer("is_active", { mode: "boolean" }).notNull().default(true),
    createdAt: text("created_at").notNull(),
    updatedAt: text("updated_at").notNull(),
    /** Seconds since 1970; null: never. */
    expiresAt: integer("expires_at"),
    lastUsedAt: text("last_used_at"),
    lastUsedIp: text("last_used_ip"),
    revokedAt: text("revoked_at"),
    revokedBy: text("revoked_by"),
    revocationReason: text("revocation_reason"),
    /** The token that took this one's place; this one works on until `expiresAt`. */
    replacedBy: text("replaced_by"),
    version: integer("version").notNull().default(1),
  },
  (table) => [index("api_tokens_user").on(table.userEmail)],
);
export type ApiTokenRow = typeof apiTokens.$inferSelect;

/** How a token was used in one hour (`hour`: ISO-8601, the minutes cut off), through one kind of door. */
export const tokenUsage = sqliteTable(
  "token_usage",
  {
    tokenId: text("token_id")
      .notNull()
      .references(() => apiTokens.id, { onDelete: "cascade" }),
    hour: text("hour").notNull(),
    /** Path without ids, such as `/servers/:id/mcp`. */
    endpoint: text("endpoint").notNull(),
    requests: integer("requests").notNull().default(0),
    /** Refused although the token is known: address, time, limit, scope. */
    blocked: integer("blocked").notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.tokenId, table.hour, table.endpoint] })],
);
