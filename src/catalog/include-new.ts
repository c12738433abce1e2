// Virtual servers that include new tools: what an upstream newly has, once it is approved, becomes a member of those that
// hold tools of this upstream already.
import { and, asc, eq, inArray, type SQL, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { insertAll } from "../db/bulk.ts";
import { anyOf, tables } from "../db/client.ts";
import { claim } from "../schemas/naming.ts";
import { type Desk, modified } from "./change.ts";

const { servers, serverTools, tools } = tables;

/** A tool that was approved for the first time. */
export interface NewTool {
  readonly id: string;
  readonly originalName: string;
  readonly hash: string;
}

/** Statements that add tools to virtual servers, and what must still hold of these for the names to be free. */
export interface Inclusion {
  readonly statements: readonly BatchItem<"sqlite">[];
  readonly holds?: SQL;
}

export async function including(
  desk: Desk,
  upstream: { readonly id: string; readonly slug: string },
  fresh: readonly NewTool[],
): Promise<Inclusion> {
  if (fresh.length === 0) return { statements: [] };
  const { db } = desk;
  const open = db
    .selectDistinct({ id: servers.id })
    .from(servers)
    .innerJoin(serverTools, eq(serverTools.serverId, servers.id))
    .innerJoin(tools, eq(tools.id, serverTools.toolId))
    .where(and(eq(servers.includeNew, true), eq(tools.upstreamId, upstream.id)));
  const [found, members] = await db.batch([
    db.select({ id: servers.id, version: servers.version }).from(servers).where(inArray(servers.id, open)),
    db
      .select({
        serverId: serverTools.serverId,
        toolId: serverTools.toolId,
        name: serverTools.name,
        at: serverTools.position,
      })
      .from(serverTools)
      .where(inArray(serverTools.serverId, open))
      .orderBy(asc(serverTools.position)),
  ]);
  if (found.length === 0) return { statements: [] };
  const rows = found.flatMap(({ id: serverId }) => {
    const held = members.filter((member) => member.serverId === serverId);
    const taken = new Set(held.map(({ name }) => name));
    const next = (held.at(-1)?.at ?? -1) + 1;
    return fresh
      .filter((tool) => !held.some(({ toolId }) => toolId === tool.id))
      .map(({ id, originalName, hash }, at) => ({
        serverId,
        toolId: id,
        name: claim(taken, originalName, upstream.slug),
        position: next + at,
        hash,
      }));
  });
  const versions = JSON.stringify(found.map(({ id, version }) => [id, version]));
  return {
    statements: [
      ...insertAll(db, serverTools, rows),
      db
        .update(servers)
        .set({ ...modified(desk), version: sql`${servers.version} + 1` })
        .where(
          anyOf(
            servers.id,
            rows.map(({ serverId }) => serverId),
          ),
        ),
    ],
    holds: sql`${found.length} = (SELECT count(*) FROM ${servers} JOIN json_each(${versions}) AS had ON ${servers.id} = had.value ->> 0 AND ${servers.version} = had.value ->> 1)`,
  };
}
