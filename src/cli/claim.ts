// `npm run claim`: prints a link that claims the gateway of this folder, once; with `--remote` the deployed one. Whoever
// can write its database has proven to own it. May run while `npm start` does.
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { claimUrl, LIFETIME, newClaimLink } from "./claim-link.ts";
import { ROOT, readVars } from "./local-vars.ts";
import { readWranglerConfig, startMiniflare } from "./miniflare.ts";
import { wrangler } from "./wrangler.ts";

const USAGE = `Usage: npm run claim -- [options]
      --remote    the deployed gateway instead of the one of npm start
      --url URL   where it is reached (default: PUBLIC_URL, or the address npm start listens on)`;

/** Runs SQL on the local database; gives how many rows it answered with. */
async function locally(sql: string, vars: Readonly<Record<string, string>>): Promise<number> {
  const bundlePath = `${ROOT}dist/worker/index.js`;
  const persistTo = vars.STATE_DIR ?? `${ROOT}.wrangler/state/v3`;
  if (!existsSync(bundlePath) || !existsSync(persistTo))
    throw new Error("There is no gateway here yet: run npm start, which prints such a link too");
  const host = await startMiniflare({ bundlePath, persistTo, log: () => {} });
  try {
    const database = await host.mf.getD1Database("DB");
    return (await database.prepare(sql).all()).results.length;
  } finally {
    await host.dispose();
  }
}

/** The same on the deployed database. */
function remotely(sql: string): number {
  const { ok, output } = wrangler(["d1", "execute", "DB", "--remote", "--json", "--yes", "--command", sql], "read");
  if (!ok)
    throw new Error(`${output.trim()}\n\nThe database can't be written. Deployed yet? Logged in (npx wrangler login)?`);
  const answers = JSON.parse(output.slice(output.indexOf("["))) as { results?: unknown[] }[];
  return answers.flatMap(({ results = [] }) => results).length;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { remote: { type: "boolean" }, url: { type: "string" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const link = newClaimLink();
  const vars = readVars();
  const stored = values.remote ? remotely(link.sql) : await locally(link.sql, vars);
  if (stored === 0) throw new Error("This gateway has been claimed already; its administrators can invite you");
  const listening = `http://${vars.HOST ?? "127.0.0.1"}:${vars.PORT ?? "8787"}`;
  const usual = values.remote ? readWranglerConfig().vars.PUBLIC_URL : (vars.PUBLIC_URL ?? listening);
  console.log(`Open this within ${LIFETIME} to become the gateway's administrator. It works once:
  ${claimUrl(values.url ?? usual ?? "<the gateway's URL>", link)}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
