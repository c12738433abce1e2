// Teams: who works together, who asked to join, who was asked. A personal team is made with its user and has no one else.
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

export const TEAM_ROLES = ["owner", "member", "viewer"] as const;
export type TeamRole = (typeof TEAM_ROLES)[number];

export const teams = sqliteTable("teams", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  slug: text("slug").notNull().unique(),
  description: text("description"),
  /** A public team is found by every user, who may ask to join; a private one only by its members. */
  visibility: text("visibility", { enum: ["private", "public"] })
    .notNull()
    .default("private"),
  maxMembers: integer("max_members").notNull().default(100),
  /** Made with its user, and never shared. */
  isPersonal: integer("is_personal", { mode: "boolean" }).notNull().default(false),
  isActive: integer("is_active", { mode: "boolean" }).notNull().default(true),
  createdBy: text("created_by").notNull(),
  createdAt: text("created_at").notNull(),
  updatedAt: text("updated_at").notNull(),
  version: integer("version").notNull().default(1),
});
export type TeamRow = typeof teams.$inferSelect;

const teamId = () =>
  text("team_id")
    .notNull()
    .references(() => teams.id, { onDelete: "cascade" });

export const teamMembers = sqliteTable(
  "team_members",
  {
    teamId: teamId(),
    userEmail: text("user_email").notNull(),
    role: text("role", { enum: TEAM_ROLES }).notNull(),
    joinedAt: text("joined_at").notNull(),
    invitedBy: text("invited_by"),
  },
  (table) => [primaryKey({ columns: [table.teamId, table.userEmail] }), index("team_members_user").on(table.userEmail)],
);

/** `id` is the SHA-256 of the invitation's secret. Accepting or withdrawing deletes the row. */
export const teamInvitations = sqliteTable("team_invitations", {
  id: text("id").primaryKey(),
  teamId: teamId(),
  email: text("email").notNull(),
  role: text("role", { enum: TEAM_ROLES }).notNull(),
  invitedBy: text("invited_by").notNull(),
  createdAt: text("created_at").notNull(),
  /** Seconds since 1970. */
  expiresAt: integer("expires_at").notNull(),
});

export const joinRequests = sqliteTable(
  "join_requests",
  {
    id: text("id").primaryKey(),
    teamId: teamId(),
    userEmail: text("user_email").notNull(),
    message: text("message"),
    createdAt: text("created_at").notNull(),
  },
  (table) => [uniqueIndex("join_requests_once").on(table.teamId, table.userEmail)],
);
