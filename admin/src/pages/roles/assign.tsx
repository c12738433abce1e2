// Giving a role to a user: everywhere or in a team, for good or until a day.
import { useState } from "preact/hooks";
import { changed, changes } from "../../api.ts";
import { useJob, useLoad } from "../../load.ts";
import { BusyButton, Field, SelectField, TextField } from "../../parts/fields.tsx";
import { ErrorNote } from "../../parts/note.tsx";
import { toast } from "../../parts/toast.tsx";
import { loadSession, me } from "../../session.ts";
import { ALL_TEAMS } from "../teams/teams.ts";
import { assign, type Role } from "./roles.ts";

export function Assign({ role }: { role: Role }) {
  const [email, setEmail] = useState("");
  const [team, setTeam] = useState("");
  const [lastDay, setLastDay] = useState("");
  const [tried, setTried] = useState(false);
  const { busy, error, run } = useJob();
  const inTeam = role.scope === "team";
  const teams = useLoad(`teams for ${role.scope} ${changes.value.teams ?? 0}`, async (signal) =>
    inTeam ? (await ALL_TEAMS.load({ limit: 0 }, signal)).items : [],
  );
  const badEmail = /^\S+@\S+$/.test(email.trim()) ? undefined : "Enter an e-mail address";
  const badTeam = inTeam && team === "" ? "Choose a team" : undefined;
  const submit = async (): Promise<void> => {
    setTried(true);
    if (badEmail || badTeam) return;
    const given = await run(() =>
      assign(email.trim(), {
        role_id: role.id,
        scope_id: inTeam ? team : null,
        expires_at: lastDay === "" ? null : new Date(`${lastDay}T23:59:59`).toISOString(),
      }),
    );
    if (given === undefined) return;
    toast(`${given.user_email} holds ${role.name} now`);
    setEmail("");
    setTried(false);
    changed("roles", "users");
    if (given.user_email === me()?.email) await loadSession();
  };
  return (
    <form
      class="sect"
      noValidate
      aria-label={`Give ${role.name}`}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <header>
        <h3>Give it to somebody</h3>
      </header>
      {error && error.fields.size === 0 && <ErrorNote error={error} what="It was not given" />}
      <TextField
        label="E-mail"
        value={email}
        onValue={setEmail}
        error={error?.fields.get("email") ?? (tried ? badEmail : undefined)}
        input={{ type: "email", autocapitalize: "none", spellcheck: false }}
      />
      <div class="pair">
        {inTeam && (
          <SelectField
            label="In the team"
            value={team}
            options={[
              { value: "", label: "Choose a team" },
              ...(teams.data ?? []).map(({ id, name }) => ({ value: id, label: name })),
            ]}
            error={tried ? badTeam : undefined}
            onValue={setTeam}
          />
        )}
        <Field label="Last day" hint="Empty: for good" error={error?.fields.get("expires_at")}>
          {(described) => (
            <input
              {...described}
              type="date"
              class="in"
              value={lastDay}
              onInput={(event) => setLastDay(event.currentTarget.value)}
            />
          )}
        </Field>
      </div>
      <div class="row">
        <BusyButton submit busy={busy} icon="plus">
          Give role
        </BusyButton>
      </div>
    </form>
  );
}
