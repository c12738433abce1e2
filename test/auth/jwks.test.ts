// Tokens that other issuers sign: which are taken, as whom, and that nothing a token says about itself chooses its key.
import { createPublicKey, type JsonWebKey } from "node:crypto";
import { SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ADMIN, type Gateway, startGateway } from "../harness.ts";
import { bearer, forge, INITIALIZE, inSeconds, PING } from "./forge.ts";
import { issue, newKey, type SigningKey, startIssuer, type TestIssuer } from "./issuer.ts";
import { addUser } from "./users.ts";

const USER = "user@example.com";
let gateway: Gateway;
let issuer: TestIssuer;
let other: TestIssuer;
let rsa: SigningKey;
let ec: SigningKey;
let ed: SigningKey;
let elsewhere: SigningKey;
beforeAll(async () => {
  [issuer, other] = await Promise.all([startIssuer(), startIssuer()]);
  [rsa, ec, ed, elsewhere] = await Promise.all([
    newKey("RS256", "rsa"),
    newKey("ES256", "ec", { alg: undefined }),
    newKey("EdDSA", "ed"),
    newKey("RS256", "other"),
  ]);
  const decoys = await Promise.all([
    newKey("RS256", "for-encryption", { use: "enc" }),
    newKey("PS256", "of-an-algorithm-not-allowed"),
  ]);
  const secret = {
    kty: "oct",
    kid: "secret",
    alg: "HS256",
    k: Buffer.from("a secret that all can read").toString("base64url"),
  };
  issuer.keys = [
    rsa.jwk,
    ec.jwk,
    ed.jwk,
    ...decoys.map(({ jwk }) => jwk),
    secret,
    { kty: "RSA", kid: "broken", n: "?" },
  ];
  other.keys = [elsewhere.jwk];
  gateway = await startGateway({
    JWT_ISSUERS: JSON.stringify([
      { issuer: issuer.url, jwks_url: `${issuer.url}/keys`, audience: "gateway" },
      {
        issuer: other.url,
        jwks_url: `${other.url}/keys`,
        audience: ["a", "b"],
        algorithms: ["RS256"],
        email_claim: "sub",
      },
    ]),
  });
  await addUser(gateway, USER);
  await addUser(gateway, "gone@example.com", { active: false });
  await gateway.api("POST", "/servers", { id: "one", name: "one", visibility: "public" });
});
afterAll(async () => {
  await gateway.dispose();
  await Promise.all([issuer.close(), other.close()]);
});

const claims = (more: Record<string, unknown> = {}) => ({ iss: issuer.url, aud: "gateway", email: USER, ...more });
const get = (path: string, token: string) =>
  gateway.api<{ email?: string; detail?: string }>("GET", path, undefined, bearer(token));
const statuses = async (token: string) => [
  (await get("/tools", token)).status,
  (await gateway.api("POST", "/rpc", PING, bearer(token))).status,
  (await gateway.api("POST", "/servers/one/mcp", INITIALIZE, bearer(token))).status,
];

describe("a token of a known issuer", () => {
  test("lets its user in at every door, whichever of the three kinds of key it is signed with", async () => {
    for (const key of [rsa, ec, ed]) {
      const token = await issue(key, claims());
      expect(await statuses(token), key.algorithm).toEqual([200, 200, 200]);
      expect((await get("/auth/session", token)).body).toMatchObject({ email: USER });
    }
  });

  test("may name no key where its issuer has only one for its algorithm", async () => {
    expect(await statuses(await issue(ec, claims(), { kid: undefined as unknown as string }))).toEqual([200, 200, 200]);
  });

  test("names its user by the claim that is configured, and is for one of the audiences", async () => {
    const token = await issue(elsewhere, { iss: other.url, aud: ["x", "b"], sub: "User@Example.com" });
    expect((await get("/auth/session", token)).body).toMatchObject({ email: USER });
  });

  test("is taken by a clock that is a little off", async () => {
    expect(await statuses(await issue(rsa, claims({ nbf: inSeconds(30), exp: inSeconds(600) })))).toEqual([
      200, 200, 200,
    ]);
  });

  test("never gives more than its user has", async () => {
    const token = await issue(
      rsa,
      claims({ is_admin: true, user: { is_admin: true }, scopes: { permissions: ["*"] } }),
    );
    expect((await get("/version", token)).status).toBe(403);
  });
});

describe("a token is refused at every door", () => {
  const now = inSeconds(0);
  test.each<[string, () => Promise<string>]>([
    ["that has expired", () => issue(rsa, claims({ exp: now - 120 }))],
    ["that is premature", () => issue(rsa, claims({ nbf: now + 600 }))],
    ["without an expiry", () => issue(rsa, claims({ exp: undefined }))],
    ["for another audience", () => issue(rsa, claims({ aud: "mcpgateway-api" }))],
    ["without an audience", () => issue(rsa, claims({ aud: undefined }))],
    ["of an issuer nobody knows", () => issue(rsa, claims({ iss: "https://issuer.example" }))],
    ["without an issuer", () => issue(rsa, claims({ iss: undefined }))],
    ["of one issuer signed by another", () => issue(elsewhere, claims())],
    ["of one issuer signed by another whose key has the same name", () => issue(elsewhere, claims(), { kid: "rsa" })],
    ["of a user nobody knows", () => issue(rsa, claims({ email: "nobody@example.com" }))],
    ["of the administrator who has no row", () => issue(rsa, claims({ email: ADMIN }))],
    ["of `admin`", () => issue(rsa, claims({ email: "admin" }))],
    ["of a deactivated user", () => issue(rsa, claims({ email: "gone@example.com" }))],
    ["that names nobody", () => issue(rsa, claims({ email: undefined, sub: USER }))],
    ["whose address is not verified", () => issue(rsa, claims({ email_verified: false }))],
    ["of another kind", () => issue(rsa, claims(), { typ: "logout+jwt" })],
    ["unsigned", async () => new UnsecuredJWT(claims({ exp: now + 600 })).encode()],
    ["signed with our secret", () => forge(gateway, claims())],
    [
      "signed with a secret its issuer published",
      () => forge(gateway, claims(), { secret: "a secret that all can read" }),
    ],
    ["that names the key of another algorithm", () => issue(rsa, claims(), { kid: "ec" })],
    ["signed with an algorithm that is not allowed", async () => issue(await newKey("PS256", "x"), claims())],
  ])("%s", async (_what, make) => {
    const token = await make();
    expect(await statuses(token)).toEqual([401, 401, 401]);
    const { headers, body } = await get("/tools", token);
    expect(headers.get("www-authenticate")).toMatch(/^Bearer .*error="invalid_token"/);
    expect(body).toMatchObject({ code: "unauthorized" });
  });

  test("signed with the public key as if it were a shared secret, in any spelling of that key", async () => {
    const key = createPublicKey({ key: rsa.jwk as JsonWebKey, format: "jwk" });
    const spellings = [
      key.export({ type: "spki", format: "pem" }).toString(),
      key.export({ type: "spki", format: "pem" }).toString().trim(),
      key.export({ type: "pkcs1", format: "pem" }).toString(),
      key.export({ type: "spki", format: "der" }),
      JSON.stringify(rsa.jwk),
      String(rsa.jwk.n),
      Buffer.from(String(rsa.jwk.n), "base64url"),
    ];
    for (const spelling of spellings) {
      for (const iss of [issuer.url, "mcpgateway", undefined]) {
        const token = await new SignJWT({
          ...claims(),
          ...(iss ? {} : { aud: "mcpgateway-api" }),
          sub: ADMIN,
          exp: now + 600,
          ...(iss ? { iss } : {}),
        })
          .setProtectedHeader({ alg: "HS256", typ: "JWT", kid: "rsa" })
          .sign(Buffer.from(spelling));
        expect(await statuses(token)).toEqual([401, 401, 401]);
      }
    }
  });

  test("that brings its own key, or says where to find it: nothing is fetched from there", async () => {
    const stranger = await startIssuer();
    const mine = await newKey("RS256", "rsa");
    stranger.keys = [mine.jwk];
    const headers = [
      { jwk: mine.jwk },
      { jku: `${stranger.url}/keys` },
      { x5u: `${stranger.url}/chain` },
      { kid: `${stranger.url}/keys` },
      { kid: "../../../../dev/null" },
      { kid: "x' OR '1'='1" },
    ];
    for (const header of headers) {
      const token = await issue(mine, claims(), header as object);
      expect(await statuses(token), JSON.stringify(header)).toEqual([401, 401, 401]);
    }
    expect(stranger.fetches()).toBe(0);
    await stranger.close();
  });
});

describe("the keys of an issuer", () => {
  test("are fetched once for many tokens, and anew for a key that is not there; then not for a while", async () => {
    const own = await startIssuer();
    const [first, second, third] = await Promise.all(["one", "two", "three"].map((kid) => newKey("ES256", kid)));
    if (!first || !second || !third) throw new Error("three keys were made");
    own.keys = [first.jwk];
    const one = await startGateway({
      JWT_ISSUERS: JSON.stringify([{ issuer: own.url, jwks_url: own.url, audience: "gateway" }]),
    });
    await addUser(one, USER);
    const status = async (key: SigningKey, more: object = {}) =>
      (await one.api("GET", "/tools", undefined, bearer(await issue(key, claims({ iss: own.url, ...more }))))).status;
    const many = await Promise.all(Array.from({ length: 8 }, (_, n) => status(first, { jti: `token-${n}` })));
    expect([new Set(many), own.fetches()]).toEqual([new Set([200]), 1]);

    own.keys = [second.jwk];
    expect([await status(second), own.fetches()]).toEqual([200, 2]);
    expect([await status(first, { jti: "after the rotation" }), own.fetches()]).toEqual([401, 2]);
    own.keys = [third.jwk];
    expect([await status(third), own.fetches()]).toEqual([401, 2]);
    await one.dispose();
    await own.close();
  });

  test("that can't be had: 503, and our own tokens go on", async () => {
    const own = await startIssuer();
    own.status = 500;
    const key = await newKey("RS256", "one");
    const one = await startGateway({
      JWT_ISSUERS: JSON.stringify([{ issuer: own.url, jwks_url: own.url, audience: "gateway" }]),
    });
    await addUser(one, USER);
    const token = await issue(key, claims({ iss: own.url }));
    for (const path of ["/tools", "/tools"]) {
      const { status, body } = await one.api("GET", path, undefined, bearer(token));
      expect([status, body.code]).toEqual([503, "unavailable"]);
    }
    expect(own.fetches()).toBe(1);
    expect((await one.api("GET", "/tools")).status).toBe(200);
    await one.dispose();
    await own.close();
  });
});

test("JWT_ISSUERS that can't be worked with stop every request, naming the variable", async () => {
  const JWT_ISSUERS = `[{"issuer":"x","jwks_url":"https://issuer.example/keys","audience":"x","algorithms":["HS256"]}]`;
  const wrong = await startGateway({ JWT_ISSUERS });
  const { status, body } = await wrong.api("GET", "/tools");
  expect([status, body]).toEqual([
    503,
    expect.objectContaining({ code: "misconfigured", detail: expect.stringContaining("JWT_ISSUERS") }),
  ]);
  await wrong.dispose();
});

describe("a credential in a query string is none", () => {
  test("401 that asks for one, at every door", async () => {
    const token = await gateway.token();
    for (const name of ["token", "access_token", "jwt", "authorization", "api_key"]) {
      for (const [method, path] of [
        ["GET", "/tools"],
        ["POST", "/rpc"],
        ["POST", "/mcp"],
        ["POST", "/servers/one/mcp"],
        ["GET", "/sse"],
        ["GET", "/servers/one/sse"],
      ] as const) {
        const body = method === "POST" ? PING : undefined;
        const { authorization: _, ...headers } = bearer("");
        const answer = await gateway.api(method, `${path}?${name}=${token}`, body, headers);
        expect([answer.status, answer.headers.get("www-authenticate")], `${method} ${path}?${name}`).toEqual([
          401,
          'Bearer realm="Causeway"',
        ]);
      }
    }
  });
});

describe("the teams claim", () => {
  test("narrows to teams, to what is public when there are none, and to nothing when it is null", async () => {
    await gateway.sql(
      "INSERT INTO teams (id, name, slug, created_by, created_at, updated_at) VALUES ('t1', 'T1', 't1', 'x', '', ''), ('t2', 'T2', 't2', 'x', '', '')",
    );
    for (const team of ["t1", "t2"])
      await gateway.sql(
        "INSERT INTO team_members (team_id, user_email, role, joined_at) VALUES (?, ?, 'owner', '')",
        team,
        USER,
      );
    await gateway.sql("UPDATE stamps SET version = version + 1 WHERE name = 'access'");
    const names = async (teams: unknown) => {
      const token = bearer(await issue(rsa, claims({ teams })));
      const { body } = await gateway.api<{ name: string }[]>("GET", "/servers", undefined, token);
      return body.map(({ name }) => name).sort();
    };
    await expect.poll(async () => (await get("/servers", await issue(rsa, claims()))).status).toBe(200);
    const own = bearer(await issue(rsa, claims()));
    const make = async (name: string, teamId: string) =>
      (await gateway.api("POST", "/servers", { name, visibility: "team", teamId }, own)).status;
    await expect.poll(() => make("of t1", "t1"), { timeout: 11_000, interval: 500 }).toBe(201);
    expect(await make("of t2", "t2")).toBe(201);
    expect(await names(undefined)).toEqual(["of t1", "of t2", "one"]);
    expect(await names(null)).toEqual(["of t1", "of t2", "one"]);
    expect(await names([])).toEqual(["one"]);
    expect(await names(["t1"])).toEqual(["of t1", "one"]);
    expect(await names([{ id: "t2", name: "T2" }, "t9"])).toEqual(["of t2", "one"]);
  }, 30_000);

  test.each([["all"], [[7]], [{ id: "t1" }], [[""]], [[{}]]])("%j can't be read: 401", async (teams) => {
    expect(await statuses(await issue(rsa, claims({ teams })))).toEqual([401, 401, 401]);
    expect((await get("/tools", await forge(gateway, { sub: ADMIN, teams }))).status).toBe(401);
  });
});
