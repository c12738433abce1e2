// Name, texts, tags and who may use a virtual server.
import type { ServerRead } from "../../api.ts";
import { effectOf } from "../../parts/badges.tsx";
import { AreaField, Segments, Switch, TextField } from "../../parts/fields.tsx";
import { Note } from "../../parts/note.tsx";
import { TagsField } from "../../parts/tags-field.tsx";
import { count } from "../../parts/time.tsx";
import { PlaceField } from "../access/place.tsx";
import type { Draft, Item } from "./draft.ts";

const KEPT = [
  { value: "off", label: "Nothing" },
  { value: "redacted", label: "All but secrets" },
  { value: "full", label: "Everything" },
];

type Props = {
  draft: Draft;
  put: (change: Partial<Draft>) => void;
  nameError: string | undefined;
  daysError: string | undefined;
  catalog: ReadonlyMap<string, Item>;
  /** As it is saved. */
  now: ServerRead | undefined;
};

export function About({ draft, put, nameError, daysError, catalog, now }: Props) {
  return (
    <section class="stack" aria-label="About">
      <div class="pair">
        <TextField label="Name" required error={nameError} value={draft.name} onValue={(name) => put({ name })} />
        <TextField label="Description" value={draft.description} onValue={(description) => put({ description })} />
      </div>
      <details>
        <summary>Instructions, tags and who sees it</summary>
        <div class="stack">
          <AreaField
            label="Instructions"
            hint="Told to every client that connects; a model may read them. Empty: none"
            value={draft.instructions}
            onValue={(instructions) => put({ instructions })}
          />
          <div class="pair">
            <TagsField tags={draft.tags} onTags={(tags) => put({ tags })} />
            <PlaceField permission="servers.create" value={draft.place} now={now} onValue={(place) => put({ place })} />
          </div>
        </div>
      </details>
      <div class="row">
        <Segments
          label="What is kept of requests and answers"
          value={draft.payloads}
          options={KEPT}
          onValue={(payloads) => put({ payloads: payloads as Draft["payloads"] })}
        />
        <span>is kept of requests and answers</span>
      </div>
      {draft.payloads !== "off" && (
        <div class="pair">
          <TextField
            label="For how many days"
            hint="1 to 90. Who may inspect requests sees what is kept"
            error={daysError}
            value={draft.payloadDays}
            onValue={(payloadDays) => put({ payloadDays })}
            input={{ inputMode: "numeric" }}
          />
        </div>
      )}
      <Switch on={draft.includeNew} onSwitch={(includeNew) => put({ includeNew })}>
        Include new tools of its servers, once they are approved
      </Switch>
      <Switch on={draft.open} onSwitch={(open) => put({ open })}>
        Open to everyone: no token needed
      </Switch>
      {draft.open && <OpenWarning draft={draft} catalog={catalog} />}
    </section>
  );
}

function OpenWarning({ draft, catalog }: Pick<Props, "draft" | "catalog">) {
  const { tools } = draft.picks;
  const risky = tools.filter((id) => effectOf(catalog.get(id)?.annotations ?? null) === "destroys").length;
  return (
    <Note tone="warn" live>
      <b>Anyone who knows the URL can call {count(tools.length, "tool")}</b>, with the credentials the gateway holds for
      their servers.{" "}
      {risky > 0 && <b>{count(risky, "of them says it may destroy data", "of them say they may destroy data")}.</b>}
    </Note>
  );
}
