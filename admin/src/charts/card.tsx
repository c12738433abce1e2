// A card with a chart, and the same numbers as a table for who reads them so. Both are equally high: nothing jumps.
import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { Icon } from "../parts/icon.tsx";

export type TableData = { head: readonly string[]; rows: readonly (readonly string[])[] };

type ChartCardProps = {
  title: string;
  about?: string | undefined;
  table: TableData;
  legend?: ComponentChildren;
  children: ComponentChildren;
};

export function ChartCard({ title, about, table, legend, children }: ChartCardProps) {
  const id = useId();
  const [asTable, setAsTable] = useState(false);
  return (
    <section class="card" aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {about && <small>{about}</small>}
        <button
          type="button"
          class="btn quiet icon sm push"
          aria-label={`${title} as a table`}
          title="Show as a table"
          aria-pressed={asTable}
          onClick={() => setAsTable(!asTable)}
        >
          <Icon name="more" />
        </button>
      </header>
      <div class="card-b stack">
        <div class="chart-b">{asTable ? <DataTable label={title} {...table} /> : children}</div>
        {legend}
      </div>
    </section>
  );
}

const DataTable = ({ label, head, rows }: TableData & { label: string }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
  <section class="tw" aria-label={`${label}, table`} tabIndex={0}>
    <table aria-label={label}>
      <thead>
        <tr>
          {head.map((text, at) => (
            <th key={text} scope="col" class={at > 0 ? "r" : undefined}>
              {text}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row[0]}>
            {row.map((text, at) => (
              <td key={head[at]} class={at > 0 ? "r" : undefined}>
                {text}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </section>
);
