// Roles an admin made, and who holds which role where. Built-in roles are declared in policy/roles.ts.
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

export const roles = sqliteTable("roles", {
  id: text("id").primaryKey(),
  name: text("name").notNull().unique(),
  description: text("description"),
  /** Where the role can be held: everywhere, or in a team. */
  scope: text("scope", { enum: ["global", "team"] }).notNull(),
  permissions: text("permissions", { mode: "json" }).$type<string[]>().notNull(),
  /** Id of a role, built in or not, whose permissions this one has too. */
  inheritsFrom: text("inherits_from"),
  createdBy: text("created_by").notNull(),
  createdAt: text("created_at").notNull(),
  updatedAt: text("updated_at").notNull(),
  version: integer("version").notNull().default(1),
});
export type RoleRow = typeof roles.$inferSelect;

/** `roleId` names a built-in role or a row of `roles`; `scopeId` is the team's id, or empty for everywhere. */
export const roleAssignments = sqliteTable(
  "role_assignments",
  {
    id: text("id").primaryKey(),
    userEmail: text("user_email").notNull(),
    roleId: text("role_id").notNull(),
    scopeId: text("scope_id").notNull().default(""),
    grantedBy: text("granted_by").notNull(),
    grantedAt: text("granted_at").notNull(),
    /** Seconds since 1970; null: until it is taken away. */
    expiresAt: integer("expires_at"),
  },
  (table) => [
    uniqueIndex("role_assignments_once").on(table.userEmail, table.roleId, table.scopeId),
    index("role_assignments_role").on(table.roleId),
  ],
);
