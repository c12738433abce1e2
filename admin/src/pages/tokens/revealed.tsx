// The secret of a token, this once, and how a client is told about it.
import { useState } from "preact/hooks";
import { confirm } from "../../parts/confirm.tsx";
import { Drawer } from "../../parts/drawer.tsx";
import { SelectField } from "../../parts/fields.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { useServers } from "../access/names.ts";
import { Once } from "../access/once.tsx";
import { CLIENTS } from "../connect/clients.ts";
import { type Connection, nameOf } from "../connect/connection.ts";
import { ConnectSteps } from "../connect/steps.tsx";
import type { Made } from "./tokens.ts";

const EVERYTHING = "*";

export function Revealed({ made, onClose }: { made: Made; onClose: () => void }) {
  const { token, access_token: secret } = made;
  const leave = async (): Promise<void> => {
    const sure = await confirm({
      title: "Is the secret where you need it?",
      body: "It can't be shown again. Who loses it rotates the token.",
      verb: "Close",
    });
    if (sure) onClose();
  };
  return (
    <Drawer
      title={`${token.name} is ready`}
      sub={<span class="m">{token.prefix}…</span>}
      onClose={() => void leave()}
      foot={
        <button type="button" class="btn pri" onClick={onClose}>
          Done, I have it
        </button>
      }
    >
      <Once title={`Secret of ${token.name}`} text={secret}>
        <b>Copy it now</b>, to where the program reads it.
      </Once>
      <Connect made={made} />
    </Drawer>
  );
}

/** How to connect a client with it, to one of the virtual servers it is for. */
function Connect({ made }: { made: Made }) {
  const servers = useServers();
  const [clientId, setClientId] = useState<string>(CLIENTS[0]?.id ?? "");
  const [serverId, setServerId] = useState(made.token.server_ids[0] ?? EVERYTHING);
  if (servers === undefined) return <Skeleton />;
  const { server_ids: bound } = made.token;
  const reach = bound.length === 0 ? servers : servers.filter((one) => bound.includes(one.id));
  const server = reach.find((one) => one.id === serverId);
  const client = CLIENTS.find((one) => one.id === clientId) ?? CLIENTS[0];
  if (client === undefined) return null;
  const to: Connection = {
    url: server?.mcpUrl ?? `${location.origin}/mcp`,
    type: "http",
    name: nameOf(server?.name ?? "causeway"),
    open: false,
  };
  return (
    <section class="sect">
      <header>
        <h3>Connect a client</h3>
      </header>
      <div class="pair">
        <SelectField
          label="To"
          value={server?.id ?? EVERYTHING}
          options={[
            ...reach.map((one) => ({ value: one.id, label: one.name })),
            ...(bound.length === 0 ? [{ value: EVERYTHING, label: "Everything I may use" }] : []),
          ]}
          onValue={setServerId}
        />
        <SelectField
          label="Client"
          value={client.id}
          options={CLIENTS.map((one) => ({ value: one.id, label: one.name }))}
          onValue={setClientId}
        />
      </div>
      <ConnectSteps client={client} via="http" to={to} serverId={server?.id} secret={made.access_token} />
    </section>
  );
}
