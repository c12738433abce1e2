// Whether somebody may do something, and which roles let them.
import { useState } from "preact/hooks";
import { changes } from "../../api.ts";
import { useJob, useLoad } from "../../load.ts";
import { Drawer } from "../../parts/drawer.tsx";
import { BusyButton, SelectField, TextField } from "../../parts/fields.tsx";
import { ErrorNote, Note } from "../../parts/note.tsx";
import { me } from "../../session.ts";
import { isOfTeams, nounName, nounOf, PERMISSIONS, verbName } from "../access/grants.ts";
import { useTeamName } from "../access/names.ts";
import { ALL_TEAMS } from "../teams/teams.ts";
import { checkPermission } from "./roles.ts";

const OPTIONS = PERMISSIONS.map((one) => ({
  value: one,
  label: `${nounName(nounOf(one))}: ${verbName(one)} (${one})`,
}));

export function Check({ onClose }: { onClose: () => void }) {
  const [email, setEmail] = useState(me()?.email ?? "");
  const [permission, setPermission] = useState<string>("tools.execute");
  const [team, setTeam] = useState("");
  const [answer, setAnswer] = useState<Awaited<ReturnType<typeof checkPermission>> & { team: string }>();
  const { busy, error, run } = useJob();
  const teams = useLoad(`teams to check ${changes.value.teams ?? 0}`, (signal) => ALL_TEAMS.load({ limit: 0 }, signal));
  const teamName = useTeamName();
  const check = async (): Promise<void> => {
    setAnswer(undefined);
    const said = await run(() =>
      checkPermission({ user_email: email.trim() || undefined, permission, team_id: team || null }),
    );
    if (said) setAnswer({ ...said, team });
  };
  return (
    <Drawer
      title="Who may do what?"
      onClose={onClose}
      onSubmit={() => void check()}
      foot={
        <>
          <BusyButton class="pri" submit busy={busy}>
            Check
          </BusyButton>
          <button type="button" class="btn" onClick={onClose}>
            Close
          </button>
        </>
      }
    >
      {error && error.fields.size === 0 && <ErrorNote error={error} what="It could not be checked" />}
      <TextField
        first
        label="Who"
        value={email}
        onValue={setEmail}
        error={error?.fields.get("user_email")}
        input={{ type: "email", autocapitalize: "none", spellcheck: false }}
        hint="The address of a user"
      />
      <SelectField label="May they" value={permission} options={OPTIONS} onValue={setPermission} />
      <SelectField
        label="Where"
        value={team}
        options={[
          { value: "", label: "Everywhere" },
          ...(teams.data?.items ?? []).map(({ id, name }) => ({ value: id, label: `With what belongs to ${name}` })),
        ]}
        hint={team && !isOfTeams(permission) ? "This is held everywhere or not at all" : undefined}
        onValue={setTeam}
      />
      {answer && (
        <Note tone={answer.granted ? "ok" : "bad"} live>
          <b>
            {answer.user_email} {answer.granted ? "may" : "may not"}
          </b>{" "}
          <code>{answer.permission}</code>{" "}
          {answer.team ? `with what belongs to ${teamName(answer.team)}` : "everywhere"}
          {answer.granted ? `, by ${answer.because.join(", ")}.` : ". No role of theirs grants it."}
        </Note>
      )}
    </Drawer>
  );
}
