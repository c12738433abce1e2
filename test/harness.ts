// A real gateway for tests: the built Worker on Miniflare with its own D1, KV and objects in memory, on a free port.
// Tests in Node talk to it over HTTP, as anybody would.
import { randomBytes } from "node:crypto";
import { ROOT } from "../src/cli/local-vars.ts";
import { type MiniflareHost, startMiniflare } from "../src/cli/miniflare.ts";
import { signToken } from "../src/cli/sign.ts";

export const ADMIN = "admin@example.com";

/** An answer of the REST API: status, headers, and the body as JSON (null when empty). */
export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export interface Gateway {
  readonly url: string;
  readonly host: MiniflareHost;
  readonly secret: string;
  /** A bearer token; of the administrator for an hour unless told otherwise. */
  token(wish?: { subject?: string; minutes?: number; serverId?: string; secret?: string }): Promise<string>;
  /** Calls the REST API as the administrator, or with the given headers instead. */
  api<Body = Record<string, never>>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<Body>>;
  /** Registers an upstream and bundles all it offers into a virtual server; gives the URL of its MCP endpoint. */
  bundle(
    name: string,
    upstreamUrl: string,
    server?: Record<string, unknown>,
  ): Promise<{ url: string; serverId: string; gatewayId: string }>;
  /** What it wrote into its log so far, line by line. */
  readonly logged: readonly string[];
  /** Runs SQL on its database. */
  sql(query: string, ...values: unknown[]): Promise<unknown[]>;
  dispose(): Promise<void>;
}

/** Starts a gateway; upstreams on this machine are allowed. Built by test/build.ts before. */
export async function startGateway(vars: Record<string, string> = {}, persistTo?: string): Promise<Gateway> {
  const secret = vars.JWT_SECRET_KEY ?? randomBytes(32).toString("hex");
  const logged: string[] = [];
  const host = await startMiniflare({
    bundlePath: `${ROOT}dist/worker/index.js`,
    assetsDirectory: `${ROOT}dist/admin`,
    ...(persistTo ? { persistTo } : {}),
    vars: {
      ENVIRONMENT: "local",
      AUTH_ENCRYPTION_SECRET: randomBytes(32).toString("hex"),
      ALLOW_PRIVATE_UPSTREAMS: "true",
      ...vars,
      JWT_SECRET_KEY: secret,
    },
    log: ({ level, message }) => {
      logged.push(message);
      if (level === "error") console.error(message);
    },
  });
  await host.migrate();
  const token: Gateway["token"] = ({ subject = ADMIN, minutes = 60, serverId, secret: other } = {}) =>
    signToken({ subject, minutes, secret: other ?? secret, ...(serverId ? { serverId } : {}) });
  const admin = await token({ minutes: 600 });

  const api: Gateway["api"] = async <Body>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => {
    const response = await fetch(host.url + path, {
      method,
      headers: headers ?? { authorization: `Bearer ${admin}`, "content-type": "application/json" },
      redirect: "manual",
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text === "" ? null : JSON.parse(text)) as Body,
    };
  };
  const bundle: Gateway["bundle"] = async (name, upstreamUrl, server = {}) => {
    const gateway = await api<{ id: string; detail?: string }>("POST", "/gateways", { name, url: upstreamUrl });
    if (gateway.status !== 201)
      throw new Error(`POST /gateways answered ${gateway.status}: ${JSON.stringify(gateway.body)}`);
    const ids = async (noun: string) =>
      (await api<{ id: string }[]>("GET", `/${noun}?limit=0&gateway_id=${gateway.body.id}`)).body.map((row) => row.id);
    const [associatedTools, associatedPrompts, associatedResources] = await Promise.all([
      ids("tools"),
      ids("prompts"),
      ids("resources"),
    ]);
    const created = await api<{ id: string }>("POST", "/servers", {
      name,
      associatedTools,
      associatedPrompts,
      associatedResources,
      ...server,
    });
    if (created.status !== 201)
      throw new Error(`POST /servers answered ${created.status}: ${JSON.stringify(created.body)}`);
    return { url: `${host.url}/servers/${created.body.id}/mcp`, serverId: created.body.id, gatewayId: gateway.body.id };
  };
  const sql: Gateway["sql"] = async (query, ...values) => {
    const database = await host.mf.getD1Database("DB");
    return (
      await database
        .prepare(query)
        .bind(...values)
        .all()
    ).results;
  };
  return { url: host.url, host, secret, token, api, bundle, logged, sql, dispose: host.dispose };
}
