// Making a role, and changing one from the version that was read.
import { useState } from "preact/hooks";
import { changed, changes } from "../../api.ts";
import { useJob, useLoad } from "../../load.ts";
import { Drawer } from "../../parts/drawer.tsx";
import { BusyButton, Segments, SelectField, TextField } from "../../parts/fields.tsx";
import { useGuard } from "../../parts/guard.ts";
import { ErrorNote } from "../../parts/note.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { toast } from "../../parts/toast.tsx";
import { mayEverywhere } from "../../session.ts";
import { isOfTeams, meantBy, PERMISSIONS, type Permission } from "../access/grants.ts";
import { Matrix } from "../access/matrix.tsx";
import { ALL_ROLES, addRole, changeRole, getRole, type Role } from "./roles.ts";

type Draft = {
  name: string;
  description: string;
  scope: "global" | "team";
  permissions: Permission[];
  inherits: string;
};

const FRESH: Draft = { name: "", description: "", scope: "global", permissions: [], inherits: "" };
const SCOPES = [
  { value: "global", label: "Everywhere" },
  { value: "team", label: "In a team" },
];
const NAME = /^[A-Za-z0-9][A-Za-z0-9 _-]{0,99}$/;

export function AddRole({ onClose, onDone }: { onClose: () => void; onDone: (id: string) => void }) {
  const save = async (draft: Draft): Promise<() => void> => {
    const { id } = await addRole({ ...bodyOf(draft), name: draft.name.trim(), scope: draft.scope });
    return () => onDone(id);
  };
  return <RoleForm title="New role" verb="Make role" start={FRESH} save={save} onClose={onClose} />;
}

export function EditRole({ id, onClose }: { id: string; onClose: () => void }) {
  const { data, error, reload } = useLoad(`role ${id} to edit`, (signal) => getRole(id, signal));
  if (data === undefined)
    return (
      <Drawer title="Edit role" onClose={onClose}>
        {error ? <ErrorNote error={error} retry={reload} what="This role did not load" /> : <Skeleton />}
      </Drawer>
    );
  const save = async (draft: Draft): Promise<() => void> => {
    await changeRole(
      id,
      { ...bodyOf(draft), permissions: regrouped(data.permissions, draft.permissions) },
      data.version,
    );
    return onClose;
  };
  return (
    <RoleForm
      key={data.version}
      title={`Edit ${data.name}`}
      verb="Save changes"
      start={draftOf(data)}
      old={data}
      save={save}
      onClose={onClose}
    />
  );
}

const bodyOf = ({ description, permissions, inherits }: Draft) => ({
  description: description.trim() || null,
  permissions,
  inherits_from: inherits || null,
});

/** Permissions in the words they were given in (`tools.*`), as far as those still hold. */
function regrouped(before: readonly string[], now: readonly Permission[]): string[] {
  const kept = before.filter((grant) => meantBy([grant]).every((one) => now.includes(one)));
  const meant = new Set(meantBy(kept));
  return [...kept, ...now.filter((one) => !meant.has(one))];
}

const draftOf = (role: Role): Draft => ({
  name: role.name,
  description: role.description ?? "",
  scope: role.scope,
  permissions: meantBy(role.permissions),
  inherits: role.inherits_from ?? "",
});

type FormProps = {
  title: string;
  verb: string;
  start: Draft;
  /** The role that is changed: its name and scope stay. */
  old?: Role;
  /** Saves it; gives what leaves the form. */
  save: (draft: Draft) => Promise<() => void>;
  onClose: () => void;
};

function RoleForm({ title, verb, start, old, save, onClose }: FormProps) {
  const [draft, setDraft] = useState(start);
  const [tried, setTried] = useState(false);
  const { busy, error, run } = useJob();
  const others = useLoad(`roles ${changes.value.roles ?? 0}`, (signal) => ALL_ROLES.load({}, signal)).data?.items ?? [];
  const dirty = JSON.stringify(draft) !== JSON.stringify(start);
  const release = useGuard(dirty);
  const put = (change: Partial<Draft>): void => setDraft({ ...draft, ...change });
  const badName = NAME.test(draft.name.trim()) ? undefined : "Letters, digits, spaces, _ and -, at most 100";
  const offered = PERMISSIONS.filter((one) => mayEverywhere(one) && (draft.scope === "global" || isOfTeams(one)));
  const parents = others.filter((one) => one.scope === draft.scope && one.id !== old?.id);
  const parent = parents.find((one) => one.id === draft.inherits);
  const inherited = new Set(meantBy(parent?.effective_permissions ?? []));
  const submit = async (): Promise<void> => {
    setTried(true);
    if (old === undefined && badName) return;
    const leave = await run(() =>
      save({ ...draft, permissions: draft.permissions.filter((one) => !inherited.has(one)) }),
    );
    if (leave === undefined) return;
    release();
    toast(`${draft.name.trim()} is saved`);
    leave();
    changed("roles", "users");
  };
  return (
    <Drawer
      title={title}
      onClose={onClose}
      onSubmit={() => void submit()}
      foot={
        <>
          <BusyButton class="pri" submit busy={busy}>
            {verb}
          </BusyButton>
          <button type="button" class="btn" onClick={onClose}>
            Cancel
          </button>
        </>
      }
    >
      {error && error.fields.size === 0 && <ErrorNote error={error} what="Nothing was saved" />}
      {old === undefined && (
        <TextField
          first
          required
          label="Name"
          hint="It can't be changed later"
          value={draft.name}
          onValue={(name) => put({ name })}
          error={error?.fields.get("name") ?? (tried ? badName : undefined)}
        />
      )}
      <TextField label="Description" value={draft.description} onValue={(description) => put({ description })} />
      {old === undefined && (
        <div class="field">
          <span class="legend">Held</span>
          <div>
            <Segments
              label="Held"
              value={draft.scope}
              options={SCOPES}
              onValue={(scope) =>
                put(
                  scope === "team"
                    ? { scope, inherits: "", permissions: draft.permissions.filter(isOfTeams) }
                    : { scope: "global", inherits: "" },
                )
              }
            />
          </div>
          <p class="hint">
            {draft.scope === "team"
              ? "Given to members of a team, for what belongs to that team."
              : "Given to users, for everything they see."}
          </p>
        </div>
      )}
      <SelectField
        label="Inherits from"
        value={draft.inherits}
        options={[
          { value: "", label: "No other role" },
          ...parents.map(({ id, name }) => ({ value: id, label: name })),
        ]}
        hint="It then grants what that role grants, too"
        onValue={(inherits) => put({ inherits })}
      />
      <section class="sect">
        <header>
          <h3>Permissions</h3>
          <small>you can give what you have</small>
        </header>
        {error?.fields.get("permissions") && <p class="hint bad">{error.fields.get("permissions")}</p>}
        <Matrix
          label="Permissions"
          of={offered}
          chosen={new Set(draft.permissions)}
          fixed={inherited}
          onChosen={(chosen) => put({ permissions: [...chosen] })}
        />
      </section>
    </Drawer>
  );
}
