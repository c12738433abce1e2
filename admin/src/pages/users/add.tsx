// Adding a user: with a link to choose a password by, or with a first password that must be changed.
import { useState } from "preact/hooks";
import { changed } from "../../api.ts";
import { useJob } from "../../load.ts";
import { Drawer } from "../../parts/drawer.tsx";
import { BusyButton, Segments, Switch, TextField } from "../../parts/fields.tsx";
import { useGuard } from "../../parts/guard.ts";
import { ErrorNote } from "../../parts/note.tsx";
import { toast } from "../../parts/toast.tsx";
import { NewPassword } from "../entrance/new-password.tsx";
import { LinkShown } from "./link.tsx";
import { addUser, type OneTimeLink, type UserCreate } from "./users.ts";

const WAYS = [
  { value: "link", label: "By a link" },
  { value: "password", label: "I choose the first one" },
];
const START = { email: "", name: "", admin: false, way: "link", password: "" };

export function AddUser({ onClose }: { onClose: () => void }) {
  const [draft, setDraft] = useState(START);
  const [tried, setTried] = useState(false);
  const [added, setAdded] = useState<{ email: string; link: OneTimeLink }>();
  const { busy, error, run, clear } = useJob();
  const dirty = JSON.stringify(draft) !== JSON.stringify(START) && added === undefined;
  const release = useGuard(dirty);
  const put = (change: Partial<typeof START>): void => setDraft({ ...draft, ...change });
  const wrongEmail = /^\S+@\S+$/.test(draft.email.trim()) ? undefined : "Enter an e-mail address";
  const submit = async (): Promise<void> => {
    setTried(true);
    if (wrongEmail !== undefined) return;
    const body: UserCreate = {
      email: draft.email.trim(),
      full_name: draft.name.trim() || null,
      is_admin: draft.admin,
      is_active: true,
      ...(draft.way === "password" ? { password: draft.password } : {}),
    };
    const user = await run(() => addUser(body));
    if (user === undefined) return;
    release();
    changed("users");
    if (user.link !== null) return setAdded({ email: user.email, link: user.link });
    toast(`${user.email} is added`);
    onClose();
  };
  if (added)
    return (
      <Drawer
        title={`${added.email} is added`}
        onClose={onClose}
        foot={
          <button type="button" class="btn pri" onClick={onClose}>
            Done
          </button>
        }
      >
        <LinkShown email={added.email} link={added.link} />
      </Drawer>
    );
  return (
    <Drawer
      title="Add user"
      onClose={onClose}
      onSubmit={() => void submit()}
      foot={
        <>
          <BusyButton class="pri" submit busy={busy}>
            Add user
          </BusyButton>
          <button type="button" class="btn" onClick={onClose}>
            Cancel
          </button>
        </>
      }
    >
      {error?.isGeneral && <ErrorNote error={error} what="The user is not added" />}
      <TextField
        first
        required
        label="E-mail"
        hint="The user signs in with it. It can't be changed later."
        value={draft.email}
        onValue={(email) => put({ email })}
        error={error?.about("email") ?? (tried ? wrongEmail : undefined)}
        input={{ type: "email", autocapitalize: "none", spellcheck: false }}
      />
      <TextField label="Name" value={draft.name} onValue={(name) => put({ name })} error={error?.about("full_name")} />
      <div class="field">
        <span class="legend" id="first-password">
          First password
        </span>
        <Segments label="First password" value={draft.way} options={WAYS} onValue={(way) => put({ way })} />
        <p class="hint">
          {draft.way === "link"
            ? "You get a link to hand on, unless this gateway can send mail. Whoever opens it chooses the password."
            : "You tell it to the user. It must be changed at the first sign-in."}
        </p>
      </div>
      {draft.way === "password" && (
        <NewPassword
          value={draft.password}
          onValue={(password) => {
            clear();
            put({ password });
          }}
          email={draft.email}
          error={error?.about("password")}
        />
      )}
      <Switch on={draft.admin} onSwitch={(admin) => put({ admin })}>
        Administrator: may do everything
      </Switch>
    </Drawer>
  );
}
