// Changes: what upstreams changed in their tools. Clients go without until somebody has approved that very definition.
import { useState } from "preact/hooks";
import { list } from "../api.ts";
import { useLoad } from "../load.ts";
import { here, navigate, setQuery, withQuery } from "../location.ts";
import { Segments } from "../parts/fields.tsx";
import { ChipOne } from "../parts/filters.tsx";
import { Empty, ListPage } from "../parts/list-page.tsx";
import type { Column } from "../parts/table.tsx";
import { When } from "../parts/time.tsx";
import { Visible } from "../parts/visible.tsx";
import { may } from "../session.ts";
import { BulkApprove } from "./changes/bulk.tsx";
import { ALL_CHANGES, KINDS, type Row } from "./changes/changes.ts";
import { ChangeDrawer } from "./changes/drawer.tsx";
import { DecisionBadge, KindBadge, WarningLine } from "./changes/marks.tsx";

const FILTERS = ["kind", "source"];
const STATUS_OPTIONS = [
  { value: "", label: "Waiting" },
  { value: "rejected", label: "Rejected" },
  { value: "all", label: "All" },
];
const KIND_OPTIONS = Object.entries(KINDS).map(([value, { word }]) => ({ value, label: word }));

const place = (rest: string, tab: string | null = null): string =>
  withQuery({ tab }, { path: `/ui/changes${rest}`, query: here.value.query });
const hrefOf = (row: Row): string => place(`/${encodeURIComponent(row.toolId)}`, row.current ? null : "history");

const COLUMNS: readonly Column<Row>[] = [
  {
    id: "name",
    label: "Tool",
    card: "title",
    cell: (row) => (
      <span class="who-t lead">
        <a class="m" href={hrefOf(row)}>
          {row.toolName}
        </a>
        {row.warnings.length > 0 ? <WarningLine warnings={row.warnings} /> : <small>{fieldsOf(row)}</small>}
      </span>
    ),
  },
  { id: "kind", label: "Kind", card: "more", cell: (row) => <KindBadge kind={row.kind} /> },
  { id: "source", label: "Server", card: "fact", cell: (row) => row.gatewayName ?? <span class="mut">gone</span> },
  {
    id: "status",
    label: "State",
    card: "state",
    cell: (row) =>
      row.current || row.decidedAt ? <DecisionBadge status={row.status} /> : <span class="mut">past</span>,
  },
  {
    id: "withheld",
    label: "Missing in",
    end: true,
    cell: (row) => <span title={row.withheldFrom.map((one) => one.name).join(", ")}>{row.withheldFrom.length}</span>,
  },
  { id: "seen", label: "Seen", end: true, cell: (row) => <When at={row.seenAt} /> },
];

/** The fields that differ, in a line. */
const fieldsOf = ({ kind, diff }: Row) => {
  if (kind === "new") return "offered for the first time";
  const fields = [...new Set(diff.map(({ path }) => path.replace(/[.[].*/s, "")))];
  return <Visible text={fields.join(", ")} />;
};

export function ChangesPage({ id }: { id: string | undefined }) {
  const { query } = here.value;
  const kind = query.get("kind");
  const sources = useLoad("change sources", (signal) => list("gateways", { limit: 0, include_inactive: true }, signal));
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [shown, setShown] = useState<readonly Row[]>([]);
  const status = query.get("status") ?? "";
  const of: typeof ALL_CHANGES = {
    ...ALL_CHANGES,
    load: async (asked, signal) => {
      const page = await ALL_CHANGES.load(asked, signal);
      setShown(page.items);
      return page;
    },
  };
  const chosen = shown.filter((row) => picked.has(row.id));
  return (
    <>
      <ListPage
        of={of}
        title="Changes"
        about="What servers changed in their tools. Clients go without a changed tool until its new definition is approved."
        noun="change"
        tabs={
          <Segments
            label="Which changes"
            value={status}
            options={STATUS_OPTIONS}
            onValue={(next) => void setQuery({ status: next, cursor: null, from: null })}
          />
        }
        columns={COLUMNS}
        href={hrefOf}
        query={{ gateway_id: query.get("source"), status }}
        narrow={kind ? (row) => row.kind === kind : undefined}
        chips={
          <>
            <ChipOne name="Kind" field="kind" options={KIND_OPTIONS} />
            <ChipOne
              name="Server"
              field="source"
              options={(sources.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))}
            />
          </>
        }
        filters={FILTERS}
        current={undefined}
        {...(may("tools.update") && status === "" ? { selection: { ids: picked, set: setPicked } } : {})}
        empty={
          <Empty title="Nothing waits for you">
            <p>When a server changes a tool or adds one, it stands here until somebody has looked at it.</p>
            <div class="row">
              <a class="btn" href="/ui/changes?status=all">
                Show what was decided
              </a>
            </div>
          </Empty>
        }
      />
      {chosen.length > 0 && <BulkApprove rows={chosen} onDone={() => setPicked(new Set())} />}
      {id !== undefined && <ChangeDrawer key={id} toolId={id} onClose={() => void navigate(place(""))} />}
    </>
  );
}
