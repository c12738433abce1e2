// A form for a JSON Schema whose type is object, with a JSON view of the same value beside it.
import { useState } from "preact/hooks";
import { AreaField, Segments } from "../fields.tsx";
import { check, type Problems } from "./check.ts";
import { Properties } from "./field.tsx";
import { controlOf, isObject, type Schema, startOf, Unparsed } from "./schema.ts";

/** Keywords that relate fields to each other. */
const RULES = ["anyOf", "oneOf", "allOf", "if", "not", "dependentRequired", "dependentSchemas"];

/** The arguments being edited: a value, or JSON text while the JSON view is open. */
export type Arguments = { view: "form"; value: Schema } | { view: "json"; text: string };

/** Where a form for this schema starts. Schemas a form can't draw start as JSON. */
export function startArguments(schema: Schema): Arguments {
  const start = startOf(schema, schema, true);
  const value = isObject(start) ? start : {};
  return canDraw(schema) ? { view: "form", value } : { view: "json", text: JSON.stringify(value, null, 2) };
}

const isEmpty = (schema: Schema): boolean =>
  !isObject(schema.properties) || Object.keys(schema.properties).length === 0;
const canDraw = (schema: Schema): boolean => controlOf(schema, schema).kind.is === "object" || takesNothing(schema);
const takesNothing = (schema: Schema): boolean =>
  isEmpty(schema) &&
  !isObject(schema.additionalProperties) &&
  !["anyOf", "oneOf", "allOf", "$ref", "patternProperties"].some((key) => key in schema);

/** The arguments to send, or what keeps them from being sent. */
export function finish(edited: Arguments, schema: Schema): { value: Schema } | { problems: Problems } {
  if (edited.view === "form") {
    const problems = check(edited.value, schema, schema);
    return problems.size > 0 ? { problems } : { value: edited.value };
  }
  try {
    const value: unknown = JSON.parse(edited.text);
    return isObject(value) ? { value } : { problems: new Map([["", "Must be a JSON object"]]) };
  } catch (error) {
    return { problems: new Map([["", error instanceof Error ? error.message : "This is not JSON"]]) };
  }
}

type Props = { schema: Schema; edited: Arguments; onEdited: (edited: Arguments) => void; problems: Problems };

export function ArgumentsForm({ schema, edited, onEdited, problems }: Props) {
  const [refused, setRefused] = useState<string>();
  const drawable = canDraw(schema);
  const change = (view: string): void => {
    setRefused(undefined);
    if (view === edited.view) return;
    if (edited.view === "form") {
      onEdited({ view: "json", text: JSON.stringify(printable(edited.value), null, 2) });
      return;
    }
    const parsed = finish(edited, schema);
    if ("value" in parsed) onEdited({ view: "form", value: parsed.value });
    else setRefused("Correct the JSON first: the form can't show it.");
  };
  const { kind, ...rest } = controlOf(schema, schema);
  return (
    <>
      {drawable && (
        <div>
          <Segments
            label="Edit as"
            value={edited.view}
            options={[
              { value: "form", label: "Form" },
              { value: "json", label: "JSON" },
            ]}
            onValue={change}
          />
        </div>
      )}
      {edited.view === "json" ? (
        <AreaField
          label="Arguments"
          mono
          rows={10}
          hint={drawable ? undefined : "This schema is too unusual for a form."}
          error={refused ?? problems.get("")}
          value={edited.text}
          onValue={(text) => onEdited({ view: "json", text })}
        />
      ) : kind.is === "object" ? (
        <>
          {RULES.some((key) => key in rest.schema) && (
            <p class="hint">This schema also has rules between its fields; the server checks those.</p>
          )}
          <Properties
            control={{ ...rest, kind }}
            root={schema}
            value={edited.value}
            path=""
            problems={problems}
            onValue={(value) => onEdited({ view: "form", value })}
          />
        </>
      ) : (
        <p class="hint">This tool takes no arguments.</p>
      )}
    </>
  );
}

/** The value with half-typed text as plain text. */
function printable(value: unknown): unknown {
  if (value instanceof Unparsed) return value.text;
  if (Array.isArray(value)) return value.map(printable);
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, printable(one)]));
  return value;
}
