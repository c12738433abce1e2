// One schema as a form control; lists, objects and values that may be null hold more of them.
import { Segments, Switch } from "../fields.tsx";
import { Icon } from "../icon.tsx";
import type { Problems } from "./check.ts";
import {
  BooleanField,
  ChoiceField,
  caption,
  type FieldProps,
  type Inner,
  JsonField,
  NumberField,
  StringField,
} from "./leaves.tsx";
import { type Control, controlOf, isObject, type Kind, type Schema, startOf, typeName } from "./schema.ts";

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
