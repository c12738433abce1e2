// Keys that others publish, over time: how long they serve, and what happens when their issuer is gone.
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { GatewayError } from "../../src/errors.ts";
import { type Fetching, verifyByKeys } from "../../src/upstream/jwks.ts";

const MINUTE = 60_000;
let serial = 0;

/** An issuer with one key, whose answers are counted. */
async function issuer() {
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: "one" };
  const name = `https://issuer-${++serial}.example`;
  const state = { fetches: 0, down: false };
  const fetching = {
    outbound: {
      fetch: async () => {
        state.fetches++;
        if (state.down) throw new GatewayError("upstream_refused", "The upstream can't be reached");
        return { ok: true, text: async () => JSON.stringify({ keys: [jwk] }) };
      },
    },
    config: { connectTimeout: 1000 },
    store: { waitUntil: () => {} },
  } as unknown as Fetching;
  const how = { issuer: name, jwksUrl: `${name}/keys`, audience: ["us"], algorithms: ["ES256"], emailClaim: "email" };
  const verify = async () => {
    const token = await new SignJWT({ iss: name, aud: "us", exp: Math.floor(Date.now() / 1000) + 60 })
      .setProtectedHeader({ alg: "ES256", kid: "one" })
      .sign(privateKey);
    return await verifyByKeys(token, how, fetching).then(
      () => "valid",
      (error: unknown) => (error instanceof GatewayError ? error.code : String(error)),
    );
  };
  return { state, verify };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});
const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);

test("keys are fetched anew after ten minutes", async () => {
  const { state, verify } = await issuer();
  expect([await verify(), await verify(), state.fetches]).toEqual(["valid", "valid", 1]);
  pass(9 * MINUTE);
  expect([await verify(), state.fetches]).toEqual(["valid", 1]);
  pass(2 * MINUTE);
  expect([await verify(), state.fetches]).toEqual(["valid", 2]);
});

test("while the issuer is gone its keys serve for an hour, asking it now and then; after that nobody is let in", async () => {
  const { state, verify } = await issuer();
  expect(await verify()).toBe("valid");
  state.down = true;
  pass(11 * MINUTE);
  expect([await verify(), await verify(), state.fetches]).toEqual(["valid", "valid", 2]);
  pass(MINUTE);
  expect([await verify(), state.fetches]).toEqual(["valid", 3]);
  pass(50 * MINUTE);
  expect(await verify()).toBe("unavailable");
  state.down = false;
  pass(10_000);
  expect(await verify()).toBe("valid");
});

test("keys that were never had are asked for again after a few seconds", async () => {
  const { state, verify } = await issuer();
  state.down = true;
  expect([await verify(), await verify(), state.fetches]).toEqual(["unavailable", "unavailable", 1]);
  state.down = false;
  pass(6_000);
  expect([await verify(), state.fetches]).toEqual(["valid", 2]);
});
