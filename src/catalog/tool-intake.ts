// Tools that a discovery found, on their way into the catalog: those that are new or other than they were wait for
// approval, unless their upstream needs none.
import { eq, sql } from "drizzle-orm";
import { insertAll, updateAll } from "../db/bulk.ts";
import { anyOf, tables } from "../db/client.ts";
import { sorted } from "../lib/canonical-json.ts";
import { type JsonObject, parseExact, stringify } from "../lib/json.ts";
import { tell } from "../observability/outbox.ts";
import { claim } from "../schemas/naming.ts";
import type { Desk } from "./change.ts";
import { kept, overtaken, rejections, type Sighting } from "./definitions.ts";
import { diff, type Marked, type Stored, withRenames } from "./diff.ts";
import { including } from "./include-new.ts";
import { newRow, type Offered, type Owner, rearranged, sameNames, storedIn, tally } from "./offered-rows.ts";
import { hashOf, pinned } from "./pins.ts";
import { namedIn } from "./reach.ts";

const { tools, serverTools } = tables;

/** Statements that bring stored tools in line with the offered ones. */
export async function takeTools(desk: Desk, owner: Owner, offered: readonly Offered[]) {
  const { db } = desk;
  const [names, rows, rejected] = await db.batch([
    db.select({ name: tools.name }).from(tools).where(sameNames(tools, owner)),
    db
      .select({ ...storedIn(tools), key: tools.originalName, hash: tools.hash, approvedHash: tools.approvedHash })
      .from(tools)
      .where(eq(tools.upstreamId, owner.id)),
    rejections(desk, owner.id),
  ]);
  const stored = rows.map((row) => ({ ...row, mark: row.hash ?? "" }));
  const difference = withRenames(diff(stored, await marked(stored, offered)), essence);
  const { added, updated, returned, removed } = difference;
  const taken = new Set(names.map((row) => row.name));
  const clear = owner.first || owner.autoApprove;
  const newTools = added.map(({ key, definition, mark }) => ({
    ...newRow(desk, owner, definition),
    name: claim(taken, key, owner.slug),
    originalName: key,
    hash: mark,
    approvedHash: clear ? mark : null,
  }));
  const touched = [...updated, ...returned];
  const others = touched.filter(({ row, item }) => row.approvedHash !== item.mark);
  const approved = owner.autoApprove ? others.map(({ row }) => row.id) : [];
  const fresh = [
    ...newTools.map(({ id, originalName, hash }) => ({ id, originalName, hash })),
    ...others.flatMap(({ row, item }) =>
      row.approvedHash === null ? [{ id: row.id, originalName: item.key, hash: item.mark }] : [],
    ),
  ];
  const { statements: included, holds } = await including(desk, owner, owner.autoApprove ? fresh : []);
  const rejection = (entityId: string, hash: string) => {
    const before = rejected.find((one) => one.entityId === entityId && one.hash === hash);
    return before && { decision: "rejected" as const, decidedBy: before.decidedBy };
  };
  const sightings: Sighting[] = [
    ...newTools.map(({ id, hash, definition }) => ({
      ...{ kind: "tool" as const, entityId: id, hash, definition },
      decision: owner.first ? ("first" as const) : owner.autoApprove ? ("auto" as const) : null,
    })),
    ...others.map(({ row: { id }, item: { mark: hash, definition } }) => ({
      ...{ kind: "tool" as const, entityId: id, hash, definition },
      ...(owner.autoApprove ? { decision: "auto" as const } : (rejection(id, hash) ?? { decision: null })),
    })),
  ];
  return {
    statements: [
      ...insertAll(db, tools, newTools),
      ...rearranged(desk, tools, difference),
      ...updateAll(
        db,
        tools,
        ["originalName", "hash"],
        touched.map(({ row, item }) => ({ id: row.id, originalName: item.key, hash: item.mark })),
      ),
      ...(approved.length > 0 ? approvedAsTheyAre(desk, approved) : []),
      ...included,
      overtaken(
        desk,
        [...touched.map(({ row }) => row), ...removed].map(({ id }) => id),
      ),
      ...(await kept(desk, owner.id, sightings)),
      ...toldOf(desk, owner, sightings.filter(({ decision }) => decision === null).length),
    ],
    tally: tally(difference),
    withheld: sightings.filter(({ decision }) => decision === null || decision === "rejected"),
    holds,
  };
}

/** Statements that approve whatever these tools are now. */
const approvedAsTheyAre = ({ db }: Desk, ids: readonly string[]) => [
  db
    .update(tools)
    .set({ approvedHash: sql`${tools.hash}` })
    .where(anyOf(tools.id, ids)),
  pinned(db, anyOf(serverTools.toolId, ids)),
];

/** The statement that tells somebody of definitions that wait. */
const toldOf = (desk: Desk, owner: Owner, changes: number) =>
  changes === 0 ? [] : [tell(desk, "change.pending", { upstream: namedIn(owner), changes })];

/** What makes a tool what it is, whatever it is called. */
function essence({ definition }: { readonly definition: string }): string {
  const { name: _, title: __, ...rest } = parseExact(definition) as JsonObject;
  return stringify(sorted(rest));
}

/** Found definitions with their hashes; what is stored with the same text is not hashed again. */
function marked(
  stored: readonly (Stored & { readonly definition: string })[],
  offered: readonly Offered[],
): Promise<(Offered & Marked)[]> {
  const rows = new Map(stored.map((row) => [row.key, row]));
  return Promise.all(
    offered.map(async (item) => {
      const row = rows.get(item.key);
      return { ...item, mark: row?.definition === item.definition ? row.mark : await hashOf(item.definition) };
    }),
  );
}
