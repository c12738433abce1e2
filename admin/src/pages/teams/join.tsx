// Asking to join a team.
import { useState } from "preact/hooks";
import { useJob } from "../../load.ts";
import { AreaField, BusyButton } from "../../parts/fields.tsx";
import { ErrorNote, Note } from "../../parts/note.tsx";
import { askToJoin, type Team } from "./teams.ts";

export function Join({ team }: { team: Team }) {
  const [message, setMessage] = useState("");
  const [asked, setAsked] = useState(false);
  const { busy, error, run } = useJob();
  const ask = async (): Promise<void> => {
    if (await run(() => askToJoin(team.id, message.trim() || null).then(() => true))) setAsked(true);
  };
  if (asked)
    return (
      <Note tone="ok" live>
        <b>You asked to join {team.name}.</b> Its owners decide.
      </Note>
    );
  return (
    <form
      class="sect"
      noValidate
      aria-label={`Join ${team.name}`}
      onSubmit={(event) => {
        event.preventDefault();
        void ask();
      }}
    >
      {error && <ErrorNote error={error} what="You did not ask" />}
      <AreaField
        label="Message"
        hint="For the owners of the team, who decide. It may be empty"
        rows={2}
        value={message}
        onValue={setMessage}
      />
      <div class="row">
        <BusyButton class="pri" submit busy={busy}>
          Ask to join
        </BusyButton>
      </div>
    </form>
  );
}
