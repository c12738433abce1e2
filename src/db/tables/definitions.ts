// Every definition an upstream ever gave of a tool, prompt or resource, and what was decided about it.
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** `hash`: SHA-256 of the definition, keys sorted (catalog/pins.ts). `decision` null: it waits for one. */
export const definitions = sqliteTable(
  "definitions",
  {
    id: integer("id").primaryKey({ autoIncrement: true }),
    kind: text("kind", { enum: ["tool", "prompt", "resource"] }).notNull(),
    entityId: text("entity_id").notNull(),
    upstreamId: text("upstream_id"),
    hash: text("hash").notNull(),
    definition: text("definition").notNull(),
    /** When it was first seen, as ISO-8601 UTC; so `decidedAt`. */
    seenAt: text("seen_at").notNull(),
    /** `first`: it came with the upstream or tool itself. `auto`: the upstream's changes need no approval. `reverted`: gone again before anybody decided. */
    decision: text("decision", { enum: ["first", "approved", "rejected", "auto", "reverted"] }),
    decidedBy: text("decided_by"),
    decidedAt: text("decided_at"),
  },
  (table) => [index("definitions_entity").on(table.entityId), index("definitions_decision").on(table.decision)],
);
export type DefinitionRow = typeof definitions.$inferSelect;
