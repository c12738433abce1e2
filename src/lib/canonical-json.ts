// One text for every JSON value that means the same: keys sorted at every depth (as RFC 8785 has them).
import { isObject, type JsonValue, parseExact, stringify } from "./json.ts";

/** The value with the keys of its objects in order, at every depth. */
export function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key] as JsonValue)]));
}

/** A JSON text, rewritten so that the order of keys and white space make no difference. @throws SyntaxError */
export const canonical = (text: string): string => stringify(sorted(parseExact(text)));
