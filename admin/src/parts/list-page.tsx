// A page that lists: its head, the bar above the list, and the list or what stands in its place. The address holds what
// is searched, filtered, sorted and on which page.
import type { ComponentChildren } from "preact";
import type { Query } from "../api.ts";
import { here, withQuery } from "../location.ts";
import { Monogram } from "./badges.tsx";
import { ClearFilters, Search, ShowInactive, TagChip } from "./filters.tsx";
import { Icon } from "./icon.tsx";
import { amountOf, type Listing, type Source, useListing } from "./listing.tsx";
import { Scene } from "./logo.tsx";
import { ErrorNote } from "./note.tsx";
import { type Column, type Entity, type Selection, Table } from "./table.tsx";

type ListPageProps<T extends Entity> = {
  of: Source<T>;
  title: string;
  /** What the page shows, in a sentence. */
  about: string;
  /** One of them, as counted: "3 tools"; `plural` where an s does not make it. */
  noun: string;
  plural?: string;
  /** Without search, where the gateway has none. */
  searches?: false;
  /** Chooses between this list and others, below the head. */
  tabs?: ComponentChildren;
  add?: ComponentChildren;
  columns: readonly Column<T>[];
  href?: (row: T) => string;
  /** Filters the gateway applies, beside search and tags. */
  query?: Query;
  /** A filter it can't apply; undefined when none is set. */
  narrow?: ((row: T) => boolean) | undefined;
  /** Chips for the fields in `filters`. */
  chips?: ComponentChildren;
  filters?: readonly string[];
  current?: string | undefined;
  selection?: Selection;
  /** Shown when nothing exists at all. */
  empty: ComponentChildren;
};

export function ListPage<T extends Entity>(props: ListPageProps<T>) {
  const { of, title, noun, plural = `${noun}s`, columns, query = {}, narrow, filters = [] } = props;
  const listing = useListing(of, { query, narrow, columns });
  const fields = [...filters, "tags"];
  return (
    <>
      <div class="head">
        <div>
          <h1>{title}</h1>
          <p>{props.about}</p>
        </div>
        <div class="acts">{props.add}</div>
      </div>
      {props.tabs && <div>{props.tabs}</div>}
      <div class="bar">
        {props.searches !== false && <Search label={`Search ${plural}`} />}
        <div class="chips">
          {props.chips}
          {of.noun && <TagChip noun={of.noun} />}
          <ClearFilters fields={fields} />
        </div>
        {of.noun && (
          <>
            <span class="push" />
            <ShowInactive />
          </>
        )}
      </div>
      <ListBody
        listing={listing}
        noun={noun}
        plural={plural}
        empty={props.empty}
        fields={fields}
        hides={of.noun !== undefined}
      >
        <Table
          label={title}
          columns={columns}
          rows={listing.rows}
          href={props.href}
          current={props.current}
          selection={props.selection}
          busy={listing.loaded.loading}
        />
      </ListBody>
    </>
  );
}

type BodyProps<T> = {
  listing: Listing<T>;
  noun: string;
  plural: string;
  empty: ComponentChildren;
  fields: readonly string[];
  /** Whether disabled ones are left out unless asked for. */
  hides: boolean;
  children: ComponentChildren;
};

/** The table, or what stands in its place: a failure, nothing yet, nothing for these filters. */
export function ListBody<T>({ listing, noun, plural, empty, fields, hides, children }: BodyProps<T>) {
  const { loaded, rows, filtered } = listing;
  const { data, error, loading, reload } = loaded;
  if (error && data === undefined)
    return <ErrorNote error={error} retry={reload} what={`The list of ${plural} did not load`} />;
  if (rows?.length === 0 && !loading)
    return filtered ? (
      <Empty title={`No ${noun} matches`}>
        <p>Nothing fits this search and these filters.</p>
        <div class="row">
          <a
            class="btn"
            href={withQuery(Object.fromEntries([...fields, "q", "cursor", "from"].map((field) => [field, null])))}
          >
            Clear filters
          </a>
        </div>
      </Empty>
    ) : (
      <>
        {empty}
        {hides && !here.value.query.has("inactive") && (
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
      {children}
      {data !== undefined && (
        <div class="tf">
          <span class="n" role="status">
            {amountOf(shown, data, noun, plural)}
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

/** A link that adds something. The one of a page's head is `main`. */
export const AddLink = (props: { href: string; main?: boolean; children: string }) => (
  <a class={props.main ? "btn pri" : "btn"} href={props.href}>
    <Icon name="plus" />
    {props.children}
  </a>
);

/** The cell that names a row: its sign, its name, and a line about it. */
export const NameCell = ({ name, href, about }: { name: string; href: string; about?: string | null }) => (
  <span class="who">
    <Monogram name={name} />
    <span class="who-t">
      <a href={href}>{name}</a>
      {about && <small>{about}</small>}
    </span>
  </span>
);
