// What virtual servers are made of: tools, prompts and resources. `definition` holds the MCP object as its server
// gave it (MCP schema Tool, Prompt, Resource, ResourceTemplate), so that unknown fields survive.
import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { ResponseFilter, RestBody, RestMethod } from "../../schemas/rest-call.ts";
import { entityColumns, placeIn } from "./common.ts";
import { upstreams } from "./upstreams.ts";

/** False: its upstream no longer offers it. It keeps its id, name and place in virtual servers until it comes back. */
const available = () => integer("available", { mode: "boolean" }).notNull().default(true);
const upstreamId = () => text("upstream_id").references(() => upstreams.id, { onDelete: "cascade" });

/**
 * How a REST tool is called (upstream/rest-request.ts). `timeoutMs` in milliseconds; `headers` are names of headers of its
 * own: their values are sealed in `sealed`, together with what it presents itself with.
 */
export interface RestCall {
  method: RestMethod;
  url: string;
  /** Argument -> query parameter. Where there is one, a request without a body takes no other arguments. */
  queryMapping?: Record<string, string>;
  /** Argument -> header. */
  headerMapping?: Record<string, string>;
  /** How arguments are written into the body; JSON unless told otherwise. */
  body?: RestBody;
  /** The argument that is the whole body; else the body is an object of all that go nowhere else. */
  bodyArgument?: string;
  filter?: ResponseFilter;
  /** Why the tool can't be called as it is. */
  problem?: string;
  authType?: "none" | "basic" | "bearer" | "authheaders" | "query_param";
  headers?: string[];
  sealed?: string;
  timeoutMs?: number;
}

export const tools = sqliteTable(
  "tools",
  {
    ...entityColumns,
    upstreamId: upstreamId(),
    available: available(),
    /** Name in its place of the catalog: the upstream's own while free there, else `<slug>__<name>`; stored, never re-computed. */
    name: text("name").notNull(),
    /** Name the upstream knows it by; the name given at creation for a REST tool. */
    originalName: text("original_name").notNull(),
    displayName: text("display_name"),
    definition: text("definition").notNull(),
    /** Hash of `definition` (catalog/pins.ts), and of the one that was approved; a tool of an upstream where they differ is withheld. */
    hash: text("hash"),
    approvedHash: text("approved_hash"),
    rest: text("rest", { mode: "json" }).$type<RestCall>(),
    deprecated: integer("deprecated", { mode: "boolean" }).notNull().default(false),
  },
  (table) => [
    index("tools_upstream").on(table.upstreamId),
    uniqueIndex("tools_name_in_place").on(table.name, placeIn(table)),
  ],
);
export type ToolRow = typeof tools.$inferSelect;

export const prompts = sqliteTable(
  "prompts",
  {
    ...entityColumns,
    upstreamId: upstreamId(),
    available: available(),
    name: text("name").notNull(),
    originalName: text("original_name").notNull(),
    definition: text("definition").notNull(),
    /** Jinja template of a prompt of our own. */
    template: text("template"),
  },
  (table) => [
    index("prompts_upstream").on(table.upstreamId),
    uniqueIndex("prompts_name_in_place").on(table.name, placeIn(table)),
  ],
);
export type PromptRow = typeof prompts.$inferSelect;

export const resources = sqliteTable(
  "resources",
  {
    ...entityColumns,
    upstreamId: upstreamId(),
    available: available(),
    /** URI, or the RFC 6570 template when `template` is true. */
    uri: text("uri").notNull(),
    name: text("name").notNull(),
    template: integer("template", { mode: "boolean" }).notNull().default(false),
    definition: text("definition").notNull(),
    /** Text of a resource of our own. */
    content: text("content"),
  },
  (table) => [
    index("resources_upstream").on(table.upstreamId),
    index("resources_uri").on(table.uri),
    // Two upstreams may offer the same URI; among our own it names one.
    uniqueIndex("resources_uri_in_place").on(table.uri, placeIn(table)).where(sql`${table.upstreamId} IS NULL`),
  ],
);
export type ResourceRow = typeof resources.$inferSelect;
