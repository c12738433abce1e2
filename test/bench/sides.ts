// Starting what is compared: our Worker and the baselines, each in a process of its own.
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { type Child, startChild } from "./children.ts";
import type { HostReady, HostSettings } from "./host.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const startHost = (settings: HostSettings): Promise<Child<HostReady>> => startChild("host.ts", settings);

/** Starts a Worker of baseline/; it takes the token in `headers`. */
export async function startBaseline(
  file: string,
  upstream: string,
): Promise<{ host: Child<HostReady>; headers: Record<string, string> }> {
  const token = randomBytes(24).toString("base64url");
  const vars = { UPSTREAM: upstream, KEY_HASH: createHash("sha256").update(token).digest("hex") };
  const bundlePath = fileURLToPath(new URL(`baseline/${file}`, import.meta.url));
  const host = await startHost({ bundlePath, vars, isGateway: false });
  return { host, headers: { authorization: `Bearer ${token}` } };
}

/** Builds our Worker as it is deployed. */
export function buildGateway(): void {
  execFileSync("npm", ["run", "-s", "build:worker"], { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
}

/** Starts our Worker; `secret` signs its tokens. */
export async function startGateway(): Promise<{ host: Child<HostReady>; secret: string }> {
  const secret = randomBytes(32).toString("base64url");
  const vars = {
    JWT_SECRET_KEY: secret,
    AUTH_ENCRYPTION_SECRET: randomBytes(32).toString("base64url"),
    ENVIRONMENT: "local",
    ALLOW_PRIVATE_UPSTREAMS: "true",
  };
  return { host: await startHost({ bundlePath: `${ROOT}dist/worker/index.js`, vars, isGateway: true }), secret };
}
