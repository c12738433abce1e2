// Choosing a new password because the old one must go: nothing else is shown until it has.
import { useState } from "preact/hooks";
import { useJob } from "../../load.ts";
import { BusyButton } from "../../parts/fields.tsx";
import { ErrorNote } from "../../parts/note.tsx";
import { loadSession, logout, me } from "../../session.ts";
import { Entrance } from "./frame.tsx";
import { changePassword, NewPassword } from "./new-password.tsx";
import { SecretField, Username } from "./secret-field.tsx";

export function RenewPage() {
  const [old, setOld] = useState("");
  const [password, setPassword] = useState("");
  const { busy, error, run } = useJob();
  const email = me()?.email ?? "";
  const submit = async (): Promise<void> => {
    if (await run(() => changePassword(old, password))) await loadSession();
  };
  return (
    <Entrance
      title="Choose a new password"
      about={`An administrator asks ${email} for a new password. Then you go on where you were.`}
      onSubmit={() => void submit()}
    >
      {error && error.fields.size === 0 && <ErrorNote error={error} what="The password is not changed" />}
      <Username email={email} />
      <SecretField
        label="Password you have now"
        noun="password"
        value={old}
        onValue={setOld}
        error={error?.fields.get("old_password")}
        input={{ name: "old", autocomplete: "current-password" }}
      />
      <NewPassword value={password} onValue={setPassword} email={email} error={error?.fields.get("new_password")} />
      <BusyButton class="pri lg" submit busy={busy}>
        Change password
      </BusyButton>
      <p class="row ways">
        <button type="button" class="btn quiet" onClick={() => void logout()}>
          Sign out
        </button>
      </p>
    </Entrance>
  );
}
