// Form parts: a label, a control, a hint or what is wrong. Controls are plain HTML; values live with the form.
import type { ComponentChildren, InputHTMLAttributes, TextareaHTMLAttributes } from "preact";
import { useId } from "preact/hooks";
import { Icon } from "./icon.tsx";

type Common = { label: ComponentChildren; hint?: ComponentChildren; error?: string; mark?: string; required?: boolean };
type Described = { id: string; "aria-describedby"?: string; "aria-invalid"?: "true"; "aria-required"?: "true" };

/** Label, control and hint, tied together for assistive technology. */
export function Field(props: Common & { children: (described: Described) => ComponentChildren }) {
  const id = useId();
  const described: Described = { id };
  if (props.hint || props.error) described["aria-describedby"] = `${id}-h`;
  if (props.error) described["aria-invalid"] = "true";
  if (props.required) described["aria-required"] = "true";
  return (
    <div class="field">
      <label for={id}>
        {props.label}
        {props.required && <span class="req">required</span>}
        {props.mark && <code>{props.mark}</code>}
      </label>
      {props.children(described)}
      {props.error ? (
        <p class="hint bad" id={`${id}-h`}>
          <Icon name="bad" />
          {props.error}
        </p>
      ) : (
        props.hint && (
          <p class="hint" id={`${id}-h`}>
            {props.hint}
          </p>
        )
      )}
    </div>
  );
}

type Text = Common & { value: string; onValue: (value: string) => void; mono?: boolean; first?: boolean };

export const TextField = (props: Text & { input?: InputHTMLAttributes }) => (
  <Field {...props}>
    {(described) => (
      <input
        type="text"
        autocomplete="off"
        spellcheck={!props.mono}
        {...props.input}
        {...described}
        class={props.mono ? "in m" : "in"}
        data-first={props.first || undefined}
        value={props.value}
        onInput={(event) => props.onValue(event.currentTarget.value)}
      />
    )}
  </Field>
);

export const AreaField = (props: Text & { rows?: number; area?: TextareaHTMLAttributes }) => (
  <Field {...props}>
    {(described) => (
      <textarea
        {...props.area}
        {...described}
        rows={props.rows ?? 3}
        spellcheck={!props.mono}
        class={props.mono ? "in m" : "in"}
        value={props.value}
        onInput={(event) => props.onValue(event.currentTarget.value)}
      />
    )}
  </Field>
);

type Choice = { value: string; label: string };
type Select = Common & { value: string; onValue: (value: string) => void; options: readonly Choice[] };

export const SelectField = (props: Select) => (
  <Field {...props}>
    {(described) => (
      <span class="sel">
        <select
          {...described}
          class="in"
          value={props.value}
          onChange={(event) => props.onValue(event.currentTarget.value)}
        >
          {props.options.map((option) => (
            <option key={option.value} value={option.value} selected={option.value === props.value}>
              {option.label}
            </option>
          ))}
        </select>
        <Icon name="down" />
      </span>
    )}
  </Field>
);

export const Switch = (props: {
  on: boolean;
  onSwitch: (on: boolean) => void;
  disabled?: boolean;
  children: ComponentChildren;
}) => (
  <button
    type="button"
    class="switch"
    role="switch"
    aria-checked={props.on}
    disabled={props.disabled}
    onClick={() => props.onSwitch(!props.on)}
  >
    <span class="knob" />
    <span>{props.children}</span>
  </button>
);

type CheckboxProps = { on: boolean | "mixed"; label: string; disabled?: boolean; onCheck: (on: boolean) => void };

export const Checkbox = (props: CheckboxProps) => (
  <input
    type="checkbox"
    aria-label={props.label}
    disabled={props.disabled}
    checked={props.on === true}
    indeterminate={props.on === "mixed"}
    onChange={(event) => props.onCheck(event.currentTarget.checked)}
  />
);

/** A few choices side by side, one of them taken. */
export const Segments = (props: {
  label: string;
  value: string;
  options: readonly Choice[];
  onValue: (value: string) => void;
}) => (
  <div class="seg" role="radiogroup" aria-label={props.label}>
    {props.options.map((option) => (
      // biome-ignore lint/a11y/useSemanticElements: a segment is a button that looks like one
      <button
        key={option.value}
        type="button"
        role="radio"
        aria-checked={option.value === props.value}
        onClick={() => props.onValue(option.value)}
      >
        {option.label}
      </button>
    ))}
  </div>
);

/** A button that shows it is working and can't be pressed twice. */
export const BusyButton = (props: {
  busy: boolean;
  class?: string;
  icon?: Parameters<typeof Icon>[0]["name"];
  submit?: boolean;
  disabled?: boolean;
  onClick?: () => void;
  children: ComponentChildren;
}) => (
  <button
    type={props.submit ? "submit" : "button"}
    class={`btn ${props.class ?? ""}`}
    aria-busy={props.busy || undefined}
    disabled={props.disabled}
    onClick={(event) => {
      if (props.busy) event.preventDefault();
      else props.onClick?.();
    }}
  >
    {props.busy ? <Icon name="refresh" /> : props.icon && <Icon name={props.icon} />}
    {props.children}
  </button>
);
