// Making a team, and changing one from the version that was read.
import { useState } from "preact/hooks";
import { changed } from "../../api.ts";
import { useJob, useLoad } from "../../load.ts";
import { Drawer } from "../../parts/drawer.tsx";
import { AreaField, BusyButton, Segments, TextField } from "../../parts/fields.tsx";
import { useGuard } from "../../parts/guard.ts";
import { ErrorNote } from "../../parts/note.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { toast } from "../../parts/toast.tsx";
import { loadSession } from "../../session.ts";
import { addTeam, changeTeam, getTeam, type Team } from "./teams.ts";

type Draft = { name: string; description: string; visibility: string; most: string };
type Fields = { name: string; description: string | null; visibility: "private" | "public"; max_members: number };

const VISIBILITIES = [
  { value: "private", label: "Its members only" },
  { value: "public", label: "Every user" },
];
const FRESH: Draft = { name: "", description: "", visibility: "private", most: "100" };

export function AddTeam({ onClose, onDone }: { onClose: () => void; onDone: (id: string) => void }) {
  const save = async (fields: Fields): Promise<() => void> => {
    const { id } = await addTeam(fields);
    return () => onDone(id);
  };
  return <TeamForm title="New team" verb="Make team" start={FRESH} save={save} onClose={onClose} />;
}

export function EditTeam({ id, onClose }: { id: string; onClose: () => void }) {
  const { data, error, reload } = useLoad(`team ${id} to edit`, (signal) => getTeam(id, signal));
  if (data === undefined)
    return (
      <Drawer title="Edit team" onClose={onClose}>
        {error ? <ErrorNote error={error} retry={reload} what="This team did not load" /> : <Skeleton />}
      </Drawer>
    );
  const save = async (fields: Fields): Promise<() => void> => {
    await changeTeam(id, fields, data.version);
    return onClose;
  };
  return (
    <TeamForm
      key={data.version}
      title={`Edit ${data.name}`}
      verb="Save changes"
      start={draftOf(data)}
      save={save}
      onClose={onClose}
    />
  );
}

const draftOf = (team: Team): Draft => ({
  name: team.name,
  description: team.description ?? "",
  visibility: team.visibility,
  most: String(team.max_members),
});

type FormProps = {
  title: string;
  verb: string;
  start: Draft;
  /** Saves it; gives what leaves the form. */
  save: (fields: Fields) => Promise<() => void>;
  onClose: () => void;
};

function TeamForm({ title, verb, start, save, onClose }: FormProps) {
  const [draft, setDraft] = useState(start);
  const [tried, setTried] = useState(false);
  const { busy, error, run } = useJob();
  const dirty = JSON.stringify(draft) !== JSON.stringify(start);
  const release = useGuard(dirty);
  const put = (change: Partial<Draft>): void => setDraft({ ...draft, ...change });
  const badName = draft.name.trim() === "" ? "Enter a name" : undefined;
  const badMost = /^[1-9]\d{0,3}$|^10000$/.test(draft.most) ? undefined : "A whole number, 1 to 10,000";
  const submit = async (): Promise<void> => {
    setTried(true);
    if (badName || badMost) return;
    const leave = await run(() =>
      save({
        name: draft.name.trim(),
        description: draft.description.trim() || null,
        visibility: draft.visibility === "public" ? "public" : "private",
        max_members: Number(draft.most),
      }),
    );
    if (leave === undefined) return;
    release();
    toast(`${draft.name.trim()} is saved`);
    await loadSession();
    leave();
    changed("teams", "users");
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
      <TextField
        first
        required
        label="Name"
        value={draft.name}
        onValue={(name) => put({ name })}
        error={error?.fields.get("name") ?? (tried ? badName : undefined)}
      />
      <AreaField
        label="Description"
        rows={2}
        value={draft.description}
        onValue={(description) => put({ description })}
      />
      <div class="field">
        <span class="legend">Who finds it</span>
        <div>
          <Segments
            label="Who finds it"
            value={draft.visibility}
            options={VISIBILITIES}
            onValue={(visibility) => put({ visibility })}
          />
        </div>
        <p class="hint">
          {draft.visibility === "public"
            ? "Every user may ask to join. What belongs to the team stays its members'."
            : "Nobody else knows of it: people come in by invitation."}
        </p>
      </div>
      <TextField
        label="Members, at most"
        value={draft.most}
        onValue={(most) => put({ most })}
        error={error?.fields.get("max_members") ?? (tried ? badMost : undefined)}
        input={{ inputMode: "numeric" }}
      />
    </Drawer>
  );
}
