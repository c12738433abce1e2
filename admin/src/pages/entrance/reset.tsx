// Choosing a password by a link that works once: after an invitation, or when the old one is forgotten.
import { useState } from "preact/hooks";
import { send } from "../../api.ts";
import { useJob } from "../../load.ts";
import { carried, navigate } from "../../location.ts";
import { BusyButton } from "../../parts/fields.tsx";
import { ErrorNote } from "../../parts/note.tsx";
import { toast } from "../../parts/toast.tsx";
import { Entrance } from "./frame.tsx";
import { NewPassword } from "./new-password.tsx";

export function ResetPage() {
  const token = carried.value?.path === "/ui/reset" ? carried.value.secret : "";
  return token === "" ? <NoLink /> : <Reset key={token} token={token} />;
}

const NoLink = () => (
  <Entrance title="Choose a password" about="This page needs the link you were given: open it once more, whole.">
    <a class="btn lg" href="/ui/login?with=link">
      Ask for another link
    </a>
  </Entrance>
);

function Reset({ token }: { token: string }) {
  const [password, setPassword] = useState("");
  const { busy, error, run } = useJob();
  const submit = async (): Promise<void> => {
    const path = `/auth/reset-password/${encodeURIComponent(token)}`;
    const done = await run(() => send("POST", path, { body: { new_password: password } }).then(() => true));
    if (!done) return;
    carried.value = undefined;
    toast("Your password is set. Sign in with it");
    await navigate("/ui/login", { replace: true });
  };
  return (
    <Entrance
      title="Choose a password"
      about="Your link works once. Afterwards you sign in with your e-mail address and this password."
      onSubmit={() => void submit()}
    >
      {error && error.fields.size === 0 && <ErrorNote error={error} what="The password is not set" />}
      <NewPassword value={password} onValue={setPassword} error={error?.fields.get("new_password")} />
      <BusyButton class="pri lg" submit busy={busy}>
        Set password
      </BusyButton>
    </Entrance>
  );
}
