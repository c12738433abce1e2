// A real gateway for tests: the built Worker on Miniflare with its own D1, KV and objects in memory, on a free port.
// Tests in Node talk to it over HTTP, as anybody would.
import { randomBytes } from "node:crypto";
import { ROOT } from "../src/cli/local-vars.ts";
import { type MiniflareHost, startMiniflare } from "../src/cli/miniflare.ts";
import { signToken } from "../src/cli/sign.ts";
import { type Api, apiOf, type Bundle, bundleBy } from "./rest.ts";

export const ADMIN = "admin@example.com";

export interface Gateway {
  readonly url: string;
  readonly host: MiniflareHost;
  readonly secret: string;
  /** A bearer token; of the administrator for an hour unless told otherwise. */
  token(wish?: { subject?: string; minutes?: number; serverId?: string; secret?: string }): Promise<string>;
  /** Calls the REST API as the administrator. */
  readonly api: Api;
  readonly bundle: Bundle;
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

  const api = apiOf(host.url, admin);
  const bundle = bundleBy(api, host.url);
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
