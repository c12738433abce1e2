// Checks form values against the keywords a form can show an error for. What it does not know it lets pass:
// the server that owns the schema has the last word.
import { type Control, controlOf, isObject, type Schema, Unparsed } from "./schema.ts";

/** What is wrong, by path: "" is the value itself, "/a/0" the first item of a. */
export type Problems = Map<string, string>;

const FORMATS: Record<string, [test: RegExp, say: string]> = {
  date: [/^\d{4}-\d{2}-\d{2}$/, "Enter a date such as 2026-11-21"],
  "date-time": [
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i,
    "Enter a time such as 2026-11-21T09:30:00Z",
  ],
  email: [/^[^\s@]+@[^\s@]+$/, "Enter an e-mail address"],
  uri: [/^[a-z][a-z0-9+.-]*:\S+$/i, "Enter a URI such as https://example.com"],
};

export function check(value: unknown, schema: unknown, root: Schema, required = true): Problems {
  const problems: Problems = new Map();
  visit(value, schema, root, required, "", problems);
  return problems;
}

function visit(
  value: unknown,
  given: unknown,
  root: Schema,
  required: boolean,
  path: string,
  problems: Problems,
): void {
  const control = controlOf(given, root);
  const { kind } = control;
  const problem = problemOf(value, control, required);
  if (problem !== undefined) problems.set(path, problem);
  if (kind.is === "array" && Array.isArray(value)) {
    for (const [at, item] of value.entries()) visit(item, kind.items, root, true, `${path}/${at}`, problems);
  }
  if (kind.is === "object" && isObject(value)) {
    for (const [name, one] of kind.properties)
      visit(value[name], one, root, kind.required.has(name), `${path}/${name}`, problems);
  }
}

/** What is wrong with a value itself, not with what it holds. */
function problemOf(value: unknown, { kind, nullable, schema }: Control, required: boolean): string | undefined {
  if (value === undefined) {
    if (!required) return undefined;
    return kind.is === "string" ? "Required. To send an empty text, use JSON" : "Required";
  }
  if (value === null && nullable) return undefined;
  switch (kind.is) {
    case "json":
      return value instanceof Unparsed ? "This is not JSON yet" : undefined;
    case "choice": {
      const text = JSON.stringify(value);
      return kind.options.some((option) => JSON.stringify(option.value) === text)
        ? undefined
        : "Choose one of the values";
    }
    case "boolean":
      return typeof value === "boolean" ? undefined : "Must be true or false";
    case "number":
      return problemOfNumber(value, schema, kind.integer);
    case "string":
      return problemOfText(value, schema, kind.format);
    case "array":
      return problemOfList(value, schema);
    case "object":
      return isObject(value) ? undefined : "Must be an object";
  }
}

function problemOfList(value: unknown, { minItems, maxItems }: Schema): string | undefined {
  if (!Array.isArray(value)) return "Must be a list";
  if (typeof minItems === "number" && value.length < minItems) return `At least ${minItems}`;
  if (typeof maxItems === "number" && value.length > maxItems) return `At most ${maxItems}`;
  return undefined;
}

function problemOfNumber(value: unknown, schema: Schema, integer: boolean): string | undefined {
  const whole = integer ? "Enter a whole number" : "Enter a number";
  if (typeof value !== "number" || !Number.isFinite(value)) return whole;
  if (integer && !Number.isInteger(value)) return whole;
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  if (typeof minimum === "number" && value < minimum) return `At least ${minimum}`;
  if (typeof maximum === "number" && value > maximum) return `At most ${maximum}`;
  if (typeof exclusiveMinimum === "number" && value <= exclusiveMinimum) return `More than ${exclusiveMinimum}`;
  if (typeof exclusiveMaximum === "number" && value >= exclusiveMaximum) return `Less than ${exclusiveMaximum}`;
  if (typeof multipleOf === "number" && Math.abs(value / multipleOf - Math.round(value / multipleOf)) > 1e-9)
    return `A multiple of ${multipleOf}`;
  return undefined;
}

function problemOfText(value: unknown, schema: Schema, format: string | undefined): string | undefined {
  if (typeof value !== "string") return "Must be a text";
  const { minLength, maxLength, pattern } = schema;
  const length = [...value].length;
  if (typeof minLength === "number" && length < minLength) return `At least ${minLength} characters`;
  if (typeof maxLength === "number" && length > maxLength) return `At most ${maxLength} characters`;
  const [test, text] = FORMATS[format ?? ""] ?? [];
  if (test && !test.test(value)) return text;
  return typeof pattern === "string" && fits(pattern, value) === false ? `Must match ${pattern}` : undefined;
}

/** undefined when the pattern is not one this browser can run. */
function fits(pattern: string, value: string): boolean | undefined {
  try {
    return new RegExp(pattern, "u").test(value);
  } catch {
    return undefined;
  }
}
