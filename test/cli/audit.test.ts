// `npm run -s audit:verify`: says whether the audit trail is whole, in words and by its exit code.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../harness.ts";
import { type Copy, copyProject } from "./copy.ts";

let copy: Copy;
let gateway: Gateway;
beforeAll(async () => {
  copy = copyProject();
  gateway = await startGateway();
  for (const name of ["one", "two", "three"]) await gateway.api("POST", "/servers", { name });
});
afterAll(async () => {
  copy.remove();
  await gateway.dispose();
});

async function verify(args: string[], vars: Record<string, string> = {}) {
  const { ended, out, err } = copy.run("npm", ["run", "-s", "audit:verify", "--", ...args], vars);
  const code = await ended;
  return { code, out: out(), err: err() };
}

describe("npm run -s audit:verify", () => {
  test("asks the local gateway with a token of its own, and ends with 0 for a whole trail", async () => {
    const [{ hash }] = (await gateway.sql("SELECT hash FROM audit ORDER BY id DESC LIMIT 1")) as [{ hash: string }];
    const { code, out, err } = await verify([], {
      PORT: new URL(gateway.url).port,
      JWT_SECRET_KEY: gateway.secret,
    });
    expect([code, out, err]).toEqual([0, `The audit trail is intact: 3 rows.\nHead: ${hash}\n`, ""]);
  });

  test("ends with 1 and names the first broken row", async () => {
    const [second] = (await gateway.sql("SELECT id, actor FROM audit ORDER BY id LIMIT 1 OFFSET 1")) as [
      { id: number; actor: string },
    ];
    await gateway.sql("UPDATE audit SET actor = 'mallory' WHERE id = ?", second.id);
    const { code, out } = await verify(["--url", `${gateway.url}/`, "--token", await gateway.token()]);
    await gateway.sql("UPDATE audit SET actor = ? WHERE id = ?", second.actor, second.id);
    expect([code, out]).toEqual([1, expect.stringContaining(`BROKEN at row ${second.id}`)]);
  });

  test("ends with 2 where nothing could be checked, and says why", async () => {
    const refused = await verify(["--url", gateway.url, "--token", "wrong"]);
    expect([refused.code, refused.out, refused.err]).toEqual([2, "", expect.stringContaining("401")]);
    const nobody = await verify(["--url", "http://127.0.0.1:9", "--token", "x"]);
    expect([nobody.code, nobody.out]).toEqual([2, ""]);
    const secretless = await verify(["--url", gateway.url]);
    expect([secretless.code, secretless.err]).toEqual([2, expect.stringContaining("JWT_SECRET_KEY")]);
    const unknown = await verify(["--nonsense"]);
    expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining("Usage")]);
  });
});
