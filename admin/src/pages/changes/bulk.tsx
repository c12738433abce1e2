// Approving several changes at once: what has warnings is named before.
import { useState } from "preact/hooks";
import { useJob } from "../../load.ts";
import { confirm } from "../../parts/confirm.tsx";
import { BusyButton } from "../../parts/fields.tsx";
import { Icon } from "../../parts/icon.tsx";
import { ErrorNote, Note } from "../../parts/note.tsx";
import { count } from "../../parts/time.tsx";
import { toast } from "../../parts/toast.tsx";
import { approveAll, type Row } from "./changes.ts";
import { WarningLine } from "./marks.tsx";

export function BulkApprove({ rows, onDone }: { rows: readonly Row[]; onDone: () => void }) {
  const job = useJob();
  const [refused, setRefused] = useState<string[]>([]);
  const approve = async (): Promise<void> => {
    const warned = rows.filter((row) => row.warnings.length > 0);
    const yes = await confirm({
      title: `Approve ${count(rows.length, "definition")}?`,
      body: <Consequence rows={rows} warned={warned} />,
      verb: "Approve",
      danger: warned.length > 0,
    });
    if (!yes) return;
    const outcomes = await job.run(() => approveAll(rows));
    if (outcomes === undefined) return;
    toast(`${count(rows.length - outcomes.length, "definition")} approved`, outcomes.length > 0 ? "bad" : "ok");
    const names = new Map(rows.map((row) => [row.toolId, row.toolName]));
    setRefused(outcomes.map(({ toolId, detail }) => `${names.get(toolId)}: ${detail}`));
    if (outcomes.length === 0) onDone();
  };
  return (
    <>
      {job.error && <ErrorNote error={job.error} what="Not all were approved" />}
      {refused.length > 0 && (
        <Note tone="bad" live>
          <b>{count(refused.length, "was", "were")} not approved.</b>
          <ul class="bullets">
            {refused.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </Note>
      )}
      <section class="bulk" aria-label="Selected changes">
        <b class="n" role="status">
          {rows.length} selected
        </b>
        <BusyButton busy={job.busy} icon="check" onClick={() => void approve()}>
          Approve
        </BusyButton>
        <span class="push" />
        <button type="button" class="btn quiet icon" aria-label="Clear selection" onClick={onDone}>
          <Icon name="x" />
        </button>
      </section>
    </>
  );
}

const Consequence = ({ rows, warned }: { rows: readonly Row[]; warned: readonly Row[] }) => {
  const servers = new Set(rows.flatMap((row) => row.withheldFrom.map((one) => one.id)));
  return (
    <>
      <p>
        Clients get {rows.length === 1 ? "this tool" : "these tools"} as the servers give{" "}
        {rows.length === 1 ? "it" : "them"} now
        {servers.size > 0 && `, in ${count(servers.size, "virtual server")}`}.
      </p>
      {warned.length > 0 && (
        <Note tone="bad">
          <b>{count(warned.length, "has", "have")} warnings:</b>
          <ul class="bullets">
            {warned.map((row) => (
              <li key={row.id}>
                <code>{row.toolName}</code> <WarningLine warnings={row.warnings} />
              </li>
            ))}
          </ul>
        </Note>
      )}
    </>
  );
};
