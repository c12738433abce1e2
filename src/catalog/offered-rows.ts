// Rows of an upstream's tools, prompts and resources, and the statements that bring them in line with what it offers.
import { eq, type SQL } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { updateAll } from "../db/bulk.ts";
import { anyOf, tables } from "../db/client.ts";
import { type Placed, placeIn, placeOf } from "../db/tables/common.ts";
import type { UpstreamRow } from "../db/tables/upstreams.ts";
import { newId } from "../lib/ids.ts";
import { type Desk, made, modified } from "./change.ts";
import type { Difference, Marked, Stored } from "./diff.ts";

const { tools, prompts, resources, upstreams } = tables;

/** A found definition as its JSON text. */
export interface Offered {
  readonly key: string;
  readonly definition: string;
}

/** What a change of definitions did to one kind. */
export interface Tally {
  readonly added: number;
  readonly updated: number;
  readonly removed: number;
}

/** Where an offer goes. `first`: the upstream is new, and all it has comes with it. */
export type Owner = Pick<
  UpstreamRow,
  "id" | "slug" | "name" | "url" | "visibility" | "teamId" | "ownerEmail" | "autoApprove"
> & {
  readonly first: boolean;
};

/** What shares its names with an entity. */
export const sameNames = (table: typeof upstreams | typeof tools | typeof prompts, place: Placed): SQL =>
  eq(placeIn(table), placeOf(place));

/** Columns of stored rows that an offer is compared with. */
export const storedIn = ({ id, definition, description, available, createdAt }: Offering) => ({
  ...{ id, definition, description, available, createdAt },
});

/** What every new row of an upstream has. */
export const newRow = (desk: Desk, owner: Owner, definition: string) => ({
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

/** What a difference comes to. */
export const tally = <One extends Stored, Item extends Marked>(change: Difference<One, Item>): Tally => ({
  added: change.added.length + change.returned.length,
  updated: change.updated.length,
  removed: change.removed.length,
});

export type Offering = typeof tools | typeof prompts | typeof resources;

/** A stored row, as far as an offer may change it. */
export type Row = Stored & {
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
export function rearranged(
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

/** A text of a definition. */
export const field = (definition: string, key: string): string | null => {
  const value = (JSON.parse(definition) as Record<string, unknown>)[key];
  return typeof value === "string" ? value : null;
};
export const describe = (definition: string) => field(definition, "description");
