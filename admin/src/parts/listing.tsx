// What every list page does: ask for the page the address names, narrow it, sort it, and say honestly what is shown.
// The gateway filters by text, tags and upstream. For anything else, and for sorting, everything is fetched.
import type { ComponentChildren } from "preact";
import { changes, list, type Noun, type Nouns, type Page, type Query } from "../api.ts";
import { type Loaded, useLoad } from "../load.ts";
import { here, withQuery } from "../location.ts";
import { Scene } from "./logo.tsx";
import { ErrorNote } from "./note.tsx";
import { type Column, compareAsked, Table } from "./table.tsx";
import { count } from "./time.tsx";

const PAGE = 50;

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
export function useListing<N extends Noun>(noun: N, { query, narrow, columns }: Asked<Nouns[N]>): Listing<Nouns[N]> {
  const place = here.value.query;
  const compare = compareAsked(columns);
  const whole = narrow !== undefined || compare !== undefined;
  const asked: Query = {
    q: place.get("q"),
    tags: place.get("tags"),
    include_inactive: place.get("inactive") === "1",
    limit: whole ? 0 : PAGE,
    cursor: whole ? null : place.get("cursor"),
    ...query,
  };
  const from = whole ? 0 : Number(place.get("from") ?? 0) || 0;
  const loaded = useLoad(`${noun} ${JSON.stringify(asked)} ${changes.value[noun] ?? 0}`, async (signal) => ({
    ...(await list(noun, asked, signal)),
    from,
  }));
  const kept = narrow ? loaded.data?.items.filter(narrow) : loaded.data?.items;
  const rows = compare ? kept?.toSorted(compare) : kept;
  const filtered = Boolean(narrow || asked.q || asked.tags || Object.values(query).some(Boolean));
  return { loaded, rows, filtered };
}

type ListBodyProps<T> = Parameters<typeof Table<T & { id: string }>>[0] & {
  listing: Listing<T>;
  noun: string;
  /** Shown when nothing exists at all. */
  empty: ComponentChildren;
  /** The fields "Clear filters" takes out. */
  filters: readonly string[];
};

/** The table, or what stands in its place: a failure, nothing yet, nothing for these filters. */
export function ListBody<T extends { id: string }>({ listing, noun, empty, filters, ...table }: ListBodyProps<T>) {
  const { loaded, rows, filtered } = listing;
  const { data, error, loading, reload } = loaded;
  if (error && data === undefined)
    return <ErrorNote error={error} retry={reload} what={`The list of ${noun}s did not load`} />;
  if (rows?.length === 0 && !loading)
    return filtered ? (
      <Empty title={`No ${noun} matches`}>
        <p>Nothing fits this search and these filters.</p>
        <div class="row">
          <a
            class="btn"
            href={withQuery(Object.fromEntries([...filters, "q", "cursor", "from"].map((field) => [field, null])))}
          >
            Clear filters
          </a>
        </div>
      </Empty>
    ) : (
      <>
        {empty}
        {here.value.query.has("inactive") || (
          <p class="hint">
            Disabled ones are not shown. <a href={withQuery({ inactive: "1" })}>Show them</a>
          </p>
        )}
      </>
    );
  const from = data?.from ?? 0;
  const shown = rows?.length ?? 0;
  return (
    <div>
      {error && <ErrorNote error={error} retry={reload} what="This list may be out of date" />}
      <Table {...table} busy={loading} />
      {data !== undefined && (
        <div class="tf">
          <span class="n" role="status">
            {amountOf(shown, data, noun)}
          </span>
          <span class="push" />
          {from > 0 && (
            <a class="btn sm" href={withQuery({ cursor: null, from: null })}>
              First page
            </a>
          )}
          {data.nextCursor !== null && (
            <a class="btn sm" href={withQuery({ cursor: data.nextCursor, from: String(from + shown) })}>
              Next page
            </a>
          )}
        </div>
      )}
    </div>
  );
}

/** "3 tools", "51 to 100 of 120 tools", or "12 of 120 tools" when a filter left rows out of all that came. */
function amountOf(shown: number, { total, from, nextCursor }: Part<unknown>, noun: string): string {
  if (shown === total) return count(shown, noun);
  const paged = from > 0 || nextCursor !== null;
  return `${paged ? `${from + 1} to ${from + shown}` : shown} of ${count(total, noun)}`;
}

/** Nothing here: what this is, why it is empty, what to do. */
export const Empty = ({ title, children }: { title: string; children: ComponentChildren }) => (
  <div class="card">
    <div class="empty">
      <Scene />
      <h2>{title}</h2>
      {children}
    </div>
  </div>
);
