// Choosing a password by a link that works once: after an invitation, when the old one is forgotten, or when it must go.
import { useState } from "preact/hooks";
import { get, send } from "../../api.ts";
import { useJob, useLoad } from "../../load.ts";
import { carried, here, navigate, secretFor } from "../../location.ts";
import { BusyButton, TextField } from "../../parts/fields.tsx";
import { ErrorNote } from "../../parts/note.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { login, nextPlace } from "../../session.ts";
import { Entrance } from "./frame.tsx";
import { NewPassword } from "./new-password.tsx";
import { Username } from "./secret-field.tsx";

/** Whose link it is. */
type Owner = { email: string; full_name: string | null; purpose: "invitation" | "reset" };

const pathOf = (secret: string): string => `/auth/email/reset-password/${encodeURIComponent(secret)}`;

export function ResetPage() {
  const secret = secretFor("/ui/reset");
  const { data, error, reload } = useLoad(secret, async (signal) =>
    secret === "" ? undefined : await get<Owner>(pathOf(secret), signal),
  );
  if (secret === "" || error?.status === 404)
    return (
      <Entrance
        title="Choose a password"
        about={
          secret === ""
            ? "This page needs the link you were given: open it once more, whole."
            : "This link was used, or is too old."
        }
      >
        <a class="btn lg" href="/ui/login?with=link">
          Ask for another link
        </a>
      </Entrance>
    );
  if (data !== undefined) return <Reset key={secret} secret={secret} owner={data} />;
  return (
    <Entrance title="Choose a password" about="Your link works once.">
      {error ? <ErrorNote error={error} retry={reload} what="The link could not be looked at" /> : <Skeleton />}
    </Entrance>
  );
}

function Reset({ secret, owner }: { secret: string; owner: Owner }) {
  const { email } = owner;
  const invited = owner.purpose === "invitation";
  const [name, setName] = useState(owner.full_name ?? "");
  const [password, setPassword] = useState("");
  const [set, setSet] = useState(false);
  const { busy, error, run, clear } = useJob();
  /** What was said of another password says nothing of this one. */
  const choose = (password: string): void => {
    clear();
    setPassword(password);
  };
  const submit = async (): Promise<void> => {
    const body = { new_password: password, ...(invited ? { full_name: name.trim() || null } : {}) };
    if (!(await run(() => send("POST", pathOf(secret), { body }).then(() => true)))) return;
    if (!(await run(() => login(email, password).then(() => true)))) return setSet(true);
    await navigate(nextPlace(here.value.query.get("next")), { replace: true });
    carried.value = undefined;
  };
  if (set)
    return (
      <Entrance title="Your password is set" about="Sign in with your e-mail address and this password.">
        <a class="btn pri lg" href="/ui/login">
          Sign in
        </a>
      </Entrance>
    );
  return (
    <Entrance
      title={invited ? "Welcome" : "Choose a new password"}
      about={
        invited
          ? `Choose a password for ${email}. You sign in with both from now on.`
          : `For ${email}. Wherever you are signed in, that ends.`
      }
      onSubmit={() => void submit()}
    >
      {error?.isGeneral && <ErrorNote error={error} what="The password is not set" />}
      <Username email={email} />
      {invited && (
        <TextField
          label="Your name"
          value={name}
          onValue={setName}
          error={error?.about("full_name")}
          input={{ name: "name", autocomplete: "name" }}
        />
      )}
      <NewPassword value={password} onValue={choose} email={email} error={error?.about("new_password")} />
      <BusyButton class="pri lg" submit busy={busy}>
        Set password and sign in
      </BusyButton>
    </Entrance>
  );
}
