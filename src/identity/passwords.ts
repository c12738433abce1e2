// Password hashes: scrypt (RFC 7914), or PBKDF2 (RFC 8018) where CPU is scarce, wrapped in a peppered HMAC-SHA-256. What is
// stored, `<set>.<kid>.<salt>.<hash>`, names a set of parameters and a pepper: both may change, and a hash made
// with others is verified all the same and called outdated. NIST SP 800-63B §3.1.1.2.
import { fromBase64url, toBase64url } from "../lib/base64url.ts";
import { type Pepper, peppers } from "./pepper.ts";
import { inTurn } from "./turns.ts";

/** What hashing needs of the configuration: the secrets peppers come from, and the kind of hash for new ones. */
export interface Hashing {
  readonly sealingSecrets: readonly string[];
  readonly passwordHash: "scrypt" | "pbkdf2";
}

type Parameters =
  | { readonly kind: "scrypt"; readonly N: number; readonly r: number; readonly p: number }
  | { readonly kind: "pbkdf2"; readonly iterations: number; readonly digest: "sha256" };

/**
 * Sets of parameters by their stored names; never change one, add another. Production refuses PBKDF2 of more than 100,000
 * iterations, and an isolate has 128 MB for everything, of which scrypt takes 128·N·r bytes: the local runtime allows both.
 */
export const SETS = {
  scrypt1: { kind: "scrypt", N: 2 ** 14, r: 8, p: 5 },
  pbkdf21: { kind: "pbkdf2", iterations: 100_000, digest: "sha256" },
} as const satisfies Record<string, Parameters>;

const CURRENT = { scrypt: "scrypt1", pbkdf2: "pbkdf21" } as const;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

interface Stored {
  readonly set: keyof typeof SETS;
  readonly kid: string;
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly hash: Uint8Array<ArrayBuffer>;
}

/** The hash of a password, to be stored. @throws GatewayError `too_many_requests` when too many are being made. */
export async function hashPassword({ sealingSecrets, passwordHash }: Hashing, password: string): Promise<string> {
  const pepper = await currentOf(sealingSecrets);
  const set = CURRENT[passwordHash];
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  const hash = await crypto.subtle.sign("HMAC", pepper.key, await stretched(password, salt, SETS[set]));
  return [set, pepper.kid, toBase64url(salt), toBase64url(new Uint8Array(hash))].join(".");
}

/**
 * Whether a password is the one that was stored; `outdated` when it is, and should be hashed anew. What is stored may be
 * nothing, for a user who isn't there or has no password: then it takes as long, and is never right.
 * @throws GatewayError `too_many_requests` when too many are being checked.
 */
export async function verifyPassword(
  { sealingSecrets, passwordHash }: Hashing,
  password: string,
  stored: string | null | undefined,
): Promise<{ readonly ok: boolean; readonly outdated: boolean }> {
  const known = await peppers(sealingSecrets);
  const read = stored ? readStored(stored) : undefined;
  const pepper = known.find(({ kid }) => kid === read?.kid);
  const set = read?.set ?? CURRENT[passwordHash];
  const bits = await stretched(password, read?.salt ?? new Uint8Array(SALT_BYTES), SETS[set]);
  const { key, kid } = pepper ?? (await currentOf(sealingSecrets));
  const same = await crypto.subtle.verify("HMAC", key, read?.hash ?? new Uint8Array(HASH_BYTES), bits);
  const ok = same && pepper !== undefined;
  return { ok, outdated: ok && (set !== CURRENT[passwordHash] || kid !== known[0]?.kid) };
}

async function currentOf(secrets: readonly string[]): Promise<Pepper> {
  const [current] = await peppers(secrets);
  if (!current) throw new Error("hashing passwords needs a secret");
  return current;
}

function readStored(text: string): Stored | undefined {
  const [set = "", kid, salt = "", hash = "", more] = text.split(".", 5);
  const bytes = { salt: fromBase64url(salt), hash: fromBase64url(hash) };
  if (!Object.hasOwn(SETS, set) || !kid || !bytes.salt || !bytes.hash || more !== undefined) return undefined;
  return { set: set as keyof typeof SETS, kid, salt: bytes.salt, hash: bytes.hash };
}

/** The slow part. The text is normalised first, since keyboards write the same letters differently. */
async function stretched(password: string, salt: Uint8Array, parameters: Parameters): Promise<Uint8Array<ArrayBuffer>> {
  const { scryptSync, pbkdf2Sync } = await import("node:crypto"); // loaded with the first password, not with the Worker
  const text = password.normalize("NFKC");
  return await inTurn(() => {
    if (parameters.kind === "pbkdf2")
      return Uint8Array.from(pbkdf2Sync(text, salt, parameters.iterations, HASH_BYTES, parameters.digest));
    const { N, r, p } = parameters;
    return Uint8Array.from(scryptSync(text, salt, HASH_BYTES, { N, r, p, maxmem: 2 * 128 * N * r }));
  });
}
