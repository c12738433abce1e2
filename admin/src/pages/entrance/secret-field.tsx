// A field for what nobody should read over a shoulder, with a button that shows it all the same.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Field } from "../../parts/fields.tsx";
import { Icon } from "../../parts/icon.tsx";

type SecretProps = {
  label: string;
  /** What the button shows: "password". */
  noun: string;
  value: string;
  onValue: (value: string) => void;
  error?: string;
  hint?: ComponentChildren;
  mono?: boolean;
  /** Default: true. */
  required?: boolean;
  input: { name: string; autocomplete: string; placeholder?: string };
};

const READABLE = { type: "text" } as const;
const HIDDEN = { type: "password" } as const;

export function SecretField({ label, noun, value, onValue, error, hint, mono, required = true, input }: SecretProps) {
  const [shown, setShown] = useState(false);
  const name = `Show ${noun}`;
  return (
    <Field label={label} required={required} error={error} hint={hint}>
      {(described) => (
        <span class="with-b">
          <input
            {...input}
            {...described}
            {...(shown ? READABLE : HIDDEN)}
            class={mono ? "in m" : "in"}
            spellcheck={false}
            autocapitalize="none"
            value={value}
            onInput={(event) => onValue(event.currentTarget.value)}
          />
          <button
            type="button"
            class="btn icon quiet"
            aria-pressed={shown}
            aria-label={name}
            title={name}
            onClick={() => setShown(!shown)}
          >
            <Icon name="eye" />
          </button>
        </span>
      )}
    </Field>
  );
}

/** Tells a password manager whose password it is; not to be seen. */
export const Username = ({ email }: { email: string }) => (
  <input
    class="sr"
    type="email"
    name="email"
    autocomplete="username"
    value={email}
    readOnly
    tabIndex={-1}
    aria-hidden
  />
);
