// Roles: what may be granted under a name, built in and our own. One opens over the list.
import { here, navigate, withQuery } from "../location.ts";
import { Badge } from "../parts/badges.tsx";
import { ChipOne } from "../parts/filters.tsx";
import { Icon } from "../parts/icon.tsx";
import { AddLink, Empty, ListPage } from "../parts/list-page.tsx";
import type { Column } from "../parts/table.tsx";
import { may } from "../session.ts";
import { meantBy } from "./access/grants.ts";
import { Check } from "./roles/check.tsx";
import { RoleDrawer } from "./roles/drawer.tsx";
import { AddRole, EditRole } from "./roles/edit.tsx";
import { ALL_ROLES, type Role } from "./roles/roles.ts";

const place = (rest: string): string => withQuery({ tab: null }, { path: `/ui/roles${rest}`, query: here.value.query });
const hrefOf = (role: Role): string => place(`/${encodeURIComponent(role.id)}`);

const KINDS = [
  { value: "own", label: "Our own" },
  { value: "builtin", label: "Built in" },
];
const SCOPES = [
  { value: "global", label: "Everywhere" },
  { value: "team", label: "In a team" },
];

const COLUMNS: readonly Column<Role>[] = [
  {
    id: "name",
    label: "Role",
    card: "title",
    compare: (a, b) => a.name.localeCompare(b.name),
    cell: (row) => (
      <span class="who-t lead">
        <a href={hrefOf(row)}>{row.name}</a>
        {row.description && <small>{row.description}</small>}
      </span>
    ),
  },
  {
    id: "kind",
    label: "Kind",
    card: "state",
    compare: (a, b) => Number(a.is_system_role) - Number(b.is_system_role),
    cell: (row) => (
      <Badge tone={row.is_system_role ? "line" : "tide"}>{row.is_system_role ? "Built in" : "Our own"}</Badge>
    ),
  },
  {
    id: "scope",
    label: "Held",
    card: "fact",
    compare: (a, b) => a.scope.localeCompare(b.scope),
    cell: (row) => (row.scope === "team" ? "in a team" : "everywhere"),
  },
  {
    id: "permissions",
    label: "Permissions",
    end: true,
    compare: (a, b) => meantBy(a.effective_permissions).length - meantBy(b.effective_permissions).length,
    cell: (row) => (
      <span title={row.effective_permissions.join(", ")}>
        {row.effective_permissions.includes("*") ? "all" : meantBy(row.effective_permissions).length}
      </span>
    ),
  },
  {
    id: "holders",
    label: "Held by",
    end: true,
    card: "more",
    cardLabel: "Held by",
    compare: (a, b) => a.holders - b.holders,
    cell: (row) => (row.id === "platform_viewer" ? "every user" : <b class="n">{row.holders}</b>),
  },
];

export function RolesPage({ id, action }: { id: string | undefined; action: string | undefined }) {
  const { query } = here.value;
  const [kind, scope] = [query.get("kind"), query.get("scope")];
  const close = (): void => void navigate(place(""));
  const open = (role: string): void => void navigate(place(`/${encodeURIComponent(role)}`), { replace: true });
  return (
    <>
      <ListPage
        of={ALL_ROLES}
        title="Roles"
        about="Permissions under a name, given to users everywhere or in one team."
        noun="role"
        add={
          <>
            <a class="btn" href={place("/check")}>
              <Icon name="eye" />
              Who may do what?
            </a>
            {may("roles.create") && (
              <AddLink main href={place("/new")}>
                New role
              </AddLink>
            )}
          </>
        }
        columns={COLUMNS}
        href={hrefOf}
        narrow={
          kind || scope
            ? (role) => (!kind || role.is_system_role === (kind === "builtin")) && (!scope || role.scope === scope)
            : undefined
        }
        chips={
          <>
            <ChipOne name="Kind" field="kind" options={KINDS} />
            <ChipOne name="Held" field="scope" options={SCOPES} />
          </>
        }
        filters={["kind", "scope"]}
        current={id}
        empty={
          <Empty title="No roles">
            <p>The built-in roles should stand here.</p>
          </Empty>
        }
      />
      {id === "new" && <AddRole onClose={close} onDone={open} />}
      {id === "check" && <Check onClose={close} />}
      {id !== undefined && id !== "new" && id !== "check" && action === undefined && (
        <RoleDrawer key={id} id={id} editHref={place(`/${encodeURIComponent(id)}/edit`)} onClose={close} />
      )}
      {id !== undefined && action === "edit" && <EditRole key={id} id={id} onClose={() => open(id)} />}
    </>
  );
}
