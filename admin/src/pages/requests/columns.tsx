// The columns of the requests: two lines a cell, so that all of a call fits on a desk.
import { EraBadge, Monogram } from "../../parts/badges.tsx";
import type { Column } from "../../parts/table.tsx";
import { Visible } from "../../parts/visible.tsx";
import { OutcomeBadge, Span } from "./marks.tsx";
import { eraOf, type Known, moment, ms, nameOf, type Row, size } from "./requests.ts";

/** The end of an id: ids of one time begin alike. */
const ID_SHOWN = 8;

/** `most`: milliseconds of the longest bar. */
export const columnsOf = (known: Known, most: number, hrefOf: (row: Row) => string): readonly Column<Row>[] => [
  {
    id: "at",
    label: "Time",
    card: "fact",
    cell: (row) => (
      <span class="who-t when n">
        <time dateTime={new Date(row.at).toISOString()} title={new Date(row.at).toISOString()}>
          {moment(row.at)}
        </time>
        <small class="m lo" title={row.requestId}>
          {row.requestId.slice(-ID_SHOWN)}
        </small>
      </span>
    ),
  },
  {
    id: "outcome",
    label: "Outcome",
    card: "state",
    cell: (row) => <OutcomeBadge outcome={row.outcome} title={row.message || row.error} />,
  },
  {
    id: "name",
    label: "What",
    card: "title",
    cell: (row) => (
      <span class="who-t what">
        <a class="m" href={hrefOf(row)}>
          <Visible text={row.name || row.method || "a request turned away"} />
        </a>
        {row.name && <small>{row.method}</small>}
      </span>
    ),
  },
  {
    id: "upstream",
    label: "Server",
    cell: (row) => (
      <span class="who-t">
        {row.upstream ? (
          <span class="row keep">
            <Monogram name={nameOf(known.upstreams, row.upstream)} size="sm" />
            <span>{nameOf(known.upstreams, row.upstream)}</span>
          </span>
        ) : (
          <span class="mut">answered here</span>
        )}
        {row.server && <small>via {nameOf(known.servers, row.server)}</small>}
      </span>
    ),
  },
  {
    id: "client",
    label: "Client",
    cell: (row) => (
      <span class="who-t by">
        <span>{row.client ? <Visible text={row.client} /> : <span class="mut">does not say</span>}</span>
        <small>{row.user}</small>
      </span>
    ),
  },
  {
    id: "protocol",
    label: "Protocol",
    cell: (row) => row.protocol && <EraBadge era={eraOf(row.protocol)} version={row.protocol} />,
  },
  { id: "span", label: "Duration", cell: (row) => <Span row={row} most={most} /> },
  { id: "took", label: "ms", end: true, card: "more", cardLabel: "ms", cell: (row) => <b class="n">{ms(row.took)}</b> },
  {
    id: "size",
    label: "In, out",
    end: true,
    cell: (row) => (
      <span class="who-t mut">
        <small>{size(row.bytesIn)}</small>
        <small>{size(row.bytesOut)}</small>
      </span>
    ),
  },
];
