// Adding and editing an MCP server: probe first, then save.
import { useState } from "preact/hooks";
import type { ProbeResult, UpstreamCreate } from "../../../../src/schemas/upstreams.ts";
import { changed, send, type UpstreamRead } from "../../api.ts";
import { useJob } from "../../load.ts";
import { Drawer } from "../../parts/drawer.tsx";
import { AreaField, BusyButton, SelectField, Switch, TextField } from "../../parts/fields.tsx";
import { useGuard } from "../../parts/guard.ts";
import { ErrorNote, Note } from "../../parts/note.tsx";
import { TagsField } from "../../parts/tags-field.tsx";
import { toast } from "../../parts/toast.tsx";
import { type Place, PlaceField } from "../access/place.tsx";
import { authBody, type Credentials, missingIn, NO_CREDENTIALS } from "./credentials.ts";
import { CredentialsFields } from "./credentials-fields.tsx";
import { ProbeFound } from "./probe-result.tsx";

const TRANSPORTS = [
  { value: "auto", label: "Find out (recommended)" },
  { value: "modern", label: "Streamable HTTP, stateless (2026-07-28)" },
  { value: "session", label: "Streamable HTTP with sessions (2025)" },
  { value: "sse", label: "HTTP+SSE (2024-11-05)" },
];

export type Draft = {
  url: string;
  name: string;
  transport: string;
  description: string;
  tags: string[];
  place: Place;
  autoApprove: boolean;
  auth: Credentials | null;
};

/** A name to start from: the host without www, mcp and the top-level domain. */
const nameFrom = (url: string): string => {
  if (!URL.canParse(url)) return "";
  const host = new URL(url).hostname.replace(/^(www|mcp|api)\./, "");
  return /^[\d.[\]:]+$/.test(host) ? host : (host.split(".")[0] ?? "");
};

/** The fields of a request body. */
export const fieldsOf = (draft: Draft) => ({
  url: draft.url.trim(),
  name: draft.name.trim(),
  transport: draft.transport as NonNullable<UpstreamCreate["transport"]>,
  description: draft.description.trim() || null,
  tags: draft.tags,
  ...draft.place,
  autoApprove: draft.autoApprove,
  ...(draft.auth === null ? {} : authBody(draft.auth)),
});

type FormProps = {
  title: string;
  verb: string;
  start: Draft;
  stored?: string;
  /** Who sees it now. */
  now?: UpstreamRead;
  save: (draft: Draft) => Promise<UpstreamRead>;
  reload?: () => void;
  onClose: () => void;
  onDone: (id: string) => void;
};

export function UpstreamForm(props: FormProps) {
  const [draft, setDraft] = useState(props.start);
  const [tried, setTried] = useState(false);
  const [found, setFound] = useState<ProbeResult>();
  const [named, setNamed] = useState(props.start.name !== "");
  const probe = useJob();
  const saving = useJob();
  const dirty = JSON.stringify(draft) !== JSON.stringify(props.start);
  const release = useGuard(dirty);

  const builtin = props.start.url.startsWith("builtin:");
  const put = (change: Partial<Draft>): void => {
    setDraft({ ...draft, ...change });
    if ("url" in change || "transport" in change || "auth" in change) setFound(undefined);
  };
  const url = draft.url.trim();
  const fine = url === props.start.url || (URL.canParse(url) && /^https?:/.test(url));
  const badUrl = fine && url !== "" ? undefined : "Enter an http or https URL";
  const badName = draft.name.trim() === "" ? "Enter a name" : undefined;
  const badAuth = draft.auth === null ? undefined : missingIn(draft.auth);
  const wrong = (field: string, own: string | undefined): string | undefined =>
    saving.error?.fields.get(field) ?? (tried ? own : undefined);

  const runProbe = async (): Promise<void> => {
    setTried(true);
    setFound(undefined);
    if (badUrl || badAuth) return;
    const { transport } = fieldsOf(draft);
    const body = { url, transport, ...(draft.auth === null ? {} : authBody(draft.auth)) };
    const result = await probe.run(() => send<ProbeResult>("POST", "/gateways/test", { body }));
    setFound(result);
    if (result?.serverName && !named) setDraft((before) => ({ ...before, name: result.serverName ?? before.name }));
  };
  const submit = async (): Promise<void> => {
    setTried(true);
    if (badUrl || badName || badAuth) return;
    const saved = await saving.run(() => props.save(draft));
    if (saved === undefined) return;
    release();
    toast(`${saved.name} is saved`);
    changed("gateways", "tools", "prompts", "resources");
    props.onDone(saved.id);
  };
  const mayProbe = draft.auth !== null && !builtin;
  return (
    <Drawer
      title={props.title}
      onClose={props.onClose}
      onSubmit={() => void (found || !mayProbe ? submit() : runProbe())}
      foot={
        <>
          {mayProbe && (
            <BusyButton
              class={found ? "" : "pri"}
              icon="plug"
              submit={!found}
              busy={probe.busy}
              onClick={found ? () => void runProbe() : undefined}
            >
              {found ? "Probe again" : "Probe"}
            </BusyButton>
          )}
          <BusyButton
            class={found || !mayProbe ? "pri" : ""}
            submit={Boolean(found) || !mayProbe}
            busy={saving.busy}
            onClick={found || !mayProbe ? undefined : () => void submit()}
          >
            {props.verb}
          </BusyButton>
          <button type="button" class="btn quiet" onClick={props.onClose}>
            Cancel
          </button>
        </>
      }
    >
      <div class="stack">
        {!builtin && (
          <TextField
            label="URL"
            required
            first
            mono
            hint="Where the server answers MCP, often a path such as /mcp or /sse"
            error={wrong("url", badUrl)}
            input={{ type: "url", placeholder: "https://example.com/mcp", inputmode: "url" }}
            value={draft.url}
            onValue={(url) => put(named ? { url } : { url, name: nameFrom(url) })}
          />
        )}
        <TextField
          label="Name"
          required
          hint="Short; it also prefixes tools whose names collide"
          error={wrong("name", badName)}
          value={draft.name}
          onValue={(name) => {
            setNamed(name !== "");
            put({ name });
          }}
        />
        {!builtin && (
          <>
            <SelectField
              label="Transport"
              value={draft.transport}
              options={TRANSPORTS}
              onValue={(transport) => put({ transport })}
            />
            {draft.auth === null ? (
              <Note
                tone="info"
                actions={
                  <button type="button" class="btn sm" onClick={() => put({ auth: NO_CREDENTIALS })}>
                    Replace
                  </button>
                }
              >
                <b>{props.stored}</b> is stored and never shown. After saving, Refresh tests the server with it.
              </Note>
            ) : (
              <CredentialsFields
                value={draft.auth}
                error={tried ? badAuth : undefined}
                onValue={(auth) => put({ auth })}
              />
            )}
          </>
        )}
        <AreaField
          label="Description"
          rows={2}
          value={draft.description}
          onValue={(description) => put({ description })}
        />
        <TagsField tags={draft.tags} onTags={(tags) => put({ tags })} />
        <PlaceField
          permission="gateways.create"
          value={draft.place}
          now={props.now}
          onValue={(place) => put({ place })}
        />
        <Switch on={draft.autoApprove} onSwitch={(autoApprove) => put({ autoApprove })}>
          Auto-approve: what this server changes in its tools reaches clients unseen
        </Switch>
      </div>
      {probe.busy && (
        <Note tone="info" live>
          Probing: finding the era, then asking what it offers…
        </Note>
      )}
      {probe.error && <ErrorNote error={probe.error} what="The probe failed" />}
      {saving.error && (
        <ErrorNote
          error={saving.error}
          what="Nothing was saved"
          retry={saving.error.status === 412 ? props.reload : undefined}
        />
      )}
      {found && <ProbeFound found={found} />}
    </Drawer>
  );
}
