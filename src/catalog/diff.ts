// What a discovery changes: stored rows against found definitions. Pure.

/** A stored row, reduced to what decides. */
export interface Stored {
  readonly id: string;
  readonly key: string;
  readonly definition: string;
  /** Offered the last time it was looked. */
  readonly available: boolean;
}

/** A found definition as its JSON text. */
export interface Offered {
  readonly key: string;
  readonly definition: string;
}

export interface Difference<Row extends Stored, Item extends Offered> {
  readonly added: readonly Item[];
  readonly updated: readonly { readonly row: Row; readonly item: Item }[];
  readonly returned: readonly { readonly row: Row; readonly item: Item }[];
  readonly removed: readonly Row[];
}

/** Compares by key; texts that differ in anything are an update. What is gone is `removed` once, until it has `returned`. */
export function diff<Row extends Stored, Item extends Offered>(
  stored: readonly Row[],
  found: readonly Item[],
): Difference<Row, Item> {
  const rows = new Map(stored.map((row) => [row.key, row]));
  const keys = new Set(found.map((item) => item.key));
  const known = found.flatMap((item) => {
    const row = rows.get(item.key);
    return row ? [{ row, item }] : [];
  });
  return {
    added: found.filter((item) => !rows.has(item.key)),
    updated: known.filter(({ row, item }) => row.available && row.definition !== item.definition),
    returned: known.filter(({ row }) => !row.available),
    removed: stored.filter((row) => row.available && !keys.has(row.key)),
  };
}
