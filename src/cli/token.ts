// `npm run -s token -- --username admin@example.com --exp 10080`: prints a bearer token and nothing else.
import { parseArgs } from "node:util";
import { ensureVars, readVars } from "./local-vars.ts";
import { settingsOf, signToken } from "./sign.ts";

const USAGE = `Usage: npm run -s token -- [options]
  -u, --username NAME   e-mail address of an active user (default: the bootstrap administrator)
  -e, --exp MINUTES     how long the token lives (default: TOKEN_EXPIRY, else 10080 = 7 days)
      --server ID       only for this virtual server
      --secret SECRET   sign with this instead of JWT_SECRET_KEY`;

function fail(why: string): never {
  console.error(`${why}\n\n${USAGE}`);
  process.exit(2);
}

function options() {
  try {
    return parseArgs({
      options: {
        username: { type: "string", short: "u" },
        exp: { type: "string", short: "e" },
        server: { type: "string" },
        secret: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

const given = options();
if (given.help) {
  console.log(USAGE);
  process.exit(0);
}
if (given.secret === undefined && process.env.JWT_SECRET_KEY === undefined) ensureVars();
const vars = readVars();
const minutes = Number(given.exp ?? vars.TOKEN_EXPIRY ?? 10_080);
if (!(minutes > 0 && Number.isFinite(minutes))) fail("--exp must be a number of minutes above 0");
const settings = settingsOf(vars);
const secret = given.secret || settings.secret || fail("JWT_SECRET_KEY is not set; give --secret");
console.log(
  await signToken({
    ...settings,
    subject: given.username ?? settings.subject,
    minutes,
    secret,
    serverId: given.server,
  }),
);
