// JSON Schema, as far as a form needs to understand it: references, what kind of control a schema asks for, and the
// value a form starts with. What it can't draw is "json": a text field that takes any JSON.

export type Schema = Record<string, unknown>;
export type Option = { value: unknown; label: string };
export type Kind =
  | { is: "string"; format: string | undefined; long: boolean }
  | { is: "number"; integer: boolean }
  | { is: "boolean" }
  | { is: "choice"; options: Option[] }
  | { is: "array"; items: unknown }
  | { is: "object"; properties: [name: string, schema: unknown][]; required: ReadonlySet<string> }
  | { is: "json" };
/** A schema ready to draw. `nullable`: null is allowed beside the kind. */
export type Control = { kind: Kind; nullable: boolean; schema: Schema };

/** Text a person typed that is not (yet) the JSON or number it should be. */
export class Unparsed {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export const isObject = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Unparsed);

const MOST_REFERENCES = 20;
const LONG_NAMES = /^(body|content|text|description|message|code|sql|prompt|markdown|html|script)$/i;
const LONG_FORMATS = ["textarea", "multiline", "markdown"];

/** The schema a local `$ref` leads to, with the keywords beside the reference on top. */
export function resolve(schema: unknown, root: Schema): Schema {
  let current: Schema = isObject(schema) ? schema : {};
  for (let step = 0; typeof current.$ref === "string" && step < MOST_REFERENCES; step++) {
    const { $ref, ...beside } = current;
    const target = String($ref).startsWith("#") ? pointTo(String($ref).slice(1), root) : undefined;
    if (!isObject(target)) return beside;
    current = { ...target, ...beside };
  }
  const all = current.allOf;
  if (!Array.isArray(all) || all.length !== 1) return current;
  const { allOf: _, ...beside } = current;
  return { ...resolve(all[0], root), ...beside };
}

function pointTo(pointer: string, root: unknown): unknown {
  const parts = pointer.split("/").slice(1);
  return parts.reduce<unknown>((at, part) => {
    const key = decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
    return typeof at === "object" && at !== null ? (at as Record<string, unknown>)[key] : undefined;
  }, root);
}

/** What control a schema asks for. */
export function controlOf(given: unknown, root: Schema, name = ""): Control {
  const schema = resolve(given, root);
  // beside properties, variants are rules about them; without, they are the value's shapes
  const shapes = isObject(schema.properties) ? [] : [schema.anyOf, schema.oneOf];
  const variants = shapes.find(Array.isArray)?.map((one) => resolve(one, root));
  if (variants) return fromVariants(schema, variants, root, name);
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  const nullable = types.includes("null");
  const type = types.filter((one) => one !== "null");
  return { kind: kindOf(schema, type.length === 1 ? type[0] : undefined, name), nullable, schema };
}

function fromVariants(schema: Schema, variants: Schema[], root: Schema, name: string): Control {
  const real = variants.filter((one) => one.type !== "null" && one.const !== null);
  const nullable = real.length < variants.length;
  const { anyOf: _, oneOf: __, ...beside } = schema;
  const [only] = real;
  if (real.length === 1 && only) {
    const inner = controlOf({ ...only, ...beside }, root, name);
    return { ...inner, nullable: nullable || inner.nullable };
  }
  if (real.every((one) => "const" in one)) {
    const options = real.map((one) => ({ value: one.const, label: labelOf(one.title, one.const) }));
    return { kind: { is: "choice", options }, nullable, schema };
  }
  return { kind: { is: "json" }, nullable: false, schema };
}

const labelOf = (title: unknown, value: unknown): string =>
  typeof title === "string" ? title : typeof value === "string" ? value : JSON.stringify(value);

function kindOf(schema: Schema, type: unknown, name: string): Kind {
  if ("const" in schema)
    return { is: "choice", options: [{ value: schema.const, label: labelOf(schema.title, schema.const) }] };
  if (Array.isArray(schema.enum)) {
    const names = Array.isArray(schema.enumNames) ? schema.enumNames : [];
    const values = schema.enum.filter((value) => value !== null);
    return { is: "choice", options: values.map((value, at) => ({ value, label: labelOf(names[at], value) })) };
  }
  switch (type) {
    case "string": {
      const format = typeof schema.format === "string" ? schema.format : undefined;
      const long =
        Number(schema.maxLength) > 256 || "contentMediaType" in schema || LONG_FORMATS.includes(format ?? "");
      return {
        is: "string",
        format,
        long: long || (format === undefined && !("maxLength" in schema) && LONG_NAMES.test(name)),
      };
    }
    case "number":
    case "integer":
      return { is: "number", integer: type === "integer" };
    case "boolean":
      return { is: "boolean" };
    case "array":
      return isObject(schema.items) ? { is: "array", items: schema.items } : { is: "json" };
    case "object": {
      if (!isObject(schema.properties) || Object.keys(schema.properties).length === 0) return { is: "json" };
      const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
      return { is: "object", properties: Object.entries(schema.properties), required: new Set(required) };
    }
    default:
      return { is: "json" };
  }
}

/** The value a form starts with: defaults, and the objects that must be there. undefined is "not sent". */
export function startOf(given: unknown, root: Schema, required: boolean, depth = 0): unknown {
  const { kind, nullable, schema } = controlOf(given, root);
  if ("default" in schema) return structuredClone(schema.default);
  if (!required || depth > 8) return undefined;
  if (kind.is === "choice" && kind.options.length === 1 && !nullable) return kind.options[0]?.value;
  if (kind.is === "array") return [];
  if (kind.is !== "object") return undefined;
  const entries = kind.properties.map(([name, one]) => [name, startOf(one, root, kind.required.has(name), depth + 1)]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** A short name of the type, for captions. */
export function typeName(given: unknown, root: Schema): string {
  const { kind, nullable, schema } = controlOf(given, root);
  const base = (): string => {
    switch (kind.is) {
      case "string":
        return kind.format ?? "string";
      case "number":
        return kind.integer ? "integer" : "number";
      case "choice":
        return "choice";
      case "array":
        return `${typeName(kind.items, root)}[]`;
      case "json":
        return Array.isArray(schema.type)
          ? schema.type.join(" or ")
          : typeof schema.type === "string"
            ? schema.type
            : "any JSON";
      default:
        return kind.is;
    }
  };
  return nullable ? `${base()} or null` : base();
}
