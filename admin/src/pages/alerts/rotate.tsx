// Signing with another secret, with time for the receiver to change over.
import { useState } from "preact/hooks";
import { changed } from "../../api.ts";
import { useJob } from "../../load.ts";
import { Dialog } from "../../parts/drawer.tsx";
import { BusyButton, Segments } from "../../parts/fields.tsx";
import { ErrorNote } from "../../parts/note.tsx";
import { rotateSecret, type Webhook, type WithSecret } from "./webhooks.ts";

const OVERLAPS = [
  { value: "0", label: "Not at all" },
  { value: "1", label: "1 hour" },
  { value: "24", label: "1 day" },
  { value: "168", label: "7 days" },
];

type Props = { webhook: Webhook; onMade: (made: WithSecret) => void; onClose: () => void };

export function RotateSecret({ webhook, onMade, onClose }: Props) {
  const [hours, setHours] = useState("24");
  const { busy, error, run } = useJob();
  const rotate = async (): Promise<void> => {
    const made = await run(() => rotateSecret(webhook.id, { overlap_hours: Number(hours) }));
    if (made === undefined) return;
    onMade(made);
    changed("webhooks");
  };
  return (
    <Dialog
      title={`Rotate the secret of ${webhook.name}?`}
      onClose={onClose}
      foot={
        <>
          <button type="button" class="btn" onClick={onClose}>
            Cancel
          </button>
          <BusyButton class="pri" busy={busy} onClick={() => void rotate()}>
            Rotate
          </BusyButton>
        </>
      }
    >
      {error && <ErrorNote error={error} what="It was not rotated" />}
      <p>You get a new secret. Messages carry both signatures meanwhile, so that nothing is refused.</p>
      <div class="field">
        <span class="legend">The old one signs along for</span>
        <div>
          <Segments label="The old one signs along for" value={hours} options={OVERLAPS} onValue={setHours} />
        </div>
      </div>
    </Dialog>
  );
}
