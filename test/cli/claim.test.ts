// `npm run claim -- --remote`, against a wrangler of ours that records what it is asked for; what it does for the local
// gateway is tested with `npm start`.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT } from "../../src/cli/local-vars.ts";

const FAKE = `#!${process.execPath}
require("node:fs").writeFileSync(process.env.FAKE_CALLS, JSON.stringify(process.argv.slice(2)));
const answer = process.env.FAKE_ANSWER;
if (answer === "fails") { console.error("the fake fails"); process.exit(3); }
console.log(JSON.stringify([{ results: answer === "claimed" ? [] : [{ id: "x" }], success: true, meta: {} }]));
`;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "causeway-claim-"));
  writeFileSync(join(directory, "wrangler"), FAKE);
  chmodSync(join(directory, "wrangler"), 0o755);
});
afterAll(() => rmSync(directory, { recursive: true }));

function claim(answer: string, ...args: string[]) {
  const calls = join(directory, "calls");
  writeFileSync(calls, "[]");
  const { status, stdout, stderr } = spawnSync(process.execPath, ["src/cli/claim.ts", ...args], {
    cwd: ROOT,
    encoding: "utf8",
    env: {
      ...process.env,
      PATH: [directory, process.env.PATH].join(delimiter),
      FAKE_ANSWER: answer,
      FAKE_CALLS: calls,
    },
  });
  return { status, out: stdout, err: stderr, asked: JSON.parse(readFileSync(calls, "utf8")) as string[] };
}

describe("npm run claim -- --remote", () => {
  test("stores a digest in the deployed database and prints the link, whose secret goes nowhere else", () => {
    const { status, out, err, asked } = claim("", "--remote", "--url", "https://gateway.example/");
    expect([status, err]).toEqual([0, ""]);
    const [, secret = ""] = /^ {2}https:\/\/gateway\.example\/ui\/claim#(cwl_[\w-]{43})$/m.exec(out) ?? [];
    expect(asked.slice(0, -1)).toEqual(["d1", "execute", "DB", "--remote", "--json", "--yes", "--command"]);
    expect(asked.at(-1)).toContain(createHash("sha256").update(secret).digest("base64url"));
    expect(asked.join(" ")).not.toContain(secret);
  });

  test("without an address it says where to put the rest of the link", () => {
    expect(claim("", "--remote").out).toMatch(/<the gateway's URL>\/ui\/claim#cwl_/);
  });

  test("prints no link once somebody has claimed the gateway, or when its database can't be written", () => {
    const claimed = claim("claimed", "--remote");
    expect([claimed.status, claimed.out]).toEqual([1, ""]);
    expect(claimed.err).toContain("claimed already");
    const failed = claim("fails", "--remote");
    expect([failed.status, failed.out]).toEqual([1, ""]);
    expect(failed.err).toContain("the fake fails");
    expect(failed.err).toContain("npx wrangler login");
  });

  test("explains itself", () => {
    expect(claim("", "--help")).toMatchObject({ status: 0, out: expect.stringContaining("--remote"), asked: [] });
    expect(claim("", "--elsewhere")).toMatchObject({ status: 1, asked: [] });
  });
});
