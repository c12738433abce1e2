// Joining a team by a link that works once, for whoever is signed in.
import { useState } from "preact/hooks";
import type { z } from "zod";
import type { teamMember } from "../../../src/schemas/teams.ts";
import { changed, send } from "../api.ts";
import { useJob } from "../load.ts";
import { carried, secretFor } from "../location.ts";
import { BusyButton } from "../parts/fields.tsx";
import { Empty } from "../parts/list-page.tsx";
import { ErrorNote } from "../parts/note.tsx";
import { loadSession, me } from "../session.ts";

export function InvitationPage() {
  const secret = secretFor("/ui/invitation");
  const [joined, setJoined] = useState<z.infer<typeof teamMember>>();
  const { busy, error, run } = useJob();
  const email = me()?.email;
  const accept = async (): Promise<void> => {
    const path = `/teams/invitations/${encodeURIComponent(secret)}/accept`;
    const member = await run(() => send<z.infer<typeof teamMember>>("POST", path));
    if (member === undefined) return;
    carried.value = undefined;
    setJoined(member);
    changed("teams");
    await loadSession();
  };
  const team = me()?.teams.find((one) => one.id === joined?.team_id);
  return (
    <>
      <div class="head">
        <div>
          <h1>Invitation</h1>
        </div>
      </div>
      {error && <ErrorNote error={error} what="You did not join" />}
      {joined ? (
        <Empty title={`You are in ${team?.name ?? "the team"} now`}>
          <p>As {joined.role}. What belongs to the team is in your lists from now on.</p>
          <div class="row">
            <a class="btn pri" href={`/ui/teams/${encodeURIComponent(joined.team_id)}`}>
              Go to the team
            </a>
          </div>
        </Empty>
      ) : secret === "" ? (
        <Empty title="The link is not whole">
          <p>This page needs the link you were given: open it once more, whole. It works once.</p>
        </Empty>
      ) : (
        <Empty title="Somebody invites you to a team">
          <p>You join as {email}. The invitation must be for this address.</p>
          <div class="row">
            <BusyButton class="pri" busy={busy} onClick={() => void accept()}>
              Join the team
            </BusyButton>
          </div>
        </Empty>
      )}
    </>
  );
}
