// Bearer tokens and basic authentication: what is let in, as whom, and what is refused.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ADMIN, type Gateway, startGateway } from "../harness.ts";
import { bearer, forge, INITIALIZE, inSeconds, PING } from "./forge.ts";
import { addUser } from "./users.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
  await addUser(gateway, "user@example.com");
  await addUser(gateway, "second-admin@example.com", { admin: true });
  await addUser(gateway, "gone@example.com", { admin: true, active: false });
  await gateway.api("POST", "/servers", { id: "one", name: "one" });
  await gateway.api("POST", "/servers", { id: "two", name: "two" });
});
afterAll(() => gateway.dispose());

const get = (path: string, token: string) =>
  gateway.api<Record<string, unknown>>("GET", path, undefined, bearer(token));
const whoIs = async (token: string) => (await get("/auth/session", token)).body;

/** How each kind of door answers: its status, or the error inside an answer that has status 200. */
const doors = async (headers: Record<string, string>) => {
  const ask = async (path: string, body?: object) => {
    const answer = await gateway.api<{ error?: object }>(body ? "POST" : "GET", path, body, headers);
    return answer.status === 200 && answer.body.error ? answer.body.error : answer.status;
  };
  return [await ask("/tools"), await ask("/rpc", PING), await ask("/servers/one/mcp", INITIALIZE)];
};

describe("a token that is not valid", () => {
  const now = inSeconds(0);
  const WRONG: [string, Record<string, unknown>, { alg?: string; secret?: string }?][] = [
    ["expired", { sub: ADMIN, exp: now - 120 }],
    ["not yet valid", { sub: ADMIN, nbf: now + 600 }],
    ["without an expiry", { sub: ADMIN, exp: undefined }],
    ["with an expiry that is no number", { sub: ADMIN, exp: "never" }],
    ["unsigned", { sub: ADMIN }, { alg: "none" }],
    ["signed by another algorithm", { sub: ADMIN }, { alg: "HS512" }],
    ["signed with another secret", { sub: ADMIN }, { secret: "another secret that is long enough" }],
    ["of another issuer", { sub: ADMIN, iss: "somebody" }],
    ["for another audience", { sub: ADMIN, aud: "somebody" }],
    ["that names nobody", {}],
    ["that names nobody by an empty text", { sub: "" }],
    ["that names nobody by a number", { sub: 7 }],
    ["of an unknown user", { sub: "nobody@example.com" }],
    ["of a deactivated user", { sub: "gone@example.com" }],
    ["with scopes that can't be read", { sub: ADMIN, scopes: "everything" }],
  ];

  test.each(WRONG)("%s is refused at every door with a challenge", async (_, claims, how) => {
    const token = await forge(gateway, claims, how);
    expect(await doors(bearer(token))).toEqual([401, 401, 401]);
    const { headers, body } = await get("/tools", token);
    expect(headers.get("www-authenticate")).toMatch(/^Bearer .*error="invalid_token"/);
    expect(body).toMatchObject({ code: "unauthorized" });
  });

  test.each(["", "x", "a.b.c", "..", "🔑"])("%j is none, and is refused like one", async (token) => {
    const authorization = `Bearer ${Buffer.from(token).toString("latin1")}`;
    expect(await doors({ ...bearer(""), authorization })).toEqual([401, 401, 401]);
  });

  test("a changed payload is refused", async () => {
    const [head, , signature] = (await gateway.token({ subject: "user@example.com" })).split(".");
    const payload = Buffer.from(JSON.stringify({ sub: ADMIN, exp: inSeconds(3600) })).toString("base64url");
    expect(await doors(bearer(`${head}.${payload}.${signature}`))).toEqual([401, 401, 401]);
  });

  test("another kind of credential is refused; so is none, with a challenge that names none", async () => {
    for (const authorization of ["Digest x", "Basic YTpi", await gateway.token()]) {
      expect(await doors({ ...bearer(""), authorization })).toEqual([401, 401, 401]);
    }
    const { status, headers } = await gateway.api("GET", "/tools", undefined, {});
    expect([status, headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="Causeway"']);
  });
});

describe("a valid token", () => {
  const VALID: [string, Record<string, unknown>, string][] = [
    ["by sub", { sub: ADMIN }, ADMIN],
    ["by username, as ContextForge writes it", { username: ADMIN }, ADMIN],
    ["as admin, the bootstrap administrator's other name", { username: "admin" }, ADMIN],
    ["in capital letters", { sub: "Admin@Example.COM" }, ADMIN],
    [
      "with our issuer and one of several audiences",
      { sub: ADMIN, iss: "mcpgateway", aud: ["x", "mcpgateway-api"] },
      ADMIN,
    ],
    ["by a clock that is a little ahead", { sub: ADMIN, nbf: inSeconds(30), iat: inSeconds(30) }, ADMIN],
    ["of another user", { sub: "user@example.com" }, "user@example.com"],
  ];

  test.each(VALID)("%s lets its user in", async (_, claims, email) => {
    const token = await forge(gateway, claims);
    expect(await doors(bearer(token))).toEqual([200, 200, 200]);
    expect(await whoIs(token)).toMatchObject({ email });
  });

  test("the word Bearer may be written in any case", async () => {
    expect(await doors({ ...bearer(""), authorization: `bEARER ${await gateway.token()}` })).toEqual([200, 200, 200]);
  });
});

describe("what a token says of rights", () => {
  test("never gives more than its user has: changes answer 403 naming the permission", async () => {
    const claims = {
      sub: "user@example.com",
      is_admin: true,
      admin: true,
      role: "admin",
      scopes: { permissions: ["*"] },
      user: { is_admin: true },
      teams: null,
    };
    const PUBLIC = { name: "another", visibility: "public" };
    for (const token of [await forge(gateway, claims), await forge(gateway, { sub: "user@example.com" })]) {
      expect(await whoIs(token)).toMatchObject({ isAdmin: false });
      const calls = [
        ["POST", "/servers", "servers.create"],
        ["PUT", "/servers/one", "servers.update"],
        ["DELETE", "/servers/one", "servers.delete"],
        ["POST", "/servers/one/state", "servers.update"],
        ["GET", "/version", "admin.read"],
      ] as const;
      for (const [method, path, permission] of calls) {
        const answer = await gateway.api(method, path, method === "GET" ? undefined : PUBLIC, bearer(token));
        expect([answer.status, answer.body], `${method} ${path}`).toEqual([
          403,
          expect.objectContaining({ code: "forbidden", permission }),
        ]);
      }
      expect((await get("/tools", token)).status).toBe(200);
    }
    expect((await gateway.api("GET", "/servers/one")).status).toBe(200);
  });

  test("an administrator by row may do what the bootstrap administrator may", async () => {
    const token = await gateway.token({ subject: "second-admin@example.com" });
    expect((await get("/version", token)).status).toBe(200);
    expect((await gateway.api("POST", "/servers", { name: "by second" }, bearer(token))).status).toBe(201);
  });

  test("a token for one virtual server works at that MCP endpoint and nowhere else", async () => {
    const token = await gateway.token({ serverId: "one" });
    const at = async (path: string, body: object) => (await gateway.api("POST", path, body, bearer(token))).status;
    expect(await at("/servers/one/mcp", INITIALIZE)).toBe(200);
    expect(await at("/servers/two/mcp", INITIALIZE)).toBe(403);
    expect(await at("/mcp", INITIALIZE)).toBe(403);
    expect(await at("/rpc", PING)).toBe(403);
    expect(await at("/rpc", { ...PING, params: { server_id: "two" } })).toBe(403);
    expect(await at("/rpc", { ...PING, params: { server_id: "one" } })).toBe(200);
    const { status, headers, body } = await get("/servers/one", token);
    expect([status, body.code, headers.get("www-authenticate")]).toEqual([
      403,
      "insufficient_scope",
      expect.stringContaining('scope="servers.read"'),
    ]);
  });

  test("a token for some permissions has those and no others, even of an administrator", async () => {
    const token = await forge(gateway, { sub: ADMIN, scopes: { permissions: ["tools.read", "prompts.*"] } });
    expect((await get("/tools", token)).status).toBe(200);
    expect((await gateway.api("POST", "/prompts", { name: "scoped", template: "x" }, bearer(token))).status).toBe(201);
    expect(await get("/servers", token)).toMatchObject({
      status: 403,
      body: { code: "insufficient_scope", permission: "servers.read" },
    });
    expect((await gateway.api("POST", "/tools", {}, bearer(token))).status).toBe(403);
    expect((await gateway.api("POST", "/rpc", PING, bearer(token))).status).toBe(403);
  });
});

describe("what ends early", () => {
  test("a revoked token, a deactivated user and lost rights are seen within ten seconds", async () => {
    await addUser(gateway, "leaving@example.com");
    await addUser(gateway, "demoted@example.com", { admin: true });
    const revoked = await forge(gateway, { sub: ADMIN, jti: "revoke-me" });
    const leaving = await gateway.token({ subject: "leaving@example.com" });
    const demoted = await gateway.token({ subject: "demoted@example.com" });
    const kept = await gateway.token();
    const statuses = async () => [
      (await get("/tools", revoked)).status,
      (await get("/tools", leaving)).status,
      (await get("/version", demoted)).status,
    ];
    await expect.poll(statuses, { timeout: 11_000, interval: 250 }).toEqual([200, 200, 200]);

    await gateway.sql("INSERT INTO revocations (id, expires_at) VALUES ('revoke-me', ?)", inSeconds(3600));
    await gateway.sql("UPDATE users SET is_active = 0 WHERE email = 'leaving@example.com'");
    await gateway.sql("UPDATE users SET is_admin = 0 WHERE email = 'demoted@example.com'");
    await gateway.sql("UPDATE stamps SET version = version + 1 WHERE name = 'access'");
    await expect.poll(statuses, { timeout: 11_000, interval: 250 }).toEqual([401, 401, 403]);
    expect((await get("/tools", kept)).status).toBe(200);
  }, 30_000);
});
