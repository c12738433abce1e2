// Sealed values: JSON that leaves the gateway and comes back, or rests in the database, readable and writable by us
// alone. AES-256-GCM under HKDF-SHA256(secret, purpose).
// A sealed text is `v1.<kid>.<base64url(iv | ciphertext)>`: visible ASCII, one spelling.

import { fromBase64url, toBase64url } from "./base64url.ts";
import { type JsonValue, parseStrict, stringify } from "./json.ts";

export interface Sealer {
  /** Seals a value. `aad` is bound to it (a row, a principal): only the same `aad` opens it again. */
  seal(value: JsonValue, aad: string): Promise<string>;
  /** The same, and the same text for the same value: a name that others can compare, and learn nothing else from. */
  sealName(value: JsonValue, aad: string): Promise<string>;
  /** The value sealed in `text`; undefined for anything not ours: changed, another aad or purpose, a retired secret. */
  open(text: string, aad: string): Promise<JsonValue | undefined>;
}

interface Key {
  /** Names the secret, whatever the purpose, and gives nothing of it away. */
  readonly kid: string;
  readonly key: CryptoKey;
  /** Derives the nonce of a name from what is named, so that two values never share one (as RFC 8452 does, in spirit). */
  readonly naming: CryptoKey;
}

const VERSION = "v1";
const IV_BYTES = 12;
const KID_BITS = 48;
const KEY_SALT = new TextEncoder().encode("causeway.seal.key");
const KID_SALT = new TextEncoder().encode("causeway.seal.kid");
const NAMING_SALT = new TextEncoder().encode("causeway.seal.naming");

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Derived keys of this isolate by purpose and secret; there are as many as configuration names. */
const derived = new Map<string, Promise<Key>>();

/**
 * A sealer for one purpose; texts of another purpose do not open.
 *
 * @param secrets the current secret, or `[current, ...previous]`: the first seals, all of them open
 * @throws Error when there is no secret or one is empty
 */
export function sealer(secrets: string | readonly string[], purpose: string): Sealer {
  const [current, ...previous] = typeof secrets === "string" ? [secrets] : secrets;
  if (!current || previous.includes("")) throw new Error(`sealing "${purpose}" needs a secret`);
  const sealing = keyFor(current, purpose);
  const opening = [sealing, ...previous.map((secret) => keyFor(secret, purpose))];

  return {
    async seal(value, aad) {
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
      return await encrypt(await sealing, iv, stringify(value), aad);
    },

    async sealName(value, aad) {
      const key = await sealing;
      const text = stringify(value);
      const digest = await crypto.subtle.sign("HMAC", key.naming, encoder.encode(JSON.stringify([aad, text])));
      return await encrypt(key, new Uint8Array(digest, 0, IV_BYTES), text, aad);
    },

    async open(text, aad) {
      const [version, kid, encoded, more] = text.split(".", 4);
      if (version !== VERSION || encoded === undefined || more !== undefined) return undefined;
      const known = (await Promise.all(opening)).find((candidate) => candidate.kid === kid);
      const payload = known && fromBase64url(encoded);
      if (!known || !payload) return undefined;
      const plaintext = await decrypt(known.key, payload, aad);
      return plaintext && parseStrict(decoder.decode(plaintext), { depth: Number.POSITIVE_INFINITY });
    },
  };
}

async function encrypt({ kid, key }: Key, iv: Uint8Array<ArrayBuffer>, text: string, aad: string): Promise<string> {
  const ciphertext = await crypto.subtle.encrypt(parameters(iv, aad), key, encoder.encode(text));
  const payload = new Uint8Array(IV_BYTES + ciphertext.byteLength);
  payload.set(iv);
  payload.set(new Uint8Array(ciphertext), IV_BYTES);
  return `${VERSION}.${kid}.${toBase64url(payload)}`;
}

async function decrypt(
  key: CryptoKey,
  payload: Uint8Array<ArrayBuffer>,
  aad: string,
): Promise<ArrayBuffer | undefined> {
  try {
    return await crypto.subtle.decrypt(parameters(payload.subarray(0, IV_BYTES), aad), key, payload.subarray(IV_BYTES));
  } catch (error) {
    if (error instanceof DOMException && error.name === "OperationError") return undefined;
    throw error;
  }
}

function parameters(iv: Uint8Array<ArrayBuffer>, aad: string) {
  return { name: "AES-GCM", iv, additionalData: encoder.encode(aad) };
}

function keyFor(secret: string, purpose: string): Promise<Key> {
  const name = JSON.stringify([purpose, secret]);
  const known = derived.get(name);
  if (known) return known;
  const key = derive(secret, purpose);
  derived.set(name, key);
  return key;
}

async function derive(secret: string, purpose: string): Promise<Key> {
  const material = await crypto.subtle.importKey("raw", encoder.encode(secret), "HKDF", false, [
    "deriveBits",
    "deriveKey",
  ]);
  const hkdf = (salt: Uint8Array, info: string) => ({
    name: "HKDF",
    hash: "SHA-256",
    salt,
    info: encoder.encode(info),
  });
  const [id, key, naming] = await Promise.all([
    crypto.subtle.deriveBits(hkdf(KID_SALT, ""), material, KID_BITS),
    crypto.subtle.deriveKey(hkdf(KEY_SALT, purpose), material, { name: "AES-GCM", length: 256 }, false, [
      "encrypt",
      "decrypt",
    ]),
    crypto.subtle.deriveKey(hkdf(NAMING_SALT, purpose), material, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]),
  ]);
  return { kid: toBase64url(new Uint8Array(id)), key, naming };
}
