// The bar above a list: search, filter chips, the inactive switch. All of it lives in the address.
import { useEffect, useRef, useState } from "preact/hooks";
import { changes, get, type Noun } from "../api.ts";
import { useLoad } from "../load.ts";
import { here, setQuery } from "../location.ts";
import { Checkbox, Switch } from "./fields.tsx";
import { Icon } from "./icon.tsx";
import { Menu } from "./menu.tsx";

const PAUSE_MS = 200;
const FROM_START = { cursor: null, from: null };

/** The search field of the page; `/` jumps to it. Waits for a pause in typing. */
export function Search({ label }: { label: string }) {
  const asked = here.value.query.get("q") ?? "";
  const [text, setText] = useState(asked);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setText(asked), [asked]);
  const onInput = (value: string): void => {
    setText(value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void setQuery({ q: value, ...FROM_START }), PAUSE_MS);
  };
  return (
    <div class="find">
      <Icon name="search" />
      <input
        class="in"
        type="search"
        data-search
        aria-label={label}
        placeholder={label}
        value={text}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      <kbd>/</kbd>
    </div>
  );
}

export type Option = { value: string; label: string; count?: number };

/** A chip that holds one choice. */
export function ChipOne({ name, field, options }: { name: string; field: string; options: readonly Option[] }) {
  const value = here.value.query.get(field);
  const chosen = options.find((option) => option.value === value);
  return (
    <Menu class={chosen ? "chip on" : "chip"} button={<ChipText name={name} value={chosen?.label} />}>
      {(close) =>
        [{ value: "", label: `Any ${name.toLowerCase()}` } as Option, ...options].map((option) => (
          <label key={option.value} class="opt">
            <input
              type="radio"
              name={field}
              checked={(value ?? "") === option.value}
              onChange={() => {
                close();
                void setQuery({ [field]: option.value, ...FROM_START });
              }}
            />
            {option.label}
            {option.count !== undefined && <small class="push n">{option.count}</small>}
          </label>
        ))
      }
    </Menu>
  );
}

type TagCount = { name: string; stats: Partial<Record<Noun, number>> };

/** A chip with the tags of a noun and how often each is used; several may be chosen. */
export function TagChip({ noun }: { noun: Noun }) {
  const { data } = useLoad(`tags ${noun} ${changes.value[noun] ?? 0}`, (signal) =>
    get<TagCount[]>(`/tags?entity_types=${noun}`, signal),
  );
  const chosen = (here.value.query.get("tags") ?? "").split(",").filter(Boolean);
  const used = new Map(data?.map((tag) => [tag.name, tag.stats[noun]]));
  const all = [...new Set([...used.keys(), ...chosen])].sort();
  const toggle = (one: string, on: boolean): void => {
    const next = on ? [...chosen, one] : chosen.filter((other) => other !== one);
    void setQuery({ tags: next.join(","), ...FROM_START });
  };
  return (
    <Menu class={chosen.length > 0 ? "chip on" : "chip"} button={<ChipText name="Tag" value={chosen.join(", ")} />}>
      {() =>
        all.length === 0 ? (
          <p>{data === undefined ? "The tags are not here yet." : "Nothing here has a tag yet."}</p>
        ) : (
          all.map((one) => (
            // biome-ignore lint/a11y/noLabelWithoutControl: the checkbox inside is the control
            <label key={one} class="opt">
              <Checkbox on={chosen.includes(one)} label={one} onCheck={(on) => toggle(one, on)} />
              {one}
              <small class="push n">{used.get(one) ?? 0}</small>
            </label>
          ))
        )
      }
    </Menu>
  );
}

const ChipText = ({ name, value }: { name: string; value: string | undefined }) => (
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

/** Shows disabled records too. */
export const ShowInactive = () => {
  const on = here.value.query.get("inactive") === "1";
  return (
    <Switch on={on} onSwitch={(next) => void setQuery({ inactive: next ? "1" : null, ...FROM_START })}>
      Show disabled
    </Switch>
  );
};

/** Takes all the given fields out of the address; nothing when none is set. */
export const ClearFilters = ({ fields }: { fields: readonly string[] }) =>
  fields.some((field) => here.value.query.has(field)) ? (
    <button
      type="button"
      class="btn quiet sm"
      onClick={() => setQuery({ ...Object.fromEntries(fields.map((field) => [field, null])), ...FROM_START })}
    >
      Clear filters
    </button>
  ) : null;
