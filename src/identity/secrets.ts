// Secrets people and programs hold: a prefix that says what it is, and 32 random bytes. Stored is only the SHA-256.
import { toBase64url } from "../lib/base64url.ts";
import { randomToken } from "../lib/ids.ts";

/** What a secret begins with, so that scanners and readers know it. */
export const PREFIX = { session: "cws_", apiToken: "cwt_", link: "cwl_" } as const;

/** A new secret and the id it is stored under. */
export async function newSecret(kind: keyof typeof PREFIX): Promise<{ secret: string; id: string }> {
  const secret = PREFIX[kind] + randomToken();
  return { secret, id: await idOf(secret) };
}

/** The id a secret is stored under. The secret has 256 random bits, so a plain digest tells nothing of it. */
export async function idOf(secret: string): Promise<string> {
  return toBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret))));
}

/** workerd's own comparison, which the web's types do not know. */
const subtle = crypto.subtle as SubtleCrypto & { timingSafeEqual(one: ArrayBuffer, other: ArrayBuffer): boolean };

/** Whether two texts are the same, without telling by time where they differ: digests are compared. */
export async function sameSecret(one: string, other: string): Promise<boolean> {
  const digest = (text: string) => subtle.digest("SHA-256", new TextEncoder().encode(text));
  return subtle.timingSafeEqual(await digest(one), await digest(other));
}
