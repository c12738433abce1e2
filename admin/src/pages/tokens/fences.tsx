// What else a token is held to: addresses, hours, how often.
import { Field, Switch, TextField } from "../../parts/fields.tsx";
import { Icon } from "../../parts/icon.tsx";
import type { Draft } from "./draft.ts";
import { DAYS } from "./window.ts";

type Props = {
  draft: Draft;
  put: (change: Partial<Draft>) => void;
  /** What is wrong with a field of the draft, which the API knows by another name. */
  wrong: (field: keyof Draft, sent?: string) => string | undefined;
};

export function Fences({ draft, put, wrong }: Props) {
  return (
    <section class="sect" aria-labelledby="fences-h">
      <header>
        <h2 id="fences-h">Fences</h2>
        <small>optional</small>
      </header>
      <TextField
        label="Only from"
        mono
        hint="Addresses and CIDR ranges, separated by commas. Empty: from anywhere"
        error={wrong("addresses", "scope.ip_restrictions")}
        value={draft.addresses}
        onValue={(addresses) => put({ addresses })}
        input={{ placeholder: "192.0.2.0/24, 2001:db8::/32" }}
      />
      <div class="pair">
        <TextField
          label="Requests an hour, at most"
          error={wrong("perHour")}
          value={draft.perHour}
          onValue={(perHour) => put({ perHour })}
          input={{ inputMode: "numeric" }}
        />
        <TextField
          label="Requests a day, at most"
          error={wrong("perDay")}
          value={draft.perDay}
          onValue={(perDay) => put({ perDay })}
          input={{ inputMode: "numeric" }}
        />
      </div>
      <div class="row">
        <Switch on={draft.timed} onSwitch={(timed) => put({ timed })}>
          Only at certain hours
        </Switch>
      </div>
      {draft.timed && <Hours draft={draft} put={put} wrong={wrong} />}
    </section>
  );
}

const Hours = ({ draft, put, wrong }: Props) => (
  <div class="stack">
    <fieldset class="field">
      <legend class="legend">Days</legend>
      <div class="days">
        {DAYS.map((name, day) => (
          <button
            key={name}
            type="button"
            class={draft.days.includes(day) ? "chip on" : "chip"}
            aria-pressed={draft.days.includes(day)}
            onClick={() =>
              put({
                days: draft.days.includes(day) ? draft.days.filter((one) => one !== day) : [...draft.days, day].sort(),
              })
            }
          >
            {name}
          </button>
        ))}
      </div>
      <p class="hint">None chosen: every day</p>
    </fieldset>
    <div class="trio">
      <Clock label="From" value={draft.from} onValue={(from) => put({ from })} />
      <Clock label="To" value={draft.to} onValue={(to) => put({ to })} />
      <TextField
        label="Time zone"
        value={draft.zone}
        onValue={(zone) => put({ zone })}
        error={wrong("zone", "scope.time_restrictions.timezone")}
        input={{ placeholder: "UTC" }}
      />
    </div>
    {wrong("from", "scope.time_restrictions.end") && (
      <p class="hint bad">
        <Icon name="bad" />
        {wrong("from", "scope.time_restrictions.end")}
      </p>
    )}
  </div>
);

const Clock = (props: { label: string; value: string; onValue: (value: string) => void }) => (
  <Field label={props.label}>
    {(described) => (
      <input
        {...described}
        type="time"
        class="in"
        value={props.value}
        onInput={(event) => props.onValue(event.currentTarget.value)}
      />
    )}
  </Field>
);
