// What we present to an upstream: sealed in its row, opened only here, never shown again. Sealed for the row's id and
// the URL's origin, so that a moved URL has to be given its credentials anew.
import { GatewayError } from "../errors.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import { sealer } from "../lib/seal.ts";
import { countSecretUse } from "../observability/counts.ts";

/** Headers and a query parameter to add to each request. */
export interface Credentials {
  readonly headers?: Record<string, string>;
  readonly query?: { readonly key: string; readonly value: string };
}

/** Credential fields as the REST API takes them. */
export interface CredentialFields {
  readonly authType?: "none" | "basic" | "bearer" | "authheaders" | "query_param" | "api_key" | null;
  readonly authUsername?: string | null;
  readonly authPassword?: string | null;
  readonly authToken?: string | null;
  readonly authHeaderKey?: string | null;
  readonly authHeaderValue?: string | null;
  readonly authHeaders?: readonly { readonly key: string; readonly value: string }[] | null;
  readonly authQueryParamKey?: string | null;
  readonly authQueryParamValue?: string | null;
}

/** Headers a credential may never set: they carry the protocol, or name another host. */
const RESERVED = /^(host|content-.*|transfer-encoding|connection|accept|mcp-.*|cookie|cf-.*|x-forwarded-.*)$/i;
/** Headers a REST tool may not set: they belong to the connection. */
const CONNECTIONS_OWN = /^(host|content-length|content-encoding|transfer-encoding|connection|cf-.*|x-forwarded-.*)$/i;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** The fields of each kind of credential. */
const FIELDS = {
  basic: ["authUsername", "authPassword"],
  bearer: ["authToken"],
  authheaders: ["authHeaders", "authHeaderKey", "authHeaderValue"],
  query_param: ["authQueryParamKey", "authQueryParamValue"],
} as const satisfies Record<string, readonly (keyof CredentialFields)[]>;
const KINDS = Object.keys(FIELDS) as (keyof typeof FIELDS)[];

/**
 * The kind of credential a body means: its `authType`, or when it names none the kind whose fields are filled in.
 * Undefined when it says nothing about credentials.
 * @throws GatewayError `invalid_params` naming a field that belongs to another kind.
 */
export function authTypeOf(given: CredentialFields): keyof typeof FIELDS | "none" | undefined {
  const filled = KINDS.flatMap((kind) =>
    FIELDS[kind].filter((field) => given[field]?.length).map((field) => ({ kind, field })),
  );
  const named = given.authType === "api_key" ? "bearer" : given.authType;
  const type = named ?? filled[0]?.kind ?? (named === null ? "none" : undefined);
  const foreign = filled.find(({ kind }) => kind !== type);
  if (foreign) throw wrong(foreign.field, `does not go with ${named ? `authType ${named}` : filled[0]?.field}`);
  return type;
}

/** Reads the fields of a body. Null means: none. @throws GatewayError `invalid_params` naming the field. */
export function readCredentials(fields: CredentialFields): Credentials | null {
  const type = authTypeOf(fields);
  const need = (name: keyof CredentialFields): string => {
    const value = fields[name];
    if (typeof value !== "string" || value === "") throw wrong(name, `is needed when authType is ${type}`);
    return value;
  };
  switch (type) {
    case "basic": {
      const pair = new TextEncoder().encode(`${need("authUsername")}:${need("authPassword")}`);
      return { headers: { authorization: `Basic ${btoa(String.fromCharCode(...pair))}` } };
    }
    case "bearer":
      return { headers: { authorization: `Bearer ${headerValue("authToken", need("authToken"))}` } };
    case "authheaders": {
      const pairs = fields.authHeaders?.length
        ? fields.authHeaders
        : [{ key: need("authHeaderKey"), value: need("authHeaderValue") }];
      return {
        headers: Object.fromEntries(
          pairs.map(({ key, value }) => [headerName("authHeaders", key, RESERVED), headerValue("authHeaders", value)]),
        ),
      };
    }
    case "query_param":
      return { query: { key: need("authQueryParamKey"), value: need("authQueryParamValue") } };
    default:
      return null;
  }
}

/** Headers of a REST tool, checked, their names in lower case. @throws GatewayError `invalid_params`. */
export const readHeaders = (given: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(given).map(([key, value]) => [
      headerName("headers", key, CONNECTIONS_OWN),
      headerValue("headers", value),
    ]),
  );

const wrong = (field: string, why: string) =>
  new GatewayError("invalid_params", `${field} ${why}`, { details: { field } });

function headerName(field: string, name: string, reserved: RegExp): string {
  if (!TOKEN.test(name)) throw wrong(field, `: "${name}" is not a header name`);
  if (reserved.test(name)) throw wrong(field, `: ${name} is set by the gateway`);
  return name.toLowerCase();
}

function headerValue(field: string, value: string): string {
  if (!/^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/.test(value))
    throw wrong(field, "must be printable ASCII, as header values are");
  return value;
}

const place = (id: string, url: string) => `upstream:${id}:${URL.parse(url)?.origin ?? ""}`;

/** Seals credentials for the row and the URL's origin. */
export const sealCredentials = (
  secrets: readonly string[],
  id: string,
  url: string,
  credentials: Credentials,
): Promise<string> =>
  sealer(secrets, "upstream-credentials").seal(credentials as unknown as JsonObject, place(id, url));

/** What opens sealed credentials, and in whose name. */
export interface Keys {
  readonly secrets: readonly string[];
  /** Whose use it counts as in the audit trail: a caller's name, or `gateway` for what the gateway does by itself. */
  readonly principal: string;
}

/** Something that is called with credentials. */
interface Presented {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly sealed: string | null;
}

/** What was sealed. @throws GatewayError `upstream_auth_required` when it can't be opened. */
export async function openCredentials(target: Presented, { secrets, principal }: Keys): Promise<Credentials> {
  if (target.sealed === null) return {};
  const opened = await sealer(secrets, "upstream-credentials").open(target.sealed, place(target.id, target.url));
  if (!isObject(opened)) {
    throw new GatewayError(
      "upstream_auth_required",
      "The stored credentials can't be opened (was AUTH_ENCRYPTION_SECRET changed?); enter them again",
      {
        details: { upstream: target.name },
      },
    );
  }
  countSecretUse(principal, "upstream-credentials", target.id);
  return opened as unknown as Credentials;
}

/** The URL and headers of a request to an upstream, credentials added. @throws GatewayError when they can't be opened. */
export async function present(
  target: Presented,
  keys: Keys,
): Promise<{ url: string; headers: Record<string, string> }> {
  const { headers = {}, query } = await openCredentials(target, keys);
  if (!query) return { url: target.url, headers };
  const url = new URL(target.url);
  url.searchParams.set(query.key, query.value);
  return { url: url.href, headers };
}
