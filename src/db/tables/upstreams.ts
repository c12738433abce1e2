// Upstreams: MCP servers the gateway reaches (ContextForge: gateways). What the last discovery found is kept with them.
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { entityColumns } from "./common.ts";

/** How a server is spoken to: stateless 2026-07-28, a session of 2025, HTTP+SSE of 2024-11-05, or inside this Worker. */
export const ERAS = ["modern", "session", "sse", "builtin"] as const;
export type Era = (typeof ERAS)[number];

export const upstreams = sqliteTable("upstreams", {
  ...entityColumns,
  name: text("name").notNull().unique(),
  slug: text("slug").notNull().unique(),
  url: text("url").notNull(),
  /** What the admin asked for; `auto` detects the era anew with every discovery. */
  transport: text("transport", { enum: ["auto", ...ERAS] })
    .notNull()
    .default("auto"),
  /** What discovery found, and when. */
  era: text("era", { enum: ERAS }).notNull(),
  eraFoundAt: text("era_found_at").notNull(),
  protocolVersion: text("protocol_version").notNull(),
  /** True when `initialize` was answered with an Mcp-Session-Id. */
  sessionful: integer("sessionful", { mode: "boolean" }).notNull().default(false),
  capabilities: text("capabilities", { mode: "json" }).$type<Record<string, unknown>>().notNull().default({}),
  serverInfo: text("server_info", { mode: "json" }).$type<Record<string, unknown>>(),
  instructions: text("instructions"),
  reachable: integer("reachable", { mode: "boolean" }).notNull().default(true),
  lastSeen: text("last_seen"),
  lastError: text("last_error"),
  lastRefreshAt: text("last_refresh_at"),
  /** Definitions the last discovery could not take, each with its reason. */
  problems: text("problems", { mode: "json" })
    .$type<{ kind: string; name: string; reason: string }[]>()
    .notNull()
    .default([]),
  authType: text("auth_type", { enum: ["none", "basic", "bearer", "authheaders", "query_param"] })
    .notNull()
    .default("none"),
  /** Sealed headers or query parameter to present; the row id is the sealed text's associated data. */
  authSealed: text("auth_sealed"),
});

export type UpstreamRow = typeof upstreams.$inferSelect;
