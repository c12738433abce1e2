// Who is in a team, as what; adding, changing and removing them.
import { useState } from "preact/hooks";
import { changed, changes } from "../../api.ts";
import { useJob, useLoad } from "../../load.ts";
import { Badge } from "../../parts/badges.tsx";
import { confirm } from "../../parts/confirm.tsx";
import { BusyButton } from "../../parts/fields.tsx";
import { Icon } from "../../parts/icon.tsx";
import { ErrorNote } from "../../parts/note.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { When } from "../../parts/time.tsx";
import { toast } from "../../parts/toast.tsx";
import { loadSession, me } from "../../session.ts";
import { Avatar } from "../users/marks.tsx";
import { asRole, ROLE_OPTIONS, RoleBadge } from "./marks.tsx";
import { NewMember } from "./new-member.tsx";
import { addMember, changeMember, type Member, membersOf, removeMember, type Team } from "./teams.ts";

export function Members({ team, manages }: { team: Team; manages: boolean }) {
  const { data, error, reload } = useLoad(`members ${team.id} ${changes.value.teams ?? 0}`, (signal) =>
    membersOf(team.id, signal),
  );
  const job = useJob();
  const act = async (work: () => Promise<unknown>, said: string, whose: string): Promise<void> => {
    if (!(await job.run(() => work().then(() => true)))) return;
    toast(said);
    changed("teams", "users");
    if (whose === me()?.email) await loadSession();
  };
  const remove = async ({ user_email: email, full_name: name }: Member): Promise<void> => {
    const sure = await confirm({
      title: `Remove ${name ?? email}?`,
      body: `They no longer see what only ${team.name} sees, and their tokens of this team stop working.`,
      verb: "Remove",
      danger: true,
    });
    if (sure) await act(() => removeMember(team.id, email), `${name ?? email} is no longer in ${team.name}`, email);
  };
  if (data === undefined)
    return error ? <ErrorNote error={error} retry={reload} what="The members did not load" /> : <Skeleton />;
  return (
    <>
      {job.error && <ErrorNote error={job.error} />}
      <ul class="list">
        {data.map((one) => (
          <li key={one.user_email}>
            <Avatar user={{ email: one.user_email, full_name: one.full_name }} />
            <span class="grow">
              <b>{one.full_name ?? one.user_email}</b>
              <small>
                {one.full_name && `${one.user_email}, `}since <When at={one.joined_at} />
              </small>
            </span>
            {one.user_email === me()?.email && <Badge tone="line">You</Badge>}
            {manages ? (
              <>
                <RoleSelect
                  member={one}
                  busy={job.busy}
                  onRole={(role) =>
                    void act(
                      () => changeMember(team.id, one.user_email, asRole(role)),
                      `${one.full_name ?? one.user_email} is ${role} now`,
                      one.user_email,
                    )
                  }
                />
                <BusyButton class="quiet icon sm" busy={job.busy} onClick={() => void remove(one)}>
                  <Icon name="x" />
                  <span class="sr">Remove {one.full_name ?? one.user_email}</span>
                </BusyButton>
              </>
            ) : (
              <RoleBadge role={one.role} />
            )}
          </li>
        ))}
      </ul>
      {manages && <NewMember team={team} verb="Add member" hint="They must be a user here" save={addTo(team)} />}
    </>
  );
}

const addTo = (team: Team) => async (email: string, role: Member["role"]) => {
  await addMember(team.id, email, role);
  toast(`${email} is in ${team.name} now`);
  changed("teams", "users");
};

type RoleProps = { member: Member; busy: boolean; onRole: (role: string) => void };

const RoleSelect = ({ member, busy, onRole }: RoleProps) => {
  // the choice shown is what the gateway has: a change that fails goes back
  const [turn, setTurn] = useState(0);
  return (
    <span class="sel auto">
      <select
        key={`${member.role} ${turn}`}
        class="in"
        aria-label={`Role of ${member.full_name ?? member.user_email}`}
        disabled={busy}
        value={member.role}
        onChange={(event) => {
          onRole(event.currentTarget.value);
          setTurn(turn + 1);
        }}
      >
        {ROLE_OPTIONS.map((option) => (
          <option key={option.value} value={option.value} selected={option.value === member.role}>
            {option.label}
          </option>
        ))}
      </select>
      <Icon name="down" />
    </span>
  );
};
