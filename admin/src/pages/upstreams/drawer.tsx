// One MCP server: facts, what it offers, what could not be taken, and what can be done about it.
import { useState } from "preact/hooks";
import {
  type ApiError,
  changed,
  changes,
  get,
  listAll,
  type ServerRead,
  send,
  setState,
  type UpstreamRead,
} from "../../api.ts";
import { useJob, useLoad } from "../../load.ts";
import { Monogram, StatusBadge } from "../../parts/badges.tsx";
import { CopyButton } from "../../parts/code.tsx";
import { confirm } from "../../parts/confirm.tsx";
import { Drawer } from "../../parts/drawer.tsx";
import { BusyButton } from "../../parts/fields.tsx";
import { Icon } from "../../parts/icon.tsx";
import { ErrorNote, Note } from "../../parts/note.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { TabPanel, Tabs, tabOf } from "../../parts/tabs.tsx";
import { count } from "../../parts/time.tsx";
import { toast } from "../../parts/toast.tsx";
import { mayTo } from "../../session.ts";
import { PlaceBadge } from "../access/place.tsx";
import { UpstreamFacts } from "./facts.tsx";
import { UpstreamProblems, UpstreamTools } from "./offers.tsx";
import { type Refreshed, RefreshNote } from "./refresh-note.tsx";

type Props = { id: string; editHref: string; onClose: () => void };

export function UpstreamDrawer({ id, editHref, onClose }: Props) {
  const path = `/gateways/${encodeURIComponent(id)}`;
  const { data, error, reload } = useLoad(`${path} ${changes.value.gateways ?? 0}`, (signal) =>
    get<UpstreamRead>(path, signal),
  );
  if (data === undefined)
    return (
      <Drawer title={error ? "MCP server" : "Loading"} onClose={onClose}>
        {error ? <ErrorNote error={error} retry={reload} what="This server did not load" /> : <Skeleton />}
      </Drawer>
    );
  return <Opened upstream={data} stale={error} editHref={editHref} onClose={onClose} />;
}

function Opened(props: { upstream: UpstreamRead; stale: ApiError | undefined; editHref: string; onClose: () => void }) {
  const { upstream, onClose } = props;
  const problems = upstream.validationErrors.length;
  const tabs = [
    { id: "overview", label: "Overview" },
    { id: "tools", label: "Tools", count: upstream.toolCount },
    ...(problems > 0 ? [{ id: "problems", label: "Problems", count: problems }] : []),
  ];
  const tab = tabOf(tabs);
  const refresh = useJob();
  const state = useJob();
  const removal = useJob();
  const [refreshed, setRefreshed] = useState<Refreshed>();

  const run = async (): Promise<void> => {
    setRefreshed(undefined);
    const result = await refresh.run(() => send<Refreshed>("POST", `/gateways/${upstream.id}/tools/refresh`));
    setRefreshed(result);
    changed("gateways", "tools", "prompts", "resources");
  };
  const toggle = async (): Promise<void> => {
    await state.run(() => setState("gateways", upstream.id, !upstream.enabled));
    changed("gateways", "tools");
  };
  const remove = async (): Promise<void> => {
    const servers = await removal.run(() => listAll("servers"));
    if (servers === undefined) return;
    const sure = await confirm({
      title: `Delete ${upstream.name}?`,
      body: <Blast upstream={upstream} servers={servers} />,
      verb: "Delete server",
      danger: true,
    });
    if (!sure) return;
    const done = await removal.run(() => send<unknown>("DELETE", `/gateways/${upstream.id}`).then(() => true));
    if (!done) return;
    toast(`${upstream.name} is deleted`);
    onClose();
    changed("gateways", "tools", "prompts", "resources", "servers");
  };

  const failure = state.error ?? removal.error;
  return (
    <Drawer
      title={upstream.name}
      lead={<Monogram name={upstream.name} size="lg" />}
      marks={
        <>
          <StatusBadge status={upstream.status} />
          <PlaceBadge row={upstream} />
        </>
      }
      sub={
        <span class="row">
          <span class="m">{upstream.url}</span>
          <CopyButton text={upstream.url} label="Copy URL" />
        </span>
      }
      tabs={<Tabs tabs={tabs} label={`About ${upstream.name}`} />}
      onClose={onClose}
      foot={
        (mayTo("gateways.update", upstream) || mayTo("gateways.delete", upstream)) && (
          <>
            {mayTo("gateways.update", upstream) && (
              <>
                <BusyButton busy={refresh.busy} icon="refresh" disabled={!upstream.enabled} onClick={() => void run()}>
                  Refresh
                </BusyButton>
                <a class="btn" href={props.editHref}>
                  <Icon name="edit" />
                  Edit
                </a>
                <BusyButton busy={state.busy} icon="power" onClick={() => void toggle()}>
                  {upstream.enabled ? "Disable" : "Enable"}
                </BusyButton>
              </>
            )}
            <span class="push" />
            {mayTo("gateways.delete", upstream) && (
              <BusyButton class="danger" busy={removal.busy} icon="trash" onClick={() => void remove()}>
                Delete
              </BusyButton>
            )}
          </>
        )
      }
    >
      {props.stale && <ErrorNote error={props.stale} what="This may be out of date" />}
      {failure && <ErrorNote error={failure} />}
      {refresh.error && <ErrorNote error={refresh.error} what="The refresh failed" retry={() => void run()} />}
      {refreshed && <RefreshNote result={refreshed} />}
      <TabPanel id={tab}>
        {tab === "overview" && <UpstreamFacts upstream={upstream} />}
        {tab === "tools" && <UpstreamTools id={upstream.id} />}
        {tab === "problems" && <UpstreamProblems problems={upstream.validationErrors} />}
      </TabPanel>
    </Drawer>
  );
}

type Lost = { server: ServerRead; tools: number; prompts: number; resources: number };
const KINDS = ["tools", "prompts", "resources"] as const;

const lostIn = (server: ServerRead, upstreamId: string): Lost => {
  const of = (kind: (typeof KINDS)[number]): number =>
    server[kind].filter((one) => one.gatewayId === upstreamId).length;
  return { server, tools: of("tools"), prompts: of("prompts"), resources: of("resources") };
};

/** "12 tools, 1 prompt" */
const inWords = (lost: Pick<Lost, (typeof KINDS)[number]>): string =>
  KINDS.filter((kind) => lost[kind] > 0)
    .map((kind) => count(lost[kind], kind.slice(0, -1)))
    .join(", ");

/** What deleting takes away, counted from the virtual servers themselves. */
function Blast({ upstream, servers }: { upstream: UpstreamRead; servers: ServerRead[] }) {
  const losing = servers
    .map((server) => lostIn(server, upstream.id))
    .filter((lost) => KINDS.some((kind) => lost[kind] > 0));
  const sum = (kind: (typeof KINDS)[number]): number => losing.reduce((total, lost) => total + lost[kind], 0);
  const total = { tools: sum("tools"), prompts: sum("prompts"), resources: sum("resources") };
  if (losing.length === 0)
    return (
      <p>No virtual server uses it. Its {count(upstream.toolCount, "tool")} leave the catalog. This can't be undone.</p>
    );
  return (
    <>
      <Note tone="warn">
        <b>
          {count(losing.length, "virtual server loses", "virtual servers lose")} {inWords(total)}
        </b>{" "}
        clients use now. This can't be undone.
      </Note>
      <ul class="list">
        {losing.slice(0, 6).map((lost) => (
          <li key={lost.server.id}>
            <span class="grow">
              <b>{lost.server.name}</b>
            </span>
            <span class="n mut">{inWords(lost)}</span>
          </li>
        ))}
      </ul>
      {losing.length > 6 && <p>and {losing.length - 6} more</p>}
    </>
  );
}
