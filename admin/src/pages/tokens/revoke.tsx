// Ending a token for good, and saying why.
import { useState } from "preact/hooks";
import { changed } from "../../api.ts";
import { useJob } from "../../load.ts";
import { Dialog } from "../../parts/drawer.tsx";
import { BusyButton, TextField } from "../../parts/fields.tsx";
import { ErrorNote } from "../../parts/note.tsx";
import { toast } from "../../parts/toast.tsx";
import { revokeToken, type Token } from "./tokens.ts";

export function Revoke({ token, onClose }: { token: Token; onClose: () => void }) {
  const [reason, setReason] = useState("");
  const { busy, error, run } = useJob();
  const revoke = async (): Promise<void> => {
    if (!(await run(() => revokeToken(token, reason.trim() || null).then(() => true)))) return;
    changed("tokens");
    toast(`${token.name} is revoked`);
    onClose();
  };
  return (
    <Dialog
      title={`Revoke ${token.name}?`}
      onClose={onClose}
      foot={
        <>
          <button type="button" class="btn" onClick={onClose}>
            Cancel
          </button>
          <BusyButton class="pri danger" busy={busy} onClick={() => void revoke()}>
            Revoke token
          </BusyButton>
        </>
      }
    >
      {error && <ErrorNote error={error} what="It was not revoked" />}
      <p>
        Whatever uses it is refused at once, everywhere within 10 seconds. This can't be undone: switch it off instead
        to turn it on again.
      </p>
      <TextField
        first
        label="Reason"
        hint="For the audit trail and for whoever wonders later"
        value={reason}
        onValue={setReason}
        input={{ maxLength: 500 }}
      />
    </Dialog>
  );
}
