// Columns that every catalog entity has: who made it, who may see it, how it is tagged, which revision it is.
import { type SQL, sql } from "drizzle-orm";
import { integer, type SQLiteColumn, text } from "drizzle-orm/sqlite-core";

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

/** What decides where an entity is: among what is public, what is a team's, or what is somebody's own. */
export interface Placed {
  readonly visibility: "private" | "team" | "public";
  readonly teamId: string | null;
  readonly ownerEmail: string | null;
}

/** Names are given once in a place: nobody learns from a taken name what is in places they do not see. */
export const placeOf = ({ visibility, teamId, ownerEmail }: Placed): string =>
  visibility === "public" ? "" : visibility === "team" ? `team:${teamId}` : `user:${ownerEmail}`;

/** The same of a row, for indexes and conditions. */
export const placeIn = ({ visibility, teamId, ownerEmail }: Record<keyof Placed, SQLiteColumn>): SQL<string> =>
  sql`CASE ${visibility} WHEN 'public' THEN '' WHEN 'team' THEN 'team:' || ${teamId} ELSE 'user:' || ${ownerEmail} END`;
