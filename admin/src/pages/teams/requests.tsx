// Who asks to join a team, and the answer.
import { changed, changes } from "../../api.ts";
import { useJob, useLoad } from "../../load.ts";
import { BusyButton } from "../../parts/fields.tsx";
import { ErrorNote } from "../../parts/note.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { When } from "../../parts/time.tsx";
import { toast } from "../../parts/toast.tsx";
import { approve, joinRequestsOf, reject, type Team } from "./teams.ts";

export function Requests({ team }: { team: Team }) {
  const { data, error, reload } = useLoad(`requests ${team.id} ${changes.value.teams ?? 0}`, (signal) =>
    joinRequestsOf(team.id, signal),
  );
  const job = useJob();
  const answer = async (work: Promise<unknown>, said: string): Promise<void> => {
    if (!(await job.run(() => work.then(() => true)))) return;
    toast(said);
    changed("teams", "users");
  };
  if (data === undefined)
    return error ? <ErrorNote error={error} retry={reload} what="The requests did not load" /> : <Skeleton />;
  return (
    <>
      {job.error && <ErrorNote error={job.error} />}
      {data.length === 0 ? (
        <p class="hint">
          Nobody asks to join.{" "}
          {team.visibility === "private" && "The team is private, so that nobody finds it: invite people instead."}
        </p>
      ) : (
        <ul class="list">
          {data.map((one) => (
            <li key={one.id}>
              <span class="grow">
                <b>{one.user_email}</b>
                <small class="wrap">
                  <When at={one.created_at} />
                  {one.message && (
                    <>
                      : <span class="foreign">{one.message}</span>
                    </>
                  )}
                </small>
              </span>
              <BusyButton
                class="sm"
                busy={job.busy}
                icon="check"
                onClick={() => void answer(approve(team.id, one.id), `${one.user_email} is in ${team.name} now`)}
              >
                Approve
              </BusyButton>
              <BusyButton
                class="sm"
                busy={job.busy}
                onClick={() => void answer(reject(team.id, one.id), `${one.user_email} was turned down`)}
              >
                Reject
              </BusyButton>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
