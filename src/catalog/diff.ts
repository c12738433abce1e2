// What a discovery changes: stored rows against found definitions. Pure.

/** A stored row, reduced to what decides. */
export interface Stored {
  readonly id: string;
  readonly key: string;
  readonly definition: string;
}

/** A found definition as its JSON text. */
export interface Offered {
  readonly key: string;
  readonly definition: string;
}

export interface Difference<Row extends Stored, Item extends Offered> {
  readonly added: readonly Item[];
  readonly updated: readonly { readonly row: Row; readonly item: Item }[];
  readonly removed: readonly Row[];
}

/** Compares by key; texts that differ in anything are an update. */
export function diff<Row extends Stored, Item extends Offered>(
  stored: readonly Row[],
  found: readonly Item[],
): Difference<Row, Item> {
  const rows = new Map(stored.map((row) => [row.key, row]));
  const keys = new Set(found.map((item) => item.key));
  return {
    added: found.filter((item) => !rows.has(item.key)),
    updated: found.flatMap((item) => {
      const row = rows.get(item.key);
      return row && row.definition !== item.definition ? [{ row, item }] : [];
    }),
    removed: stored.filter((row) => !keys.has(row.key)),
  };
}
