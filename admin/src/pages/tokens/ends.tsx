// When a token ends: after some time, on a date, or never.
import { Field, Segments } from "../../parts/fields.tsx";
import { Note } from "../../parts/note.tsx";
import { type Draft, daysOf } from "./draft.ts";

const CHOICES = [
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "1 year" },
  { value: "date", label: "On a date" },
  { value: "never", label: "Never" },
];
const DAY_MS = 86_400_000;

/** The last day in words; undefined while there is none. */
export function lastDayOf(draft: Draft): string | undefined {
  const days = daysOf(draft, Date.now());
  if (days === null || !(days >= 1)) return undefined;
  return new Date(Date.now() + days * DAY_MS).toLocaleDateString("en", { dateStyle: "long" });
}

type Props = { draft: Draft; error: string | undefined; put: (change: Partial<Draft>) => void };

export function Ends({ draft, error, put }: Props) {
  const last = lastDayOf(draft);
  return (
    <div class="stack s2">
      <div class="field">
        <span class="legend">Ends</span>
        <div>
          <Segments label="Ends" value={draft.ends} options={CHOICES} onValue={(ends) => put({ ends })} />
        </div>
        {last && draft.ends !== "date" && <p class="hint">Its last day is {last}.</p>}
      </div>
      {draft.ends === "date" && (
        <Field label="Last day" error={error}>
          {(described) => (
            <input
              {...described}
              type="date"
              class="in day"
              value={draft.lastDay}
              onInput={(event) => put({ lastDay: event.currentTarget.value })}
            />
          )}
        </Field>
      )}
      {draft.ends === "never" && (
        <Note tone="warn" live>
          <b>A token that never ends works until somebody revokes it</b>, also when everybody has forgotten where it is.
        </Note>
      )}
    </div>
  );
}
