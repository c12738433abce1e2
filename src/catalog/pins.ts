// Pins: a tool of an upstream reaches clients only with the very definition that somebody approved. A definition is known
// by its hash: what differs in anything but the order of keys is another one.
import { and, eq, isNull, type SQL, sql } from "drizzle-orm";
import { insertAll, updateAll } from "../db/bulk.ts";
import { anyOf, type Database, tables } from "../db/client.ts";
import type { ToolRow } from "../db/tables/catalog.ts";
import { canonical } from "../lib/canonical-json.ts";
import type { Desk } from "./change.ts";

const { tools, serverTools, definitions } = tables;

/** SHA-256 of a definition, keys sorted at every depth, in hex. */
export async function hashOf(definition: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(canonical(definition)));
  return new Uint8Array(digest).toHex();
}

/** Whether a tool may be shown where it is pinned so. Tools of our own are their administrators' to change. */
export const isExposed = (tool: Pick<ToolRow, "upstreamId" | "hash">, pin: string | null): boolean =>
  tool.upstreamId === null || tool.hash === pin;

const approvedOf = sql`(SELECT ${tools.approvedHash} FROM ${tools} WHERE ${tools.id} = ${serverTools.toolId})`;

/** Statement that pins these members of virtual servers to the definition approved last, where there is one. */
export const pinned = (db: Database, which: SQL) =>
  db
    .update(serverTools)
    .set({ hash: approvedOf })
    .where(and(which, sql`${approvedOf} IS NOT NULL`));

/**
 * Tools stored before there were pins get the hash of the definition they have, as approved: what clients see now is what
 * they are pinned to. Nothing that clients see changes with it.
 */
export async function pinUnpinned(desk: Desk, upstreamId: string): Promise<void> {
  const { db } = desk;
  const unpinned = await db
    .select({ id: tools.id, definition: tools.definition, seenAt: tools.createdAt })
    .from(tools)
    .where(and(eq(tools.upstreamId, upstreamId), isNull(tools.hash)));
  if (unpinned.length === 0) return;
  const rows = await Promise.all(
    unpinned.map(async ({ id, definition, seenAt }) => {
      const hash = await hashOf(definition);
      return { id, hash, approvedHash: hash, definition, seenAt };
    }),
  );
  const first = rows.map(({ id, hash, definition, seenAt }) => ({
    ...{ kind: "tool" as const, entityId: id, upstreamId, hash, definition, seenAt, decision: "first" as const },
  }));
  const ids = rows.map(({ id }) => id);
  const [begin, ...rest] = [
    ...updateAll(db, tools, ["hash", "approvedHash"], rows, isNull(tools.hash)),
    pinned(db, anyOf(serverTools.toolId, ids)),
    ...insertAll(db, definitions, first),
  ];
  if (begin) await db.batch([begin, ...rest]);
}
