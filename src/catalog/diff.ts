// What a discovery changes: stored rows against found definitions. Pure.

/** A stored row, reduced to what decides. `mark` tells its definition from others: the text of it, or its hash. */
export interface Stored {
  readonly id: string;
  readonly key: string;
  readonly mark: string;
  /** Offered the last time it was looked. */
  readonly available: boolean;
}

/** A found definition. */
export interface Marked {
  readonly key: string;
  readonly mark: string;
}

export interface Difference<Row extends Stored, Item extends Marked> {
  readonly added: readonly Item[];
  readonly updated: readonly { readonly row: Row; readonly item: Item }[];
  readonly returned: readonly { readonly row: Row; readonly item: Item }[];
  readonly removed: readonly Row[];
}

/** Compares by key; other marks are an update. What is gone is `removed` once, until it has `returned`. */
export function diff<Row extends Stored, Item extends Marked>(
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
    updated: known.filter(({ row, item }) => row.available && row.mark !== item.mark),
    returned: known.filter(({ row }) => !row.available),
    removed: stored.filter((row) => row.available && !keys.has(row.key)),
  };
}

/**
 * The same difference, where what only has another name is an update: one that is gone and one that came, alike in what
 * `essence` gives of them, while nothing else that is gone or came is like them.
 */
export function withRenames<Row extends Stored, Item extends Marked>(
  change: Difference<Row, Item>,
  essence: (one: Row | Item) => string,
): Difference<Row, Item> {
  if (change.removed.length === 0 || change.added.length === 0) return change;
  const gone = Map.groupBy(change.removed, essence);
  const came = Map.groupBy(change.added, essence);
  const renamed = [...gone].flatMap(([like, [row, another]]) => {
    const [item, other] = came.get(like) ?? [];
    return row && item && !another && !other ? [{ row, item }] : [];
  });
  const rows = new Set<Row>(renamed.map(({ row }) => row));
  const items = new Set<Item>(renamed.map(({ item }) => item));
  return {
    ...change,
    added: change.added.filter((item) => !items.has(item)),
    updated: [...change.updated, ...renamed],
    removed: change.removed.filter((row) => !rows.has(row)),
  };
}
