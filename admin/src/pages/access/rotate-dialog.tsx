// Asking for a new secret in the place of one, and how long the old one is good beside it.
import { useState } from "preact/hooks";
import { useJob } from "../../load.ts";
import { Dialog } from "../../parts/drawer.tsx";
import { BusyButton, Segments } from "../../parts/fields.tsx";
import { ErrorNote } from "../../parts/note.tsx";

const OVERLAPS = [
  { value: "0", label: "Not at all" },
  { value: "1", label: "1 hour" },
  { value: "24", label: "1 day" },
  { value: "168", label: "7 days" },
];

type Props<Made> = {
  title: string;
  /** What happens, and what to do then. */
  about: string;
  /** What the old one does meanwhile: "The old one works on for". */
  legend: string;
  rotate: (hours: number) => Promise<Made>;
  onMade: (made: Made) => void;
  onClose: () => void;
};

export function RotateDialog<Made>({ title, about, legend, rotate, onMade, onClose }: Props<Made>) {
  const [hours, setHours] = useState("24");
  const { busy, error, run } = useJob();
  const go = async (): Promise<void> => {
    const made = await run(() => rotate(Number(hours)));
    if (made !== undefined) onMade(made);
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      foot={
        <>
          <button type="button" class="btn" onClick={onClose}>
            Cancel
          </button>
          <BusyButton class="pri" busy={busy} onClick={() => void go()}>
            Rotate
          </BusyButton>
        </>
      }
    >
      {error && <ErrorNote error={error} what="It was not rotated" />}
      <p>{about}</p>
      <div class="field">
        <span class="legend">{legend}</span>
        <div>
          <Segments label={legend} value={hours} options={OVERLAPS} onValue={setHours} />
        </div>
      </div>
    </Dialog>
  );
}
