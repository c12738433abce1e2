// An address and a role: for adding a user to a team, and for inviting somebody.
import { useState } from "preact/hooks";
import { useJob } from "../../load.ts";
import { BusyButton, SelectField, TextField } from "../../parts/fields.tsx";
import { ErrorNote } from "../../parts/note.tsx";
import { asRole, ROLE_HINTS, ROLE_OPTIONS } from "./marks.tsx";
import type { Team, TeamRole } from "./teams.ts";

type Props = {
  team: Team;
  verb: string;
  hint: string;
  save: (email: string, role: TeamRole) => Promise<void>;
};

export function NewMember({ team, verb, hint, save }: Props) {
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<TeamRole>("member");
  const [tried, setTried] = useState(false);
  const { busy, error, run } = useJob();
  const wrong = /^\S+@\S+$/.test(email.trim()) ? undefined : "Enter an e-mail address";
  const submit = async (): Promise<void> => {
    setTried(true);
    if (wrong || !(await run(() => save(email.trim(), role).then(() => true)))) return;
    setEmail("");
    setTried(false);
  };
  return (
    <form
      class="sect"
      noValidate
      aria-label={`${verb}, ${team.name}`}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {error && error.fields.size === 0 && <ErrorNote error={error} />}
      <div class="pair">
        <TextField
          label="E-mail"
          hint={hint}
          value={email}
          onValue={setEmail}
          error={error?.fields.get("email") ?? (tried ? wrong : undefined)}
          input={{ type: "email", autocapitalize: "none", spellcheck: false }}
        />
        <SelectField
          label="As"
          value={role}
          options={ROLE_OPTIONS}
          hint={ROLE_HINTS[role]}
          onValue={(next) => setRole(asRole(next))}
        />
      </div>
      <div class="row">
        <BusyButton submit busy={busy} icon="plus">
          {verb}
        </BusyButton>
      </div>
    </form>
  );
}
