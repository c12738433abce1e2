// Putting a new secret in the place of a token's, with time to hand it on.
import { useState } from "preact/hooks";
import { changed } from "../../api.ts";
import { useJob } from "../../load.ts";
import { Dialog } from "../../parts/drawer.tsx";
import { BusyButton, Segments } from "../../parts/fields.tsx";
import { ErrorNote } from "../../parts/note.tsx";
import { type Made, rotateToken, type Token } from "./tokens.ts";

const OVERLAPS = [
  { value: "0", label: "Not at all" },
  { value: "1", label: "1 hour" },
  { value: "24", label: "1 day" },
  { value: "168", label: "7 days" },
];

type Props = { token: Token; onMade: (made: Made) => void; onClose: () => void };

export function Rotate({ token, onMade, onClose }: Props) {
  const [hours, setHours] = useState("24");
  const { busy, error, run } = useJob();
  const rotate = async (): Promise<void> => {
    const made = await run(() => rotateToken(token.id, Number(hours)));
    if (made === undefined) return;
    onMade(made);
    changed("tokens");
  };
  return (
    <Dialog
      title={`Rotate ${token.name}?`}
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
      <p>You get a new secret, held to the same. Put it where the old one is while both work.</p>
      <div class="field">
        <span class="legend">The old one works on for</span>
        <div>
          <Segments label="The old one works on for" value={hours} options={OVERLAPS} onValue={setHours} />
        </div>
      </div>
    </Dialog>
  );
}
