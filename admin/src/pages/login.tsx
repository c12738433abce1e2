// Sign-in: a token is traded for an HttpOnly cookie, then the person goes back to where they wanted to be.
import { useEffect, useState } from "preact/hooks";
import { useJob } from "../load.ts";
import { here, navigate } from "../location.ts";
import { Code } from "../parts/code.tsx";
import { BusyButton, Field } from "../parts/fields.tsx";
import { Hero } from "../parts/hero.tsx";
import { Icon } from "../parts/icon.tsx";
import { Logo } from "../parts/logo.tsx";
import { ErrorNote } from "../parts/note.tsx";
import { ThemeButton } from "../parts/theme-button.tsx";
import { login, nextPlace, session } from "../session.ts";

const COMMAND = "npm run -s token -- --username admin@example.com";

const READABLE = { type: "text" } as const;
const HIDDEN = { type: "password" } as const;

export function LoginPage() {
  const [token, setToken] = useState("");
  const [shown, setShown] = useState(false);
  const [missing, setMissing] = useState(false);
  const { busy, error, run } = useJob();
  const next = nextPlace(here.value.query.get("next"));
  const signedIn = session.value !== null && session.value !== undefined && "email" in session.value;
  useEffect(() => {
    if (signedIn) void navigate(next, { replace: true });
  }, [signedIn, next]);

  const submit = (): void => {
    const text = token.trim().replace(/^bearer\s+/i, "");
    setMissing(text === "");
    if (text !== "") void run(() => login(text));
  };
  return (
    <div class="claim">
      <main class="claim-f">
        <div class="claim-top">
          <span class="brand">
            <Logo />
            Causeway
          </span>
          <ThemeButton />
        </div>
        <form
          class="claim-b"
          aria-labelledby="sign-in"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            submit();
          }}
        >
          <div>
            <h1 id="sign-in">Sign in</h1>
            <p>Paste a token of this gateway. It is traded for a session that ends with the token.</p>
          </div>
          {error &&
            (error.status === 401 ? (
              <ErrorNote error={error} what="This token was refused" />
            ) : (
              <ErrorNote error={error} what="Signing in did not work" />
            ))}
          <Field label="Token" required error={missing ? "Paste a token first" : undefined}>
            {(described) => (
              <span class="with-b">
                <input
                  {...described}
                  class="in m"
                  {...(shown ? READABLE : HIDDEN)}
                  name="token"
                  autocomplete="off"
                  spellcheck={false}
                  placeholder="eyJ…"
                  value={token}
                  onInput={(event) => setToken(event.currentTarget.value)}
                />
                <button
                  type="button"
                  class="btn icon quiet"
                  aria-pressed={shown}
                  aria-label="Show token"
                  title="Show token"
                  onClick={() => setShown(!shown)}
                >
                  <Icon name="eye" />
                </button>
              </span>
            )}
          </Field>
          <BusyButton class="pri lg" submit busy={busy}>
            Sign in
          </BusyButton>
          <div class="stack s2">
            <p class="hint">No token yet? Make one where the gateway is deployed from:</p>
            <Code title="Terminal" text={COMMAND} />
          </div>
        </form>
      </main>
      <aside class="claim-v" aria-label="Causeway">
        <Hero />
        <div class="claim-q">
          <p>One address for every agent.</p>
          <p>Many servers behind it, of any era.</p>
        </div>
      </aside>
    </div>
  );
}
