// Changing what a user is called.
import { useState } from "preact/hooks";
import { changed } from "../../api.ts";
import { useJob, useLoad } from "../../load.ts";
import { Drawer } from "../../parts/drawer.tsx";
import { BusyButton, TextField } from "../../parts/fields.tsx";
import { ErrorNote } from "../../parts/note.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { changeUser, getUser, type User } from "./users.ts";

export function EditUser({ email, onClose }: { email: string; onClose: () => void }) {
  const { data, error, reload } = useLoad(email, (signal) => getUser(email, signal));
  if (data !== undefined) return <Edit user={data} onClose={onClose} />;
  return (
    <Drawer title="Edit user" onClose={onClose}>
      {error ? <ErrorNote error={error} retry={reload} what="This user did not load" /> : <Skeleton />}
    </Drawer>
  );
}

function Edit({ user, onClose }: { user: User; onClose: () => void }) {
  const [name, setName] = useState(user.full_name ?? "");
  const { busy, error, run } = useJob();
  const submit = async (): Promise<void> => {
    if (!(await run(() => changeUser(user.email, { full_name: name.trim() || null })))) return;
    changed("users");
    onClose();
  };
  return (
    <Drawer
      title={`Edit ${user.name}`}
      sub={user.full_name && user.email}
      onClose={onClose}
      onSubmit={() => void submit()}
      foot={
        <>
          <BusyButton class="pri" submit busy={busy}>
            Save changes
          </BusyButton>
          <button type="button" class="btn" onClick={onClose}>
            Cancel
          </button>
        </>
      }
    >
      {error?.isGeneral && <ErrorNote error={error} what="The user is not changed" />}
      <TextField first label="Name" value={name} onValue={setName} error={error?.about("full_name")} />
    </Drawer>
  );
}
