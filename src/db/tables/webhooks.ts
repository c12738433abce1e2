// Who is told when something happens, and what is on its way to them.
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const webhooks = sqliteTable("webhooks", {
  id: text("id").primaryKey(),
  name: text("name").notNull().unique(),
  url: text("url").notNull(),
  /** Names of events (schemas/webhooks.ts); empty: all. */
  events: text("events", { mode: "json" }).$type<string[]>().notNull().default([]),
  /** The key that deliveries are signed with, sealed; the row id is its associated data. */
  secretSealed: text("secret_sealed").notNull(),
  enabled: integer("enabled", { mode: "boolean" }).notNull().default(true),
  createdBy: text("created_by").notNull(),
  createdAt: text("created_at").notNull(),
  updatedAt: text("updated_at").notNull(),
  version: integer("version").notNull().default(1),
});
export type WebhookRow = typeof webhooks.$inferSelect;

/** Written in the batch of what happened, so that nothing that happened is untold. `nextAt`: seconds since 1970; null: over. */
export const webhookDeliveries = sqliteTable(
  "webhook_deliveries",
  {
    id: text("id").primaryKey(),
    webhookId: text("webhook_id")
      .notNull()
      .references(() => webhooks.id, { onDelete: "cascade" }),
    event: text("event").notNull(),
    /** The JSON text that is sent. */
    body: text("body").notNull(),
    createdAt: text("created_at").notNull(),
    attempts: integer("attempts").notNull().default(0),
    nextAt: integer("next_at"),
    status: text("status", { enum: ["waiting", "delivered", "failed"] })
      .notNull()
      .default("waiting"),
    /** What came of the last attempt: an HTTP status, or why there was none. */
    lastResult: text("last_result"),
    deliveredAt: text("delivered_at"),
  },
  (table) => [
    index("webhook_deliveries_next").on(table.nextAt),
    index("webhook_deliveries_webhook").on(table.webhookId),
  ],
);
export type DeliveryRow = typeof webhookDeliveries.$inferSelect;
