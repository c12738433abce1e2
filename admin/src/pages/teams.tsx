// Teams: the person's own, and those they may ask to join. One opens over the list.
import { here, navigate, setQuery, withQuery } from "../location.ts";
import { Segments } from "../parts/fields.tsx";
import { AddLink, Empty, ListPage, NameCell } from "../parts/list-page.tsx";
import type { Column } from "../parts/table.tsx";
import { When } from "../parts/time.tsx";
import { may, me } from "../session.ts";
import { TeamDrawer } from "./teams/drawer.tsx";
import { AddTeam, EditTeam } from "./teams/edit.tsx";
import { RoleBadge, TeamMarks } from "./teams/marks.tsx";
import { SOME_TEAMS, type Team } from "./teams/teams.ts";

const place = (rest: string): string => withQuery({ tab: null }, { path: `/ui/teams${rest}`, query: here.value.query });
const hrefOf = (team: Team): string => place(`/${encodeURIComponent(team.id)}`);

const COLUMNS: readonly Column<Team>[] = [
  {
    id: "name",
    label: "Team",
    card: "title",
    compare: (a, b) => a.name.localeCompare(b.name),
    cell: (row) => <NameCell name={row.name} href={hrefOf(row)} about={row.description} />,
  },
  {
    id: "kind",
    label: "Who finds it",
    card: "fact",
    cell: (row) => (
      <span class="chips">
        <TeamMarks team={row} />
      </span>
    ),
  },
  {
    id: "role",
    label: "You are",
    card: "state",
    compare: (a, b) => (a.my_role ?? "z").localeCompare(b.my_role ?? "z"),
    cell: (row) => (row.my_role ? <RoleBadge role={row.my_role} /> : <span class="mut">not in it</span>),
  },
  {
    id: "members",
    label: "Members",
    end: true,
    card: "more",
    cardLabel: "Members",
    compare: (a, b) => a.member_count - b.member_count,
    cell: (row) => row.member_count,
  },
  {
    id: "created",
    label: "Since",
    end: true,
    compare: (a, b) => a.created_at.localeCompare(b.created_at),
    cell: (row) => <When at={row.created_at} />,
  },
];

export function TeamsPage({ id, action }: { id: string | undefined; action: string | undefined }) {
  const joinable = here.value.query.get("show") === "joinable";
  const close = (): void => void navigate(place(""));
  const open = (team: string): void => void navigate(place(`/${encodeURIComponent(team)}`), { replace: true });
  const shows = [
    { value: "", label: me()?.isAdmin ? "All" : "Mine" },
    { value: "joinable", label: "To join" },
  ];
  return (
    <>
      <ListPage
        of={SOME_TEAMS}
        title="Teams"
        about="Who works together. What belongs to a team is seen by its members, and changed by those who may."
        noun="team"
        add={
          may("teams.create") && (
            <AddLink main href={place("/new")}>
              New team
            </AddLink>
          )
        }
        columns={COLUMNS}
        href={hrefOf}
        query={{ joinable: joinable || undefined }}
        chips={
          <Segments
            label="Which teams"
            value={joinable ? "joinable" : ""}
            options={shows}
            onValue={(show) => void setQuery({ show, cursor: null, from: null })}
          />
        }
        current={id}
        empty={
          <Empty title="No teams yet">
            <p>A team sees its own servers and tools, apart from all others. Make one, or ask to join one.</p>
            {may("teams.create") && (
              <div class="row">
                <AddLink href={place("/new")}>New team</AddLink>
              </div>
            )}
          </Empty>
        }
      />
      {id === "new" && <AddTeam onClose={close} onDone={open} />}
      {id !== undefined && id !== "new" && action === undefined && (
        <TeamDrawer key={id} id={id} editHref={place(`/${encodeURIComponent(id)}/edit`)} onClose={close} />
      )}
      {id !== undefined && action === "edit" && <EditTeam key={id} id={id} onClose={() => open(id)} />}
    </>
  );
}
