// The person signed in: who they are here, where they are signed in, their password.
import { useState } from "preact/hooks";
import type { SessionRead, UserRead } from "../../../src/schemas/users.ts";
import { changed, changes, get, send } from "../api.ts";
import { useJob, useLoad } from "../load.ts";
import { Badge } from "../parts/badges.tsx";
import { BusyButton, TextField } from "../parts/fields.tsx";
import { ErrorNote, Fact, Note } from "../parts/note.tsx";
import { toast } from "../parts/toast.tsx";
import { loadSession, type Me, me } from "../session.ts";
import { NewPassword } from "./entrance/new-password.tsx";
import { SecretField, Username } from "./entrance/secret-field.tsx";
import { Sessions } from "./profile/sessions.tsx";

const SESSIONS = "/auth/sessions";

export function ProfilePage() {
  const who = me();
  if (who === undefined) return null;
  return (
    <>
      <div class="head">
        <div>
          <h1>Profile</h1>
          <p>Who you are here, where you are signed in, and your password.</p>
        </div>
      </div>
      <div class="duo">
        <div class="stack">
          <About who={who} />
          {who.hasPassword && <ChangePassword email={who.email} />}
        </div>
        <SignedIn email={who.email} />
      </div>
    </>
  );
}

const account = (signal: AbortSignal): Promise<UserRead> => get<UserRead>("/auth/email/me", signal);

/** Whether there is an account; otherwise the gateway's own secrets vouch for the address. */
const hasAccount = ({ auth_provider: by }: UserRead): boolean => by !== "bootstrap";

function About({ who }: { who: Me }) {
  const { data } = useLoad(`account ${changes.value.users ?? 0}`, account);
  const [name, setName] = useState(who.fullName ?? "");
  const { busy, error, run } = useJob();
  const submit = async (): Promise<void> => {
    const body = { full_name: name.trim() || null };
    if (!(await run(() => send("PUT", "/auth/me", { body }).then(() => true)))) return;
    toast("Your name is saved");
    changed("users");
    await loadSession();
  };
  return (
    <section class="card" aria-labelledby="about-you">
      <header>
        <h2 id="about-you">You</h2>
        {who.isAdmin && <Badge tone="tide">Administrator</Badge>}
      </header>
      <form
        class="card-b stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {error?.isGeneral && <ErrorNote error={error} what="Your name is not saved" />}
        {data && !hasAccount(data) && (
          <Note tone="info">Your token vouches for you: this gateway has no account of yours.</Note>
        )}
        <dl class="facts">
          <Fact name="E-mail">{who.email}</Fact>
          {data && (
            <Fact name="Roles">
              {data.roles.length === 0 && <span class="mut">none of your own</span>}
              {data.roles.map((role) => (
                <Badge key={role} tone="line">
                  {role}
                </Badge>
              ))}
            </Fact>
          )}
          <Fact name="Teams">
            {who.teams.length === 0 && <span class="mut">none</span>}
            {who.teams.map((team) => (
              <span key={team.id}>
                <a href={`/ui/teams/${encodeURIComponent(team.id)}`}>{team.name}</a>{" "}
                <span class="mut">{team.role}</span>
              </span>
            ))}
          </Fact>
        </dl>
        {data && hasAccount(data) && (
          <>
            <TextField
              label="Name"
              value={name}
              onValue={setName}
              error={error?.about("full_name")}
              input={{ name: "name", autocomplete: "name" }}
            />
            <div class="row">
              <BusyButton submit busy={busy} disabled={name.trim() === (who.fullName ?? "")}>
                Save name
              </BusyButton>
            </div>
          </>
        )}
      </form>
    </section>
  );
}

function ChangePassword({ email }: { email: string }) {
  const [old, setOld] = useState("");
  const [next, setNext] = useState("");
  const { busy, error, run, clear } = useJob();
  /** What was said of other passwords says nothing of these. */
  const type = (set: (password: string) => void) => (password: string) => {
    clear();
    set(password);
  };
  const submit = async (): Promise<void> => {
    const body = { old_password: old, new_password: next };
    if (!(await run(() => send("POST", "/auth/email/change-password", { body }).then(() => true)))) return;
    setOld("");
    setNext("");
    toast("Your password is changed. Your other sessions have ended");
    changed("sessions");
    await loadSession();
  };
  return (
    <section class="card" aria-labelledby="your-password">
      <header>
        <h2 id="your-password">Password</h2>
      </header>
      <form
        class="card-b stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {error?.isGeneral && <ErrorNote error={error} what="Your password is not changed" />}
        <Username email={email} />
        <SecretField
          label="Password you have now"
          noun="password"
          value={old}
          onValue={type(setOld)}
          error={error?.about("old_password")}
          input={{ name: "old", autocomplete: "current-password" }}
        />
        <NewPassword value={next} onValue={type(setNext)} email={email} error={error?.about("new_password")} />
        <div class="row">
          <BusyButton submit busy={busy} disabled={old === "" || next === ""}>
            Change password
          </BusyButton>
        </div>
      </form>
    </section>
  );
}

const SignedIn = ({ email }: { email: string }) => (
  <section class="card" aria-labelledby="your-sessions">
    <header>
      <h2 id="your-sessions">Where you are signed in</h2>
    </header>
    <div class="card-b stack">
      <Sessions
        of={email}
        load={(signal) => get<SessionRead[]>(SESSIONS, signal)}
        ends={{
          one: (id) => send("DELETE", `${SESSIONS}/${encodeURIComponent(id)}`),
          others: () => send("DELETE", SESSIONS),
        }}
      />
    </div>
  </section>
);
