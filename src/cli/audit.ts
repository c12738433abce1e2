// `npm run -s audit:verify`: asks a gateway whether its audit trail is whole. Exit 0: it is; 1: it is broken; 2: nobody knows.
import { parseArgs } from "node:util";
import { auditVerdict } from "../schemas/audit.ts";
import { readVars } from "./local-vars.ts";
import { settingsOf, signToken } from "./sign.ts";

const USAGE = `Usage: npm run -s audit:verify -- [options]
      --url URL         the gateway (default: the local one)
      --token TOKEN     of somebody with the permission audit.read (default: the bootstrap administrator's, signed
                        with JWT_SECRET_KEY)`;

function fail(why: string): never {
  console.error(why);
  process.exit(2);
}

function options() {
  try {
    return parseArgs({
      options: { url: { type: "string" }, token: { type: "string" }, help: { type: "boolean", short: "h" } },
    }).values;
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

const given = options();
if (given.help) {
  console.log(USAGE);
  process.exit(0);
}
const vars = readVars();
const url = given.url ?? `http://${vars.HOST ?? "127.0.0.1"}:${vars.PORT ?? 8787}`;

async function ownToken(): Promise<string> {
  const { secret, ...settings } = settingsOf(vars);
  return await signToken({
    ...settings,
    minutes: 60,
    secret: secret ?? fail("JWT_SECRET_KEY is not set here; give --token"),
  });
}

async function ask() {
  const answer = await fetch(`${url.replace(/\/+$/, "")}/audit/verify`, {
    headers: { authorization: `Bearer ${given.token ?? (await ownToken())}` },
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`it answered ${answer.status}: ${text.slice(0, 500)}`);
  return auditVerdict.parse(JSON.parse(text));
}

const { intact, rows, before_chain, head, broken } = await ask().catch((error: Error) =>
  fail(`${url} could not be asked: ${error.message}${error.cause ? ` (${String(error.cause)})` : ""}`),
);
const older = before_chain ? ` ${before_chain} older rows precede it.` : "";
if (intact) console.log(`The audit trail is intact: ${rows} rows.${older}\nHead: ${head ?? "none"}`);
else
  console.log(`The audit trail is BROKEN at row ${broken?.id}: ${broken?.reason}. ${rows} rows before it fit.${older}`);
process.exitCode = intact ? 0 : 1;
