// The one table: sort buttons in the head, rows that lead somewhere, selection, skeleton rows. Cards on a phone.
import type { ComponentChildren, TargetedMouseEvent } from "preact";
import { here, navigate, setQuery } from "../location.ts";
import { Checkbox } from "./fields.tsx";
import { Icon } from "./icon.tsx";

export type Column<T> = {
  id: string;
  label: string;
  cell: (row: T) => ComponentChildren;
  compare?: (a: T, b: T) => number;
  end?: boolean;
  /** Where the cell goes when the row is a card; without it, it is left out there. */
  card?: "title" | "state" | "fact" | "more";
  /** Said before the value on a card. */
  cardLabel?: string;
};

export type Selection = { ids: ReadonlySet<string>; set: (ids: Set<string>) => void };

type TableProps<T> = {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[] | undefined;
  /** Where a row leads; without it, nowhere. */
  href?: ((row: T) => string) | undefined;
  current?: string | undefined;
  busy?: boolean;
  selection?: Selection | undefined;
};

/** What every row has. */
export type Entity = { id: string; name: string; enabled: boolean };

/** What the address says about order: the column and whether it is turned round. */
export function sortAsked(): { column: string; down: boolean } {
  const text = here.value.query.get("sort") ?? "";
  return { column: text.replace(/^-/, ""), down: text.startsWith("-") };
}

/** The order the address asks for, or undefined for the gateway's own. */
export function compareAsked<T>(columns: readonly Column<T>[]): ((a: T, b: T) => number) | undefined {
  const { column, down } = sortAsked();
  const compare = columns.find((one) => one.id === column)?.compare;
  return compare && down ? (a, b) => compare(b, a) : compare;
}

export function Table<T extends Entity>(props: TableProps<T>) {
  const { columns, rows, selection } = props;
  const all = rows !== undefined && rows.length > 0 && rows.every((row) => selection?.ids.has(row.id));
  const some = rows?.some((row) => selection?.ids.has(row.id));
  return (
    <div class="tw cards" aria-busy={props.busy || rows === undefined}>
      <table aria-label={props.label}>
        <thead>
          <tr>
            {selection && (
              <th class="pick-c" scope="col">
                <Checkbox
                  label="Select all"
                  disabled={rows === undefined}
                  on={all || (some ? "mixed" : false)}
                  onCheck={(on) => selection.set(new Set(on ? rows?.map((row) => row.id) : []))}
                />
              </th>
            )}
            {columns.map((column) => (
              <Head key={column.id} column={column} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows === undefined
            ? [1, 2, 3, 4, 5].map((n) => <SkeletonRow key={n} columns={columns} pick={selection !== undefined} />)
            : rows.map((row) => <Row key={row.id} row={row} {...props} />)}
        </tbody>
      </table>
    </div>
  );
}

function Head<T>({ column }: { column: Column<T> }) {
  const { column: sorted, down } = sortAsked();
  const mine = sorted === column.id;
  const next = mine ? (down ? null : `-${column.id}`) : column.id;
  return (
    <th
      scope="col"
      class={column.end ? "r" : undefined}
      aria-sort={mine ? (down ? "descending" : "ascending") : undefined}
    >
      {column.compare ? (
        <button type="button" onClick={() => setQuery({ sort: next, cursor: null, from: null })}>
          {column.label}
          {mine && <Icon name={down ? "sortup" : "sortdown"} />}
        </button>
      ) : (
        column.label
      )}
    </th>
  );
}

function Row<T extends Entity>(props: TableProps<T> & { row: T }) {
  const { row, selection } = props;
  const picked = selection?.ids.has(row.id) ?? false;
  const href = props.href?.(row);
  const open = (event: TargetedMouseEvent<HTMLTableRowElement>): void => {
    const inside = event.target instanceof Element && event.target.closest("a, button, input, label") !== null;
    if (href !== undefined && !inside && getSelection()?.isCollapsed !== false) void navigate(href);
  };
  return (
    <tr
      data-href={href}
      class={!row.enabled ? "off" : undefined}
      aria-selected={picked || props.current === row.id || undefined}
      onClick={open}
    >
      {selection && (
        <td class="pick-c">
          <Checkbox
            label={`Select ${row.name}`}
            on={picked}
            onCheck={(on) => {
              const next = new Set(selection.ids);
              if (on) next.add(row.id);
              else next.delete(row.id);
              selection.set(next);
            }}
          />
        </td>
      )}
      {props.columns.map((column) => (
        <td
          key={column.id}
          class={[column.end && "r", column.card && `c-${column.card}`].filter(Boolean).join(" ") || undefined}
          data-label={column.cardLabel || undefined}
        >
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}

const SkeletonRow = <T,>({ columns, pick }: { columns: readonly Column<T>[]; pick: boolean }) => (
  <tr>
    {pick && <td class="pick-c" />}
    {columns.map((column, at) => (
      <td key={column.id} class={column.card && `c-${column.card}`}>
        <span class={`skel w${at === 0 ? 3 : 2}`} />
      </td>
    ))}
  </tr>
);
