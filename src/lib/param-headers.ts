// Header mirrors of 2026-07-28: `Mcp-Name`, and the `Mcp-Param-*` that a tool's input schema asks for with
// `x-mcp-header` (basic/transports/streamable-http, "Custom headers").
import { isObject, type JsonValue, scalarText } from "./json.ts";
import { canonicalNumber } from "./json-number.ts";

/** One mirrored argument: the header after `Mcp-Param-`, the path of properties, the type. */
export interface ParamHeader {
  readonly name: string;
  readonly path: readonly string[];
  readonly type: "string" | "integer" | "boolean";
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const TYPES = ["string", "integer", "boolean"] as const;

/** The mirrors a schema asks for. @throws Error naming what makes the annotation invalid; such a tool must be dropped. */
export function paramHeadersOf(schema: JsonValue | undefined): ParamHeader[] {
  const found: ParamHeader[] = [];
  collect(schema, [], found);
  const names = found.map((header) => header.name.toLowerCase());
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice) throw new Error(`x-mcp-header "${twice}" is used twice`);
  const total = JSON.stringify(schema ?? {}).split('"x-mcp-header":"').length - 1;
  if (total !== found.length) throw new Error("x-mcp-header stands where only plain properties may carry it");
  return found;
}

function collect(schema: JsonValue | undefined, path: readonly string[], found: ParamHeader[]): void {
  if (!isObject(schema) || !isObject(schema.properties)) return;
  for (const [key, property] of Object.entries(schema.properties)) {
    if (!isObject(property)) continue;
    const at = [...path, key];
    const name = property["x-mcp-header"];
    if (name !== undefined) {
      if (typeof name !== "string" || !TOKEN.test(name))
        throw new Error(`x-mcp-header of "${at.join(".")}" is not a header name`);
      const type = TYPES.find((known) => known === property.type);
      if (!type) throw new Error(`x-mcp-header of "${at.join(".")}" needs a string, integer or boolean`);
      found.push({ name, path: at, type });
    }
    collect(property, at, found);
  }
}

const valueAt = (value: JsonValue | undefined, path: readonly string[]): JsonValue | undefined =>
  path.reduce<JsonValue | undefined>((inner, key) => (isObject(inner) ? inner[key] : undefined), value);

/** The headers that mirror these arguments; absent and null arguments have none. */
export function mirror(headers: readonly ParamHeader[], args: JsonValue | undefined): Record<string, string> {
  const out: Record<string, string> = {};
  for (const header of headers) {
    const value = valueAt(args, header.path);
    const text = scalarText(value);
    if (text !== undefined) out[`mcp-param-${header.name.toLowerCase()}`] = headerValue(text);
  }
  return out;
}

/** What is wrong with the client's mirrors, or nothing. `given` are the headers of its request. */
export function mismatch(
  headers: readonly ParamHeader[],
  args: JsonValue | undefined,
  given: Headers,
): string | undefined {
  for (const header of headers) {
    const value = valueAt(args, header.path);
    const sent = given.get(`mcp-param-${header.name}`);
    const name = `Mcp-Param-${header.name}`;
    if (value === undefined || value === null) {
      if (sent !== null) return `${name} is sent, but the argument is absent`;
      continue;
    }
    if (sent === null) return `${name} is missing`;
    const decoded = decodeHeaderValue(sent);
    if (decoded === undefined) return `${name} is not correctly encoded`;
    const text = scalarText(value) ?? "";
    const same =
      header.type === "integer" ? canonicalNumber(decoded.trim()) === canonicalNumber(text) : decoded === text;
    if (!same) return `${name} differs from the argument`;
  }
  return undefined;
}

const PLAIN = /^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/;
const SENTINEL = /^=\?base64\?([A-Za-z0-9+/]*={0,2})\?=$/;

/** A text as a header value: as it is when it is plain ASCII, else inside the base64 sentinel. */
export function headerValue(text: string): string {
  if (PLAIN.test(text) && !text.startsWith("=?base64?")) return text;
  return `=?base64?${btoa(String.fromCharCode(...new TextEncoder().encode(text)))}?=`;
}

/** The text of a header value, or undefined when the sentinel is malformed. */
export function decodeHeaderValue(value: string): string | undefined {
  if (!value.startsWith("=?base64?") || !value.endsWith("?=")) return value;
  const encoded = SENTINEL.exec(value)?.[1];
  if (encoded === undefined || encoded.length % 4 !== 0) return undefined;
  try {
    const bytes = Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
