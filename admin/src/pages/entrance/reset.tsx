// Choosing a password by a link that works once: after an invitation, when the old one is forgotten, or when it must go.
import { useState } from "preact/hooks";
import { send } from "../../api.ts";
import { useJob } from "../../load.ts";
import { carried, here, navigate, secretFor } from "../../location.ts";
import { BusyButton } from "../../parts/fields.tsx";
import { ErrorNote } from "../../parts/note.tsx";
import { login, nextPlace } from "../../session.ts";
import { Entrance } from "./frame.tsx";
import { NewPassword } from "./new-password.tsx";
import { Username } from "./secret-field.tsx";

export function ResetPage() {
  const [set, setSet] = useState(false);
  const secret = secretFor("/ui/reset");
  if (set)
    return (
      <Entrance title="Your password is set" about="Sign in with your e-mail address and this password.">
        <a class="btn pri lg" href="/ui/login">
          Sign in
        </a>
      </Entrance>
    );
  if (secret === "")
    return (
      <Entrance title="Choose a password" about="This page needs the link you were given: open it once more, whole.">
        <a class="btn lg" href="/ui/login?with=link">
          Ask for another link
        </a>
      </Entrance>
    );
  return <Reset key={secret} secret={secret} email={carried.value?.email} onSet={() => setSet(true)} />;
}

type ResetProps = {
  secret: string;
  /** Of the person who signs in right now; a link does not say whose it is. */
  email: string | undefined;
  onSet: () => void;
};

function Reset({ secret, email, onSet }: ResetProps) {
  const [password, setPassword] = useState("");
  const { busy, error, run } = useJob();
  const submit = async (): Promise<void> => {
    const path = `/auth/email/reset-password/${encodeURIComponent(secret)}`;
    const done = await run(() => send("POST", path, { body: { new_password: password } }).then(() => true));
    if (!done) return;
    if (email === undefined || !(await run(() => login(email, password).then(() => true)))) onSet();
    else await navigate(nextPlace(here.value.query.get("next")), { replace: true });
    carried.value = undefined;
  };
  return (
    <Entrance
      title={email === undefined ? "Choose a password" : "Choose a new password"}
      about={
        email === undefined
          ? "Your link works once. Afterwards you sign in with your e-mail address and this password."
          : `The password of ${email} must be changed before you go on.`
      }
      onSubmit={() => void submit()}
    >
      {error && error.fields.size === 0 && <ErrorNote error={error} what="The password is not set" />}
      {email !== undefined && <Username email={email} />}
      <NewPassword value={password} onValue={setPassword} email={email} error={error?.fields.get("new_password")} />
      <BusyButton class="pri lg" submit busy={busy}>
        Set password
      </BusyButton>
    </Entrance>
  );
}
