// Signing in: by e-mail and password, or by a token; then the person goes back to where they wanted to be.
import { useEffect, useState } from "preact/hooks";
import { ApiError, get, send } from "../../api.ts";
import { useJob, useLoad } from "../../load.ts";
import { carried, here, navigate, withQuery } from "../../location.ts";
import { Code } from "../../parts/code.tsx";
import { BusyButton, TextField } from "../../parts/fields.tsx";
import { ErrorNote, Note } from "../../parts/note.tsx";
import { ended, login, loginByToken, me, nextPlace } from "../../session.ts";
import { Entrance } from "./frame.tsx";
import { SecretField } from "./secret-field.tsx";

const COMMAND = "npm run -s token -- --username admin@example.com";

export function LoginPage() {
  const { query } = here.value;
  const next = nextPlace(query.get("next"));
  const signedIn = me() !== undefined;
  useEffect(() => {
    if (signedIn) void navigate(next, { replace: true });
  }, [signedIn, next]);
  const way = query.get("with");
  if (way === "token") return <ByToken />;
  return way === "link" ? <ByLink /> : <ByPassword />;
}

/** An address of this page with another way to sign in. */
const other = (way: string | null): string => withQuery({ with: way });

/** A password that is right and yet must go is answered with a link that lets its owner choose another. */
function mustChange(error: unknown): void {
  const path = error instanceof ApiError ? error.more.reset_path : undefined;
  if (path === undefined) throw error;
  carried.value = { path: "/ui/reset", secret: path.slice(path.lastIndexOf("/") + 1) };
  void navigate(withQuery({ with: null }, { ...here.value, path: "/ui/reset" }));
}

function ByPassword() {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const { busy, error, run } = useJob();
  const submit = (): void => {
    setTried(true);
    const who = email.trim();
    if (who !== "" && password !== "") void run(() => login(who, password).catch(mustChange));
  };
  return (
    <Entrance title="Sign in" about="With your account on this gateway." onSubmit={submit}>
      {ended.value && !error && (
        <Note tone="info" live>
          <b>Your session has ended.</b> Sign in again to go on where you were.
        </Note>
      )}
      {error && <Refusal error={error} />}
      <Nobodys />
      <TextField
        label="E-mail"
        required
        value={email}
        onValue={setEmail}
        error={tried && email.trim() === "" ? "Type your e-mail address first" : undefined}
        input={{ type: "email", name: "email", autocomplete: "username", autocapitalize: "none", spellcheck: false }}
      />
      <SecretField
        label="Password"
        noun="password"
        value={password}
        onValue={setPassword}
        error={tried && password === "" ? "Type your password first" : undefined}
        input={{ name: "password", autocomplete: "current-password" }}
      />
      <BusyButton class="pri lg" submit busy={busy}>
        Sign in
      </BusyButton>
      <p class="row ways">
        <a href={other("link")}>Forgot your password?</a>
        <a class="push" href={other("token")}>
          Use a token instead
        </a>
      </p>
    </Entrance>
  );
}

/** On somebody's own machine a gateway serves before anybody owns it, and has no accounts then. */
function Nobodys() {
  const { data } = useLoad("claim", (signal) => get<{ claimed: boolean }>("/auth/claim", signal));
  if (data?.claimed !== false) return null;
  return (
    <Note tone="info">
      <b>Nobody owns this gateway yet.</b> <a href="/ui/claim">Claim it</a> to make the first account.
    </Note>
  );
}

/** "45 seconds", "15 minutes". */
const inWords = (seconds: number): string => {
  const minutes = Math.ceil(seconds / 60);
  if (seconds < 60) return seconds === 1 ? "1 second" : `${Math.ceil(seconds)} seconds`;
  return minutes === 1 ? "1 minute" : `${minutes} minutes`;
};

function Refusal({ error }: { error: ApiError }) {
  if (error.status === 429)
    return (
      <Note tone="warn" live>
        <b>Too many attempts.</b> Try again in {inWords(error.retryAfter ?? 60)}, or ask an administrator to unlock you.
      </Note>
    );
  if (error.status === 401)
    return (
      <Note tone="bad" live>
        <b>E-mail or password is wrong.</b> Passwords tell capitals from small letters.
      </Note>
    );
  return <ErrorNote error={error} what="Signing in did not work" />;
}

function ByToken() {
  const [token, setToken] = useState("");
  const [missing, setMissing] = useState(false);
  const { busy, error, run } = useJob();
  const submit = (): void => {
    const text = token.trim().replace(/^bearer\s+/i, "");
    setMissing(text === "");
    if (text !== "") void run(() => loginByToken(text));
  };
  return (
    <Entrance
      title="Sign in with a token"
      about="Paste a signed token (JWT). It is traded for a session that ends with the token."
      onSubmit={submit}
    >
      {error && (
        <ErrorNote error={error} what={error.status === 401 ? "This token was refused" : "Signing in did not work"} />
      )}
      <SecretField
        label="Token"
        noun="token"
        mono
        value={token}
        onValue={setToken}
        error={missing ? "Paste a token first" : undefined}
        input={{ name: "token", autocomplete: "off", placeholder: "eyJ…" }}
      />
      <BusyButton class="pri lg" submit busy={busy}>
        Sign in
      </BusyButton>
      <div class="stack s2">
        <p class="hint">No token yet? Make one where the gateway is deployed from:</p>
        <Code title="Terminal" text={COMMAND} />
      </div>
      <p class="row ways">
        <a href={other(null)}>Use e-mail and password instead</a>
      </p>
    </Entrance>
  );
}

/** Asks for a link to choose a new password. The answer never says whether there is such an account. */
function ByLink() {
  const [email, setEmail] = useState("");
  const [tried, setTried] = useState(false);
  const [answer, setAnswer] = useState<string>();
  const { busy, error, run } = useJob();
  const submit = async (): Promise<void> => {
    setTried(true);
    if (email.trim() === "") return;
    const body = { email: email.trim() };
    const told = await run(() => send<{ message: string }>("POST", "/auth/email/forgot-password", { body }));
    setAnswer(told?.message);
  };
  return (
    <Entrance
      title="Forgot your password?"
      about="Ask for a link that lets you choose a new one. It works once."
      onSubmit={() => void submit()}
    >
      {error && <Refusal error={error} />}
      {answer && (
        <Note tone="info" live>
          {answer}.
        </Note>
      )}
      <TextField
        label="E-mail"
        required
        value={email}
        onValue={setEmail}
        error={tried && email.trim() === "" ? "Type your e-mail address first" : undefined}
        input={{ type: "email", name: "email", autocomplete: "username", autocapitalize: "none", spellcheck: false }}
      />
      <BusyButton class="pri lg" submit busy={busy}>
        Ask for a link
      </BusyButton>
      <p class="row ways">
        <a href={other(null)}>Back to signing in</a>
      </p>
    </Entrance>
  );
}
