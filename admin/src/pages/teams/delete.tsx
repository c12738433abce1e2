// Deleting a team: what becomes of what it has is chosen, and its name typed.
import { useState } from "preact/hooks";
import { changed } from "../../api.ts";
import { useJob } from "../../load.ts";
import { Dialog } from "../../parts/drawer.tsx";
import { BusyButton, Switch, TextField } from "../../parts/fields.tsx";
import { ErrorNote, Note } from "../../parts/note.tsx";
import { count } from "../../parts/time.tsx";
import { toast } from "../../parts/toast.tsx";
import { loadSession } from "../../session.ts";
import { useHoldings } from "./facts.tsx";
import { deleteTeam, type Team } from "./teams.ts";

export function DeleteTeam({ team, onClose, onDone }: { team: Team; onClose: () => void; onDone: () => void }) {
  const { data } = useHoldings(team);
  const [typed, setTyped] = useState("");
  const [privately, setPrivately] = useState(false);
  const { busy, error, run } = useJob();
  const held = data?.filter(({ total }) => total > 0) ?? [];
  const remove = async (): Promise<void> => {
    if (!(await run(() => deleteTeam(team.id, privately).then(() => true)))) return;
    toast(`${team.name} is deleted`);
    onDone();
    changed("teams", "gateways", "servers", "tools", "prompts", "resources", "users");
    await loadSession();
  };
  return (
    <Dialog
      title={`Delete ${team.name}?`}
      onClose={onClose}
      foot={
        <>
          <button type="button" class="btn" onClick={onClose}>
            Cancel
          </button>
          <BusyButton
            class="pri danger"
            busy={busy}
            disabled={typed.trim() !== team.name || (held.length > 0 && !privately)}
            onClick={() => void remove()}
          >
            Delete team
          </BusyButton>
        </>
      }
    >
      {error && <ErrorNote error={error} what="It was not deleted" />}
      <Note tone="warn">
        <b>{count(team.member_count, "member loses", "members lose")} the team</b>; its tokens, invitations and requests
        end. This can't be undone.
      </Note>
      {held.length > 0 && (
        <>
          <p>
            It has {held.map(({ total, one }) => count(total, one)).join(", ")}. Move them to another team first, or:
          </p>
          <div class="row">
            <Switch on={privately} onSwitch={setPrivately}>
              Make them private: only who owns each sees it
            </Switch>
          </div>
        </>
      )}
      <TextField
        first
        label={
          <span>
            Type <b>{team.name}</b> to go on
          </span>
        }
        value={typed}
        onValue={setTyped}
        input={{ autocapitalize: "none", spellcheck: false }}
      />
    </Dialog>
  );
}
