// Who is invited into a team. A link is shown once, to whoever invites.
import { useState } from "preact/hooks";
import { changed, changes } from "../../api.ts";
import { useJob, useLoad } from "../../load.ts";
import { BusyButton } from "../../parts/fields.tsx";
import { Icon } from "../../parts/icon.tsx";
import { ErrorNote, Note } from "../../parts/note.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { Until } from "../../parts/time.tsx";
import { toast } from "../../parts/toast.tsx";
import { Once } from "../access/once.tsx";
import { RoleBadge } from "./marks.tsx";
import { NewMember } from "./new-member.tsx";
import { type Invitation, invitationsOf, inviteTo, type Team, withdraw } from "./teams.ts";

export function Invitations({ team }: { team: Team }) {
  const { data, error, reload } = useLoad(`invitations ${team.id} ${changes.value.teams ?? 0}`, (signal) =>
    invitationsOf(team.id, signal),
  );
  const [made, setMade] = useState<Invitation>();
  const job = useJob();
  const takeBack = async (one: Invitation): Promise<void> => {
    if (!(await job.run(() => withdraw(one.id).then(() => true)))) return;
    toast(`The invitation of ${one.email} no longer works`);
    if (made?.id === one.id) setMade(undefined);
    changed("teams");
  };
  if (data === undefined)
    return error ? <ErrorNote error={error} retry={reload} what="The invitations did not load" /> : <Skeleton />;
  return (
    <>
      {job.error && <ErrorNote error={job.error} />}
      {made && <Shown invitation={made} />}
      {data.length === 0 ? (
        <p class="hint">Nobody is invited right now.</p>
      ) : (
        <ul class="list">
          {data.map((one) => (
            <li key={one.id}>
              <span class="grow">
                <b>{one.email}</b>
                <small>
                  <Until at={one.expires_at} />, by {one.invited_by}
                </small>
              </span>
              <RoleBadge role={one.role} />
              <BusyButton class="quiet icon sm" busy={job.busy} onClick={() => void takeBack(one)}>
                <Icon name="x" />
                <span class="sr">Take back the invitation of {one.email}</span>
              </BusyButton>
            </li>
          ))}
        </ul>
      )}
      <NewMember
        team={team}
        verb="Invite"
        hint="Who has no account yet gets one first, then opens the link"
        save={async (email, role) => {
          setMade(await inviteTo(team.id, { email, role }));
          changed("teams");
        }}
      />
    </>
  );
}

const Shown = ({ invitation: { email, url, expires_at } }: { invitation: Invitation }) =>
  url === null ? (
    <Note tone="ok" live>
      <b>An invitation is on its way to {email}.</b> It works once, <Until at={expires_at} />.
    </Note>
  ) : (
    <Once title={`Invitation for ${email}`} text={url}>
      <b>Give this link to {email}.</b> It works once, for this address, <Until at={expires_at} />.
    </Once>
  );
