// Users: everybody who can sign in. The list stays; drawers for one user, adding and editing open over it.
import { here, navigate, withQuery } from "../location.ts";
import { Badge } from "../parts/badges.tsx";
import { ChipOne } from "../parts/filters.tsx";
import { AddLink, Empty, ListPage } from "../parts/list-page.tsx";
import type { Column } from "../parts/table.tsx";
import { When } from "../parts/time.tsx";
import { may } from "../session.ts";
import { AddUser } from "./users/add.tsx";
import { UserDrawer } from "./users/drawer.tsx";
import { EditUser } from "./users/edit.tsx";
import { Avatar, UserBadge } from "./users/marks.tsx";
import { ALL_USERS, statusOf, type User } from "./users/users.ts";

const FILTERS = ["status", "rights"];
const STATUSES = [
  { value: "active", label: "Active" },
  { value: "inactive", label: "Inactive" },
  { value: "locked", label: "Locked" },
];
const RIGHTS = [
  { value: "admin", label: "Administrators" },
  { value: "other", label: "Not administrators" },
];

const place = (rest: string): string => withQuery({ tab: null }, { path: `/ui/users${rest}`, query: here.value.query });
const hrefOf = (user: User): string => place(`/${encodeURIComponent(user.email)}`);

const COLUMNS: readonly Column<User>[] = [
  {
    id: "name",
    label: "User",
    card: "title",
    compare: (a, b) => a.name.localeCompare(b.name),
    cell: (row) => (
      <span class="who">
        <Avatar user={row} />
        <span class="who-t">
          <a href={hrefOf(row)}>{row.name}</a>
          {row.full_name && <small>{row.email}</small>}
        </span>
      </span>
    ),
  },
  {
    id: "status",
    label: "Status",
    card: "state",
    compare: (a, b) => statusOf(a).localeCompare(statusOf(b)),
    cell: (row) => <UserBadge status={statusOf(row)} />,
  },
  {
    id: "roles",
    label: "Roles",
    card: "fact",
    cell: (row) => <Roles user={row} />,
  },
  {
    id: "teams",
    label: "Teams",
    end: true,
    compare: (a, b) => a.teams.length - b.teams.length,
    cell: (row) => <span title={row.teams.map((team) => team.name).join(", ")}>{row.teams.length}</span>,
  },
  {
    id: "login",
    label: "Last sign-in",
    end: true,
    card: "more",
    compare: (a, b) => (a.last_login ?? "").localeCompare(b.last_login ?? ""),
    cell: (row) => <When at={row.last_login} />,
  },
];

const Roles = ({ user }: { user: User }) => {
  const others = user.roles.filter((role) => role !== "platform_admin" && role !== "platform_viewer");
  return (
    <span class="chips">
      {user.is_admin && <Badge tone="tide">Administrator</Badge>}
      {others.map((role) => (
        <Badge key={role} tone="line">
          {role}
        </Badge>
      ))}
      {!user.is_admin && others.length === 0 && <span class="mut">Member</span>}
    </span>
  );
};

export function UsersPage({ id, action }: { id: string | undefined; action: string | undefined }) {
  const { query } = here.value;
  const status = query.get("status");
  const rights = query.get("rights");
  const close = (): void => void navigate(place(""));
  return (
    <>
      <ListPage
        of={ALL_USERS}
        title="Users"
        about="Everybody who can sign in. What they may do comes from their roles, and from their teams."
        noun="user"
        add={
          may("users.create") && (
            <AddLink main href={place("/new")}>
              Add user
            </AddLink>
          )
        }
        columns={COLUMNS}
        href={hrefOf}
        query={{ is_admin: rights && rights === "admin" }}
        narrow={status ? (user) => statusOf(user) === status : undefined}
        chips={
          <>
            <ChipOne name="Status" field="status" options={STATUSES} />
            <ChipOne name="Rights" field="rights" options={RIGHTS} />
          </>
        }
        filters={FILTERS}
        current={id}
        empty={
          <Empty title="No users yet">
            <p>Until the gateway is claimed, it has no users: tokens signed with its secret are the only way in.</p>
          </Empty>
        }
      />
      {id === "new" && <AddUser onClose={close} />}
      {id !== undefined && id !== "new" && action === undefined && (
        <UserDrawer key={id} email={id} editHref={place(`/${encodeURIComponent(id)}/edit`)} onClose={close} />
      )}
      {id !== undefined && action === "edit" && (
        <EditUser key={id} email={id} onClose={() => void navigate(place(`/${encodeURIComponent(id)}`))} />
      )}
    </>
  );
}
