// One schema as a form control; objects and lists hold more of them. A value of undefined is "not sent".
import { useState } from "preact/hooks";
import { AreaField, Segments, SelectField, Switch, TextField } from "../fields.tsx";
import { Icon } from "../icon.tsx";
import type { Problems } from "./check.ts";
import { type Control, controlOf, isObject, type Kind, type Schema, startOf, typeName, Unparsed } from "./schema.ts";

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
type Inner<K extends Kind["is"]> = FieldProps & { control: Control & { kind: Extract<Kind, { is: K }> } };

const INPUT_TYPES: Record<string, string> = { date: "date", email: "email", uri: "url", password: "password" };
const DEEPEST = 8;

export function SchemaField(props: FieldProps) {
  const control = controlOf(props.schema, props.root, props.name);
  if (control.nullable) return <NullableField {...props} control={control} />;
  return <PlainField {...props} control={control} />;
}

function PlainField(props: FieldProps & { control: Control }) {
  const { control } = props;
  const { kind } = control;
  if (props.path.split("/").length > DEEPEST) return <JsonField {...props} control={control} />;
  switch (kind.is) {
    case "string":
      return <StringField {...props} control={{ ...control, kind }} />;
    case "number":
      return <NumberField {...props} control={{ ...control, kind }} />;
    case "boolean":
      return <BooleanField {...props} />;
    case "choice":
      return <ChoiceField {...props} control={{ ...control, kind }} />;
    case "array":
      return <ArrayField {...props} control={{ ...control, kind }} />;
    case "object":
      return <ObjectField {...props} control={{ ...control, kind }} />;
    default:
      return <JsonField {...props} control={control} />;
  }
}

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
function caption({ name, schema, root, required, path, problems }: FieldProps, control: Control) {
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

function StringField(props: Inner<"string">) {
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

function NumberField(props: Inner<"number">) {
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

function BooleanField(props: FieldProps) {
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

function ChoiceField(props: Inner<"choice">) {
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

function ArrayField(props: Inner<"array">) {
  const { control, name, root, value, onValue, path, problems, required } = props;
  const items = Array.isArray(value) ? value : [];
  const { hint, error, mark } = caption(props, control);
  const put = (next: unknown[]): void => onValue(next.length === 0 && !required ? undefined : next);
  return (
    <fieldset class="field nest">
      <legend class="legend">
        <span class="m">{name}</span>
        {required && <span class="req">required</span>}
        <code>{mark}</code>
      </legend>
      {hint && <p class="hint">{hint}</p>}
      {items.map((item, at) => (
        <div class="item" key={at}>
          <SchemaField
            name={String(at + 1)}
            schema={control.kind.items}
            root={root}
            required
            value={item}
            path={`${path}/${at}`}
            problems={problems}
            onValue={(next) => put(items.map((old, index) => (index === at ? next : old)))}
          />
          <button
            type="button"
            class="btn quiet icon sm"
            aria-label={`Remove ${name} ${at + 1}`}
            onClick={() => put(items.filter((_, index) => index !== at))}
          >
            <Icon name="x" />
          </button>
        </div>
      ))}
      {error && <p class="hint bad">{error}</p>}
      <div>
        <button
          type="button"
          class="btn quiet sm"
          onClick={() => put([...items, startOf(control.kind.items, root, true)])}
        >
          <Icon name="plus" />
          Add to {name}
        </button>
      </div>
    </fieldset>
  );
}

function ObjectField(props: Inner<"object">) {
  const { control, name, root, value, onValue, path, problems, required } = props;
  const { hint, error } = caption(props, control);
  const sent = isObject(value);
  return (
    <fieldset class="field nest">
      <legend class="legend">
        <span class="m">{name}</span>
        {required && <span class="req">required</span>}
        <code>object</code>
      </legend>
      {hint && <p class="hint">{hint}</p>}
      {!required && (
        <Switch on={sent} onSwitch={(on) => onValue(on ? (startOf(props.schema, root, true) ?? {}) : undefined)}>
          Send {name}
        </Switch>
      )}
      {error && <p class="hint bad">{error}</p>}
      {(sent || required) && (
        <Properties
          control={control}
          root={root}
          value={sent ? value : {}}
          onValue={onValue}
          path={path}
          problems={problems}
        />
      )}
    </fieldset>
  );
}

type PropertiesProps = {
  control: Inner<"object">["control"];
  root: Schema;
  value: Schema;
  onValue: (value: Schema) => void;
  path: string;
  problems: Problems;
};

/** The properties of an object, required ones first. */
export function Properties({ control, root, value, onValue, path, problems }: PropertiesProps) {
  const { properties, required } = control.kind;
  const sorted = properties.toSorted(([a], [b]) => Number(required.has(b)) - Number(required.has(a)));
  return (
    <div class="stack">
      {sorted.map(([name, schema]) => (
        <SchemaField
          key={name}
          name={name}
          schema={schema}
          root={root}
          required={required.has(name)}
          value={value[name]}
          path={`${path}/${name}`}
          problems={problems}
          onValue={(next) => {
            const { [name]: _, ...rest } = value;
            onValue(next === undefined ? rest : { ...rest, [name]: next });
          }}
        />
      ))}
    </div>
  );
}

/** What "A value" starts with. */
const FIRST: Partial<Record<Kind["is"], unknown>> = { object: {}, array: [], boolean: false };

function NullableField(props: FieldProps & { control: Control }) {
  const { control, name, required, value, onValue } = props;
  const state = value === undefined ? "absent" : value === null ? "null" : "value";
  const options = [
    ...(required ? [] : [{ value: "absent", label: "Not sent" }]),
    { value: "null", label: "null" },
    { value: "value", label: "A value" },
  ];
  return (
    <div class="field nest">
      <PlainOrCaption {...props} control={control} shown={state === "value"} />
      <div>
        <Segments
          label={`What to send for ${name}`}
          value={state}
          options={options}
          onValue={(next) =>
            onValue(next === "absent" ? undefined : next === "null" ? null : (FIRST[control.kind.is] ?? ""))
          }
        />
      </div>
    </div>
  );
}

const PlainOrCaption = (props: FieldProps & { control: Control; shown: boolean }) =>
  props.shown ? (
    <PlainField
      {...props}
      required
      control={{ ...props.control, nullable: false }}
      onValue={(next) => props.onValue(next ?? "")}
    />
  ) : (
    <span class="legend">
      <span class="m">{props.name}</span>
      {props.required && <span class="req">required</span>}
      <code>{typeName(props.schema, props.root)}</code>
    </span>
  );

function JsonField(props: FieldProps & { control: Control }) {
  const [text, put] = useTyped(props.value, props.onValue, printJson, parseJson);
  return (
    <AreaField {...caption(props, props.control)} mono area={{ placeholder: "JSON" }} value={text} onValue={put} />
  );
}
