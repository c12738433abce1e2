// URI templates: expanding them (RFC 6570, all four levels), finding the one a URI came from, and which of several
// fits best. Used to route resources/read.

import {
  type Expression,
  encodeReserved,
  encodeValue,
  type Operator,
  parseTemplate,
  type Variable,
} from "./uri-template-syntax.ts";

export { match } from "./uri-template-match.ts";
export { UriTemplateError } from "./uri-template-syntax.ts";

export type TemplateValue = string | readonly string[] | Readonly<Record<string, string>> | undefined;

const LITERALS_WEIGHT = 2 ** 16;

/**
 * The URI of a template with these values; a variable without a value leaves nothing behind.
 *
 * @throws UriTemplateError when the template is malformed
 */
export function expand(template: string, vars: Readonly<Record<string, TemplateValue>>): string {
  return parseTemplate(template)
    .map((part) => (typeof part === "string" ? encodeReserved(part) : expandExpression(part, vars)))
    .join("");
}

/**
 * How closely a template describes its URIs: sort descending. The longest literal prefix wins, then the most literal
 * characters in all.
 *
 * @throws UriTemplateError when the template is malformed
 */
export function specificity(template: string): number {
  const parts = parseTemplate(template);
  const [first] = parts;
  const prefix = typeof first === "string" ? first.length : 0;
  const literals = parts.reduce((sum, part) => (typeof part === "string" ? sum + part.length : sum), 0);
  return prefix * LITERALS_WEIGHT + Math.min(literals, LITERALS_WEIGHT - 1);
}

function expandExpression({ operator, variables }: Expression, vars: Readonly<Record<string, TemplateValue>>): string {
  const pieces = variables.flatMap((variable) =>
    Object.hasOwn(vars, variable.name) ? expandVariable(operator, variable, vars[variable.name]) : [],
  );
  return pieces.length === 0 ? "" : operator.first + pieces.join(operator.separator);
}

function expandVariable(operator: Operator, variable: Variable, value: TemplateValue): string[] {
  const encode = operator.reserved ? encodeReserved : encodeValue;
  const named = (name: string, text: string) =>
    operator.named ? encodeReserved(name) + (text === "" ? operator.ifEmpty : `=${text}`) : text;

  if (value === undefined) return [];
  if (typeof value === "string") return [named(variable.name, encode(prefixOf(value, variable.prefix)))];
  if (isList(value)) {
    const items = value.map(encode);
    if (items.length === 0) return [];
    return variable.explode ? items.map((item) => named(variable.name, item)) : [named(variable.name, items.join(","))];
  }
  const pairs = Object.entries(value).map(([key, text]) => [encode(key), encode(text)] as const);
  if (pairs.length === 0) return [];
  if (!variable.explode) return [named(variable.name, pairs.flat().join(","))];
  return pairs.map(([key, text]) => (operator.named && text === "" ? key + operator.ifEmpty : `${key}=${text}`));
}

/** Characters are code points: a prefix never splits one. */
function prefixOf(value: string, length: number | undefined): string {
  return length === undefined ? value : [...value].slice(0, length).join("");
}

function isList(value: readonly string[] | Readonly<Record<string, string>>): value is readonly string[] {
  return Array.isArray(value);
}
