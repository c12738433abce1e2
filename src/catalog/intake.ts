// What a discovery found, on its way into the catalog: rows are brought in line with it, every definition is kept, and
// tools that are new or other than they were wait for approval, unless their upstream needs none.
import { eq, type SQL, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { insertAll, updateAll } from "../db/bulk.ts";
import { anyOf, tables } from "../db/client.ts";
import { type Placed, placeIn, placeOf } from "../db/tables/common.ts";
import type { UpstreamRow } from "../db/tables/upstreams.ts";
import { canonical } from "../lib/canonical-json.ts";
import { newId } from "../lib/ids.ts";
import { tell } from "../observability/outbox.ts";
import { claim } from "../schemas/naming.ts";
import { type Desk, made, modified } from "./change.ts";
import { kept, overtaken, rejections, remembered, type Sighting } from "./definitions.ts";
import { type Difference, diff, type Marked, type Stored, withRenames } from "./diff.ts";
import { including } from "./include-new.ts";
import { hashOf, pinned } from "./pins.ts";
import { namedIn } from "./reach.ts";

const { tools, serverTools, prompts, resources, upstreams } = tables;

/** A found definition as its JSON text. */
export interface Offered {
  readonly key: string;
  readonly definition: string;
}

/** Definitions a discovery found, as the catalog takes them. */
export interface Offer {
  readonly tools: readonly Offered[];
  readonly prompts: readonly Offered[];
  readonly resources: readonly Offered[];
  readonly templates: readonly Offered[];
}

/** What a change of definitions did to one kind. */
interface Tally {
  readonly added: number;
  readonly updated: number;
  readonly removed: number;
}

/** The same of all kinds; `withheld`: tools among those added and updated that clients do not get until approved. */
export interface Counts extends Record<"tools" | "prompts" | "resources", Tally> {
  readonly withheld: number;
}

/** Where an offer goes. `first`: the upstream is new, and all it has comes with it. */
type Owner = Pick<
  UpstreamRow,
  "id" | "slug" | "name" | "url" | "visibility" | "teamId" | "ownerEmail" | "autoApprove"
> & {
  readonly first: boolean;
};

/** What an offer comes to: statements, what they will have done, and what must still hold when they are run. */
interface Intake {
  readonly statements: readonly BatchItem<"sqlite">[];
  readonly counts: Counts;
  readonly holds?: SQL | undefined;
}

const NOTHING: Tally = { added: 0, updated: 0, removed: 0 };
export const NO_CHANGE: Counts = { tools: NOTHING, prompts: NOTHING, resources: NOTHING, withheld: 0 };

/** What shares its names with an entity. */
export const sameNames = (table: typeof upstreams | typeof tools | typeof prompts, place: Placed): SQL =>
  eq(placeIn(table), placeOf(place));

/** Statements that bring the stored definitions in line with the offered ones. */
export async function take(desk: Desk, owner: Owner, offer: Offer): Promise<Intake> {
  const [ofTools, ofPrompts, ofResources] = await Promise.all([
    takeTools(desk, owner, offer.tools),
    takePrompts(desk, owner, offer.prompts),
    takeResources(desk, owner, offer),
  ]);
  return {
    statements: [...ofTools.statements, ...ofPrompts.statements, ...ofResources.statements],
    counts: {
      tools: ofTools.tally,
      prompts: ofPrompts.tally,
      resources: ofResources.tally,
      withheld: ofTools.withheld.length,
    },
    holds: ofTools.holds,
  };
}

const storedIn = ({ id, definition, description, available, createdAt }: Offering) => ({
  ...{ id, definition, description, available, createdAt },
});

const newRow = (desk: Desk, owner: Owner, definition: string) => ({
  id: newId(),
  ...made(desk),
  createdVia: "federation",
  upstreamId: owner.id,
  visibility: owner.visibility,
  ownerEmail: owner.ownerEmail,
  teamId: owner.teamId,
  definition,
  description: describe(definition),
});

async function takeTools(desk: Desk, owner: Owner, offered: readonly Offered[]) {
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
  const rejection = (entityId: string, hash: string) =>
    rejected.find((one) => one.entityId === entityId && one.hash === hash);
  const sightings: Sighting[] = [
    ...newTools.map(({ id, hash, definition }) => ({
      ...{ kind: "tool" as const, entityId: id, hash, definition },
      decision: owner.first ? ("first" as const) : owner.autoApprove ? ("auto" as const) : null,
    })),
    ...others.map(({ row: { id }, item: { mark: hash, definition } }) => {
      const before = rejection(id, hash);
      const sighting = { kind: "tool" as const, entityId: id, hash, definition };
      if (owner.autoApprove) return { ...sighting, decision: "auto" as const };
      return before
        ? { ...sighting, decision: "rejected" as const, decidedBy: before.decidedBy }
        : { ...sighting, decision: null };
    }),
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
  const { name: _, title: __, ...rest } = JSON.parse(canonical(definition)) as Record<string, unknown>;
  return JSON.stringify(rest);
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

const byText = <One extends { readonly definition: string }>(one: One) => ({ ...one, mark: one.definition });

async function takePrompts(desk: Desk, owner: Owner, offered: readonly Offered[]) {
  const { db } = desk;
  const [names, rows] = await db.batch([
    db.select({ name: prompts.name }).from(prompts).where(sameNames(prompts, owner)),
    db
      .select({ ...storedIn(prompts), key: prompts.originalName })
      .from(prompts)
      .where(eq(prompts.upstreamId, owner.id)),
  ]);
  const difference = diff(rows.map(byText), offered.map(byText));
  const taken = new Set(names.map((row) => row.name));
  const newPrompts = difference.added.map(({ key, definition }) => ({
    ...newRow(desk, owner, definition),
    name: claim(taken, key, owner.slug),
    originalName: key,
  }));
  return {
    statements: [
      ...insertAll(db, prompts, newPrompts),
      ...rearranged(desk, prompts, difference),
      ...(await remember(desk, owner, "prompt", newPrompts, [difference])),
    ],
    tally: tally(difference),
  };
}

async function takeResources(desk: Desk, owner: Owner, { resources: plain, templates }: Offer) {
  const { db } = desk;
  const rows = await db
    .select({ ...storedIn(resources), key: resources.uri, template: resources.template })
    .from(resources)
    .where(eq(resources.upstreamId, owner.id));
  const kinds = [
    { template: false, offered: plain },
    { template: true, offered: templates },
  ].map(({ template, offered }) => {
    const difference = diff(rows.filter((row) => row.template === template).map(byText), offered.map(byText));
    const added = difference.added.map(({ key, definition }) => ({
      ...newRow(desk, owner, definition),
      uri: key,
      name: field(definition, "name") ?? key,
      template,
    }));
    return { difference, added };
  });
  const newResources = kinds.flatMap(({ added }) => added);
  const differences = kinds.map(({ difference }) => difference);
  return {
    statements: [
      ...insertAll(db, resources, newResources),
      ...differences.flatMap((difference) => rearranged(desk, resources, difference)),
      ...(await remember(desk, owner, "resource", newResources, differences)),
    ],
    tally: differences.map(tally).reduce((one, other) => ({
      added: one.added + other.added,
      updated: one.updated + other.updated,
      removed: one.removed + other.removed,
    })),
  };
}

/** Keeps definitions of prompts or resources; those replaced too, where they are older than the history. */
async function remember(
  desk: Desk,
  owner: Owner,
  kind: "prompt" | "resource",
  added: readonly { readonly id: string; readonly definition: string }[],
  differences: readonly Difference<Row, Marked & Offered>[],
): Promise<BatchItem<"sqlite">[]> {
  const changed = differences
    .flatMap(({ updated, returned }) => [...updated, ...returned])
    .filter(({ row, item }) => row.definition !== item.definition);
  const known = await remembered(
    desk,
    changed.map(({ row }) => row.id),
  );
  return await kept(desk, owner.id, [
    ...changed.flatMap(({ row: { id, definition, createdAt: seenAt } }) =>
      known.has(id) ? [] : [{ kind, entityId: id, definition, seenAt, decision: "first" as const }],
    ),
    ...added.map(({ id, definition }) => {
      const decision: Sighting["decision"] = owner.first ? "first" : "auto";
      return { kind, entityId: id, definition, decision };
    }),
    ...changed.map(({ row, item: { definition } }) => {
      return { kind, entityId: row.id, definition, decision: "auto" as const };
    }),
  ]);
}

const tally = <One extends Stored, Item extends Marked>(change: Difference<One, Item>): Tally => ({
  added: change.added.length + change.returned.length,
  updated: change.updated.length,
  removed: change.removed.length,
});

export type Offering = typeof tools | typeof prompts | typeof resources;

/** A stored row, as far as an offer may change it. */
type Row = Stored & {
  readonly definition: string;
  readonly description: string | null;
  readonly createdAt: string;
};

const REDEFINED = [
  "definition",
  "description",
  "available",
  "updatedAt",
  "modifiedBy",
  "modifiedFromIp",
  "modifiedVia",
  "modifiedUserAgent",
] as const;

/** Statements for rows there are: new definitions, an admin's description kept; what is gone is no longer available. */
function rearranged(
  desk: Desk,
  table: Offering,
  { updated, returned, removed }: Difference<Row, Offered & Marked>,
): BatchItem<"sqlite">[] {
  const by = { ...modified(desk), modifiedVia: "federation" };
  const rows = [...updated, ...returned].map(({ row, item }) => ({
    ...by,
    id: row.id,
    available: true,
    definition: item.definition,
    description: row.description === describe(row.definition) ? describe(item.definition) : row.description,
  }));
  return [
    ...updateAll(desk.db, table, REDEFINED, rows),
    desk.db
      .update(table)
      .set({ ...by, available: false })
      .where(
        anyOf(
          table.id,
          removed.map(({ id }) => id),
        ),
      ),
  ];
}

const field = (definition: string, key: string): string | null => {
  const value = (JSON.parse(definition) as Record<string, unknown>)[key];
  return typeof value === "string" ? value : null;
};
const describe = (definition: string) => field(definition, "description");
