// `npm run deploy`: brings Worker and database to Cloudflare in the order that fits what is there. A database that
// exists is migrated before the new Worker comes; one that does not is made by the deployment and migrated after it.
// Arguments go on to `wrangler deploy`.
import { readWranglerConfig } from "./miniflare.ts";
import { wrangler } from "./wrangler.ts";

const MIGRATE = ["d1", "migrations", "apply", "DB", "--remote"];

/** How a secret can be made up: 32 random bytes. */
const RANDOM = "openssl rand -base64 32";

function namesIn(json: string): string[] {
  return (JSON.parse(json) as { name: string }[]).map(({ name }) => name);
}

/** Names of the account's databases. @throws Error when Cloudflare can't be asked. */
function databases(): string[] {
  const { ok, output } = wrangler(["d1", "list", "--json"], "read");
  if (!ok) throw new Error(`${output.trim()}\n\nCan't ask Cloudflare. Not logged in yet? Run: npx wrangler login`);
  return namesIn(output);
}

/** Names of the Worker's secrets; none when there is no Worker yet. @throws Error when Cloudflare can't be asked. */
function secrets(): string[] {
  const { ok, output } = wrangler(["secret", "list", "--format", "json"], "read");
  if (ok) return namesIn(output);
  if (/not found|does not exist/i.test(output)) return [];
  throw new Error(output.trim());
}

function step(what: string, args: readonly string[]): void {
  console.log(`\n${what}: wrangler ${args.join(" ")}`);
  if (!wrangler(args, "show").ok) throw new Error(`${what} failed, see above; nothing after it was done`);
}

function requireSecrets(required: readonly string[]): void {
  const there = secrets();
  const missing = required.filter((name) => !there.includes(name));
  if (missing.length === 0) return;
  const commands = missing.map((name) => `  npx wrangler secret put ${name}`);
  throw new Error(
    `These secrets are not set. Set each (a random one: ${RANDOM}), then run npm run deploy again:\n\n${commands.join("\n")}`,
  );
}

function main(more: readonly string[]): void {
  const { d1_databases, secrets: wanted } = readWranglerConfig();
  const name = d1_databases.find(({ binding }) => binding === "DB")?.database_name;
  const exists = name !== undefined && databases().includes(name);
  if (!more.includes("--secrets-file")) requireSecrets(wanted?.required ?? []);
  const deploy = () => step("Deploy", ["deploy", "--minify", ...more]);
  const migrate = () => step("Migrate", MIGRATE);
  for (const work of exists ? [migrate, deploy] : [deploy, migrate]) work();
  console.log(`
Deployed. The first time, prove that it is yours: until then every door answers 503. This prints a link that works once:
  npm run claim -- --remote --url "<the URL above>"

Programs may also use a token signed with the same JWT_SECRET_KEY:
  npm run -s token -- --secret "<JWT_SECRET_KEY>"`);
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
