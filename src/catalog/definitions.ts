// The history of definitions: each that an upstream ever gave, when it was seen, and what was decided about it.
import { and, eq, isNull, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { insertAll } from "../db/bulk.ts";
import { anyOf, tables } from "../db/client.ts";
import type { DefinitionRow } from "../db/tables/definitions.ts";
import type { Desk } from "./change.ts";
import { hashOf } from "./pins.ts";

const { definitions } = tables;

/** A definition that was just found. Decision null: it waits for one. */
export interface Sighting
  extends Pick<DefinitionRow, "kind" | "entityId" | "definition" | "decision">,
    Partial<Pick<DefinitionRow, "hash" | "decidedBy" | "seenAt">> {}

/** Statements that keep definitions of an upstream. */
export async function kept(
  { db }: Desk,
  upstreamId: string,
  sightings: readonly Sighting[],
): Promise<BatchItem<"sqlite">[]> {
  const now = new Date().toISOString();
  const rows = await Promise.all(
    sightings.map(async (one) => ({
      upstreamId,
      seenAt: now,
      decidedAt: one.decision === null || one.decision === "first" ? null : now,
      ...one,
      hash: one.hash ?? (await hashOf(one.definition)),
    })),
  );
  return insertAll(db, definitions, rows);
}

/** Statement for definitions that are gone, or have given way to another, before anybody decided about them. */
export const overtaken = ({ db }: Desk, entityIds: readonly string[]) =>
  db
    .update(definitions)
    .set({ decision: "reverted", decidedAt: new Date().toISOString() })
    .where(and(anyOf(definitions.entityId, entityIds), isNull(definitions.decision)));

/** Whether somebody rejected the definition that a tool has: a condition on `tools`. By full names, as a query of one table leaves those of its columns out. */
export const isRejected = sql`EXISTS (SELECT 1 FROM definitions
  WHERE definitions.entity_id = tools.id AND definitions.hash = tools.hash AND definitions.decision = 'rejected')`;

/** Definitions of an upstream's tools that were rejected, with who did, by tool and hash. */
export const rejections = ({ db }: Desk, upstreamId: string) =>
  db
    .select({ entityId: definitions.entityId, hash: definitions.hash, decidedBy: definitions.decidedBy })
    .from(definitions)
    .where(and(eq(definitions.decision, "rejected"), eq(definitions.upstreamId, upstreamId)));

/** Those of these entities that have a history. */
export async function remembered({ db }: Desk, entityIds: readonly string[]): Promise<ReadonlySet<string>> {
  if (entityIds.length === 0) return new Set();
  const rows = await db
    .selectDistinct({ id: definitions.entityId })
    .from(definitions)
    .where(anyOf(definitions.entityId, entityIds));
  return new Set(rows.map(({ id }) => id));
}
