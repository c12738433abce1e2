// `npm start`: the whole gateway on this machine. Builds, applies migrations, serves the Worker on Miniflare with D1, KV
// and Durable Objects kept in .wrangler/, and gives an empty database a sample upstream and the virtual server `demo`.
import { spawnSync } from "node:child_process";
import { readConfig, withoutEffect } from "../env.ts";
import { claimUrl, LIFETIME, newClaimLink } from "./claim-link.ts";
import { ensureVars, ROOT, readVars } from "./local-vars.ts";
import { type MiniflareHost, startMiniflare } from "./miniflare.ts";
import { seedSample } from "./sample.ts";
import { settingsOf, signToken } from "./sign.ts";

const DEMO = "demo";
const WEEK = 7 * 24 * 60;

function build(): void {
  console.error("Building the Worker and the dashboard …");
  const { status, stdout, stderr } = spawnSync("npm", ["run", "-s", "build"], {
    cwd: ROOT,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  if (status === 0) return;
  console.error(`${stdout}${stderr}`);
  throw new Error("the build failed, see above");
}

/** The hosts requests may name beside this machine's own names: the address listened on. */
const hosts = (host: string, port: number): Record<string, string> =>
  ["127.0.0.1", "localhost", "::1"].includes(host)
    ? {}
    : { ALLOWED_HOSTS: [host, "127.0.0.1", "localhost"].map((name) => `${name}:${port}`).join(",") };

async function listen(vars: Record<string, string>, host: string, port: number): Promise<MiniflareHost> {
  try {
    return await startMiniflare({
      bundlePath: `${ROOT}dist/worker/index.js`,
      assetsDirectory: `${ROOT}dist/admin`,
      persistTo: vars.STATE_DIR ?? `${ROOT}.wrangler/state/v3`,
      host,
      port,
      vars: { ...hosts(host, port), ...vars, ENVIRONMENT: vars.ENVIRONMENT ?? "local" },
      log: ({ level, message }) => {
        if (["warn", "error"].includes(level)) console.error(message); // the rest is for a deployment's logs
      },
    });
  } catch (error) {
    if (String(error).includes("EADDRINUSE") || String(error).includes("in use"))
      throw new Error(`port ${port} is taken; choose another with PORT=…`);
    throw error;
  }
}

/** A link that claims the gateway; undefined when somebody has. */
async function claimLink({ mf }: MiniflareHost, url: string): Promise<string | undefined> {
  const link = newClaimLink();
  const database = await mf.getD1Database("DB");
  const { results } = await database.prepare(link.sql).all();
  return results.length > 0 ? claimUrl(url, link) : undefined;
}

const invitation = (link: string): string => `
Nobody has claimed this gateway yet. Open this to become its administrator (works once, within ${LIFETIME}):
  ${link}
`;

function introduce(url: string, serverUrl: string, token: string): void {
  const configuration = {
    mcpServers: { [DEMO]: { type: "http", url: serverUrl, headers: { Authorization: `Bearer ${token}` } } },
  };
  console.log(`
Causeway runs at ${url}
  dashboard        ${url}/ui/     (log in with: npm run -s token)
  MCP, everything  ${url}/mcp
  MCP, demo        ${serverUrl}

Client configuration for the virtual server "${DEMO}" (token valid 7 days):
${JSON.stringify(configuration, null, 2)}
`);
}

async function main(): Promise<void> {
  if (ensureVars()) console.error("Made .dev.vars with new random secrets.");
  const vars = readVars();
  for (const { name, reason } of withoutEffect(vars)) console.error(`Note: ${name} has no effect here: ${reason}`);
  readConfig({ ENVIRONMENT: "local", ...vars });
  build();
  const host = vars.HOST ?? "127.0.0.1";
  const gateway = await listen(vars, host, Number(vars.PORT ?? 8787));
  process.once("SIGINT", () => void gateway.dispose().then(() => process.exit(0)));
  process.once("SIGTERM", () => void gateway.dispose().then(() => process.exit(0)));

  const applied = await gateway.migrate();
  if (applied.length > 0) console.error(`Applied ${applied.length} migration${applied.length > 1 ? "s" : ""}.`);
  const wish = { ...settingsOf(vars), secret: vars.JWT_SECRET_KEY ?? "" };
  const url = gateway.url.replace("0.0.0.0", "127.0.0.1");
  const link = await claimLink(gateway, vars.PUBLIC_URL ?? url);
  const serves = link === undefined || (vars.ENVIRONMENT ?? "local") === "local";
  if (serves) await seedSample(url, await signToken({ ...wish, minutes: 5 }), DEMO);
  introduce(url, `${url}/servers/${DEMO}/mcp`, await signToken({ ...wish, minutes: WEEK, serverId: DEMO }));
  if (link) console.log(invitation(link));
  setInterval(
    () => void gateway.scheduled().catch((error: unknown) => console.error(`The schedule failed: ${String(error)}`)),
    60_000,
  );
}

main().catch((error: unknown) => {
  console.error(`Causeway could not start: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
