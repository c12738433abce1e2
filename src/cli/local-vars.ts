// Settings of the local gateway: `.dev.vars` (made with random secrets when absent), overridden by the environment.
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";
import { VARIABLES } from "../variables.ts";

/** The project's top folder. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const FILE = `${ROOT}.dev.vars`;

const secret = (): string => randomBytes(32).toString("base64url");

/** Reads the settings, names under MCPGATEWAY_ that nobody knows included; nothing is written. */
export function readVars(): Record<string, string> {
  const written = existsSync(FILE) ? (parseEnv(readFileSync(FILE, "utf8")) as Record<string, string>) : {};
  const known = new Set(VARIABLES.map(({ name }) => name));
  const given = Object.entries(process.env).filter(([name]) => known.has(name) || name.startsWith("MCPGATEWAY_"));
  const all = Object.entries({ ...written, ...(Object.fromEntries(given) as Record<string, string>) });
  return Object.fromEntries(all.filter(([, value]) => value !== ""));
}

/** Makes `.dev.vars` when there is none. True when it did. */
export function ensureVars(): boolean {
  if (existsSync(FILE)) return false;
  const lines = [
    "# Settings of the local gateway (npm start, npm run dev). Never commit this file.",
    `JWT_SECRET_KEY="${secret()}"`,
    `AUTH_ENCRYPTION_SECRET="${secret()}"`,
    'ENVIRONMENT="local"',
    "# Upstreams on this machine may be called. Deployed gateways call public addresses only.",
    'ALLOW_PRIVATE_UPSTREAMS="localhost,127.0.0.1,[::1]"',
    "",
  ];
  writeFileSync(FILE, lines.join("\n"), { mode: 0o600 });
  return true;
}
