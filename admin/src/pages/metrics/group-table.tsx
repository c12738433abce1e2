// The groups in full, and all calls together. A group's name narrows everything to it.
import { withQuery } from "../../location.ts";
import { measured, percent, size, whole } from "../../parts/numbers.ts";
import { type Column, compareAsked, Table } from "../../parts/table.tsx";
import { When } from "../../parts/time.tsx";
import type { Shown } from "./load.ts";
import { BY } from "./measures.ts";
import { type CallFigures, errorRate } from "./metrics.ts";

/** `narrow`: where its name leads; undefined where calls have none, and of all together. */
type Line = CallFigures & { id: string; name: string; enabled: true; clients: number; narrow: string | undefined };

const by =
  (of: (line: Line) => number) =>
  (one: Line, other: Line): number =>
    of(other) - of(one);

const COLUMNS = (label: string): readonly Column<Line>[] => [
  {
    id: "name",
    label,
    card: "title",
    compare: (one, other) => one.name.localeCompare(other.name),
    cell: ({ name, narrow }) => (narrow ? <a href={narrow}>{name}</a> : <b>{name}</b>),
  },
  {
    id: "calls",
    label: "Calls",
    end: true,
    card: "state",
    compare: by(({ calls }) => calls),
    cell: ({ calls }) => whole(calls),
  },
  {
    id: "errors",
    label: "Errors",
    end: true,
    compare: by(({ errors }) => errors),
    cell: ({ errors }) => whole(errors),
  },
  {
    id: "rate",
    label: "Error rate",
    end: true,
    card: "fact",
    cardLabel: "Errors",
    compare: by(errorRate),
    cell: (line) => percent(errorRate(line)),
  },
  {
    id: "gateway",
    label: "Causeway p95",
    end: true,
    compare: by(({ gateway }) => gateway.p95 ?? 0),
    cell: ({ gateway }) => measured(gateway.p95),
  },
  { id: "p50", label: "Servers p50", end: true, cell: ({ upstream }) => measured(upstream.p50) },
  {
    id: "p95",
    label: "p95",
    end: true,
    card: "more",
    cardLabel: "p95",
    compare: by(({ upstream }) => upstream.p95 ?? 0),
    cell: ({ upstream }) => measured(upstream.p95),
  },
  { id: "p99", label: "p99", end: true, cell: ({ upstream }) => measured(upstream.p99) },
  {
    id: "out",
    label: "Answered",
    end: true,
    compare: by(({ bytesOut }) => bytesOut),
    cell: ({ bytesOut }) => size(bytesOut),
  },
  {
    id: "clients",
    label: "Clients",
    end: true,
    compare: by(({ clients }) => clients),
    cell: ({ clients }) => whole(clients),
  },
  { id: "last", label: "Last", end: true, cell: ({ lastAt }) => <When at={lastAt} /> },
];

export function GroupTable({ shown: { answer, wish } }: { shown: Shown }) {
  const { label, next } = BY[wish.by];
  const columns = COLUMNS(wish.by === "none" ? "Calls" : label);
  const lines = answer.groups.map((group): Line => {
    const narrows = wish.by !== "none" && group.key !== "";
    const narrow = narrows ? withQuery({ [wish.by]: group.key, by: next, sort: null }) : undefined;
    return { ...group, id: group.key, enabled: true, narrow };
  });
  const compare = compareAsked(columns);
  const all: Line = { ...answer.total, id: "all together", name: "All together", enabled: true, narrow: undefined };
  return (
    <div class="dense">
      <Table
        label="Calls in groups"
        columns={columns}
        rows={[...(wish.by === "none" ? [] : compare ? lines.toSorted(compare) : lines), all]}
      />
      {answer.groupCount > lines.length && (
        <p class="tf">
          The first {lines.length} of {whole(answer.groupCount)}. The export has the first 200.
        </p>
      )}
    </div>
  );
}
