// The pepper: what a password hash is wrapped in, so that who reads the database alone can't even begin to guess. A key of
// its own purpose, derived from a secret of the configuration (HKDF, RFC 5869); used as HMAC-SHA-256.
import { toBase64url } from "../lib/base64url.ts";

/** A pepper. `kid` names the secret it comes from and tells nothing of it. */
export interface Pepper {
  readonly kid: string;
  readonly key: CryptoKey;
}

const KID_BITS = 48;
const encoder = new TextEncoder();
const KEY_SALT = encoder.encode("causeway.password.pepper");
const KID_SALT = encoder.encode("causeway.password.kid");

/** Peppers of this isolate by secret; there are as many as the configuration names. */
const derived = new Map<string, Promise<Pepper>>();

/** The pepper of each secret, in their order: the first is for new hashes. */
export const peppers = (secrets: readonly string[]): Promise<Pepper[]> => Promise.all(secrets.map(pepperOf));

function pepperOf(secret: string): Promise<Pepper> {
  const known = derived.get(secret) ?? derive(secret);
  derived.set(secret, known);
  return known;
}

async function derive(secret: string): Promise<Pepper> {
  const material = await crypto.subtle.importKey("raw", encoder.encode(secret), "HKDF", false, [
    "deriveBits",
    "deriveKey",
  ]);
  const hkdf = (salt: Uint8Array) => ({ name: "HKDF", hash: "SHA-256", salt, info: new Uint8Array() });
  const key = await crypto.subtle.deriveKey(
    hkdf(KEY_SALT),
    material,
    { name: "HMAC", hash: "SHA-256", length: 256 },
    false,
    ["sign", "verify"],
  );
  const kid = await crypto.subtle.deriveBits(hkdf(KID_SALT), material, KID_BITS);
  return { kid: toBase64url(new Uint8Array(kid)), key };
}
