// Adding a server, and editing one from the version that was read.
import type { UpstreamCreate, UpstreamUpdate } from "../../../../src/schemas/upstreams.ts";
import { get, send, type UpstreamRead } from "../../api.ts";
import { useLoad } from "../../load.ts";
import { Drawer } from "../../parts/drawer.tsx";
import { ErrorNote } from "../../parts/note.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { firstPlace, placeOf } from "../access/place.tsx";
import { NO_CREDENTIALS } from "./credentials.ts";
import { authName } from "./facts.tsx";
import { type Draft, fieldsOf, UpstreamForm } from "./form.tsx";

export function AddUpstream({ onClose, onDone }: { onClose: () => void; onDone: (id: string) => void }) {
  const start: Draft = {
    url: "",
    name: "",
    transport: "auto",
    description: "",
    tags: [],
    place: firstPlace("gateways.create"),
    autoApprove: false,
    auth: NO_CREDENTIALS,
  };
  const save = (draft: Draft): Promise<UpstreamRead> =>
    send<UpstreamRead>("POST", "/gateways", { body: { ...fieldsOf(draft) } satisfies UpstreamCreate });
  return (
    <UpstreamForm title="Add server" verb="Add server" start={start} save={save} onClose={onClose} onDone={onDone} />
  );
}

export function EditUpstream({ id, onClose }: { id: string; onClose: () => void }) {
  const path = `/gateways/${encodeURIComponent(id)}`;
  const { data, error, reload } = useLoad(path, (signal) => get<UpstreamRead>(path, signal));
  if (data === undefined)
    return (
      <Drawer title="Edit server" onClose={onClose}>
        {error ? <ErrorNote error={error} retry={reload} what="This server did not load" /> : <Skeleton />}
      </Drawer>
    );
  const start: Draft = {
    url: data.url,
    name: data.name,
    transport: data.transportSetting,
    description: data.description ?? "",
    tags: data.tags.map((tag) => tag.label),
    place: placeOf(data),
    autoApprove: data.autoApprove,
    auth: data.authValue === null ? NO_CREDENTIALS : null,
  };
  const save = (draft: Draft): Promise<UpstreamRead> =>
    send<UpstreamRead>("PUT", path, { body: changesOf(start, draft), ifMatch: data.version });
  return (
    <UpstreamForm
      key={data.version}
      title={`Edit ${data.name}`}
      verb="Save changes"
      start={start}
      stored={authName(data.authType)}
      now={data}
      save={save}
      reload={reload}
      onClose={onClose}
      onDone={onClose}
    />
  );
}

/** Only what was changed: the gateway connects again when the address or the credentials do. */
function changesOf(start: Draft, draft: Draft): UpstreamUpdate {
  const before: Record<string, unknown> = fieldsOf(start);
  const after = Object.entries(fieldsOf(draft));
  return Object.fromEntries(after.filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name])));
}
