// Columns that every catalog entity has: who made it, who may see it, how it is tagged, which revision it is.
import { integer, text } from "drizzle-orm/sqlite-core";

/** Who made and last changed a row; times are ISO-8601 UTC. ContextForge's names in camelCase. */
const provenance = {
  createdAt: text("created_at").notNull(),
  updatedAt: text("updated_at").notNull(),
  createdBy: text("created_by"),
  createdFromIp: text("created_from_ip"),
  createdVia: text("created_via"),
  createdUserAgent: text("created_user_agent"),
  modifiedBy: text("modified_by"),
  modifiedFromIp: text("modified_from_ip"),
  modifiedVia: text("modified_via"),
  modifiedUserAgent: text("modified_user_agent"),
};

/** `version` counts changes and is the entity's ETag. `visibility`: private (owner), team, public (every user). */
export const entityColumns = {
  id: text("id").primaryKey(),
  description: text("description"),
  enabled: integer("enabled", { mode: "boolean" }).notNull().default(true),
  tags: text("tags", { mode: "json" }).$type<string[]>().notNull().default([]),
  visibility: text("visibility", { enum: ["private", "team", "public"] })
    .notNull()
    .default("public"),
  ownerEmail: text("owner_email"),
  teamId: text("team_id"),
  version: integer("version").notNull().default(1),
  ...provenance,
};
