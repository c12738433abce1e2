// Checking the chain of the trail, and what came out.
import { useState } from "preact/hooks";
import { useJob } from "../../load.ts";
import { CopyButton } from "../../parts/code.tsx";
import { Dialog } from "../../parts/drawer.tsx";
import { BusyButton } from "../../parts/fields.tsx";
import { ErrorNote, Fact, Note } from "../../parts/note.tsx";
import { count } from "../../parts/time.tsx";
import { type AuditVerdict, verifyChain } from "./audit.ts";

export function Verify() {
  const [verdict, setVerdict] = useState<AuditVerdict>();
  const { busy, error, run, clear } = useJob();
  const close = (): void => {
    setVerdict(undefined);
    clear();
  };
  return (
    <>
      <BusyButton busy={busy} icon="role" onClick={() => void run(verifyChain).then(setVerdict)}>
        Verify the chain
      </BusyButton>
      {(verdict || error) && (
        <Dialog
          title="The chain of the audit trail"
          onClose={close}
          foot={
            <button type="button" class="btn" data-first onClick={close}>
              Close
            </button>
          }
        >
          {error && <ErrorNote error={error} what="It could not be checked" />}
          {verdict && <Verdict verdict={verdict} />}
        </Dialog>
      )}
    </>
  );
}

const Verdict = ({ verdict: { broken, rows, before_chain, head } }: { verdict: AuditVerdict }) => (
  <>
    {broken === null ? (
      <Note tone="ok" live>
        <b>The chain is whole.</b> {count(rows, "entry fits", "entries fit")} the one before.
      </Note>
    ) : (
      <Note tone="bad" live>
        <b>
          The chain is broken at <a href={`/ui/audit/${broken.id}`}>entry {broken.id}</a>.
        </b>{" "}
        {broken.reason}
      </Note>
    )}
    <dl class="facts">
      <Fact name="Checked">{count(rows, "entry", "entries")}</Fact>
      {before_chain > 0 && (
        <Fact name="Older">{count(before_chain, "entry", "entries")}, from before there was a chain</Fact>
      )}
      {head && (
        <Fact name="Newest digest">
          <code>{head}</code>
          <CopyButton text={head} label="Copy the newest digest" />
        </Fact>
      )}
    </dl>
    {head && (
      <p class="hint">Keep the newest digest elsewhere: it shows later whether entries at the end were cut off.</p>
    )}
  </>
);
