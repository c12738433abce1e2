// One role: what it grants, and who holds it.
import { type ApiError, changed, changes } from "../../api.ts";
import { useJob, useLoad } from "../../load.ts";
import { Badge } from "../../parts/badges.tsx";
import { confirm } from "../../parts/confirm.tsx";
import { Drawer } from "../../parts/drawer.tsx";
import { BusyButton } from "../../parts/fields.tsx";
import { Icon } from "../../parts/icon.tsx";
import { ErrorNote, Note } from "../../parts/note.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { TabPanel, Tabs, tabOf } from "../../parts/tabs.tsx";
import { toast } from "../../parts/toast.tsx";
import { may } from "../../session.ts";
import { isOfTeams, meantBy, PERMISSIONS } from "../access/grants.ts";
import { Matrix } from "../access/matrix.tsx";
import { Holders } from "./holders.tsx";
import { deleteRole, getRole, type Role } from "./roles.ts";

type Props = { id: string; editHref: string; onClose: () => void };

export function RoleDrawer({ id, editHref, onClose }: Props) {
  const { data, error, reload } = useLoad(`role ${id} ${changes.value.roles ?? 0}`, (signal) => getRole(id, signal));
  if (data !== undefined) return <Opened role={data} stale={error} editHref={editHref} onClose={onClose} />;
  return (
    <Drawer title={error ? "Role" : "Loading"} onClose={onClose}>
      {error ? <ErrorNote error={error} retry={reload} what="This role did not load" /> : <Skeleton />}
    </Drawer>
  );
}

type OpenedProps = { role: Role; stale: ApiError | undefined; editHref: string; onClose: () => void };

function Opened({ role, stale, editHref, onClose }: OpenedProps) {
  const { busy, error, run } = useJob();
  const tabs = [
    { id: "grants", label: "Permissions" },
    { id: "holders", label: "Who holds it", count: role.holders },
  ];
  const tab = tabOf(tabs);
  const remove = async (): Promise<void> => {
    const sure = await confirm({
      title: `Delete ${role.name}?`,
      body: "Nobody may hold it then, and no role inherit from it. This can't be undone.",
      verb: "Delete role",
      danger: true,
    });
    if (!sure || !(await run(() => deleteRole(role.id).then(() => true)))) return;
    toast(`${role.name} is deleted`);
    onClose();
    changed("roles");
  };
  return (
    <Drawer
      title={role.name}
      marks={
        <>
          <Badge tone={role.is_system_role ? "line" : "tide"}>{role.is_system_role ? "Built in" : "Our own"}</Badge>
          <Badge tone="line">{role.scope === "team" ? "In a team" : "Everywhere"}</Badge>
        </>
      }
      sub={role.description}
      tabs={<Tabs tabs={tabs} label={`About ${role.name}`} />}
      onClose={onClose}
      foot={
        !role.is_system_role && (
          <>
            {may("roles.update") && (
              <a class="btn" href={editHref}>
                <Icon name="edit" />
                Edit
              </a>
            )}
            <span class="push" />
            {may("roles.delete") && (
              <BusyButton class="danger" busy={busy} icon="trash" onClick={() => void remove()}>
                Delete
              </BusyButton>
            )}
          </>
        )
      }
    >
      {stale && <ErrorNote error={stale} what="This may be out of date" />}
      {error && <ErrorNote error={error} what="It was not deleted" />}
      <TabPanel id={tab}>{tab === "holders" ? <Holders role={role} /> : <Grants role={role} />}</TabPanel>
    </Drawer>
  );
}

function Grants({ role }: { role: Role }) {
  const all = meantBy(role.effective_permissions);
  const offered = role.scope === "team" ? PERMISSIONS.filter(isOfTeams) : PERMISSIONS;
  return (
    <>
      {role.effective_permissions.includes("*") && <Note tone="info">Everything, also what is yet to come.</Note>}
      {role.inherits_from && (
        <p class="hint">
          With what it inherits from <a href={`/ui/roles/${encodeURIComponent(role.inherits_from)}`}>another role</a>.
        </p>
      )}
      <Matrix label="Permissions" of={offered} chosen={new Set(all)} />
    </>
  );
}
