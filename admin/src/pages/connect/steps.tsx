// The steps for one client: a token, the words, a look whether it works.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Code } from "../../parts/code.tsx";
import { Segments } from "../../parts/fields.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Note } from "../../parts/note.tsx";
import { may, session } from "../../session.ts";
import type { Client, Snippet } from "./clients.ts";
import { type Connection, over, TOKEN, type Transport } from "./connection.ts";

type Props = {
  client: Client;
  via: Transport | "stdio";
  to: Connection;
  serverId: string | undefined;
  /** A token that was just made. */
  secret?: string;
};

/** The snippets in the form asked for, or in a form the client has. */
function snippetsOf({ client, via, to }: Props): { snippets: Snippet[]; other: boolean } {
  const form = via === "stdio" ? client.stdio : via === "sse" && client.noSse ? undefined : client.http;
  if (form) return { snippets: form(to), other: false };
  return { snippets: (client.http ?? client.stdio)?.(over(to, "http")) ?? [], other: true };
}

export function ConnectSteps(props: Props) {
  const { client, via, to, serverId } = props;
  const [label, setLabel] = useState("");
  const { snippets, other } = snippetsOf(props);
  const snippet = snippets.find((one) => one.label === label) ?? snippets[0];
  const link = via === "stdio" ? undefined : client.link?.(to);
  return (
    <ol class="steps">
      {!to.open && (props.secret ? <SecretStep secret={props.secret} /> : <TokenStep serverId={serverId} />)}
      <Step n={to.open ? 1 : 2} title={`Add it to ${client.name}`}>
        {snippets.length > 1 && snippet && (
          <div>
            <Segments
              label="As"
              value={snippet.label}
              options={snippets.map((one) => ({ value: one.label, label: one.label }))}
              onValue={setLabel}
            />
          </div>
        )}
        {other && (
          <Note tone="info">
            {client.http === undefined
              ? `${client.name} reads no URL from its file, so a local bridge is used.`
              : `${client.name} speaks HTTP itself and needs ${via === "sse" ? "no HTTP+SSE" : "no bridge"}.`}
          </Note>
        )}
        {snippet && <Code title={snippet.where} text={snippet.text} file={snippet.file} />}
        {snippet?.note && <p class="hint">{snippet.note}</p>}
        {link && (
          <div class="row">
            <a class="btn" href={link}>
              <Icon name="arrow" />
              Open in {client.name}
            </a>
            <small>
              {to.open ? "Adds it with one click." : "The link carries no token: it stays on your machine."}
            </small>
          </div>
        )}
      </Step>
      <Step n={to.open ? 2 : 3} title="See that it works">
        <p class="hint">{client.check}</p>
      </Step>
    </ol>
  );
}

const SecretStep = ({ secret }: { secret: string }) => (
  <Step n={1} title="Put the token where the client reads it">
    <Code wrap title="Terminal" text={`export ${TOKEN}="${secret}"`} />
    <Code wrap title=".env" file={`${TOKEN}.env`} text={`${TOKEN}=${secret}\n`} />
  </Step>
);

function TokenStep({ serverId }: { serverId: string | undefined }) {
  const who = session.value;
  const email = who && "email" in who ? who.email : "you@example.com";
  const only = serverId === undefined ? "" : ` --server ${serverId}`;
  return (
    <Step n={1} title="Make a token">
      {may("tokens.create") && (
        <div class="row">
          <a
            class="btn"
            href={`/ui/tokens/new${serverId === undefined ? "" : `?server=${encodeURIComponent(serverId)}`}`}
          >
            <Icon name="key" />
            New token
          </a>
          <small>or in a terminal:</small>
        </div>
      )}
      <Code
        title="Terminal, where the gateway is deployed from"
        text={`export ${TOKEN}="$(npm run -s token -- --username ${email}${only})"`}
      />
      <p class="hint">
        {serverId === undefined ? "It reaches everything you may use. " : "It reaches this virtual server only. "}
        Clients read it from <code>{TOKEN}</code>; it never passes through this page.
      </p>
    </Step>
  );
}

const Step = ({ n, title, children }: { n: number; title: string; children: ComponentChildren }) => (
  <li>
    <span class="step-n" aria-hidden="true">
      {n}
    </span>
    <div class="stack s2">
      <h2>{title}</h2>
      {children}
    </div>
  </li>
);
