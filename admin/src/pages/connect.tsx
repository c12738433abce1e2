// Connecting a client: what it reaches, which client it is, and the exact words for that client.
import { useState } from "preact/hooks";
import { changes, listAll, type ServerRead } from "../api.ts";
import { useLoad } from "../load.ts";
import { here, setQuery } from "../location.ts";
import { CopyButton } from "../parts/code.tsx";
import { SelectField, TextField } from "../parts/fields.tsx";
import { Icon } from "../parts/icon.tsx";
import { ErrorNote, Fact, Note } from "../parts/note.tsx";
import { Skeleton } from "../parts/skeleton.tsx";
import { count } from "../parts/time.tsx";
import { CLIENTS } from "./connect/clients.ts";
import { nameOf, over, socketOf } from "./connect/connection.ts";
import { ConnectSteps } from "./connect/steps.tsx";
import { OpenBadge } from "./servers.tsx";

/** In the address: the gateway's own endpoint. */
const EVERYTHING = "*";
const VIA = [
  { value: "http", label: "HTTP", hint: "2026-07-28, and sessions of 2025-03-26 and later" },
  { value: "sse", label: "HTTP+SSE, for old clients", hint: "For clients that speak nothing newer than 2024-11-05" },
  { value: "stdio", label: "stdio, through mcp-remote", hint: "For clients that only start local programs" },
] as const;

export function ConnectPage() {
  const { data, error, reload } = useLoad(`connect ${changes.value.servers ?? 0}`, (signal) =>
    listAll("servers", { include_inactive: false }, signal),
  );
  return (
    <>
      <div class="head">
        <div>
          <h1>Connect a client</h1>
          <p>Pick what it may reach and what it runs in. The words are for that client, not for all of them.</p>
        </div>
      </div>
      {error ? (
        <ErrorNote error={error} retry={reload} what="The virtual servers did not load" />
      ) : data === undefined ? (
        <Skeleton />
      ) : (
        <Chooser servers={data} />
      )}
    </>
  );
}

function Chooser({ servers }: { servers: ServerRead[] }) {
  const { query } = here.value;
  const asked = query.get("server");
  const server = asked === null ? servers[0] : servers.find((one) => one.id === asked);
  const [named, setNamed] = useState<string>();
  const client = CLIENTS.find((one) => one.id === query.get("client")) ?? CLIENTS[0];
  const via = VIA.find((one) => one.value === query.get("via")) ?? VIA[0];
  const to = over(
    {
      url: server?.mcpUrl ?? `${location.origin}/mcp`,
      type: "http",
      name: nameOf(named ?? server?.name ?? "causeway"),
      open: server?.open ?? false,
    },
    via.value === "sse" ? "sse" : "http",
  );
  const targets = [
    ...servers.map((one) => ({ value: one.id, label: `${one.name}, ${count(one.tools.length, "tool")}` })),
    { value: EVERYTHING, label: "Everything I may use" },
  ];
  const missing = asked !== null && asked !== EVERYTHING && server === undefined;
  if (client === undefined) return null;
  return (
    <div class="conn">
      <section class="stack" aria-label="What to connect">
        {missing && <Note tone="warn">The virtual server this link names is gone or disabled.</Note>}
        <SelectField
          label="What it may reach"
          value={server?.id ?? EVERYTHING}
          options={targets}
          onValue={(id) => void setQuery({ server: id })}
        />
        <SelectField
          label="Form"
          value={via.value}
          options={VIA}
          hint={via.hint}
          onValue={(next) => void setQuery({ via: next === "http" ? null : next })}
        />
        <TextField label="Name in the client" mono value={named ?? to.name} onValue={setNamed} />
        <dl class="facts urls">
          <Fact name="MCP URL">
            <span class="m url">{to.url}</span>
            <CopyButton text={to.url} label="Copy the MCP URL" />
          </Fact>
          <Fact name="WebSocket">
            <span class="m url">{socketOf(to)}</span>
            <CopyButton text={socketOf(to)} label="Copy the WebSocket URL" />
          </Fact>
          <Fact name="Access">{to.open ? <OpenBadge /> : "with a token"}</Fact>
        </dl>
        <p class="hint">
          The WebSocket takes the subprotocol <code>mcp</code>. It is for programs of your own: no revision of MCP
          defines it, and few clients speak it.
        </p>
      </section>
      <section class="stack s6" aria-label="Client">
        <Clients current={client.id} />
        <ConnectSteps client={client} via={via.value} to={to} serverId={server?.id} />
      </section>
    </div>
  );
}

const Clients = ({ current }: { current: string }) => (
  <div>
    <h2 class="step-h" id="which">
      Which client?
    </h2>
    <div class="clients" role="radiogroup" aria-labelledby="which">
      {CLIENTS.map((one) => (
        // biome-ignore lint/a11y/useSemanticElements: a tile is a button that looks like one
        <button
          key={one.id}
          type="button"
          role="radio"
          aria-checked={one.id === current}
          onClick={() => setQuery({ client: one.id })}
        >
          <Icon name={one.icon} />
          <span>{one.name}</span>
        </button>
      ))}
    </div>
  </div>
);
