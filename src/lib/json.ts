// Strict JSON for untrusted bodies (RFC 8259, the I-JSON rules that matter to a gateway: RFC 7493).
// Policy must judge the same value the other side will read: duplicate keys are refused, and a number that a double
// cannot hold keeps its text, so that what we write out again is what came in.

import { canonicalNumber } from "./json-number.ts";

/**
 * A number kept as text because a double would change it; made by `JSON.rawJSON`, written out verbatim by `stringify`.
 * It loses that power when it is structured-cloned (object RPC, storage): hand text across such borders.
 */
export interface RawNumber {
  readonly rawJSON: string;
}

export type JsonValue = string | number | boolean | null | RawNumber | JsonValue[] | JsonObject;

export interface JsonObject {
  [key: string]: JsonValue;
}

export type JsonReason = "syntax" | "duplicate-key" | "depth";

/** Why a text was refused. `key` names the duplicate. */
export class JsonError extends Error {
  override readonly name = "JsonError";
  readonly reason: JsonReason;
  readonly key: string | undefined;

  constructor(reason: JsonReason, message: string, options: { key?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.reason = reason;
    this.key = options.key;
  }
}

type RawJson = {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
  rawJSON(text: string): RawNumber;
  isRawJSON(value: unknown): value is RawNumber;
};

// ECMAScript 2026, present in workerd and Node 24; the TypeScript library we compile against does not know it yet.
const native = JSON as typeof JSON & RawJson;

const DEFAULT_DEPTH = 64;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const ZERO = 0x30;
const NINE = 0x39;
/** Any number this short, without an exponent, has at most 15 digits: a double holds it exactly enough. */
const SAFE_NUMBER_LENGTH = 15;

/**
 * Parses JSON that a stranger wrote.
 *
 * @param limits.depth how many arrays and objects may be nested (64); a scalar has depth 0
 * @throws JsonError for bad syntax, a duplicate key at any depth, or too deep a nesting
 */
export function parseStrict(text: string, limits: { depth?: number } = {}): JsonValue {
  const { members, longNumbers } = survey(text, limits.depth ?? DEFAULT_DEPTH);
  const value = parse(text);
  if (members !== countMembers(value)) {
    const key = firstDuplicate(text);
    throw new JsonError("duplicate-key", `duplicate key ${JSON.stringify(key)}`, { key });
  }
  return longNumbers ? (native.parse(text, keepNumberText) as JsonValue) : value;
}

/** What may be a number that a double changes; hits inside texts only cost time. */
const LONG_NUMBER = /[\d.]{16}|\d[eE][+-]?\d/;

/**
 * Parses JSON that must be written out again as it came in: numbers that a double can't hold keep their text. For what
 * upstreams and our own storage say; what a client says goes through `parseStrict`.
 *
 * @throws SyntaxError
 */
export function parseExact(text: string): JsonValue {
  return LONG_NUMBER.test(text) ? (native.parse(text, keepNumberText) as JsonValue) : JSON.parse(text);
}

/** JSON text of a value; a `RawNumber` in it is written as it came in. */
export function stringify(value: JsonValue): string {
  return JSON.stringify(value);
}

/** True for a number that kept its text. A stranger's `{"rawJSON": …}` is not one. */
export function isRawNumber(value: unknown): value is RawNumber {
  return native.isRawJSON(value);
}

/** True for a JSON object: not null, not an array, not a number that kept its text. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isRawNumber(value);
}

/** A member of nested objects; undefined when there is none. */
export const memberAt = (value: JsonValue | undefined, ...path: readonly string[]): JsonValue | undefined =>
  path.reduce((inner, key) => (isObject(inner) ? inner[key] : undefined), value);

/** A text, number or boolean as its text; nothing for null, arrays and objects. */
export function scalarText(value: JsonValue | undefined): string | undefined {
  if (isRawNumber(value)) return value.rawJSON;
  return value === undefined || value === null || typeof value === "object" ? undefined : String(value);
}

function parse(text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new JsonError("syntax", "not valid JSON", { cause });
  }
}

/**
 * One pass over the text, before anything is built from it: nesting within bounds, how many members it spells
 * (a colon outside strings each), and whether a number is long enough to need a second look.
 */
function survey(text: string, maxDepth: number): { members: number; longNumbers: boolean } {
  let members = 0;
  let depth = 0;
  let longNumbers = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = closingQuote(text, at);
    } else if (code === COLON) {
      members++;
    } else if (opens(code)) {
      if (++depth > maxDepth) throw new JsonError("depth", `nested deeper than ${maxDepth}`);
    } else if (closes(code)) {
      depth--;
    } else if (code >= ZERO && code <= NINE) {
      const end = numberEnd(text, at);
      longNumbers ||= end - at > SAFE_NUMBER_LENGTH || hasExponent(text, at, end);
      at = end - 1;
    }
  }
  return { members, longNumbers };
}

/** Members of all objects in a value. Its depth is bounded, so recursion is. */
function countMembers(value: JsonValue): number {
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) count += countMembers(item);
    return count;
  }
  for (const member of Object.values(value)) count += 1 + countMembers(member);
  return count;
}

/** The first key that its object already has. Walks valid JSON; only called when the counts disagree. */
function firstDuplicate(text: string): string {
  const open: Set<string>[] = [];
  let lastString = "";
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = closingQuote(text, at);
      lastString = text.slice(at, end + 1);
      at = end;
    } else if (opens(code)) {
      open.push(new Set());
    } else if (closes(code)) {
      open.pop();
    } else if (code === COLON) {
      const keys = open.at(-1);
      const key: string = JSON.parse(lastString);
      if (keys?.has(key)) return key;
      keys?.add(key);
    }
  }
  throw new Error("valid JSON spells more members than it holds, yet no key is double");
}

function keepNumberText(_key: string, value: unknown, { source }: { source?: string }): unknown {
  if (typeof value !== "number" || source === undefined) return value;
  return canonicalNumber(source) === canonicalNumber(String(value)) ? value : native.rawJSON(source);
}

/** Index of the quote that ends the string opened at `start`; past the end when nothing does. */
function closingQuote(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text.charCodeAt(before) === BACKSLASH) before--;
  return (at - before) % 2 === 0;
}

function numberEnd(text: string, start: number): number {
  let end = start + 1;
  while (isNumberCode(text.charCodeAt(end))) end++;
  return end;
}

function hasExponent(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if ((text.charCodeAt(at) | 0x20) === 0x65) return true;
  return false;
}

/** Digits, and the signs `+ - . e E` that can follow one. */
function isNumberCode(code: number): boolean {
  return (
    (code >= ZERO && code <= NINE) || code === 0x2e || code === 0x65 || code === 0x45 || code === 0x2b || code === 0x2d
  );
}

/** `[` and `{`. */
function opens(code: number): boolean {
  return code === 0x5b || code === 0x7b;
}

/** `]` and `}`. */
function closes(code: number): boolean {
  return code === 0x5d || code === 0x7d;
}
