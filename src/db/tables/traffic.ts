// Calls that went through: what each one was, in compressed segments, and what they add up to. Never a row per call.
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * The calls that one isolate answered in about a minute. `id` begins with the minute it was opened in
 * (observability/segments.ts), so that a range of ids is a range of time and no index is needed. The isolate adds to its
 * segment about once a second, until it is `counted`: its sums are in the rollups, and it never changes again.
 */
export const callSegments = sqliteTable("call_segments", {
  id: integer("id").primaryKey(),
  /** Names the isolate, so that two which hit on one id find out. */
  isolate: text("isolate").notNull(),
  /** How often it was added to; what is told twice is taken once. */
  flushes: integer("flushes").notNull(),
  calls: integer("calls").notNull(),
  errors: integer("errors").notNull(),
  /** What its calls add up to: JSON of observability/sums.ts. */
  sums: text("sums").notNull(),
  /** One line per flush: base64 of gzip of a JSON array of calls (schemas/calls.ts), in the order they ended. */
  lines: text("lines").notNull(),
  counted: integer("counted", { mode: "boolean" }).notNull().default(false),
});

/** What was asked and answered, of virtual servers that keep it: one row per flush and virtual server. */
export const callPayloads = sqliteTable(
  "call_payloads",
  {
    id: integer("id").primaryKey({ autoIncrement: true }),
    segmentId: integer("segment_id").notNull(),
    serverId: text("server_id").notNull(),
    /** Base64 of gzip of a JSON object: request id -> payload. */
    data: text("data").notNull(),
    /** Seconds since 1970. */
    expiresAt: integer("expires_at").notNull(),
  },
  (table) => [index("call_payloads_segment").on(table.segmentId), index("call_payloads_expiry").on(table.expiresAt)],
);

export const PERIODS = ["minute", "hour", "day", "ever"] as const;
export type Period = (typeof PERIODS)[number];

/** What all calls of a period add up to, in one row. `start`: seconds since 1970, 0 for `ever`. */
export const rollups = sqliteTable(
  "rollups",
  {
    period: text("period", { enum: PERIODS }).notNull(),
    start: integer("start").notNull(),
    /** JSON of observability/sums.ts. */
    sums: text("sums").notNull(),
  },
  (table) => [primaryKey({ columns: [table.period, table.start] })],
);

/** Filters of a list page that somebody keeps under a name; `query` as the page has it in its URL. */
export const savedFilters = sqliteTable(
  "saved_filters",
  {
    id: text("id").primaryKey(),
    owner: text("owner").notNull(),
    page: text("page").notNull(),
    name: text("name").notNull(),
    query: text("query").notNull(),
    createdAt: text("created_at").notNull(),
  },
  (table) => [index("saved_filters_owner").on(table.owner, table.page)],
);

/** Work that goes on from run to run. `version` makes sure that only one of several at once takes effect. */
export const upkeep = sqliteTable("upkeep", {
  task: text("task").primaryKey(),
  version: integer("version").notNull(),
});
