// Structured content that is no object, for revisions that know only objects (MCP 2025-06-18 … 2025-11-25 server/tools):
// content and schema go under `result`, as both SDKs do it (SEP-2106).
import { isObject, type JsonObject, type JsonValue } from "./json.ts";

/** Keywords whose values are data, in which a `$ref` is no reference. */
const DATA = new Set(["const", "default", "enum", "examples"]);

/** Keywords whose values are schemas by names that somebody chose. */
const NAMED = new Set(["$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties"]);

/** Whether a tool with this output schema has its structured content wrapped for those revisions. */
export const isWrapped = (outputSchema: JsonValue | undefined): outputSchema is JsonObject =>
  isObject(outputSchema) && outputSchema.type !== "object";

/** The schema of wrapped content. References within the document lead to where it stands now. */
export function wrappedSchema(schema: JsonObject): JsonObject {
  const { $schema } = schema;
  const dialect: JsonObject = $schema === undefined ? {} : { $schema };
  return { ...dialect, type: "object", properties: { result: moved(schema) }, required: ["result"] };
}

/** A schema one level deeper. Parts with an `$id` of their own have their own root. */
function moved(schema: JsonValue): JsonValue {
  if (Array.isArray(schema)) return schema.map(moved);
  if (!isObject(schema) || (typeof schema.$id === "string" && !schema.$id.startsWith("#"))) return schema;
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, movedKeyword(key, value)]));
}

function movedKeyword(key: string, value: JsonValue): JsonValue {
  if (DATA.has(key)) return value;
  if (key === "$ref" || key === "$dynamicRef") {
    const local = value === "#" || (typeof value === "string" && value.startsWith("#/"));
    return local ? `#/properties/result${String(value).slice(1)}` : value;
  }
  if (!NAMED.has(key) || !isObject(value)) return moved(value);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, moved(inner)]));
}

/** Content under `result`. */
export const wrappedContent = (content: JsonValue): JsonObject => ({ result: content });
