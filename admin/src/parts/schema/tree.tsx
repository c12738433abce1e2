// A JSON Schema to read: names, types, bounds and descriptions, nested as the data is.
import { Badge } from "../badges.tsx";
import { controlOf, resolve, type Schema, typeName } from "./schema.ts";

const DEEPEST = 6;
const BOUNDS = [
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
  "pattern",
];

/** Nothing for a schema that is not an object or a list of objects. Recursive schemas end at a depth. */
export function SchemaTree({ schema, root, depth = 0 }: { schema: unknown; root: Schema; depth?: number }) {
  const { kind } = controlOf(schema, root);
  const variants = [resolve(schema, root).anyOf, resolve(schema, root).oneOf].find(Array.isArray);
  if (kind.is === "json" && variants && depth <= DEEPEST)
    return <Variants variants={variants} root={root} depth={depth} />;
  if (kind.is === "array") return <SchemaTree schema={kind.items} root={root} depth={depth + 1} />;
  if (kind.is !== "object" || depth > DEEPEST) return null;
  return (
    <ul class="schema">
      {kind.properties.map(([name, one]) => (
        <li key={name}>
          <div class="row">
            <b class="m">{name}</b>
            <code class="mut">{typeName(one, root)}</code>
            {kind.required.has(name) && <span class="req">required</span>}
            <Marks schema={resolve(one, root)} />
          </div>
          <About schema={resolve(one, root)} root={root} />
          <SchemaTree schema={one} root={root} depth={depth + 1} />
        </li>
      ))}
    </ul>
  );
}

const Variants = ({ variants, root, depth }: { variants: unknown[]; root: Schema; depth: number }) => (
  <ul class="schema">
    {variants.map((one, at) => (
      <li key={at}>
        <span class="req">{at === 0 ? "either" : "or"}</span> <code class="mut">{typeName(one, root)}</code>
        <SchemaTree schema={one} root={root} depth={depth + 1} />
      </li>
    ))}
  </ul>
);

const Marks = ({ schema }: { schema: Schema }) => (
  <>
    {"x-mcp-header" in schema && <Badge tone="line">{`header Mcp-Param-${schema["x-mcp-header"]}`}</Badge>}
    {schema.deprecated === true && <Badge tone="warn">deprecated</Badge>}
  </>
);

function About({ schema, root }: { schema: Schema; root: Schema }) {
  const { kind } = controlOf(schema, root);
  const facts = BOUNDS.filter((key) => key in schema).map((key) => `${key} ${schema[key]}`);
  if ("default" in schema) facts.push(`default ${JSON.stringify(schema.default)}`);
  if (kind.is === "choice") facts.push(`one of ${kind.options.map((option) => option.label).join(", ")}`);
  const text = [schema.title, schema.description].filter((one) => typeof one === "string").join(". ");
  return (
    <>
      {text && <p class="foreign">{text}</p>}
      {facts.length > 0 && <small class="foreign">{facts.join(" · ")}</small>}
    </>
  );
}
