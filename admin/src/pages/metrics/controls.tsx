// What is measured, by what, against what, and of which calls: all of it in the address.
import { useId } from "preact/hooks";
import { setQuery } from "../../location.ts";
import { Switch } from "../../parts/fields.tsx";
import { Icon } from "../../parts/icon.tsx";
import { asked, BY, DIMENSIONS, MEASURES } from "./measures.ts";
import type { Dimension } from "./metrics.ts";

const MEASURE_OPTIONS = Object.entries(MEASURES).map(([value, { label }]) => ({ value, label }));
const BY_OPTIONS = Object.entries(BY).map(([value, { label }]) => ({ value, label }));

export function Controls({ names }: { names: Partial<Record<Dimension, string>> }) {
  const { measure, by, compare, filters } = asked();
  return (
    <div class="bar">
      <Pick label="Measure" value={measure} options={MEASURE_OPTIONS} usual="calls" field="measure" />
      <Pick label="by" value={by} options={BY_OPTIONS} usual="upstream" field="by" />
      <div class="chips">
        {DIMENSIONS.filter((one) => filters[one] !== undefined).map((one) => (
          <button
            key={one}
            type="button"
            class="chip on"
            aria-label={`Take out the filter ${BY[one].label}`}
            onClick={() => void setQuery({ [one]: null })}
          >
            {BY[one].label} <b>{names[one] ?? filters[one]}</b>
            <Icon name="x" />
          </button>
        ))}
      </div>
      <span class="push" />
      <Switch on={compare} onSwitch={(on) => void setQuery({ compare: on ? "1" : null })}>
        Compare with the time before
      </Switch>
    </div>
  );
}

type PickProps = {
  label: string;
  value: string;
  options: readonly { value: string; label: string }[];
  /** What it is when the address says nothing. */
  usual: string;
  field: string;
};

function Pick({ label, value, options, usual, field }: PickProps) {
  const id = useId();
  return (
    <span class="picker">
      <label class="inl" for={id}>
        {label}
      </label>
      <span class="sel auto">
        <select
          id={id}
          class="in"
          value={value}
          onChange={({ currentTarget }) =>
            void setQuery({ [field]: currentTarget.value === usual ? null : currentTarget.value })
          }
        >
          {options.map((option) => (
            <option key={option.value} value={option.value} selected={option.value === value}>
              {option.label}
            </option>
          ))}
        </select>
        <Icon name="down" />
      </span>
    </span>
  );
}
