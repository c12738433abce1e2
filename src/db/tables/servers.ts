// Virtual servers: chosen tools, prompts and resources under one URL (ContextForge: servers).
import { integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { prompts, resources, tools } from "./catalog.ts";
import { entityColumns, placeIn } from "./common.ts";

export const servers = sqliteTable(
  "servers",
  {
    ...entityColumns,
    name: text("name").notNull(),
    icon: text("icon"),
    instructions: text("instructions"),
    /** True: MCP requests need no credential. */
    open: integer("open", { mode: "boolean" }).notNull().default(false),
    /** New tools of upstreams that have tools in here are added by themselves, once approved. */
    includeNew: integer("include_new", { mode: "boolean" }).notNull().default(false),
    /** What of requests and answers is kept, and for how many days. */
    payloads: text("payloads", { enum: ["off", "redacted", "full"] })
      .notNull()
      .default("off"),
    payloadDays: integer("payload_days").notNull().default(7),
  },
  (table) => [uniqueIndex("servers_name_in_place").on(table.name, placeIn(table))],
);
export type ServerRow = typeof servers.$inferSelect;

const serverId = () =>
  text("server_id")
    .notNull()
    .references(() => servers.id, { onDelete: "cascade" });
const member = { name: text("name").notNull(), position: integer("position").notNull() };

/** `name` is what clients see in this virtual server: stored when the tool is added, changed only by an alias. */
export const serverTools = sqliteTable(
  "server_tools",
  {
    serverId: serverId(),
    toolId: text("tool_id")
      .notNull()
      .references(() => tools.id, { onDelete: "cascade" }),
    ...member,
    /** Hash of the definition it was added or approved with; withheld here while the tool has another. */
    hash: text("hash"),
  },
  (table) => [primaryKey({ columns: [table.serverId, table.toolId] })],
);

export const serverPrompts = sqliteTable(
  "server_prompts",
  {
    serverId: serverId(),
    promptId: text("prompt_id")
      .notNull()
      .references(() => prompts.id, { onDelete: "cascade" }),
    ...member,
  },
  (table) => [primaryKey({ columns: [table.serverId, table.promptId] })],
);

/** `name` is the URI or template that clients see: its own while that is free, else with a mark (lib/marked-uri.ts). */
export const serverResources = sqliteTable(
  "server_resources",
  {
    serverId: serverId(),
    resourceId: text("resource_id")
      .notNull()
      .references(() => resources.id, { onDelete: "cascade" }),
    ...member,
  },
  (table) => [primaryKey({ columns: [table.serverId, table.resourceId] })],
);
