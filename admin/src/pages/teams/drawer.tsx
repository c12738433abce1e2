// One team: what it has, who is in it, who is about to be, and what can be done about it.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { ApiError } from "../../api.ts";
import { changed, changes } from "../../api.ts";
import { useJob, useLoad } from "../../load.ts";
import { Monogram } from "../../parts/badges.tsx";
import { confirm } from "../../parts/confirm.tsx";
import { Drawer } from "../../parts/drawer.tsx";
import { BusyButton } from "../../parts/fields.tsx";
import { Icon } from "../../parts/icon.tsx";
import { ErrorNote } from "../../parts/note.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { TabPanel, Tabs, tabOf } from "../../parts/tabs.tsx";
import { toast } from "../../parts/toast.tsx";
import { loadSession, may, me } from "../../session.ts";
import { DeleteTeam } from "./delete.tsx";
import { TeamFacts } from "./facts.tsx";
import { Invitations } from "./invitations.tsx";
import { Join } from "./join.tsx";
import { RoleBadge, TeamMarks } from "./marks.tsx";
import { Members } from "./members.tsx";
import { Requests } from "./requests.tsx";
import { getTeam, leaveTeam, type Team } from "./teams.ts";

type Props = { id: string; editHref: string; onClose: () => void };

export function TeamDrawer({ id, editHref, onClose }: Props) {
  const { data, error, reload } = useLoad(`team ${id} ${changes.value.teams ?? 0}`, (signal) => getTeam(id, signal));
  if (data !== undefined) return <Opened team={data} stale={error} editHref={editHref} onClose={onClose} />;
  return (
    <Drawer title={error ? "Team" : "Loading"} onClose={onClose}>
      {error ? <ErrorNote error={error} retry={reload} what="This team did not load" /> : <Skeleton />}
    </Drawer>
  );
}

/** The tabs of a team: who may manage members sees who is about to come in. */
const tabsOf = (sees: boolean, manages: boolean) => [
  { id: "overview", label: "Overview" },
  ...(sees ? [{ id: "members", label: "Members" }] : []),
  ...(manages
    ? [
        { id: "invitations", label: "Invitations" },
        { id: "requests", label: "Requests" },
      ]
    : []),
];

type OpenedProps = { team: Team; stale: ApiError | undefined; editHref: string; onClose: () => void };

function Opened({ team, stale, editHref, onClose }: OpenedProps) {
  const { busy, error, run } = useJob();
  const [deleting, setDeleting] = useState(false);
  const manages = may("teams.manage_members", team.id) && !team.is_personal;
  const tabs = tabsOf(team.my_role !== null || may("admin.read"), manages);
  const tab = tabOf(tabs);
  const does = {
    edit: may("teams.update", team.id),
    leave: team.my_role !== null && !team.is_personal,
    delete: may("teams.delete", team.id) && !team.is_personal,
  };
  const leave = async (): Promise<void> => {
    const sure = await confirm({
      title: `Leave ${team.name}?`,
      body: "You no longer see what only the team sees. What you made there stays the team's.",
      verb: "Leave",
      danger: true,
    });
    if (!sure || !(await run(() => leaveTeam(team.id).then(() => true)))) return;
    toast(`You left ${team.name}`);
    onClose();
    changed("teams", "gateways", "servers", "tools");
    await loadSession();
  };
  return (
    <Drawer
      title={team.name}
      lead={<Monogram name={team.name} size="lg" />}
      marks={
        <>
          <TeamMarks team={team} />
          {team.my_role && <RoleBadge role={team.my_role} />}
        </>
      }
      sub={<span class="m">{team.slug}</span>}
      tabs={tabs.length > 1 && <Tabs tabs={tabs} label={`About ${team.name}`} />}
      onClose={onClose}
      foot={
        (does.edit || does.leave || does.delete) && (
          <>
            {does.edit && (
              <a class="btn" href={editHref}>
                <Icon name="edit" />
                Edit
              </a>
            )}
            {does.leave && (
              <BusyButton busy={busy} icon="out" onClick={() => void leave()}>
                Leave
              </BusyButton>
            )}
            <span class="push" />
            {does.delete && (
              <BusyButton class="danger" busy={busy} icon="trash" onClick={() => setDeleting(true)}>
                Delete
              </BusyButton>
            )}
          </>
        )
      }
    >
      {stale && <ErrorNote error={stale} what="This may be out of date" />}
      {error && <ErrorNote error={error} />}
      <Panel id={tab} alone={tabs.length === 1}>
        {tab === "overview" && (
          <>
            <TeamFacts team={team} />
            {team.my_role === null && me()?.isAdmin === false && <Join team={team} />}
          </>
        )}
        {tab === "members" && <Members team={team} manages={manages} />}
        {tab === "invitations" && <Invitations team={team} />}
        {tab === "requests" && <Requests team={team} />}
      </Panel>
      {deleting && <DeleteTeam team={team} onClose={() => setDeleting(false)} onDone={onClose} />}
    </Drawer>
  );
}

/** A panel of the tabs, where there are any. */
const Panel = ({ id, alone, children }: { id: string; alone: boolean; children: ComponentChildren }) =>
  alone ? <div class="stack">{children}</div> : <TabPanel id={id}>{children}</TabPanel>;
