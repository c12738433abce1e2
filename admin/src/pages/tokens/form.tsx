// The form of a token, new or changed: on the left what it is held to, on the right what that makes of it.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { ApiError, ServerRead } from "../../api.ts";
import { SelectField, TextField } from "../../parts/fields.tsx";
import { useGuard } from "../../parts/guard.ts";
import { ErrorNote } from "../../parts/note.tsx";
import { me } from "../../session.ts";
import { Abilities } from "./abilities.tsx";
import { type Draft, wrongIn } from "./draft.ts";
import { Ends, lastDayOf } from "./ends.tsx";
import { Fences } from "./fences.tsx";
import { Reach } from "./reach.tsx";
import { Summary } from "./summary.tsx";

type FormProps = {
  title: string;
  about: string;
  start: Draft;
  servers: readonly ServerRead[];
  verb: string;
  /** A token that is there keeps its end and its team; undefined: a new one. */
  ends?: string;
  busy: boolean;
  error: ApiError | undefined;
  /** Said beside the button. */
  children: ComponentChildren;
  /** Saves it and leaves. */
  save: (draft: Draft) => Promise<void>;
};

export function TokenForm(props: FormProps) {
  const { servers, error } = props;
  const [start] = useState(props.start);
  const [draft, setDraft] = useState(start);
  const [tried, setTried] = useState(false);
  const dirty = JSON.stringify(draft) !== JSON.stringify(start);
  useGuard(dirty);
  const put = (change: Partial<Draft>): void => setDraft({ ...draft, ...change });
  const fresh = props.ends === undefined;
  const missing = wrongIn(draft, fresh);
  /** What the form or the gateway says of a field; of an entry of a list, too. */
  const wrong = (field: keyof Draft, sent: string = field): string | undefined =>
    (tried ? missing[field] : undefined) ?? [...(error?.fields ?? [])].find(([name]) => name.startsWith(sent))?.[1];
  const submit = async (): Promise<void> => {
    setTried(true);
    if (Object.keys(missing).length > 0) return;
    await props.save(draft);
  };
  const ends = props.ends ?? (draft.ends === "never" ? "never" : (lastDayOf(draft) ?? "…"));
  return (
    <>
      <div class="head">
        <div>
          <h1>{props.title}</h1>
          <p>{props.about}</p>
        </div>
      </div>
      {error && error.fields.size === 0 && <ErrorNote error={error} what="Nothing was saved" />}
      <form
        class="mint"
        noValidate
        aria-label={props.title}
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <div class="stack s6">
          <section class="sect">
            <div class="pair">
              <TextField
                label="Name"
                required
                hint="Say where it lives: you meet this name in lists and in the audit trail"
                error={wrong("name")}
                value={draft.name}
                onValue={(name) => put({ name })}
              />
              <TextField
                label="Description"
                value={draft.description}
                onValue={(description) => put({ description })}
                error={wrong("description")}
              />
            </div>
            {fresh && <Ends draft={draft} error={wrong("lastDay", "expires_in_days")} put={put} />}
            {fresh && <Team draft={draft} put={put} />}
          </section>
          <Reach
            draft={draft}
            servers={servers}
            error={wrong("tools", "scope.tools") ?? wrong("servers", "scope.server")}
            onDraft={setDraft}
          />
          <Abilities
            draft={draft}
            error={wrong("permissions", "scope.permissions")}
            onPermissions={(permissions) => put({ permissions })}
          />
          <Fences draft={draft} put={put} wrong={wrong} />
        </div>
        <Summary
          draft={draft}
          servers={servers}
          ends={ends}
          verb={props.verb}
          busy={props.busy}
          wrong={tried ? Object.keys(missing).length + (error?.fields.size ?? 0) : (error?.fields.size ?? 0)}
        >
          {props.children}
        </Summary>
      </form>
    </>
  );
}

/** A team whose owners see the token and may revoke it. */
function Team({ draft, put }: { draft: Draft; put: (change: Partial<Draft>) => void }) {
  const teams = me()?.teams ?? [];
  if (teams.length === 0) return null;
  return (
    <SelectField
      label="For the team"
      value={draft.team}
      options={[
        { value: "", label: "None: it is mine alone" },
        ...teams.map(({ id, name }) => ({ value: id, label: name })),
      ]}
      hint="It then sees what this team sees, and what is public. Who manages the members sees it in a list"
      onValue={(team) => put({ team })}
    />
  );
}
