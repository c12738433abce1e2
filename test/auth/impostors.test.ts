// Nobody passes for another: whose a token is, what ends with a logout, and what does not.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../harness.ts";
import { bearer, forge } from "./forge.ts";
import { issue, newKey, type SigningKey, startIssuer, type TestIssuer } from "./issuer.ts";
import { addPerson, logIn, sessionOf } from "./people.ts";
import { addUser, as } from "./users.ts";

let gateway: Gateway;
let issuer: TestIssuer;
let key: SigningKey;
const ANN = "ann@example.com";
const BOB = "bob@example.com";

beforeAll(async () => {
  [issuer, key] = await Promise.all([startIssuer(), newKey("ES256", "one")]);
  issuer.keys = [key.jwk];
  gateway = await startGateway({
    JWT_ISSUERS: JSON.stringify([{ issuer: issuer.url, jwks_url: issuer.url, audience: "gateway" }]),
  });
  await addPerson(gateway, ANN);
  await addPerson(gateway, BOB);
});
afterAll(() => Promise.all([gateway.dispose(), issuer.close()]));

/** A token of somebody else who may sign. */
const issued = (claims: object) => issue(key, { iss: issuer.url, aud: "gateway", ...claims });

/** What whoever presents a token is answered. */
const me = async (token: string) => (await gateway.api("GET", "/auth/me", undefined, bearer(token))).status;

/** The secret of a session that begins with a token. */
const next = async (token: string) => {
  const response = await fetch(`${gateway.url}/auth/session`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token }),
  });
  return /__Host-causeway=([^;]+)/.exec(response.headers.get("set-cookie") ?? "")?.[1] ?? "";
};

describe("what began with a login ends with it", () => {
  test("so with the sessions that began with its session", async () => {
    const first = await sessionOf(gateway, ANN);
    const second = await next(first);
    const third = await next(second);
    expect(await me(third)).toBe(200);
    expect((await gateway.api("POST", "/auth/logout", undefined, bearer(first))).status).toBe(200);
    expect([await me(first), await me(second), await me(third)]).toEqual([401, 401, 401]);
  });
  test("but nothing else, whatever id an outside issuer gave a token", async () => {
    const name = { name: "of Ann's" };
    const { body } = await gateway.api<{ access_token: string; token: { id: string } }>(
      "POST",
      "/tokens",
      name,
      await as(gateway, ANN),
    );
    const { access_token: anns, token } = body;
    const same = { jti: token.id };
    const bobs = await issued({ ...same, email: BOB });
    const anothers = await issued({ ...same, email: ANN });
    expect((await gateway.api("POST", "/auth/logout", undefined, bearer(bobs))).status).toBe(200);
    expect([await me(bobs), await me(anothers), await me(anns)]).toEqual([401, 200, 200]);
  });
});

describe("who somebody is", () => {
  test("is not told by letters that only look alike", async () => {
    await addUser(gateway, "kim@example.com");
    expect(await me(await issued({ email: "\u212Aim@example.com" }))).toBe(401);
    expect(await me(await forge(gateway, { sub: "\u212Aim@example.com" }))).toBe(401);
    expect(await me(await issued({ email: "KIM@example.com" }))).toBe(200);
  });
  test("odd addresses in paths are nobody's", async () => {
    for (const odd of ["a%25b", "%00", "%C3%28", "x".repeat(2000)])
      expect((await gateway.api("GET", `/auth/email/admin/users/${odd}`)).status, odd).toBe(404);
  });
});

test("whoever holds a session tries no more old passwords by beginning more sessions with it", async () => {
  let secret = await sessionOf(gateway, BOB);
  const statuses = [];
  for (let n = 0; n < 6; n++) {
    secret = await next(secret);
    const tried = { old_password: `wrong ${n}`, new_password: "quite another set of words" };
    statuses.push((await gateway.api("POST", "/auth/email/change-password", tried, bearer(secret))).status);
  }
  expect(statuses).toEqual([422, 422, 422, 422, 422, 429]);
});

test("a token that is good until the end of time, and longer, is read like any other", async () => {
  expect(await me(await forge(gateway, { sub: ANN, exp: 1e20 }))).toBe(200);
});

test("a login that fails is answered with how to show who one is, as every 401 is", async () => {
  const { status, headers } = await logIn(gateway, ANN, "not the password");
  expect([status, headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="Causeway"']);
});
