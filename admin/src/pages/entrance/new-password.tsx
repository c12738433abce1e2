// Where a password is chosen: what the gateway would say of it is said while it is typed, by the same rules.
import { checkPassword } from "../../../../src/identity/password-policy.ts";
import { Icon } from "../../parts/icon.tsx";
import { SecretField } from "./secret-field.tsx";

type Props = {
  value: string;
  onValue: (value: string) => void;
  /** What the gateway said of it. */
  error: string | undefined;
  /** Whose password it will be, where that is known. */
  email: string | undefined;
  label?: string;
};

/** No address has it, and no password. */
const NOBODY = "\0@\0";

export const NewPassword = ({ value, onValue, error, email, label = "New password" }: Props) => (
  <SecretField
    label={label}
    noun="new password"
    value={value}
    onValue={onValue}
    error={error}
    hint={
      value === "" ? "Twelve characters or more: a few unrelated words do well." : <Verdict {...{ value, email }} />
    }
    input={{ name: "new-password", autocomplete: "new-password" }}
  />
);

const Verdict = ({ value, email }: Pick<Props, "value" | "email">) => {
  const [wrong] = checkPassword(value, { email: email?.trim() || NOBODY });
  return (
    <span class={wrong === undefined ? "verdict t-ok" : "verdict"} aria-live="polite">
      <Icon name={wrong === undefined ? "ok" : "info"} />
      {wrong ?? "Good: long enough, and nothing that is guessed early."}
    </span>
  );
};
