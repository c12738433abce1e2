// Where two JSON objects differ, field by field, with paths that people read.
import { canonical } from "./canonical-json.ts";
import { isObject, type JsonObject, type JsonValue, stringify } from "./json.ts";

/** A field that differs; `before` or `after` is absent where it is not there. */
export interface FieldDifference {
  readonly path: string;
  readonly before?: JsonValue;
  readonly after?: JsonValue;
}

const PLAIN = /^[A-Za-z_$][\w$-]*$/;

/** The path of a member: `a.b`, or `a["odd key"]`. */
export const pathOf = (path: string, key: string): string =>
  !PLAIN.test(key) ? `${path}[${JSON.stringify(key)}]` : path === "" ? key : `${path}.${key}`;

const same = (one: JsonValue, other: JsonValue): boolean => canonical(stringify(one)) === canonical(stringify(other));

/** Fields that differ, those of `after` first in its order; objects are looked into, anything else is told whole. */
export function differences(before: JsonObject, after: JsonObject, path = ""): FieldDifference[] {
  const keys = [...new Set([...Object.keys(after), ...Object.keys(before)])];
  return keys.flatMap((key): FieldDifference[] => {
    const at = pathOf(path, key);
    const was = Object.hasOwn(before, key) ? before[key] : undefined;
    const is = Object.hasOwn(after, key) ? after[key] : undefined;
    if (was === undefined || is === undefined)
      return [{ path: at, ...(was === undefined ? {} : { before: was }), ...(is === undefined ? {} : { after: is }) }];
    if (isObject(was) && isObject(is)) return differences(was, is, at);
    return same(was, is) ? [] : [{ path: at, before: was, after: is }];
  });
}
