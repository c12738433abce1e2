// Where a password is chosen, with what makes a good one beside it.
import { send } from "../../api.ts";
import { SecretField } from "./secret-field.tsx";

type Props = { value: string; onValue: (value: string) => void; error: string | undefined };

export const NewPassword = ({ value, onValue, error }: Props) => (
  <SecretField
    label="New password"
    noun="new password"
    value={value}
    onValue={onValue}
    error={error}
    hint="Twelve characters or more. Four words nobody says together are better than one word with a dollar sign."
    input={{ name: "new-password", autocomplete: "new-password" }}
  />
);

/** Changes the password of the person signed in. Throws ApiError. */
export const changePassword = (old: string, next: string): Promise<true> =>
  send("POST", "/auth/change-password", { body: { old_password: old, new_password: next } }).then(() => true);
