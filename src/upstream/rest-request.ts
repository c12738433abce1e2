// A tool call's arguments as an HTTP request: into the path, the query, headers and the body, each encoded for its place, so
// that none can leave it. ContextForge's rules: `{param}` in the URL; what is mapped goes where it is mapped to; of the
// rest everything is query where a method has no body, else it is the body.
import type { RestCall } from "../db/tables/catalog.ts";
import { GatewayError } from "../errors.ts";
import { type JsonObject, type JsonValue, scalarText } from "../lib/json.ts";

/** A request on its way out, without what we present ourselves with. */
export interface RestRequest {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** Methods whose requests have no body. */
const BODILESS: ReadonlySet<string> = new Set(["GET", "HEAD", "DELETE", "OPTIONS"]);

/** The request that a call with these arguments is. @throws GatewayError `invalid_params` naming the argument. */
export async function requestFor(tool: RestCall, given: JsonObject): Promise<RestRequest> {
  const args = { ...given };
  const url = new URL(fillIn(tool.url, args));
  const headers = mappedHeaders(tool.headerMapping ?? {}, args);
  for (const [arg, parameter] of Object.entries(tool.queryMapping ?? {})) addQuery(url, parameter, take(args, arg));
  if (BODILESS.has(tool.method)) {
    if (!tool.queryMapping) for (const [key, value] of Object.entries(args)) addQuery(url, key, value);
    return { url: url.href, headers };
  }
  const value = tool.bodyArgument === undefined ? args : take(args, tool.bodyArgument);
  const { type, body } = await BODIES[tool.body ?? "json"](value);
  return { url: url.href, headers: { "content-type": type, ...headers }, ...(body === undefined ? {} : { body }) };
}

const refused = (argument: string, why: string) =>
  new GatewayError("invalid_params", `Argument ${argument} ${why}`, { details: { field: argument } });

/** An argument that is used up by the place it goes to. */
function take(args: JsonObject, name: string): JsonValue | undefined {
  const value = args[name];
  delete args[name];
  return value;
}

/** Puts `{param}` arguments into path and query, encoded, and takes them out of `args`. */
function fillIn(template: string, args: JsonObject): string {
  const [, path = "", query = ""] = /^([^?#]*)(.*)$/s.exec(template) ?? [];
  const taken = new Set<string>();
  const fill = (text: string) =>
    text.replace(PARAMETER, (_, name: string) => {
      const value = scalarText(args[name]);
      if (value === undefined) throw refused(name, "is needed for the tool's URL");
      taken.add(name);
      return encodeURIComponent(value.toWellFormed());
    });
  const filled = `${path
    .split("/")
    .map((segment) => fillSegment(segment, fill))
    .join("/")}${fill(query)}`;
  for (const name of taken) delete args[name];
  return filled;
}

const PARAMETER = /\{([A-Za-z0-9_.-]+)\}/g;

/** A segment with its parameters must stay one: empty ones and dots would lead elsewhere. */
function fillSegment(segment: string, fill: (text: string) => string): string {
  const filled = fill(segment);
  const [, name] = segment.matchAll(PARAMETER).next().value ?? [];
  if (name !== undefined && /^\.{0,2}$/.test(filled)) throw refused(name, `can't be "${filled}" in the tool's path`);
  return filled;
}

/** A parameter that the tool's URL has already is the tool's. Lists repeat it; objects are JSON. */
function addQuery(url: URL, key: string, value: JsonValue | undefined): void {
  if (value === undefined || value === null || url.searchParams.has(key)) return;
  const values = Array.isArray(value) ? value : [value];
  for (const one of values) url.searchParams.append(key, textOf(one));
}

function mappedHeaders(mapping: Readonly<Record<string, string>>, args: JsonObject): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [arg, header] of Object.entries(mapping)) {
    const value = take(args, arg);
    if (value === undefined || value === null) continue;
    const text = scalarText(value);
    if (text === undefined || !/^[\x20-\x7e\t]*$/.test(text)) throw refused(arg, `can't be in the header ${header}`);
    headers[header.toLowerCase()] = text;
  }
  return headers;
}

/** A value as text: what is no text, number or truth is JSON. */
const textOf = (value: JsonValue): string => scalarText(value) ?? JSON.stringify(value);

const entriesOf = (value: JsonValue | undefined): [string, JsonValue][] =>
  Object.entries(typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {})
    .filter((entry): entry is [string, JsonValue] => entry[1] !== undefined && entry[1] !== null)
    .flatMap(([key, one]): [string, JsonValue][] =>
      Array.isArray(one) ? one.map((each) => [key, each]) : [[key, one]],
    );

interface Written {
  readonly type: string;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** How a body is written, by the kind that a tool names. */
const BODIES: Readonly<Record<NonNullable<RestCall["body"]>, (value: JsonValue | undefined) => Promise<Written>>> = {
  json: async (value) => ({
    type: "application/json",
    ...(value === undefined ? {} : { body: JSON.stringify(value) }),
  }),
  form: async (value) => ({
    type: "application/x-www-form-urlencoded",
    body: new URLSearchParams(entriesOf(value).map(([key, one]) => [key, textOf(one)])).toString(),
  }),
  multipart: async (value) => {
    const form = new FormData();
    for (const [key, one] of entriesOf(value)) {
      if (/["\\\p{Cc}]/u.test(key)) throw refused(JSON.stringify(key), "can't be the name of a part"); // the runtime does not escape them all
      form.append(key, textOf(one));
    }
    const written = new Response(form);
    return { type: written.headers.get("content-type") ?? "", body: new Uint8Array(await written.arrayBuffer()) };
  },
  text: async (value) => ({
    type: "text/plain; charset=utf-8",
    ...(value === undefined || value === null ? {} : { body: textOf(value) }),
  }),
};
