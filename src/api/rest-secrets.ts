// Headers and credentials of a REST tool: sealed together for the tool and its host, by name the only thing that is shown.
import type { RestSecrets } from "../catalog/tools.ts";
import type { RestCall } from "../db/tables/catalog.ts";
import { GatewayError } from "../errors.ts";
import { HIDDEN } from "../schemas/common.ts";
import type { ToolUpdate } from "../schemas/tools.ts";
import {
  authTypeOf,
  type Credentials,
  type Keys,
  openCredentials,
  readCredentials,
  readHeaders,
  sealCredentials,
} from "../upstream/credentials.ts";

/** A REST tool as far as it is known. */
interface Tool extends RestSecrets {
  readonly id: string;
  readonly name: string;
  readonly url: string;
}

type Given = Pick<ToolUpdate, "url" | "headers"> & Parameters<typeof readCredentials>[0];

/** Those of a new tool. @throws GatewayError `invalid_params` naming the field. */
export const secretsOf = (keys: Keys, tool: Tool, given: Given): Promise<RestSecrets> =>
  sealed(keys, tool, authTypeOf(given) ?? "none", readHeaders(given.headers ?? {}), readCredentials(given) ?? {});

/**
 * Those that a change leaves a tool with; undefined: those it has. A value shown as hidden means the stored one.
 * @throws GatewayError `invalid_params` naming the field, also when another host would get what was meant for this one.
 */
export async function changedSecrets(keys: Keys, tool: Tool, given: Given): Promise<RestSecrets | undefined> {
  const authType = authTypeOf(given);
  const url = given.url ?? tool.url;
  const moved = URL.parse(url)?.origin !== URL.parse(tool.url)?.origin;
  const keepsHeaders = given.headers === undefined || Object.values(given.headers ?? {}).includes(HIDDEN);
  if (moved && tool.headers?.length && keepsHeaders) throw elsewhere("headers");
  if (moved && (tool.authType ?? "none") !== "none" && authType === undefined) throw elsewhere("authType");
  if (given.headers === undefined && authType === undefined) return undefined;
  const stored = await openCredentials({ ...tool, sealed: tool.sealed ?? null }, keys);
  const isOwn = ([name]: [string, string]): boolean => tool.headers?.includes(name) ?? false;
  const all = Object.entries(stored.headers ?? {});
  const own = Object.fromEntries(all.filter(isOwn));
  const auth: Credentials = { ...stored, headers: Object.fromEntries(all.filter((entry) => !isOwn(entry))) };
  const wanted = Object.entries(given.headers ?? {}).map(([name, value]): [string, string] => [
    name,
    value === HIDDEN ? (own[name.toLowerCase()] ?? value) : value,
  ]);
  return await sealed(
    keys,
    { ...tool, url },
    authType ?? tool.authType ?? "none",
    given.headers === undefined ? own : readHeaders(Object.fromEntries(wanted)),
    authType === undefined ? auth : (readCredentials(given) ?? {}),
  );
}

const elsewhere = (field: string): GatewayError =>
  new GatewayError("invalid_params", `The new address is on another host: enter ${field} again (or null)`, {
    details: { field },
  });

async function sealed(
  { secrets }: Keys,
  { id, url }: Pick<Tool, "id" | "url">,
  authType: NonNullable<RestCall["authType"]>,
  own: Record<string, string>,
  auth: Credentials,
): Promise<RestSecrets> {
  const headers = { ...own, ...auth.headers };
  const names = { headers: Object.keys(own), authType };
  if (Object.keys(headers).length === 0 && !auth.query) return names;
  return { ...names, sealed: await sealCredentials(secrets, id, url, { ...auth, headers }) };
}
