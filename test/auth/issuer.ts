// An issuer of tokens with its key set, on this machine: what an identity provider is to the gateway.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWK, type JWTHeaderParameters, SignJWT } from "jose";
import { inSeconds } from "./forge.ts";

/** A signing key. `jwk` is what the issuer publishes of it. */
export interface SigningKey {
  readonly algorithm: string;
  readonly jwk: JWK;
  readonly key: CryptoKey;
}

export interface TestIssuer {
  /** Its name and origin. */
  readonly url: string;
  /** What it publishes; may be changed at any time. */
  keys: object[];
  /** The status it answers with. */
  status: number;
  /** How often its keys were fetched. */
  readonly fetches: () => number;
  close(): Promise<void>;
}

/** A new key. `extra` replaces members of what is published; undefined leaves one out. */
export async function newKey(algorithm: string, kid: string, extra: Record<string, unknown> = {}): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const published = { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: "sig", ...extra };
  return { algorithm, jwk: JSON.parse(JSON.stringify(published)) as JWK, key: privateKey };
}

/** Starts an issuer that serves its keys at any path. */
export async function startIssuer(): Promise<TestIssuer> {
  let fetches = 0;
  const server = createServer((_request, response) => {
    fetches++;
    response.writeHead(issuer.status, { "content-type": "application/json" });
    response.end(JSON.stringify({ keys: issuer.keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer: TestIssuer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    keys: [],
    status: 200,
    fetches: () => fetches,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return issuer;
}

/** A token of an issuer with these claims besides the usual ones; undefined leaves one out. */
export function issue(
  { key, jwk, algorithm }: SigningKey,
  claims: Record<string, unknown>,
  header: Partial<JWTHeaderParameters> = {},
): Promise<string> {
  const all = Object.entries({ exp: inSeconds(600), ...claims }).filter(([, value]) => value !== undefined);
  const named = { alg: algorithm, typ: "JWT", ...(jwk.kid === undefined ? {} : { kid: jwk.kid }), ...header };
  return new SignJWT(Object.fromEntries(all)).setProtectedHeader(named as JWTHeaderParameters).sign(key);
}
