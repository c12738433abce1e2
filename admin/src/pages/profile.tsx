// The person signed in: who they are here, where they are signed in, their password.
import { useState } from "preact/hooks";
import type { SessionRead } from "../../../src/schemas/users.ts";
import { changed, get, send } from "../api.ts";
import { useJob } from "../load.ts";
import { Badge } from "../parts/badges.tsx";
import { BusyButton, TextField } from "../parts/fields.tsx";
import { ErrorNote, Fact, Note } from "../parts/note.tsx";
import { toast } from "../parts/toast.tsx";
import { loadSession, type Me, me } from "../session.ts";
import { changePassword, NewPassword } from "./entrance/new-password.tsx";
import { SecretField } from "./entrance/secret-field.tsx";
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

function About({ who }: { who: Me }) {
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
        {error && error.fields.size === 0 && <ErrorNote error={error} what="Your name is not saved" />}
        <dl class="facts">
          <Fact name="E-mail">{who.email}</Fact>
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
        <TextField
          label="Name"
          value={name}
          onValue={setName}
          error={error?.fields.get("full_name")}
          input={{ name: "name", autocomplete: "name" }}
        />
        <div class="row">
          <BusyButton submit busy={busy} disabled={name.trim() === (who.fullName ?? "")}>
            Save name
          </BusyButton>
        </div>
      </form>
    </section>
  );
}

function ChangePassword({ email }: { email: string }) {
  const [old, setOld] = useState("");
  const [next, setNext] = useState("");
  const { busy, error, run } = useJob();
  const submit = async (): Promise<void> => {
    if (!(await run(() => changePassword(old, next)))) return;
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
        {error && error.fields.size === 0 && <ErrorNote error={error} what="Your password is not changed" />}
        <input class="sr" type="email" autocomplete="username" value={email} readOnly tabIndex={-1} aria-hidden />
        <SecretField
          label="Password you have now"
          noun="password"
          value={old}
          onValue={setOld}
          error={error?.fields.get("old_password")}
          input={{ name: "old", autocomplete: "current-password" }}
        />
        <NewPassword value={next} onValue={setNext} error={error?.fields.get("new_password")} />
        <div class="row">
          <BusyButton submit busy={busy} disabled={old === "" || next === ""}>
            Change password
          </BusyButton>
        </div>
      </form>
    </section>
  );
}

function SignedIn({ email }: { email: string }) {
  const { busy, error, run } = useJob();
  const endOthers = async (): Promise<void> => {
    if (!(await run(() => send("DELETE", SESSIONS).then(() => true)))) return;
    toast("Your other sessions have ended");
    changed("sessions");
  };
  return (
    <section class="card" aria-labelledby="your-sessions">
      <header>
        <h2 id="your-sessions">Where you are signed in</h2>
        <span class="push" />
        <BusyButton class="sm" busy={busy} onClick={() => void endOthers()}>
          End all others
        </BusyButton>
      </header>
      <div class="card-b">
        {error && <ErrorNote error={error} what="They were not ended" />}
        <Sessions
          of={email}
          load={(signal) => get<SessionRead[]>(SESSIONS, signal)}
          end={(id) => send("DELETE", `${SESSIONS}/${encodeURIComponent(id)}`)}
        />
        <Note tone="info">Don't know one of them? End it, then change your password.</Note>
      </div>
    </section>
  );
}
