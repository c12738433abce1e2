// The controls for single values: text, number, boolean, choice, and any JSON. A value of undefined is "not sent".
import { useState } from "preact/hooks";
import { AreaField, Segments, SelectField, TextField } from "../fields.tsx";
import type { Problems } from "./check.ts";
import { type Control, controlOf, type Kind, type Schema, typeName, Unparsed } from "./schema.ts";

export type FieldProps = {
  name: string;
  schema: unknown;
  root: Schema;
  required: boolean;
  value: unknown;
  onValue: (value: unknown) => void;
  path: string;
  problems: Problems;
};
export type Inner<K extends Kind["is"]> = FieldProps & { control: Control & { kind: Extract<Kind, { is: K }> } };

const INPUT_TYPES: Record<string, string> = { date: "date", email: "email", uri: "url", password: "password" };

const parseNumber = (text: string): unknown =>
  text.trim() === "" ? undefined : Number.isNaN(Number(text)) ? new Unparsed(text) : Number(text);
const printNumber = (value: unknown): string =>
  value instanceof Unparsed ? value.text : typeof value === "number" ? String(value) : "";
const printJson = (value: unknown): string =>
  value instanceof Unparsed ? value.text : value === undefined ? "" : JSON.stringify(value, null, 2);

function parseJson(text: string): unknown {
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return new Unparsed(text);
  }
}

/** Text for a value that is not text: what was typed stays as typed ("0.", spaces) while it means the same value. */
function useTyped(
  value: unknown,
  onValue: (value: unknown) => void,
  print: (value: unknown) => string,
  parse: (text: string) => unknown,
): [text: string, put: (text: string) => void] {
  const [typed, setTyped] = useState(print(value));
  const same = JSON.stringify(parse(typed)) === JSON.stringify(value);
  const put = (text: string): void => {
    setTyped(text);
    onValue(parse(text));
  };
  return [same ? typed : print(value), put];
}

/** What every labelled control shows. */
export function caption({ name, schema, root, required, path, problems }: FieldProps, control: Control) {
  const { title, description } = control.schema;
  return {
    label: <span class="m">{name}</span>,
    mark: typeName(schema, root),
    required,
    hint:
      [title, description]
        .filter((text) => typeof text === "string" && text.toLowerCase() !== name.toLowerCase())
        .join(". ") || undefined,
    error: problems.get(path),
  };
}

const exampleOf = ({ examples }: Schema): string | undefined =>
  Array.isArray(examples) && examples.length > 0 ? String(examples[0]) : undefined;

export function StringField(props: Inner<"string">) {
  const { control, value, onValue } = props;
  const { format, long } = control.kind;
  const text = typeof value === "string" ? value : "";
  const put = (next: string): void => onValue(next === "" ? undefined : next);
  const placeholder = exampleOf(control.schema) ?? (format === "date-time" ? "2026-11-21T09:30:00Z" : undefined);
  return long ? (
    <AreaField {...caption(props, control)} area={{ placeholder }} value={text} onValue={put} />
  ) : (
    <TextField
      {...caption(props, control)}
      input={{ type: INPUT_TYPES[format ?? ""] as "text", placeholder }}
      value={text}
      onValue={put}
    />
  );
}

export function NumberField(props: Inner<"number">) {
  const { control, value, onValue } = props;
  const [text, put] = useTyped(value, onValue, printNumber, parseNumber);
  const { minimum, maximum } = control.schema;
  const bounds = typeof minimum === "number" && typeof maximum === "number" ? `${minimum} to ${maximum}` : undefined;
  return (
    <TextField
      {...caption(props, control)}
      input={{ inputmode: "decimal", placeholder: exampleOf(control.schema) ?? bounds }}
      value={text}
      onValue={put}
    />
  );
}

export function BooleanField(props: FieldProps) {
  const { name, required, value, onValue } = props;
  const { hint, error } = caption(props, controlOf(props.schema, props.root));
  const options = [
    { value: "true", label: "true" },
    { value: "false", label: "false" },
  ];
  return (
    <fieldset class="field">
      <legend class="legend">
        <span class="m">{name}</span>
        {required && <span class="req">required</span>}
        <code>boolean</code>
      </legend>
      <div>
        <Segments
          label={name}
          value={value === undefined ? "" : String(value)}
          options={required ? options : [{ value: "", label: "Not sent" }, ...options]}
          onValue={(next) => onValue(next === "" ? undefined : next === "true")}
        />
      </div>
      {error ? <p class="hint bad">{error}</p> : hint && <p class="hint">{hint}</p>}
    </fieldset>
  );
}

export function ChoiceField(props: Inner<"choice">) {
  const { control, value, onValue, required } = props;
  const { options } = control.kind;
  const at =
    value === undefined ? -1 : options.findIndex((option) => JSON.stringify(option.value) === JSON.stringify(value));
  const choices = options.map((option, index) => ({ value: String(index), label: option.label }));
  return (
    <SelectField
      {...caption(props, control)}
      value={String(at)}
      options={
        at === -1 || !required ? [{ value: "-1", label: required ? "Choose…" : "Not sent" }, ...choices] : choices
      }
      onValue={(next) => onValue(options[Number(next)]?.value)}
    />
  );
}

export function JsonField(props: FieldProps & { control: Control }) {
  const [text, put] = useTyped(props.value, props.onValue, printJson, parseJson);
  return (
    <AreaField {...caption(props, props.control)} mono area={{ placeholder: "JSON" }} value={text} onValue={put} />
  );
}
