// Cursors of REST lists: where the next page begins, opaque to clients and free of secrets, so unsigned. What a cursor
// says is only ever a bound parameter of the caller's own query.

import { textFromBase64url, textToBase64url } from "./base64url.ts";
import { isObject, JsonError, type JsonValue, parseStrict } from "./json.ts";

export interface Cursor {
  /** The sort key of the last record on the page before. */
  after: string;
}

export function encodeCursor({ after }: Cursor): string {
  return textToBase64url(JSON.stringify({ after }));
}

/** The cursor behind a text a client sent; undefined for anything `encodeCursor` did not write. */
export function decodeCursor(text: string): Cursor | undefined {
  const json = textFromBase64url(text);
  const value = json === undefined ? undefined : parse(json);
  if (!isObject(value) || typeof value.after !== "string") return undefined;
  return encodeCursor({ after: value.after }) === text ? { after: value.after } : undefined;
}

function parse(json: string): JsonValue | undefined {
  try {
    return parseStrict(json, { depth: 1 });
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}
