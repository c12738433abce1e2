// What a discovery found, on its way into the catalog: rows are brought in line with it, and every definition is kept.
import { eq, type SQL } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { insertAll } from "../db/bulk.ts";
import { tables } from "../db/client.ts";
import { claim } from "../schemas/naming.ts";
import type { Desk } from "./change.ts";
import { kept, remembered, type Sighting } from "./definitions.ts";
import { type Difference, diff, type Marked } from "./diff.ts";
import {
  field,
  newRow,
  type Offered,
  type Owner,
  type Row,
  rearranged,
  sameNames,
  storedIn,
  type Tally,
  tally,
} from "./offered-rows.ts";
import { takeTools } from "./tool-intake.ts";

const { prompts, resources } = tables;

/** Definitions a discovery found, as the catalog takes them. */
export interface Offer {
  readonly tools: readonly Offered[];
  readonly prompts: readonly Offered[];
  readonly resources: readonly Offered[];
  readonly templates: readonly Offered[];
}

/** The same of all kinds; `withheld`: tools among those added and updated that clients do not get until approved. */
export interface Counts extends Record<"tools" | "prompts" | "resources", Tally> {
  readonly withheld: number;
}

/** What an offer comes to: statements, what they will have done, and what must still hold when they are run. */
interface Intake {
  readonly statements: readonly BatchItem<"sqlite">[];
  readonly counts: Counts;
  readonly holds?: SQL | undefined;
}

const NOTHING: Tally = { added: 0, updated: 0, removed: 0 };
export const NO_CHANGE: Counts = { tools: NOTHING, prompts: NOTHING, resources: NOTHING, withheld: 0 };

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
