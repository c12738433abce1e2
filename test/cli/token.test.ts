// `npm run -s token`: prints a token and nothing else.
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Copy, copyProject } from "./copy.ts";

let copy: Copy;
let file: string;
beforeAll(() => {
  copy = copyProject();
  file = join(copy.directory, ".dev.vars");
});
afterAll(() => copy.remove());
beforeEach(() => rmSync(file, { force: true }));

/** What `npm run -s token -- …` does. */
async function token(args: string[], vars: Record<string, string> = {}) {
  const { ended, out, err } = copy.run("npm", ["run", "-s", "token", "--", ...args], vars);
  const code = await ended;
  return { code, out: out(), err: err() };
}
const key = (secret: string) => new TextEncoder().encode(secret);
const minutesLeft = (jwt: string) => Math.round(((decodeJwt(jwt).exp ?? 0) - Date.now() / 1000) / 60);

describe("npm run -s token", () => {
  test("prints a JWT and nothing else, signed with the secret it made for this folder", async () => {
    const { code, out, err } = await token(["--username", "admin@example.com", "--exp", "10080"]);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const { JWT_SECRET_KEY = "" } = parseEnv(readFileSync(file, "utf8"));
    const { payload } = await jwtVerify(out.trim(), key(JWT_SECRET_KEY), {
      issuer: "mcpgateway",
      audience: "mcpgateway-api",
    });
    expect(payload).toMatchObject({ sub: "admin@example.com", jti: expect.any(String), iat: expect.any(Number) });
    expect(minutesLeft(out)).toBe(10_080);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("without options is the bootstrap administrator's for seven days, or as the settings say", async () => {
    const plain = (await token([], { JWT_SECRET_KEY: "from the environment" })).out;
    expect([decodeJwt(plain).sub, minutesLeft(plain)]).toEqual(["admin@example.com", 10_080]);
    const vars = {
      JWT_SECRET_KEY: "x".repeat(64),
      JWT_ALGORITHM: "HS512",
      JWT_ISSUER: "me",
      JWT_AUDIENCE: "us",
      PLATFORM_ADMIN_EMAIL: "root@example.com",
      TOKEN_EXPIRY: "5",
    };
    const { out } = await token([], vars);
    const { payload } = await jwtVerify(out.trim(), key(vars.JWT_SECRET_KEY), {
      algorithms: ["HS512"],
      issuer: "me",
      audience: "us",
    });
    expect([payload.sub, minutesLeft(out)]).toEqual(["root@example.com", 5]);
    expect(existsSync(file)).toBe(false);
  });

  test("takes short options, another secret, and one virtual server", async () => {
    const { out } = await token([
      "-u",
      "ada@example.com",
      "-e",
      "1.5",
      "--server",
      "demo",
      "--secret",
      "given on the command line",
    ]);
    const { payload } = await jwtVerify(out.trim(), key("given on the command line"));
    expect(payload).toMatchObject({ sub: "ada@example.com", scopes: { server_id: "demo" } });
    expect(decodeProtectedHeader(out).alg).toBe("HS256");
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(90);
    expect(existsSync(file)).toBe(false);
  });

  test.each([
    [["--exp", "soon"]],
    [["--exp", "0"]],
    [["--exp", "-5"]],
    [["--exp", "Infinity"]],
    [["--colour", "red"]],
    [["stray"]],
  ])("%j is refused with exit code 2, says how it is used, and prints no token", async (args) => {
    const { code, out, err } = await token(args, { JWT_SECRET_KEY: "x" });
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain("Usage: npm run -s token");
  });

  test("settings without a secret are refused, not filled in", async () => {
    writeFileSync(file, "JWT_SECRET_KEY=\n");
    const { code, out, err } = await token([]);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain("JWT_SECRET_KEY is not set");
    expect(readFileSync(file, "utf8")).toBe("JWT_SECRET_KEY=\n");
  });

  test("--help says how it is used and ends well", async () => {
    const { code, out } = await token(["--help"]);
    expect([code, out]).toEqual([0, expect.stringContaining("--exp MINUTES")]);
  });
});
