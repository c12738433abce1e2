// Title, address and the actions of one virtual server.
import { changed, type ServerRead, send } from "../../api.ts";
import { useJob } from "../../load.ts";
import { navigate } from "../../location.ts";
import { Badge, OnOffBadge } from "../../parts/badges.tsx";
import { CopyButton } from "../../parts/code.tsx";
import { confirm } from "../../parts/confirm.tsx";
import { BusyButton } from "../../parts/fields.tsx";
import { Icon } from "../../parts/icon.tsx";
import { ErrorNote } from "../../parts/note.tsx";
import { count } from "../../parts/time.tsx";
import { toast } from "../../parts/toast.tsx";
import { mayTo } from "../../session.ts";
import { PlaceBadge } from "../access/place.tsx";
import { OpenBadge } from "../servers.tsx";

type Props = {
  server: ServerRead | null;
  dirty: boolean;
  onServer: (server: ServerRead) => void;
  onDeleted: () => void;
};

export function BuilderHead({ server, dirty, onServer, onDeleted }: Props) {
  const job = useJob();
  if (server === null)
    return (
      <div class="head">
        <div>
          <h1>New virtual server</h1>
          <p>Give it a name, choose what it offers, save. Its URL exists from then on.</p>
        </div>
      </div>
    );
  const path = `/servers/${encodeURIComponent(server.id)}`;
  const toggle = async (): Promise<void> => {
    const done = await job.run(async () => {
      await send("POST", `${path}/state?activate=${!server.enabled}`);
      return await send<ServerRead>("GET", path);
    });
    if (done) onServer(done);
    changed("servers");
  };
  const remove = async (): Promise<void> => {
    const offers = count(
      server.tools.length + server.prompts.length + server.resources.length,
      "tool, prompt or resource",
      "tools, prompts and resources",
    );
    const body = `Clients that use ${server.mcpUrl} lose ${offers}. The tools themselves stay in the catalog. This can't be undone.`;
    if (!(await confirm({ title: `Delete ${server.name}?`, body, verb: "Delete virtual server", danger: true })))
      return;
    const done = await job.run(() => send("DELETE", path).then(() => true));
    if (!done) return;
    onDeleted();
    changed("servers", "tools");
    toast(`${server.name} is deleted`);
    await navigate("/ui/virtual-servers", { force: true });
  };
  return (
    <>
      <div class="head">
        <div>
          <div class="row">
            <h1>{server.name}</h1>
            <OnOffBadge on={server.enabled} />
            {server.open && <OpenBadge />}
            <PlaceBadge row={server} />
            {dirty && (
              <Badge tone="warn" icon="edit">
                Unsaved changes
              </Badge>
            )}
          </div>
          <div class="row">
            <span class="m url">{server.mcpUrl}</span>
            <CopyButton text={server.mcpUrl} label="Copy the MCP URL" />
          </div>
        </div>
        <div class="acts">
          <a class="btn" href={`/ui/connect?server=${encodeURIComponent(server.id)}`}>
            <Icon name="plug" />
            Connect a client
          </a>
          {mayTo("servers.update", server) && (
            <BusyButton busy={job.busy} icon="power" disabled={dirty} onClick={() => void toggle()}>
              {server.enabled ? "Disable" : "Enable"}
            </BusyButton>
          )}
          {mayTo("servers.delete", server) && (
            <BusyButton class="danger" busy={job.busy} icon="trash" onClick={() => void remove()}>
              Delete
            </BusyButton>
          )}
        </div>
      </div>
      {job.error && <ErrorNote error={job.error} />}
    </>
  );
}
