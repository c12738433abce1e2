// Claiming a gateway that nobody owns: proof of ownership, then the first account, which may do everything.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { get, send } from "../../api.ts";
import { useJob, useLoad } from "../../load.ts";
import { carried, navigate, secretFor } from "../../location.ts";
import { BusyButton, TextField } from "../../parts/fields.tsx";
import { ErrorNote, Note } from "../../parts/note.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { loadSession, me } from "../../session.ts";
import { Entrance } from "./frame.tsx";
import { NewPassword } from "./new-password.tsx";
import { SecretField } from "./secret-field.tsx";

type State = { claimed: boolean; how: string[] };

export function ClaimPage() {
  const { data, error, reload } = useLoad("claim", (signal) => get<State>("/auth/claim", signal));
  if (data === undefined)
    return (
      <Entrance title="Claim this gateway" about="The first account may do everything.">
        {error ? (
          <ErrorNote error={error} retry={reload} what="The gateway did not say whether it is claimed" />
        ) : (
          <Skeleton />
        )}
      </Entrance>
    );
  if (data.claimed)
    return (
      <Entrance title="This gateway is claimed" about="Somebody owns it already: the link has no use any more.">
        <a class="btn pri lg" href="/ui/login">
          {me() === undefined ? "Sign in" : "Go on"}
        </a>
      </Entrance>
    );
  return <Claim how={data.how} />;
}

function Claim({ how }: { how: string[] }) {
  const secret = secretFor("/ui/claim");
  const [token, setToken] = useState("");
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const { busy, error, run, clear } = useJob();
  /** What was said of another password says nothing of this one. */
  const choose = (password: string): void => {
    clear();
    setPassword(password);
  };
  const submit = async (): Promise<void> => {
    const proof = secret || token.trim();
    const body = { email: email.trim(), password, full_name: name.trim() || null, ...(proof && { token: proof }) };
    const done = await run(() => send("POST", "/auth/claim", { body }).then(() => true));
    if (!done) return;
    await loadSession();
    await navigate("/ui/", { replace: true });
    carried.value = undefined;
  };
  const unfit = (field: string): string | undefined => error?.about(field);
  return (
    <Entrance
      title="Claim this gateway"
      about="Nobody owns it yet. Prove that you deployed it, then make the first account: it may do everything."
      onSubmit={() => void submit()}
    >
      {error?.isGeneral && <ErrorNote error={error} what="It is not claimed" />}
      {secret ? (
        <Note tone="ok">Your link proves that this gateway is yours.</Note>
      ) : (
        <>
          <Proofs how={how} />
          <SecretField
            label="Claim token"
            noun="token"
            mono
            required={!how.includes("cloudflare_access")}
            value={token}
            onValue={setToken}
            error={unfit("token")}
            input={{ name: "token", autocomplete: "one-time-code" }}
          />
        </>
      )}
      <TextField
        label="Your e-mail"
        required
        value={email}
        onValue={setEmail}
        error={unfit("email")}
        input={{ type: "email", name: "email", autocomplete: "username", autocapitalize: "none", spellcheck: false }}
      />
      <TextField
        label="Your name"
        value={name}
        onValue={setName}
        error={unfit("full_name")}
        input={{ name: "name", autocomplete: "name" }}
      />
      <NewPassword label="Password" value={password} onValue={choose} email={email} error={unfit("password")} />
      <BusyButton class="pri lg" submit busy={busy}>
        Claim and go on
      </BusyButton>
    </Entrance>
  );
}

/** What to do for each way that is set up; a way this page does not know is shown by its name. */
const WAYS: Record<string, ComponentChildren> = {
  claim_link: (
    <>
      Run <code>npm run claim</code> where the gateway is deployed from (with <code>-- --remote</code> unless that is
      this machine), and open the link it prints.
    </>
  ),
  bootstrap_token: (
    <>
      Paste the <code>BOOTSTRAP_TOKEN</code> that was set as a secret below.
    </>
  ),
  cloudflare_access: (
    <>
      Come in through Cloudflare Access with an address that <code>ADMIN_EMAILS</code> lists, and claim the gateway with
      that address. The token below stays empty.
    </>
  ),
  admin_password: (
    <>
      <a href="/ui/login">Sign in</a> with <code>PLATFORM_ADMIN_EMAIL</code> and <code>PLATFORM_ADMIN_PASSWORD</code>.
    </>
  ),
};

const Proofs = ({ how }: { how: string[] }) => (
  <div class="stack s2">
    <b>{how.length > 1 ? "How to prove it: one of these" : "How to prove it"}</b>
    <ul class="bullets">
      {how.map((way) => (
        <li key={way}>{WAYS[way] ?? way}</li>
      ))}
    </ul>
  </div>
);
