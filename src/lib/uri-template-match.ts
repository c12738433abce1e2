// The way back from a URI to the variables of a template. RFC 6570 section 1.4 leaves matching open; we take the
// longest value first, as the MCP SDKs do. The template becomes a list of steps; for every step we compute, from the
// end of the URI backwards, where the rest of the template fits. No backtracking: time is linear in the URI.

import { type Expression, encodeReserved, type Part, parseTemplate, UriTemplateError } from "./uri-template-syntax.ts";

/** Fixed text, as the template has it or percent-encoded. */
interface Literal {
  readonly kind: "literal";
  readonly spellings: readonly string[];
}

/** `lead`, then at least one character of a value. */
interface Value {
  readonly kind: "value";
  readonly lead: string;
  readonly stops: string;
  readonly optional: boolean;
  readonly name: string;
  readonly prefix: boolean;
  readonly encoded: boolean;
}

/** `lead`, then `name=value` pairs in any order. */
interface Pairs {
  readonly kind: "pairs";
  readonly lead: string;
  readonly stops: string;
  readonly optional: true;
  readonly separator: string;
  readonly names: readonly string[];
  /** An exploded variable among them takes any name. */
  readonly open: boolean;
}

type Step = Literal | Value | Pairs;

/** Characters of the template times characters of the URI, as 64 times 64 KB. Longer ones match nothing. */
const MAX_WORK = 2 ** 22;

/**
 * The values with which `template` expands to `uri`; undefined when it can't, or is malformed.
 * Values are percent-decoded, except those of `{+name}` and `{#name}`, where that would lose what was encoded.
 * Simple values need at least one character and hold none of `/ ? #`; the pairs of a query may come in any order and
 * may be missing; the items of a list come as they stand in the URI. The length of a prefix (`{name:3}`) isn't checked.
 */
export function match(template: string, uri: string): Record<string, string> | undefined {
  if (template.length * uri.length > MAX_WORK) return undefined;
  const parts = parse(template);
  if (!parts || !mayStartWith(parts[0], uri)) return undefined;
  const steps = stepsOf(parts);
  return collect(steps, fits(steps, uri), uri);
}

function parse(template: string): Part[] | undefined {
  try {
    return parseTemplate(template);
  } catch (error) {
    if (error instanceof UriTemplateError) return undefined;
    throw error;
  }
}

function mayStartWith(first: Part | undefined, uri: string): boolean {
  return typeof first !== "string" || spellingsOf(first).some((spelling) => uri.startsWith(spelling));
}

function spellingsOf(literal: string): string[] {
  const encoded = encodeReserved(literal);
  return encoded === literal ? [literal] : [literal, encoded];
}

function stepsOf(parts: readonly Part[]): Step[] {
  const steps: Step[] = [];
  for (const part of parts) {
    const last = steps.at(-1);
    if (typeof part === "string") {
      steps.push({ kind: "literal", spellings: spellingsOf(part) });
    } else if (!part.operator.named) {
      steps.push(...valuesOf(part));
    } else if (last?.kind === "pairs" && last.separator === part.operator.first) {
      steps.splice(-1, 1, joined(last, pairsOf(part)));
    } else {
      steps.push(pairsOf(part));
    }
  }
  return steps;
}

function valuesOf({ operator, variables }: Expression): Value[] {
  const alone = variables.length === 1 && operator.separator !== "/";
  return variables.map(({ name, explode, prefix }, index) => ({
    kind: "value",
    lead: index === 0 ? operator.first : operator.separator,
    stops: alone || explode ? operator.stops : operator.stops + operator.separator,
    optional: index > 0 || operator.first !== "",
    name,
    prefix: prefix !== undefined,
    encoded: !operator.reserved,
  }));
}

function pairsOf({ operator, variables }: Expression): Pairs {
  return {
    kind: "pairs",
    lead: operator.first,
    stops: operator.stops,
    optional: true,
    separator: operator.separator,
    names: variables.map(({ name }) => name),
    open: variables.some(({ explode }) => explode),
  };
}

/** `{?a}{&b}` reads like `{?a,b}`. */
function joined(one: Pairs, other: Pairs): Pairs {
  return { ...one, names: [...one.names, ...other.names], open: one.open || other.open };
}

/** `fits(…)[step][at]`: 1 where the steps from `step` on can match all of the URI from `at` on. */
function fits(steps: readonly Step[], uri: string): Uint8Array[] {
  let rest = new Uint8Array(uri.length + 1);
  rest[uri.length] = 1;
  const table = [rest];
  for (const step of steps.toReversed()) {
    rest = step.kind === "literal" ? literalFits(step, rest, uri) : runFits(step, rest, uri);
    table.unshift(rest);
  }
  return table;
}

function literalFits({ spellings }: Literal, rest: Uint8Array, uri: string): Uint8Array<ArrayBuffer> {
  const row = new Uint8Array(rest.length);
  for (const spelling of spellings) {
    for (let at = uri.indexOf(spelling); at !== -1; at = uri.indexOf(spelling, at + 1)) {
      if (rest[at + spelling.length]) row[at] = 1;
    }
  }
  return row;
}

function runFits({ lead, stops, optional }: Value | Pairs, rest: Uint8Array, uri: string): Uint8Array<ArrayBuffer> {
  const row = new Uint8Array(rest.length);
  /** 1 where, some characters later or none, the rest fits. */
  const ends = new Uint8Array(rest.length + 1);
  for (let at = uri.length; at >= 0; at--) {
    const runs = at < uri.length && !stops.includes(uri.charAt(at));
    ends[at] = rest[at] || (runs && ends[at + 1]) ? 1 : 0;
  }
  for (let at = 0; at < row.length; at++) {
    const start = at + lead.length;
    const taken =
      start < uri.length && uri.startsWith(lead, at) && !stops.includes(uri.charAt(start)) && ends[start + 1];
    if (taken || (optional && rest[at])) row[at] = 1;
  }
  return row;
}

function collect(
  steps: readonly Step[],
  table: readonly Uint8Array[],
  uri: string,
): Record<string, string> | undefined {
  if (!table[0]?.[0]) return undefined;
  const found = new Map<string, string>();
  let at = 0;
  for (const [index, step] of steps.entries()) {
    const rest = table[index + 1] ?? new Uint8Array();
    if (step.kind === "literal") {
      at += step.spellings.find((text) => uri.startsWith(text, at) && rest[at + text.length])?.length ?? 0;
      continue;
    }
    const end = longestRun(step, rest, uri, at);
    if (end === undefined) continue;
    const text = uri.slice(at + step.lead.length, end);
    if (!(step.kind === "value" ? readValue(step, text, found) : readPairs(step, text, found))) return undefined;
    at = end;
  }
  return Object.fromEntries(found);
}

/** Where the longest run from `at` ends that lets the rest fit; undefined to leave an optional step out. */
function longestRun({ lead, stops }: Value | Pairs, rest: Uint8Array, uri: string, at: number): number | undefined {
  if (!uri.startsWith(lead, at)) return undefined;
  let longest: number | undefined;
  for (let end = at + lead.length; end < uri.length && !stops.includes(uri.charAt(end)); end++) {
    if (rest[end + 1]) longest = end + 1;
  }
  return longest;
}

function readValue({ name, prefix, encoded }: Value, text: string, found: Map<string, string>): boolean {
  const value = encoded ? decode(text) : text;
  if (value === undefined) return false;
  if (!prefix || !found.has(name)) found.set(name, value);
  return true;
}

function readPairs({ separator, names, open }: Pairs, text: string, found: Map<string, string>): boolean {
  for (const pair of text.split(separator)) {
    const equals = pair.indexOf("=");
    const name = decode(equals === -1 ? pair : pair.slice(0, equals));
    const value = equals === -1 ? "" : decode(pair.slice(equals + 1));
    if (name === undefined || value === undefined || !(open || names.includes(name))) return false;
    const before = found.get(name);
    found.set(name, before === undefined ? value : `${before},${value}`);
  }
  return true;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
