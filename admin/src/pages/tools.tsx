// Tools: everything callable that the catalog knows, from MCP servers and REST APIs.
import { useState } from "preact/hooks";
import { changed, list, setState, type ToolRead } from "../api.ts";
import { useJob, useLoad } from "../load.ts";
import { here, navigate, withQuery } from "../location.ts";
import { EffectBadge, effectOf, OnOffBadge, Tags } from "../parts/badges.tsx";
import { BusyButton } from "../parts/fields.tsx";
import { ChipOne } from "../parts/filters.tsx";
import { Icon } from "../parts/icon.tsx";
import { AddLink, Empty, ListPage } from "../parts/list-page.tsx";
import { catalog } from "../parts/listing.tsx";
import { ErrorNote } from "../parts/note.tsx";
import type { Column } from "../parts/table.tsx";
import { count } from "../parts/time.tsx";
import { toast } from "../parts/toast.tsx";
import { PlaceBadge } from "./access/place.tsx";
import { PLACE_FIELDS, PlaceChips, placeAsked } from "./access/place-filter.tsx";
import { Withheld } from "./changes/withheld.tsx";
import { AddTool } from "./tools/add.tsx";
import { ToolDrawer } from "./tools/drawer.tsx";

const TOOLS = catalog("tools");
const FILTERS = ["source", "kind", "effect", ...PLACE_FIELDS];
const KINDS = [
  { value: "MCP", label: "MCP" },
  { value: "REST", label: "REST" },
];
const EFFECTS = [
  { value: "reads", label: "Reads only" },
  { value: "writes", label: "Writes" },
  { value: "destroys", label: "May destroy" },
];

const place = (below: string): string =>
  withQuery({ tab: null }, { path: `/ui/tools${below}`, query: here.value.query });

const COLUMNS: readonly Column<ToolRead>[] = [
  {
    id: "name",
    label: "Tool",
    card: "title",
    compare: (a, b) => a.name.localeCompare(b.name),
    cell: (row) => (
      <span class="who-t lead">
        <a class="m" href={place(`/${row.id}`)}>
          {row.name}
        </a>
        <small>{row.description ?? row.title}</small>
      </span>
    ),
  },
  {
    id: "source",
    label: "Source",
    card: "fact",
    compare: (a, b) => (a.gatewayName ?? "").localeCompare(b.gatewayName ?? ""),
    cell: (row) => row.gatewayName ?? <span class="mut">this gateway</span>,
  },
  {
    id: "kind",
    label: "Kind",
    compare: (a, b) => a.integrationType.localeCompare(b.integrationType),
    cell: (row) => row.integrationType,
  },
  { id: "effect", label: "Effect", card: "more", cell: (row) => <EffectBadge annotations={row.annotations} /> },
  {
    id: "state",
    label: "State",
    card: "state",
    cell: (row) => (
      <span class="chips">
        <OnOffBadge on={row.enabled} />
        {row.withheld && <Withheld id={row.id} />}
        <PlaceBadge row={row} />
      </span>
    ),
  },
  {
    id: "used",
    label: "Used in",
    end: true,
    compare: (a, b) => a.servers.length - b.servers.length,
    cell: (row) => <span title={row.servers.map((server) => server.name).join(", ")}>{row.servers.length}</span>,
  },
  { id: "tags", label: "Tags", cell: (row) => <Tags tags={row.tags} /> },
];

export function ToolsPage({ id }: { id: string | undefined }) {
  const { query } = here.value;
  const kind = query.get("kind");
  const effect = query.get("effect");
  const narrow =
    kind || effect
      ? (row: ToolRead) => (!kind || row.integrationType === kind) && (!effect || effectOf(row.annotations) === effect)
      : undefined;
  const sources = useLoad("tool sources", (signal) => list("gateways", { limit: 0, include_inactive: true }, signal));
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const sourceOptions = (sources.data?.items ?? []).map((one) => ({
    value: one.id,
    label: one.name,
    count: one.toolCount,
  }));
  const close = (): void => void navigate(place(""));
  return (
    <>
      <ListPage
        of={TOOLS}
        title="Tools"
        about="Everything that can be called, from MCP servers and REST APIs."
        noun="tool"
        add={
          <AddLink main href={place("/new")}>
            Add REST tool
          </AddLink>
        }
        columns={COLUMNS}
        href={(row) => place(`/${row.id}`)}
        query={{ gateway_id: query.get("source"), ...placeAsked() }}
        narrow={narrow}
        chips={
          <>
            <ChipOne name="Source" field="source" options={sourceOptions} />
            <ChipOne name="Kind" field="kind" options={KINDS} />
            <ChipOne name="Effect" field="effect" options={EFFECTS} />
            <PlaceChips />
          </>
        }
        filters={FILTERS}
        current={id}
        selection={{ ids: picked, set: setPicked }}
        empty={<NoTools />}
      />
      {picked.size > 0 && <Bulk ids={[...picked]} onDone={() => setPicked(new Set())} />}
      {id === "new" && (
        <AddTool onClose={close} onDone={(added) => void navigate(place(`/${added}`), { replace: true })} />
      )}
      {id !== undefined && id !== "new" && <ToolDrawer key={id} id={id} onClose={close} />}
    </>
  );
}

/** What can be done with the chosen rows. */
function Bulk({ ids, onDone }: { ids: string[]; onDone: () => void }) {
  const job = useJob();
  const turn = async (on: boolean): Promise<void> => {
    const done = await job.run(async () => {
      for (const id of ids) await setState("tools", id, on);
      return true;
    });
    changed("tools", "servers");
    if (!done) return;
    toast(`${count(ids.length, "tool")} ${on ? "enabled" : "disabled"}`);
    onDone();
  };
  return (
    <>
      {job.error && <ErrorNote error={job.error} what="Some tools were not changed" />}
      <section class="bulk" aria-label="Selected tools">
        <b class="n" role="status">
          {ids.length} selected
        </b>
        <BusyButton busy={job.busy} onClick={() => void turn(true)}>
          Enable
        </BusyButton>
        <BusyButton busy={job.busy} onClick={() => void turn(false)}>
          Disable
        </BusyButton>
        <span class="push" />
        <button type="button" class="btn quiet icon" aria-label="Clear selection" onClick={onDone}>
          <Icon name="x" />
        </button>
      </section>
    </>
  );
}

const NoTools = () => (
  <Empty title="No tools yet">
    <p>Tools come with MCP servers. You can also turn a REST endpoint into one.</p>
    <div class="row">
      <AddLink href="/ui/servers/new">Add MCP server</AddLink>
      <a class="btn" href={place("/new")}>
        Add REST tool
      </a>
    </div>
  </Empty>
);
