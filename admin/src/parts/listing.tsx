// What every list page does: ask for the page the address names, narrow it, sort it, and say honestly what is shown.
// The gateway filters by text and by a few fields. For anything else, and for sorting, everything is fetched.
import { changes, type Kind, list, type Noun, type Nouns, type Page, type Query } from "../api.ts";
import { type Loaded, useLoad } from "../load.ts";
import { here } from "../location.ts";
import { type Column, compareAsked } from "./table.tsx";
import { count } from "./time.tsx";

const PAGE = 50;

/**
 * Where rows come from; `limit: 0` in the query asks for everything. What is of the catalog (`noun`) has tags, and can be
 * disabled.
 */
export type Source<T> = {
  kind: Kind;
  noun?: Noun;
  load: (query: Query, signal: AbortSignal) => Promise<Page<T>>;
};

/** The rows of a noun of the catalog. */
export const catalog = <N extends Noun>(noun: N): Source<Nouns[N]> => ({
  kind: noun,
  noun,
  load: (query, signal) => list(noun, query, signal),
});

type Asked<T> = {
  /** Filters the gateway applies. */
  query: Query;
  /** A filter it can't apply; undefined when none is set. */
  narrow: ((item: T) => boolean) | undefined;
  columns: readonly Column<T>[];
};

/** `from` counts the rows on the pages before: it belongs to the rows shown, not to those on their way. */
type Part<T> = Page<T> & { from: number };
export type Listing<T> = { loaded: Loaded<Part<T>>; rows: T[] | undefined; filtered: boolean };

/** Loads the list the address asks for. */
export function useListing<T>({ kind, noun, load }: Source<T>, { query, narrow, columns }: Asked<T>): Listing<T> {
  const place = here.value.query;
  const compare = compareAsked(columns);
  const whole = narrow !== undefined || compare !== undefined;
  const asked: Query = {
    q: place.get("q"),
    ...(noun && { tags: place.get("tags"), include_inactive: place.get("inactive") === "1" }),
    limit: whole ? 0 : PAGE,
    cursor: whole ? null : place.get("cursor"),
    ...query,
  };
  const from = whole ? 0 : Number(place.get("from") ?? 0) || 0;
  const loaded = useLoad(`${kind} ${JSON.stringify(asked)} ${changes.value[kind] ?? 0}`, async (signal) => ({
    ...(await load(asked, signal)),
    from,
  }));
  const kept = narrow ? loaded.data?.items.filter(narrow) : loaded.data?.items;
  const rows = compare ? kept?.toSorted(compare) : kept;
  const filtered = Boolean(
    narrow || asked.q || asked.tags || Object.values(query).some((value) => value != null && value !== ""),
  );
  return { loaded, rows, filtered };
}

/** "3 tools", "51 to 100 of 120 tools", or "12 of 120 tools" when a filter left rows out of all that came. */
export function amountOf(
  shown: number,
  { total, from, nextCursor }: Part<unknown>,
  noun: string,
  plural: string,
): string {
  if (shown === total) return count(shown, noun, plural);
  const paged = from > 0 || nextCursor !== null;
  return `${paged ? `${from + 1} to ${from + shown}` : shown} of ${count(total, noun, plural)}`;
}
