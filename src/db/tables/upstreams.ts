// Upstreams: MCP servers the gateway reaches (ContextForge: gateways). What the last discovery found is kept with them.
import { integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { entityColumns, placeIn } from "./common.ts";

/** How a server is spoken to: stateless 2026-07-28, a session of 2025, HTTP+SSE of 2024-11-05, or inside this Worker. */
export const ERAS = ["modern", "session", "sse", "builtin"] as const;
export type Era = (typeof ERAS)[number];

/** An era with its revision, as a server was found to speak it. */
export interface Spoken {
  readonly era: Era;
  readonly protocolVersion: string;
}

/** The latest time that a discovery found another era or revision than the one before it. `at`: ISO-8601 UTC. */
export interface EraChange {
  readonly at: string;
  readonly from: Spoken;
  readonly to: Spoken;
}

export const upstreams = sqliteTable(
  "upstreams",
  {
    ...entityColumns,
    name: text("name").notNull(),
    slug: text("slug").notNull(),
    url: text("url").notNull(),
    /** What the admin asked for; `auto` detects the era anew with every discovery. */
    transport: text("transport", { enum: ["auto", ...ERAS] })
      .notNull()
      .default("auto"),
    /** What the latest discovery found, when that was, and what the server said that showed it, in order. */
    era: text("era", { enum: ERAS }).notNull(),
    eraFoundAt: text("era_found_at").notNull(),
    protocolVersion: text("protocol_version").notNull(),
    eraEvidence: text("era_evidence", { mode: "json" }).$type<string[]>().notNull().default([]),
    eraChange: text("era_change", { mode: "json" }).$type<EraChange>(),
    /** True when `initialize` was answered with an Mcp-Session-Id. */
    sessionful: integer("sessionful", { mode: "boolean" }).notNull().default(false),
    capabilities: text("capabilities", { mode: "json" }).$type<Record<string, unknown>>().notNull().default({}),
    serverInfo: text("server_info", { mode: "json" }).$type<Record<string, unknown>>(),
    instructions: text("instructions"),
    reachable: integer("reachable", { mode: "boolean" }).notNull().default(true),
    lastSeen: text("last_seen"),
    lastError: text("last_error"),
    lastRefreshAt: text("last_refresh_at"),
    /** The gateway holds a stream to the server even while nobody listens; else it only asks from time to time. */
    live: integer("live", { mode: "boolean" }).notNull().default(false),
    /** What the server changes in its tools is approved at once. */
    autoApprove: integer("auto_approve", { mode: "boolean" }).notNull().default(false),
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
  },
  (table) => [
    uniqueIndex("upstreams_name_in_place").on(table.name, placeIn(table)),
    uniqueIndex("upstreams_slug_in_place").on(table.slug, placeIn(table)),
  ],
);

export type UpstreamRow = typeof upstreams.$inferSelect;
