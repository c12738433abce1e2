// One change of a tool: what to beware of, what differs, and the decision, which is about this very definition.
import { useState } from "preact/hooks";
import { changes } from "../../api.ts";
import { useJob, useLoad } from "../../load.ts";
import { Monogram } from "../../parts/badges.tsx";
import { CopyButton } from "../../parts/code.tsx";
import { Drawer } from "../../parts/drawer.tsx";
import { BusyButton } from "../../parts/fields.tsx";
import { ErrorNote, Fact, Note } from "../../parts/note.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { TabPanel, Tabs, tabOf } from "../../parts/tabs.tsx";
import { When } from "../../parts/time.tsx";
import { toast } from "../../parts/toast.tsx";
import { may } from "../../session.ts";
import { type ChangeDetail, decide, getChange, short, touched } from "./changes.ts";
import { Differences } from "./diff.tsx";
import { History } from "./history.tsx";
import { DecisionBadge, KindBadge, WarningNote } from "./marks.tsx";
import { Sides } from "./sides.tsx";

export function ChangeDrawer({ toolId, onClose }: { toolId: string; onClose: () => void }) {
  const { data, error, reload } = useLoad(`change ${toolId} ${changes.value.changes ?? 0}`, (signal) =>
    getChange(toolId, signal),
  );
  if (data === undefined)
    return (
      <Drawer title={error ? "Change" : "Loading"} onClose={onClose}>
        {error ? <ErrorNote error={error} retry={reload} what="This change did not load" /> : <Skeleton />}
      </Drawer>
    );
  return <Opened change={data} onClose={onClose} />;
}

function Opened({ change, onClose }: { change: ChangeDetail; onClose: () => void }) {
  const tabs = [
    { id: "diff", label: "What changed" },
    { id: "json", label: "JSON" },
    { id: "history", label: "History", count: change.history.length },
  ];
  const tab = tabOf(tabs);
  const job = useJob();
  /** The definition that a decision came too late for. */
  const [late, setLate] = useState<string>();
  const run = async (verb: "approve" | "reject"): Promise<void> => {
    const done = await job.run(async () => {
      try {
        await decide(verb, change);
      } catch (error) {
        if (Object(error).status === 409) {
          setLate(change.hash);
          touched();
        }
        throw error;
      }
      return true;
    });
    if (!done) return;
    toast(`${change.toolName} is ${verb === "approve" ? "approved" : "rejected"}`);
    onClose();
  };
  const open = change.current && (change.status === "pending" || change.status === "rejected");
  return (
    <Drawer
      title={change.toolName}
      wide
      lead={<Monogram name={change.gatewayName ?? change.toolName} size="lg" />}
      marks={
        <>
          <KindBadge kind={change.kind} />
          <DecisionBadge status={change.status} />
        </>
      }
      sub={
        <>
          {change.gatewayName}, seen <When at={change.seenAt} />
        </>
      }
      tabs={<Tabs tabs={tabs} label={`About the change of ${change.toolName}`} />}
      onClose={onClose}
      foot={
        open &&
        may("tools.update") && (
          <>
            <BusyButton class="pri" icon="check" busy={job.busy} onClick={() => void run("approve")}>
              Approve
            </BusyButton>
            {change.status === "pending" && (
              <BusyButton class="danger" icon="x" busy={job.busy} onClick={() => void run("reject")}>
                Reject
              </BusyButton>
            )}
            <span class="push" />
            <small class="row">
              definition <code title={change.hash}>{short(change.hash)}</code>
              <CopyButton text={change.hash} label="Copy the hash of this definition" />
            </small>
          </>
        )
      }
    >
      {late !== undefined && late !== change.hash ? (
        <Note tone="warn" live>
          <b>It changed again</b> while you were looking: nothing was decided. This is the definition the server gives
          now.
        </Note>
      ) : (
        job.error && <ErrorNote error={job.error} what="Nothing was decided" />
      )}
      {change.warnings.length > 0 && <WarningNote warnings={change.warnings} />}
      <TabPanel id={tab}>
        {tab === "diff" && <Overview change={change} />}
        {tab === "json" && <Sides before={change.approvedDefinition} after={change.definition} />}
        {tab === "history" && <History history={change.history} />}
      </TabPanel>
    </Drawer>
  );
}

const Overview = ({ change }: { change: ChangeDetail }) => (
  <>
    <dl class="facts">
      <Fact name="Clients">{whatClientsGet(change)}</Fact>
      {change.withheldFrom.length > 0 && (
        <Fact name="Missing in">
          {change.withheldFrom.map((server) => (
            <a key={server.id} href={`/ui/virtual-servers/${encodeURIComponent(server.id)}`}>
              {server.name}
            </a>
          ))}
        </Fact>
      )}
      <Fact name="Tool">
        <a href={`/ui/tools/${encodeURIComponent(change.toolId)}`}>{change.toolName}</a>
        {change.originalName !== change.toolName && (
          <span class="mut">
            there called <code>{change.originalName}</code>
          </span>
        )}
      </Fact>
      {change.decidedAt !== null && change.decidedBy !== null && (
        <Fact name="Decided">
          {change.decidedBy}
          <span class="mut">
            <When at={change.decidedAt} />
          </span>
        </Fact>
      )}
    </dl>
    <Differences before={change.approvedDefinition} after={change.definition} />
  </>
);

function whatClientsGet({ current, status }: ChangeDetail): string {
  if (!current) return "The server does not offer this definition any more.";
  if (status === "pending") return "They don't get the tool until this definition is approved.";
  return status === "rejected" ? "They don't get the tool with this definition." : "They get the tool as it is here.";
}
