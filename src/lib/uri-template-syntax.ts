// The syntax of URI templates (RFC 6570 section 2): a template as literals and expressions.
// Names are taken as servers write them, `{user-id}` included, although the RFC allows fewer letters.

export class UriTemplateError extends Error {
  override readonly name = "UriTemplateError";
}

/** A literal, as written, or an expression. */
export type Part = string | Expression;

export interface Expression {
  readonly operator: Operator;
  readonly variables: readonly Variable[];
}

export interface Variable {
  readonly name: string;
  readonly explode: boolean;
  /** How many characters of the value are used; undefined for all. */
  readonly prefix: number | undefined;
}

/** A row of RFC 6570 appendix A, and what ends a value when we read it back. */
export interface Operator {
  readonly first: string;
  readonly separator: string;
  /** Writes `name=value`. */
  readonly named: boolean;
  /** What follows the name of a named variable whose value is empty. */
  readonly ifEmpty: "" | "=";
  /** Leaves reserved characters as they are. */
  readonly reserved: boolean;
  readonly stops: string;
}

const OPERATORS = new Map<string, Operator>([
  ["", { first: "", separator: ",", named: false, ifEmpty: "", reserved: false, stops: "/?#" }],
  ["+", { first: "", separator: ",", named: false, ifEmpty: "", reserved: true, stops: "" }],
  ["#", { first: "#", separator: ",", named: false, ifEmpty: "", reserved: true, stops: "" }],
  [".", { first: ".", separator: ".", named: false, ifEmpty: "", reserved: false, stops: "/?#" }],
  ["/", { first: "/", separator: "/", named: false, ifEmpty: "", reserved: false, stops: "?#" }],
  [";", { first: ";", separator: ";", named: true, ifEmpty: "", reserved: false, stops: "/?#" }],
  ["?", { first: "?", separator: "&", named: true, ifEmpty: "=", reserved: false, stops: "#" }],
  ["&", { first: "&", separator: "&", named: true, ifEmpty: "=", reserved: false, stops: "#" }],
]);

const PUNCTUATION = "+#./;?&=,!@|";
const VARIABLE = /^([^\s:*]+)(?:(\*)|:([1-9]\d{0,3}))?$/;

/** @throws UriTemplateError naming the expression that is malformed */
export function parseTemplate(template: string): Part[] {
  const parts: Part[] = [];
  let at = 0;
  while (at < template.length) {
    const open = template.indexOf("{", at);
    const literal = template.slice(at, open === -1 ? undefined : open);
    if (literal.includes("}")) throw new UriTemplateError(`"}" without "{" in "${template}"`);
    if (literal !== "") parts.push(literal);
    if (open === -1) break;
    const close = template.indexOf("}", open);
    if (close === -1) throw new UriTemplateError(`"{" without "}" in "${template}"`);
    parts.push(parseExpression(template.slice(open + 1, close)));
    at = close + 1;
  }
  return parts;
}

function parseExpression(text: string): Expression {
  const sign = PUNCTUATION.includes(text.charAt(0)) ? text.charAt(0) : "";
  const operator = OPERATORS.get(sign);
  if (!operator) throw new UriTemplateError(`unknown operator in "{${text}}"`);
  const variables = text
    .slice(sign.length)
    .split(",")
    .map((spec): Variable => {
      const match = VARIABLE.exec(spec);
      if (!match?.[1] || match[1].includes("{")) throw new UriTemplateError(`malformed expression "{${text}}"`);
      return { name: match[1], explode: match[2] === "*", prefix: match[3] ? Number(match[3]) : undefined };
    });
  return { operator, variables };
}

/** Percent-encodes all but unreserved characters (RFC 3986 section 2.3). */
export function encodeValue(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Percent-encodes all but unreserved and reserved characters and percent-encoded triplets. */
export function encodeReserved(text: string): string {
  const marks: Record<string, string> = { "%5B": "[", "%5D": "]" };
  return encodeURI(text.toWellFormed()).replace(
    /%25([0-9A-Fa-f]{2})|%5[BD]/g,
    (encoded, triplet?: string) => marks[encoded] ?? `%${triplet}`,
  );
}
