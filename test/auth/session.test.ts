// The dashboard's session through a token: in a cookie that scripts can't read and other sites can't use. With a password:
// login.test.ts.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ADMIN, type Gateway, startGateway } from "../harness.ts";
import { bearer, forge, inSeconds, PING } from "./forge.ts";

let gateway: Gateway;
let cookie: string;
beforeAll(async () => {
  gateway = await startGateway();
  const { headers } = await login(await gateway.token());
  cookie = (headers.get("set-cookie") ?? "").split(";")[0] ?? "";
});
afterAll(() => gateway.dispose());

const json = { "content-type": "application/json" };
const login = (token: unknown, headers = {}) =>
  gateway.api<Record<string, unknown>>("POST", "/auth/session", { token }, { ...json, ...headers });
const withCookie = (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
  gateway.api<Record<string, unknown>>(method, path, body, { ...json, cookie, ...headers });

describe("logging in", () => {
  test("puts a session into a cookie of this host alone, out of reach of scripts and other sites", async () => {
    const token = await gateway.token({ minutes: 30 });
    const { status, headers, body } = await login(`  ${token}\n`);
    expect([status, body]).toMatchObject([
      200,
      { email: ADMIN, isAdmin: true, serverId: null, expiresAt: expect.any(String) },
    ]);
    const [pair, ...attributes] = (headers.get("set-cookie") ?? "").split("; ");
    expect(pair).toMatch(/^__Host-causeway=cws_[\w-]{43}$/);
    expect(attributes.sort()).toEqual([
      "HttpOnly",
      expect.stringMatching(/^Max-Age=(1800|1799)$/),
      "Path=/",
      "SameSite=Strict",
      "Secure",
    ]);
    expect(JSON.stringify(body)).not.toContain(token);
    expect(JSON.stringify(body)).not.toContain("cws_");
  });

  test("never gives a session out twice, and none lasts longer than its token", async () => {
    const token = await gateway.token({ minutes: 1 });
    const [one, other] = [await login(token), await login(token)];
    expect(one.headers.get("set-cookie")).not.toBe(other.headers.get("set-cookie"));
    expect(one.headers.get("set-cookie")).toMatch(/; Max-Age=(60|59|58);/);
  });

  test("with a token proves no more than the token: it is no login with a password", async () => {
    expect(await withCookie("GET", "/auth/session")).toMatchObject({ body: { credential: "jwt" } });
  });

  test("tells the bootstrap administrator, who has no account, what is known", async () => {
    const known = { email: ADMIN, auth_provider: "bootstrap", is_admin: true, has_password: false, created_at: null };
    expect(await withCookie("GET", "/auth/email/me")).toMatchObject({ status: 200, body: known });
  });

  test("ends with its token", async () => {
    const token = await forge(gateway, { sub: ADMIN, jti: "a token to log in with" });
    const own = ((await login(token)).headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    expect((await withCookie("GET", "/tools", undefined, { cookie: own })).status).toBe(200);
    const out = await gateway.api("POST", "/auth/logout", undefined, bearer(token));
    expect(out).toMatchObject({ status: 200, body: { revoked_token: true } });
    expect((await gateway.api("GET", "/tools", undefined, bearer(token))).status).toBe(401);
    expect((await withCookie("GET", "/tools", undefined, { cookie: own })).status).toBe(401);
    expect((await login(token)).status).toBe(401);
  });

  test.each([
    ["a wrong token", "x"],
    ["an empty one", ""],
    ["no text", 7],
    ["none", undefined],
  ])("with %s is refused and sets nothing", async (_, token) => {
    const { status, headers } = await login(token);
    expect([401, 422]).toContain(status);
    expect(headers.get("set-cookie")).toBeNull();
  });

  test("with an expired or foreign token is refused", async () => {
    const expired = await forge(gateway, { sub: ADMIN, exp: inSeconds(-120) });
    const foreign = await forge(gateway, { sub: ADMIN }, { secret: "not the secret of this gateway" });
    for (const token of [expired, foreign]) expect((await login(token)).status).toBe(401);
  });

  test("with what is no JSON, or far too large, is refused", async () => {
    expect((await gateway.api("POST", "/auth/session", "{", json)).status).toBe(400);
    for (const body of ["[]", '"x"', `{"token":"${"x".repeat(100_000)}"}`]) {
      expect((await gateway.api("POST", "/auth/session", body, json)).status, body.slice(0, 9)).toBe(422);
    }
  });

  test("works while an old cookie or a bad Authorization is still sent along", async () => {
    const token = await gateway.token();
    expect((await login(token, { cookie: "__Host-causeway=spoilt" })).status).toBe(200);
    expect((await login(token, { authorization: "Bearer spoilt" })).status).toBe(200);
    const out = await gateway.api("DELETE", "/auth/session", undefined, { cookie: "__Host-causeway=spoilt" });
    expect(out.status).toBe(204);
    for (const path of ["/health", "/ready"]) {
      expect(
        (
          await gateway.api("GET", path, undefined, {
            cookie: "__Host-causeway=spoilt",
            authorization: "Bearer spoilt",
          })
        ).status,
      ).toBe(200);
    }
  });

  test("from another site is refused", async () => {
    const { status, headers } = await login(await gateway.token(), { origin: "https://evil.example" });
    expect([status, headers.get("set-cookie")]).toEqual([403, null]);
  });
});

describe("the cookie", () => {
  test("says who is logged in, among other cookies too", async () => {
    expect(await withCookie("GET", "/auth/session")).toMatchObject({ status: 200, body: { email: ADMIN } });
    expect((await withCookie("GET", "/auth/session", undefined, { cookie: `a=b; ${cookie}; c=d` })).status).toBe(200);
    for (const wrong of ["", "__Host-causeway=", `x${cookie}`, "__Host-causeway=a.b.c"]) {
      const { status, headers } = await withCookie("GET", "/auth/session", undefined, { cookie: wrong });
      expect([status, headers.get("www-authenticate")], wrong).toEqual([401, expect.stringMatching(/^Bearer/)]);
    }
  });

  test("reads from anywhere on this site, and changes only from its own pages", async () => {
    expect((await withCookie("GET", "/tools")).status).toBe(200);
    const tool = (name: string) => ({ name, url: "http://127.0.0.1:9/" });
    const make = async (name: string, headers?: Record<string, string>) =>
      (await withCookie("POST", "/tools", tool(name), headers)).status;
    expect(await make("own", { origin: gateway.url })).toBe(201);
    expect(await make("missing")).toBe(403);
    expect(await make("foreign", { origin: "https://evil.example" })).toBe(403);
    expect(await make("null", { origin: "null" })).toBe(403);
    expect(await make("similar", { origin: `${gateway.url}.evil.example` })).toBe(403);
    for (const [method, path] of [
      ["PUT", "/tools/x"],
      ["DELETE", "/tools/x"],
      ["POST", "/tools/x/state"],
      ["POST", "/gateways/test"],
      ["POST", "/rpc"],
      ["POST", "/mcp"],
    ] as const) {
      expect((await withCookie(method, path, PING)).status, `${method} ${path}`).toBe(403);
    }
    const names = (await gateway.api<{ name: string }[]>("GET", "/tools")).body.map((row) => row.name);
    expect(names).toEqual(["own"]);
  });

  test("is noted as the dashboard's doing", async () => {
    const { body } = await withCookie(
      "POST",
      "/prompts",
      { name: "by ui".replace(" ", "-"), template: "x" },
      { origin: gateway.url },
    );
    expect(body).toMatchObject({ createdVia: "ui", createdBy: ADMIN });
  });

  test("is not given for a narrowed token, which would be less narrow then", async () => {
    const narrow = [
      await gateway.token({ serverId: "demo" }),
      await forge(gateway, { sub: ADMIN, scopes: { permissions: ["tools.read"] } }),
      await forge(gateway, { sub: ADMIN, teams: [] }),
    ];
    for (const token of narrow) {
      const { status, headers, body } = await login(token);
      expect([status, headers.get("set-cookie")]).toEqual([403, null]);
      expect(body.detail).toMatch(/narrowed/);
    }
  });

  test("is put aside by an Authorization header, good or bad", async () => {
    expect((await withCookie("GET", "/tools", undefined, { authorization: "Bearer spoilt" })).status).toBe(401);
    expect(
      (await withCookie("POST", "/prompts", { name: "both", template: "x" }, bearer(await gateway.token()))).status,
    ).toBe(201);
  });
});

describe("logging out", () => {
  test("empties the cookie and ends the session at once", async () => {
    const { status, headers } = await withCookie("DELETE", "/auth/session", undefined, { origin: gateway.url });
    expect(status).toBe(204);
    expect(headers.get("set-cookie")).toMatch(/^__Host-causeway=; Max-Age=0; /);
    expect((await withCookie("GET", "/tools")).status).toBe(401);
  });
});
