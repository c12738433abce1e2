// How each tool is used, and which are not: those can be disabled together.
import { useState } from "preact/hooks";
import type { ToolDisabled } from "../../../../src/schemas/tools.ts";
import { changed, changes, send } from "../../api.ts";
import { useJob, useLoad } from "../../load.ts";
import { here } from "../../location.ts";
import { Badge } from "../../parts/badges.tsx";
import { confirm } from "../../parts/confirm.tsx";
import { BusyButton } from "../../parts/fields.tsx";
import { Search } from "../../parts/filters.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Empty, ListBody } from "../../parts/list-page.tsx";
import { ErrorNote } from "../../parts/note.tsx";
import { measured, percent, whole } from "../../parts/numbers.ts";
import { type Column, Table } from "../../parts/table.tsx";
import { TabPanel, Tabs, tabOf } from "../../parts/tabs.tsx";
import { count, Day, When } from "../../parts/time.tsx";
import { toast } from "../../parts/toast.tsx";
import { may } from "../../session.ts";
import { errorRate, getUsage, type Usage, type UsageTab } from "./metrics.ts";

const PAGE = 20;
const TABS: readonly { id: UsageTab; label: string; about: string }[] = [
  { id: "most", label: "Most called", about: "Called within 30 days, the most called first." },
  { id: "recent", label: "Recently used", about: "Ever called, the latest first." },
  { id: "failing", label: "Failing", about: "Those with failed calls within 30 days, the highest share first." },
  { id: "slow", label: "Slow", about: "Called within 30 days, those that take longest first." },
  {
    id: "unused",
    label: "Unused",
    about: "Enabled, but not called for 30 days. Each one costs every client tokens in its list of tools.",
  },
];

/** The tab the address asks for. */
export const tabAsked = (): UsageTab => tabOf(TABS) as UsageTab;

const COLUMNS: readonly Column<Usage>[] = [
  {
    id: "name",
    label: "Tool",
    card: "title",
    cell: (row) => (
      <span class="who-t lead">
        <a class="m" href={`/ui/tools/${encodeURIComponent(row.id)}`}>
          {row.name}
        </a>
        <small>{row.gatewayName ?? "this gateway"}</small>
      </span>
    ),
  },
  { id: "calls", label: "Calls", end: true, card: "state", cardLabel: "Calls", cell: ({ calls }) => whole(calls) },
  { id: "clients", label: "Clients", end: true, cell: ({ clients }) => whole(clients) },
  {
    id: "errors",
    label: "Errors",
    end: true,
    card: "fact",
    cardLabel: "Errors",
    cell: (row) =>
      row.errors === 0 ? <span class="mut">none</span> : <span class="t-bad">{percent(errorRate(row))}</span>,
  },
  { id: "average", label: "Average", end: true, cell: ({ averageMs }) => measured(averageMs) },
  { id: "p95", label: "Server p95", end: true, cell: ({ upstream }) => measured(upstream.p95) },
  { id: "ever", label: "Calls ever", end: true, cell: ({ everCalls }) => whole(everCalls) },
  {
    id: "last",
    label: "Last used",
    end: true,
    card: "more",
    cell: ({ everLastAt }) => (everLastAt === null ? <Badge tone="idle">never</Badge> : <When at={everLastAt} />),
  },
  { id: "first", label: "First seen", end: true, cell: ({ createdAt }) => <Day at={createdAt} /> },
];

export function ToolUsage() {
  const { query } = here.value;
  const tab = tabAsked();
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const wish = { tab, q: query.get("q"), cursor: query.get("cursor"), limit: PAGE };
  const from = Number(query.get("from") ?? 0) || 0;
  const loaded = useLoad(`usage ${JSON.stringify(wish)} ${changes.value.tools ?? 0}`, async (signal) => {
    const { usage, nextCursor, total, counts } = await getUsage(wish, signal);
    return { tab, items: usage, nextCursor, total, counts, from };
  });
  const { data } = loaded;
  const rows = data?.tab === tab ? data.items : undefined;
  const about = TABS.find(({ id }) => id === tab)?.about;
  return (
    <section class="stack" aria-labelledby="usage">
      <div class="row">
        <h2 id="usage">Use of tools</h2>
        <span class="push" />
        <Search label="Search tools" />
      </div>
      <Tabs label="Use of tools" tabs={TABS.map((one) => ({ ...one, count: data?.counts[one.id] ?? 0 }))} />
      <TabPanel id={tab}>
        <p class="hint">{about}</p>
        <ListBody
          listing={{ loaded, rows, filtered: wish.q !== null }}
          noun="tool"
          plural="tools"
          fields={[]}
          hides={false}
          empty={<NoTools tab={tab} />}
        >
          <Table
            label="Use of tools"
            columns={COLUMNS}
            rows={rows}
            busy={loaded.loading}
            selection={may("tools.update") ? { ids: picked, set: setPicked } : undefined}
          />
        </ListBody>
        {picked.size > 0 && <Bulk ids={[...picked]} onDone={() => setPicked(new Set())} />}
      </TabPanel>
    </section>
  );
}

const NoTools = ({ tab }: { tab: UsageTab }) => (
  <Empty title={tab === "unused" ? "Every tool is used" : "No tool here yet"}>
    <p>
      {tab === "unused"
        ? "Each enabled tool was called within 30 days, or there is none."
        : "Tools appear here once clients call them."}
    </p>
  </Empty>
);

/** Disables what was picked, after asking. */
function Bulk({ ids, onDone }: { ids: string[]; onDone: () => void }) {
  const job = useJob();
  const disable = async (): Promise<void> => {
    const tools = count(ids.length, "tool");
    const sure = await confirm({
      title: `Disable ${tools}?`,
      body: "Clients no longer see or call them, in any virtual server. You can enable them again under Tools.",
      verb: `Disable ${tools}`,
      danger: true,
    });
    if (!sure) return;
    const done = await job.run(() => send<{ results: ToolDisabled[] }>("POST", "/tools/disable", { body: { ids } }));
    if (done === undefined) return;
    changed("tools", "servers");
    const refused = done.results.filter(({ outcome }) => outcome === "forbidden" || outcome === "not_found").length;
    toast(`${count(ids.length - refused, "tool")} disabled`);
    if (refused > 0) toast(`${count(refused, "tool")} may not be changed by you, or went meanwhile`, "bad");
    onDone();
  };
  return (
    <>
      {job.error && <ErrorNote error={job.error} what="The tools were not disabled" />}
      <section class="bulk" aria-label="Selected tools">
        <b class="n" role="status">
          {ids.length} selected
        </b>
        <span class="push" />
        <BusyButton busy={job.busy} icon="power" onClick={() => void disable()}>
          Disable selected
        </BusyButton>
        <button type="button" class="btn quiet icon" aria-label="Clear selection" onClick={onDone}>
          <Icon name="x" />
        </button>
      </section>
    </>
  );
}
