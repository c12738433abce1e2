// Who holds a role; giving it and taking it away.
import { changed, changes } from "../../api.ts";
import { useJob, useLoad } from "../../load.ts";
import { confirm } from "../../parts/confirm.tsx";
import { BusyButton } from "../../parts/fields.tsx";
import { Icon } from "../../parts/icon.tsx";
import { ErrorNote } from "../../parts/note.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { Until, When } from "../../parts/time.tsx";
import { toast } from "../../parts/toast.tsx";
import { loadSession, may, me } from "../../session.ts";
import { useTeamName } from "../access/names.ts";
import { Assign } from "./assign.tsx";
import { holdersOf, type Role, type RoleAssignment, unassign } from "./roles.ts";

/** Being in a team as this is the role: it is changed in the team. */
const BY_PLACE = new Set(["team_admin", "developer", "viewer"]);

export function Holders({ role }: { role: Role }) {
  const { data, error, reload } = useLoad(`holders ${role.id} ${changes.value.roles ?? 0}`, (signal) =>
    holdersOf(role.id, signal),
  );
  const teamName = useTeamName();
  const job = useJob();
  const take = async (one: RoleAssignment): Promise<void> => {
    const sure = await confirm({
      title: `Take ${role.name} from ${one.user_email}?`,
      body: "What only this role lets them do is refused at once, everywhere within 10 seconds.",
      verb: "Take it away",
      danger: true,
    });
    if (!sure || !(await job.run(() => unassign(one).then(() => true)))) return;
    toast(`${one.user_email} no longer holds ${role.name}`);
    changed("roles", "users");
    if (one.user_email === me()?.email) await loadSession();
  };
  if (role.id === "platform_viewer") return <p class="hint">Every user holds it.</p>;
  if (data === undefined)
    return error ? <ErrorNote error={error} retry={reload} what="Who holds it did not load" /> : <Skeleton />;
  return (
    <>
      {job.error && <ErrorNote error={job.error} what="It was not taken away" />}
      {data.length === 0 ? (
        <p class="hint">Nobody holds it.</p>
      ) : (
        <ul class="list">
          {data.map((one) => (
            <li key={one.id}>
              <span class="grow">
                <a href={`/ui/users/${encodeURIComponent(one.user_email)}`}>{one.user_email}</a>
                <small class="wrap">
                  {one.scope_id && <>in {teamName(one.scope_id)}, </>}
                  since <When at={one.granted_at} />
                  {one.expires_at && (
                    <>
                      , <Until at={one.expires_at} />
                    </>
                  )}
                </small>
              </span>
              {BY_PLACE.has(role.id) && one.scope_id ? (
                <a class="btn sm" href={`/ui/teams/${encodeURIComponent(one.scope_id)}?tab=members`}>
                  Team
                </a>
              ) : (
                may("roles.assign") && (
                  <BusyButton class="quiet icon sm" busy={job.busy} onClick={() => void take(one)}>
                    <Icon name="x" />
                    <span class="sr">Take it from {one.user_email}</span>
                  </BusyButton>
                )
              )}
            </li>
          ))}
        </ul>
      )}
      {may("roles.assign") && <Assign role={role} />}
    </>
  );
}
