// Tokens that others sign (RFC 7519, RFC 8725), checked by the keys they publish (RFC 7517). Keys are kept in the isolate:
// fetched anew when they are ten minutes old, or when a token names one that is not there; while the issuer can't be
// reached, old ones do for an hour. Which algorithm a key is for is said by the key, never by the token alone.
import { errors, importJWK, type JWK, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import { GatewayError } from "../errors.ts";
import type { Issuer } from "../lib/issuers.ts";
import { isObject, type JsonObject, type JsonValue, parseStrict } from "../lib/json.ts";
import { SingleFlight } from "../lib/single-flight.ts";
import type { Outbound } from "./safe-fetch.ts";

/** How keys are fetched, and kept going after the request that asked. Times in milliseconds. */
export interface Fetching {
  readonly outbound: Pick<Outbound, "fetch">;
  readonly config: { readonly connectTimeout: number };
  readonly store: { waitUntil(work: Promise<unknown>): void };
}

interface PublicKey {
  readonly kid: string | undefined;
  readonly algorithm: string;
  readonly key: Awaited<ReturnType<typeof importJWK>>;
}

/** Keys of one address. Times in milliseconds. */
interface KeySet {
  keys: readonly PublicKey[];
  fetchedAt: number;
  failedAt: number;
  /** When a token last made us look for a key that was not there. */
  lookedAt: number;
}

const FRESH = 10 * 60_000;
const USABLE = 60 * 60_000;
const LOOK_AGAIN = 30_000;
const TRY_AGAIN = 5_000;
const SKEW = 60;
const MOST_KEYS = 100;

const sets = new Map<string, KeySet>();
const flights = new SingleFlight<void>(15_000);

/** What a token may call itself (RFC 7519 §5.1, RFC 9068 §2.1); others, such as logout tokens, prove something else. */
export const TYPES: ReadonlySet<string> = new Set(["jwt", "at+jwt", "application/at+jwt"]);

/**
 * The claims of a token that this issuer signed for one of its audiences, neither expired nor premature.
 * @throws errors.JOSEError of jose for a token that is not valid; GatewayError `unavailable` while the issuer's keys can't be had.
 */
export async function verifyByKeys(token: string, issuer: Issuer, fetching: Fetching): Promise<JWTPayload> {
  const keyFor: JWTVerifyGetKey = async ({ alg, kid, typ }) => {
    if (typ !== undefined && !TYPES.has(typ.toLowerCase())) throw new errors.JWTInvalid("it is another kind of token");
    return await findKey(issuer, alg === "Ed25519" ? "EdDSA" : alg, kid, fetching); // RFC 9864 renames it
  };
  const { payload } = await jwtVerify(token, keyFor, {
    algorithms: issuer.algorithms.flatMap((name) => (name === "EdDSA" ? [name, "Ed25519"] : [name])),
    issuer: issuer.issuer,
    audience: [...issuer.audience],
    requiredClaims: ["exp", "iss", "aud"],
    clockTolerance: SKEW,
  });
  return payload;
}

async function findKey(issuer: Issuer, algorithm: string, kid: string | undefined, fetching: Fetching) {
  const set = await current(issuer.jwksUrl, fetching);
  const found = keyIn(set, algorithm, kid);
  if (found) return found;
  if (Date.now() - set.lookedAt < LOOK_AGAIN) throw new errors.JWKSNoMatchingKey();
  set.lookedAt = Date.now();
  await refresh(issuer.jwksUrl, set, fetching).catch(() => {}); // then the keys are those there were
  const after = keyIn(set, algorithm, kid);
  if (!after) throw new errors.JWKSNoMatchingKey();
  return after;
}

/** The key of this name and algorithm. A token that names none is of the only key there is for its algorithm. */
function keyIn({ keys }: KeySet, algorithm: string, kid: string | undefined): PublicKey["key"] | undefined {
  const fitting = keys.filter((key) => key.algorithm === algorithm && (kid === undefined || key.kid === kid));
  return fitting.length === 1 || kid !== undefined ? fitting[0]?.key : undefined;
}

/** The keys of an address, fresh or at least usable. @throws GatewayError `unavailable`. */
async function current(url: string, fetching: Fetching): Promise<KeySet> {
  const set = sets.get(url) ?? { keys: [], fetchedAt: -Infinity, failedAt: -Infinity, lookedAt: -Infinity };
  sets.set(url, set);
  const age = Date.now() - set.fetchedAt;
  if (age < FRESH) return set;
  const failure =
    Date.now() - set.failedAt < (age < USABLE ? LOOK_AGAIN : TRY_AGAIN)
      ? "it could not be asked a moment ago"
      : await refresh(url, set, fetching).catch((cause: unknown) => cause);
  if (failure === undefined || Date.now() - set.fetchedAt < USABLE) return set;
  throw new GatewayError("unavailable", "The issuer's keys can't be had right now; try again shortly", {
    cause: failure,
    headers: { "retry-after": "5" },
  });
}

const refresh = (url: string, set: KeySet, fetching: Fetching): Promise<void> =>
  flights.run(
    url,
    (work) => fetching.store.waitUntil(work),
    async () => {
      try {
        set.keys = await keysAt(url, fetching);
        set.fetchedAt = Date.now();
      } catch (error) {
        set.failedAt = Date.now();
        throw error;
      }
    },
  );

async function keysAt(url: string, { outbound, config }: Fetching): Promise<PublicKey[]> {
  const headers = { accept: "application/jwk-set+json, application/json" };
  const reply = await outbound.fetch(url, { method: "GET", headers, timeout: config.connectTimeout });
  if (reply.ok) return await keysOf(parseStrict(await reply.text()));
  reply.discard();
  throw new GatewayError("upstream_status", `The issuer answered ${reply.status} instead of its keys`);
}

async function keysOf(document: JsonValue): Promise<PublicKey[]> {
  const given = isObject(document) ? document.keys : undefined;
  if (!Array.isArray(given)) throw new GatewayError("upstream_nonsense", "The issuer's answer is no key set");
  const keys = await Promise.all(given.slice(0, MOST_KEYS).filter(isObject).map(publicKey));
  return keys.filter((key) => key !== undefined);
}

/** A key to verify with; undefined for keys of other uses, kinds and algorithms, secret and too small ones. */
async function publicKey(given: JsonObject): Promise<PublicKey | undefined> {
  const algorithm = algorithmOf(given);
  if (algorithm === undefined) return undefined;
  const { kty, crv, n, e, x, y, kid } = given; // the public parts alone
  try {
    const jwk = JSON.parse(JSON.stringify({ kty, crv, n, e, x, y })) as JWK;
    const key = await importJWK(jwk, algorithm);
    const { modulusLength } = ("algorithm" in key ? key.algorithm : {}) as { modulusLength?: number };
    if (modulusLength !== undefined && modulusLength < 2048) return undefined;
    return { kid: typeof kid === "string" ? kid : undefined, algorithm, key };
  } catch {
    return undefined;
  }
}

const OF_CURVE: Readonly<Record<string, string>> = {
  "P-256": "ES256",
  "P-384": "ES384",
  "P-521": "ES512",
  Ed25519: "EdDSA",
};

/** The one algorithm a key is for: what it says itself, if that fits its kind, else the usual one of its kind. */
function algorithmOf({ kty, crv, alg, use, key_ops: operations }: JsonObject): string | undefined {
  if (use !== undefined && use !== "sig") return undefined;
  if (Array.isArray(operations) && !operations.includes("verify")) return undefined;
  if (kty === "RSA") {
    if (alg === undefined) return "RS256";
    return typeof alg === "string" && /^[RP]S(?:256|384|512)$/.test(alg) ? alg : undefined;
  }
  const usual = kty === "EC" || kty === "OKP" ? OF_CURVE[String(crv)] : undefined;
  return alg === undefined || alg === usual || (alg === "Ed25519" && usual === "EdDSA") ? usual : undefined;
}
