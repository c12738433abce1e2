// Filter chips for what is written rather than chosen: a text, a time.
import { useState } from "preact/hooks";
import { here, setQuery } from "../../location.ts";
import { Field } from "../../parts/fields.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Menu } from "../../parts/menu.tsx";

const FROM_START = { cursor: null, from: null };

type TextProps = { name: string; field: string; hint: string };

/** A chip that holds a text, exact. */
export function ChipText({ name, field, hint }: TextProps) {
  const value = here.value.query.get(field) ?? "";
  return (
    <Menu class={value ? "chip on" : "chip"} button={<Words name={name} value={value} />}>
      {(close) => (
        <TextForm
          key={value}
          name={name}
          value={value}
          hint={hint}
          onValue={(next) => {
            close();
            void setQuery({ [field]: next, ...FROM_START });
          }}
        />
      )}
    </Menu>
  );
}

type FormProps = { name: string; value: string; hint: string; onValue: (value: string) => void };

function TextForm({ name, value, hint, onValue }: FormProps) {
  const [text, setText] = useState(value);
  return (
    <form
      class="menu-f"
      onSubmit={(event) => {
        event.preventDefault();
        onValue(text.trim());
      }}
    >
      <Field label={name} hint={hint}>
        {(described) => (
          <input
            {...described}
            type="text"
            class="in"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        )}
      </Field>
      <div class="row">
        <button type="submit" class="btn sm">
          Apply
        </button>
        {value !== "" && (
          <button type="button" class="btn quiet sm" onClick={() => onValue("")}>
            Any
          </button>
        )}
      </div>
    </form>
  );
}

const SPANS = [
  { value: "", label: "Any time" },
  { value: "1h", label: "The last hour" },
  { value: "24h", label: "The last 24 hours" },
  { value: "7d", label: "The last 7 days" },
  { value: "30d", label: "The last 30 days" },
];

/** A chip that holds a span of time until now, or days. */
export function ChipTime() {
  const { query } = here.value;
  const [last, since, until] = [query.get("last") ?? "", query.get("since") ?? "", query.get("until") ?? ""];
  const between = since || until ? `${since || "the beginning"} to ${until || "now"}` : "";
  const value = between || (last && (SPANS.find((one) => one.value === last)?.label ?? last));
  const put = (change: Record<string, string | null>): Promise<void> => setQuery({ ...change, ...FROM_START });
  return (
    <Menu class={value ? "chip on" : "chip"} button={<Words name="Time" value={value} />}>
      {(close) => (
        <>
          {SPANS.map((span) => (
            <label key={span.value} class="opt">
              <input
                type="radio"
                name="last"
                checked={!between && last === span.value}
                onChange={() => {
                  close();
                  void put({ last: span.value, since: null, until: null });
                }}
              />
              {span.label}
            </label>
          ))}
          <div class="menu-f">
            <Day label="From (UTC)" value={since} onValue={(day) => void put({ since: day, last: null })} />
            <Day label="Up to" value={until} onValue={(day) => void put({ until: day, last: null })} />
          </div>
        </>
      )}
    </Menu>
  );
}

const Day = (props: { label: string; value: string; onValue: (day: string) => void }) => (
  <Field label={props.label}>
    {(described) => (
      <input
        {...described}
        type="date"
        class="in"
        value={props.value}
        onChange={(event) => props.onValue(event.currentTarget.value)}
      />
    )}
  </Field>
);

const Words = ({ name, value }: { name: string; value: string }) => (
  <>
    {value ? (
      <>
        {name}: <b>{value}</b>
      </>
    ) : (
      name
    )}
    <Icon name="down" />
  </>
);
