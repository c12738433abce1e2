// MCP servers: everything the gateway reaches. The list stays; drawers for one server, adding and editing open over it.
import type { UpstreamRead } from "../api.ts";
import { here, navigate, withQuery } from "../location.ts";
import { ERAS, EraBadge, StatusBadge, Tags } from "../parts/badges.tsx";
import { ChipOne } from "../parts/filters.tsx";
import { AddLink, Empty, ListPage, NameCell } from "../parts/list-page.tsx";
import { catalog } from "../parts/listing.tsx";
import type { Column } from "../parts/table.tsx";
import { When } from "../parts/time.tsx";
import { PlaceBadge } from "./access/place.tsx";
import { PLACE_FIELDS, PlaceChips, placeAsked } from "./access/place-filter.tsx";
import { UpstreamDrawer } from "./upstreams/drawer.tsx";
import { AddUpstream, EditUpstream } from "./upstreams/edit.tsx";

const UPSTREAMS = catalog("gateways");
const FILTERS = ["status", "era", ...PLACE_FIELDS];
const STATUSES = [
  { value: "up", label: "Up" },
  { value: "down", label: "Down" },
  { value: "disabled", label: "Disabled" },
];
const ERA_OPTIONS = Object.entries(ERAS).map(([value, era]) => ({ value, label: `${era.word} (${era.years})` }));

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host || url : url);
const byName = (a: UpstreamRead, b: UpstreamRead): number => a.name.localeCompare(b.name);

const COLUMNS: readonly Column<UpstreamRead>[] = [
  {
    id: "name",
    label: "Server",
    card: "title",
    compare: byName,
    cell: (row) => <NameCell name={row.name} href={place(`/${row.id}`)} about={hostOf(row.url)} />,
  },
  {
    id: "status",
    label: "Status",
    card: "state",
    compare: (a, b) => a.status.localeCompare(b.status),
    cell: (row) => (
      <span class="chips">
        <StatusBadge status={row.status} />
        <PlaceBadge row={row} />
      </span>
    ),
  },
  {
    id: "era",
    label: "Era",
    card: "fact",
    compare: (a, b) => a.protocolVersion.localeCompare(b.protocolVersion),
    cell: (row) => <EraBadge era={row.era} version={row.protocolVersion} />,
  },
  { id: "tags", label: "Tags", cell: (row) => <Tags tags={row.tags} /> },
  {
    id: "tools",
    label: "Tools",
    end: true,
    card: "more",
    cardLabel: "Tools",
    compare: (a, b) => a.toolCount - b.toolCount,
    cell: (row) => <b class="n">{row.toolCount}</b>,
  },
  {
    id: "seen",
    label: "Last seen",
    end: true,
    compare: (a, b) => (a.lastSeen ?? "").localeCompare(b.lastSeen ?? ""),
    cell: (row) => <When at={row.lastSeen} />,
  },
];

/** An address under this page that keeps the list as it is. */
const place = (below: string): string =>
  withQuery({ tab: null }, { path: `/ui/servers${below}`, query: here.value.query });

export function UpstreamsPage({ id, action }: { id: string | undefined; action: string | undefined }) {
  const { query } = here.value;
  const status = query.get("status");
  const era = query.get("era");
  const narrow =
    status || era ? (row: UpstreamRead) => (!status || row.status === status) && (!era || row.era === era) : undefined;
  const close = (): void => void navigate(place(""));
  return (
    <>
      <ListPage
        of={UPSTREAMS}
        title="MCP servers"
        about="Every MCP server the gateway reaches, of any era."
        noun="server"
        add={
          <AddLink main href={place("/new")}>
            Add server
          </AddLink>
        }
        columns={COLUMNS}
        href={(row) => place(`/${row.id}`)}
        query={{ ...(status === "disabled" ? { include_inactive: true } : {}), ...placeAsked() }}
        narrow={narrow}
        chips={
          <>
            <ChipOne name="Status" field="status" options={STATUSES} />
            <ChipOne name="Era" field="era" options={ERA_OPTIONS} />
            <PlaceChips />
          </>
        }
        filters={FILTERS}
        current={id}
        empty={<NoServers />}
      />
      {id === "new" && (
        <AddUpstream onClose={close} onDone={(added) => void navigate(place(`/${added}`), { replace: true })} />
      )}
      {id !== undefined && id !== "new" && action === undefined && (
        <UpstreamDrawer key={id} id={id} editHref={place(`/${id}/edit`)} onClose={close} />
      )}
      {id !== undefined && action === "edit" && (
        <EditUpstream key={id} id={id} onClose={() => void navigate(place(`/${id}`))} />
      )}
    </>
  );
}

const NoServers = () => (
  <Empty title="No MCP servers yet">
    <p>
      Add one by its URL, for example <code>https://example.com/mcp</code>. The gateway finds out which era it speaks
      and lists what it offers.
    </p>
    <div class="row">
      <AddLink href={place("/new")}>Add server</AddLink>
    </div>
  </Empty>
);
