// `npm run deploy`'s decisions, against a wrangler of ours that records what it is asked for.

import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT } from "../../src/cli/local-vars.ts";

/** What Cloudflare has, by the fake. `secrets` null: there is no Worker yet. `fails`: the command that goes wrong. */
interface Account {
  readonly databases?: string[];
  readonly secrets?: string[] | null;
  readonly fails?: string;
}

const BOTH = ["JWT_SECRET_KEY", "AUTH_ENCRYPTION_SECRET"];
const FAKE = `#!${process.execPath}
const { appendFileSync } = require("node:fs");
const account = JSON.parse(process.env.FAKE_ACCOUNT);
const command = process.argv.slice(2).join(" ");
appendFileSync(process.env.FAKE_CALLS, command + "\\n");
const list = (names) => console.log(JSON.stringify(names.map((name) => ({ name, uuid: "1", type: "x" }))));
if (account.fails && command.startsWith(account.fails)) { console.error("the fake fails: " + command); process.exit(3); }
if (command.startsWith("d1 list")) list(account.databases ?? []);
else if (command.startsWith("secret list")) {
  if (account.secrets === null) { console.error('Worker "causeway" not found.'); process.exit(1); }
  list(account.secrets ?? ${JSON.stringify(BOTH)});
}
`;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "causeway-deploy-"));
  writeFileSync(join(directory, "wrangler"), FAKE);
  chmodSync(join(directory, "wrangler"), 0o755);
});
afterAll(() => rmSync(directory, { recursive: true }));

function deploy(account: Account, ...args: string[]) {
  const calls = join(directory, "calls");
  writeFileSync(calls, "");
  const { status, stdout, stderr } = spawnSync(process.execPath, ["src/cli/deploy.ts", ...args], {
    cwd: ROOT,
    encoding: "utf8",
    env: {
      ...process.env,
      PATH: [directory, process.env.PATH].join(delimiter),
      FAKE_ACCOUNT: JSON.stringify(account),
      FAKE_CALLS: calls,
    },
  });
  const made = readFileSync(calls, "utf8").trim().split("\n");
  return { status, out: stdout, err: stderr, changes: made.filter((call) => !/ list /.test(`${call} `)) };
}

const MIGRATE = "d1 migrations apply DB --remote";

describe("npm run deploy", () => {
  test("migrates first when the database is there, so that the new Worker finds its tables", () => {
    const { status, changes, out } = deploy({ databases: ["other", "causeway"] });
    expect([status, changes]).toEqual([0, [MIGRATE, "deploy --minify"]]);
    expect(out).toContain("npm run claim -- --remote");
    expect(out).toContain("npm run -s token -- --secret");
  });

  test("deploys first when there is no database yet: the deployment makes it", () => {
    expect(deploy({ databases: ["causeway-2"] })).toMatchObject({ status: 0, changes: ["deploy --minify", MIGRATE] });
    expect(deploy({})).toMatchObject({ status: 0, changes: ["deploy --minify", MIGRATE] });
  });

  test("changes nothing while secrets are missing, and says how to set exactly those", () => {
    const one = deploy({ databases: ["causeway"], secrets: ["AUTH_ENCRYPTION_SECRET", "OTHER"] });
    expect([one.status, one.changes]).toEqual([1, []]);
    expect(one.err).toContain("npx wrangler secret put JWT_SECRET_KEY");
    expect(one.err).not.toContain("secret put AUTH_ENCRYPTION_SECRET");
    const none = deploy({ secrets: null });
    expect([none.status, none.changes]).toEqual([1, []]);
    for (const name of BOTH) expect(none.err).toContain(`npx wrangler secret put ${name}`);
  });

  test("hands its arguments on; secrets may come from a file", () => {
    const { status, changes } = deploy({ secrets: null }, "--secrets-file", "secrets.env");
    expect([status, changes]).toEqual([0, ["deploy --minify --secrets-file secrets.env", MIGRATE]]);
  });

  test("stops at the first step that fails, and says which", () => {
    const migrating = deploy({ databases: ["causeway"], fails: "d1 migrations" });
    expect([migrating.status, migrating.changes, migrating.err]).toEqual([
      1,
      [MIGRATE],
      expect.stringContaining("Migrate failed"),
    ]);
    const deploying = deploy({ fails: "deploy" });
    expect([deploying.status, deploying.changes, deploying.err]).toEqual([
      1,
      ["deploy --minify"],
      expect.stringContaining("Deploy failed"),
    ]);
  });

  test("changes nothing when Cloudflare can't be asked, and says how to log in", () => {
    const lists = deploy({ fails: "d1 list" });
    expect([lists.status, lists.changes]).toEqual([1, []]);
    expect(lists.err).toContain("npx wrangler login");
    expect(lists.err).toContain("the fake fails");
    expect(deploy({ fails: "secret list" })).toMatchObject({ status: 1, changes: [] });
  });
});
