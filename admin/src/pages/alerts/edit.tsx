// Making a webhook, and changing one from the version that was read.
import { useState } from "preact/hooks";
import type { EventType } from "../../../../src/schemas/events.ts";
import { changed } from "../../api.ts";
import { useJob, useLoad } from "../../load.ts";
import { Drawer } from "../../parts/drawer.tsx";
import { BusyButton, TextField } from "../../parts/fields.tsx";
import { useGuard } from "../../parts/guard.ts";
import { ErrorNote } from "../../parts/note.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { toast } from "../../parts/toast.tsx";
import { EventsField } from "./events-field.tsx";
import { addWebhook, changeWebhook, getWebhook, type WithSecret } from "./webhooks.ts";

type Draft = { name: string; url: string; events: EventType[] | undefined; secret: string };

const FRESH: Draft = { name: "", url: "", events: undefined, secret: "" };
const bodyOf = ({ name, url, events = [] }: Draft) => ({ name: name.trim(), url: url.trim(), events });

export function AddWebhook({ onClose, onMade }: { onClose: () => void; onMade: (made: WithSecret) => void }) {
  const save = async (draft: Draft): Promise<() => void> => {
    const secret = draft.secret.trim();
    const made = await addWebhook({ ...bodyOf(draft), ...(secret ? { secret } : {}) });
    return () => onMade(made);
  };
  return <Form title="New webhook" verb="Make webhook" start={FRESH} fresh save={save} onClose={onClose} />;
}

export function EditWebhook({ id, onClose }: { id: string; onClose: () => void }) {
  const { data, error, reload } = useLoad(`webhook ${id} to edit`, (signal) => getWebhook(id, signal));
  if (data === undefined)
    return (
      <Drawer title="Edit webhook" onClose={onClose}>
        {error ? <ErrorNote error={error} retry={reload} what="This webhook did not load" /> : <Skeleton />}
      </Drawer>
    );
  const events = data.events.length === 0 ? undefined : (data.events as EventType[]);
  const save = async (draft: Draft): Promise<() => void> => {
    await changeWebhook(id, bodyOf(draft), data.version);
    return onClose;
  };
  return (
    <Form
      key={data.version}
      title={`Edit ${data.name}`}
      verb="Save changes"
      start={{ name: data.name, url: data.url, events, secret: "" }}
      save={save}
      onClose={onClose}
    />
  );
}

type FormProps = {
  title: string;
  verb: string;
  start: Draft;
  /** Whether a secret can be given. */
  fresh?: boolean;
  /** Saves it; gives what leaves the form. */
  save: (draft: Draft) => Promise<() => void>;
  onClose: () => void;
};

function wrongIn({ name, url, events }: Draft): Partial<Record<"name" | "url" | "events", string>> {
  return {
    ...(name.trim() === "" ? { name: "Enter a name" } : {}),
    ...(/^https?:\/\/./.test(url.trim()) ? {} : { url: "Enter an address that begins with https://" }),
    ...(events?.length === 0 ? { events: "Choose at least one event" } : {}),
  };
}

function Form({ title, verb, start, fresh, save, onClose }: FormProps) {
  const [draft, setDraft] = useState(start);
  const [tried, setTried] = useState(false);
  const { busy, error, run } = useJob();
  const release = useGuard(JSON.stringify(draft) !== JSON.stringify(start));
  const put = (change: Partial<Draft>): void => setDraft({ ...draft, ...change });
  const wrong = wrongIn(draft);
  const about = (field: keyof typeof wrong): string | undefined =>
    error?.about(field) ?? (tried ? wrong[field] : undefined);
  const submit = async (): Promise<void> => {
    setTried(true);
    if (Object.keys(wrong).length > 0) return;
    const leave = await run(() => save(draft));
    if (leave === undefined) return;
    release();
    toast(`${draft.name.trim()} is saved`);
    leave();
    changed("webhooks");
  };
  return (
    <Drawer
      title={title}
      onClose={onClose}
      onSubmit={() => void submit()}
      foot={
        <>
          <BusyButton class="pri" submit busy={busy}>
            {verb}
          </BusyButton>
          <button type="button" class="btn" onClick={onClose}>
            Cancel
          </button>
        </>
      }
    >
      {error?.isGeneral && <ErrorNote error={error} what="Nothing was saved" />}
      <TextField
        first
        required
        label="Name"
        value={draft.name}
        onValue={(name) => put({ name })}
        error={about("name")}
      />
      <TextField
        mono
        required
        label="URL"
        hint="Each event is sent here, as a POST with a JSON body"
        value={draft.url}
        onValue={(url) => put({ url })}
        error={about("url")}
        input={{ inputMode: "url", placeholder: "https://example.com/hooks/causeway" }}
      />
      <EventsField events={draft.events} error={about("events")} onEvents={(events) => put({ events })} />
      {fresh && (
        <TextField
          mono
          label="Signing secret"
          hint="Leave it empty to have one made. Else whsec_ and 24 to 64 bytes in base64"
          value={draft.secret}
          onValue={(secret) => put({ secret })}
          error={error?.about("secret")}
        />
      )}
    </Drawer>
  );
}
