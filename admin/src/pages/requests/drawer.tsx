// One request: where its time went, who asked for what, and where to look further.
import { useLoad } from "../../load.ts";
import { toolRequest } from "../../mcp.ts";
import { Monogram } from "../../parts/badges.tsx";
import { CopyButton } from "../../parts/code.tsx";
import { Drawer } from "../../parts/drawer.tsx";
import { ErrorNote } from "../../parts/note.tsx";
import { isObject } from "../../parts/schema/schema.ts";
import { Skeleton } from "../../parts/skeleton.tsx";
import { TabPanel, Tabs, tabOf } from "../../parts/tabs.tsx";
import { Visible } from "../../parts/visible.tsx";
import { asCurl } from "../tools/curl.ts";
import { RequestFacts } from "./facts.tsx";
import { OutcomeBadge } from "./marks.tsx";
import { Answered, Asked } from "./payload.tsx";
import { getOne, type Known, ms, nameOf, type Row, rowOf, type StoredPayload } from "./requests.ts";
import { Waterfall } from "./waterfall.tsx";

const TABS = [{ id: "overview", label: "Overview" }];
const PAYLOAD_TABS = [
  { id: "request", label: "Request" },
  { id: "answer", label: "Answer" },
];

/** `at`: when it came, which finds it at once. */
type Props = { id: string; at: string | null; known: Known; onClose: () => void };

export function RequestDrawer({ id, at, known, onClose }: Props) {
  const { data, error, reload } = useLoad(`request ${id}`, (signal) => getOne(id, at, signal));
  if (data === undefined)
    return (
      <Drawer title={error ? "Request" : "Loading"} onClose={onClose}>
        {error ? <ErrorNote error={error} retry={reload} what="This request did not load" /> : <Skeleton />}
      </Drawer>
    );
  return <Opened row={rowOf(data.request)} payload={data.payload} known={known} onClose={onClose} />;
}

type OpenedProps = { row: Row; payload: StoredPayload | null; known: Known; onClose: () => void };

function Opened({ row, payload, known, onClose }: OpenedProps) {
  const tabs = payload ? [...TABS, ...PAYLOAD_TABS] : TABS;
  const tab = tabOf(tabs);
  const server = row.upstream ? nameOf(known.upstreams, row.upstream) : "";
  return (
    <Drawer
      title={row.name || row.method || "A request turned away"}
      {...(server && { lead: <Monogram name={server} size="lg" /> })}
      marks={<OutcomeBadge outcome={row.outcome} />}
      sub={`${row.method || "no method"}, ${new Date(row.at).toLocaleString("en", { dateStyle: "medium", timeStyle: "medium" })}, ${ms(row.took)} ms`}
      tabs={<Tabs tabs={tabs} label="About this request" />}
      onClose={onClose}
      foot={
        <>
          <CopyButton word="Copy id" small={false} text={row.requestId} label="Copy id of the request" />
          {payload && row.kind === "tool" && <Again row={row} payload={payload} />}
          <span class="push" />
          <a class="btn quiet" href={likeThis(row)}>
            Requests like this
          </a>
        </>
      }
    >
      <TabPanel id={tab}>
        {tab === "request" && payload && <Asked payload={payload} />}
        {tab === "answer" && payload && <Answered payload={payload} />}
        {tab === "overview" && <Overview row={row} server={server} known={known} />}
      </TabPanel>
    </Drawer>
  );
}

const Overview = ({ row, server, known }: { row: Row; server: string; known: Known }) => (
  <>
    {row.outcome !== "ok" && (
      <section class="note bad" aria-label="What went wrong">
        <div>
          <b class="m">{row.error || row.outcome}</b>{" "}
          <span class="foreign">
            <Visible text={row.message} />
          </span>
        </div>
      </section>
    )}
    <Waterfall row={row} server={server} />
    <RequestFacts row={row} known={known} />
    {row.server && <Keeping row={row} />}
  </>
);

/** Where it is set what is kept of the calls of a virtual server. */
const Keeping = ({ row }: { row: Row }) => (
  <p class="hint">
    What was asked and answered is kept as{" "}
    <a href={`/ui/virtual-servers/${encodeURIComponent(row.server)}`}>its virtual server</a> says, and shown to those
    who may inspect it.
  </p>
);

/** The same call once more: in a shell, or with the tool's own form. */
function Again({ row, payload }: { row: Row; payload: StoredPayload }) {
  const params = argumentsIn(payload.request);
  if (params === undefined) return null;
  const path = row.server ? `/servers/${encodeURIComponent(row.server)}/mcp` : "/mcp";
  return (
    <>
      <CopyButton
        word="Copy as curl"
        small={false}
        label="Copy as curl"
        text={asCurl(toolRequest(row.name, {}, params), path)}
      />
      {row.target && (
        <a class="btn quiet" href={`/ui/tools/${encodeURIComponent(row.target)}?tab=try`}>
          Try the tool
        </a>
      )}
    </>
  );
}

/** The arguments of a call as they were kept; undefined when they were cut. */
function argumentsIn(request: string): Record<string, unknown> | undefined {
  try {
    const params: unknown = JSON.parse(request);
    const given = isObject(params) ? (params.arguments ?? {}) : undefined;
    return isObject(given) ? given : undefined;
  } catch {
    return undefined;
  }
}

/** The list of what was asked of the same thing. */
function likeThis({ method, name }: Row): string {
  return `/ui/requests?${new URLSearchParams({ ...(method && { method }), ...(name && { name }) })}`;
}
