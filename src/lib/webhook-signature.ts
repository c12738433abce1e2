// Signing of webhooks (Standard Webhooks 1.0.0): HMAC-SHA256 of `id.timestamp.body`, so that a receiver knows who sent it,
// that nobody changed it, and when it was sent.

const PREFIX = "whsec_";
const BYTES = 24;
/** Bytes a key may have. */
const FEWEST = 24;
const MOST = 64;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const encoder = new TextEncoder();

const toBase64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

/** A new secret: `whsec_` and 24 random bytes in base64. */
export const newSigningSecret = (): string => PREFIX + toBase64(crypto.getRandomValues(new Uint8Array(BYTES)));

/** The key in a secret; undefined unless it is `whsec_` and 24 to 64 bytes in base64. */
export function signingKeyOf(secret: string): Uint8Array<ArrayBuffer> | undefined {
  const text = secret.slice(PREFIX.length);
  if (!secret.startsWith(PREFIX) || !BASE64.test(text)) return undefined;
  const key = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return key.length >= FEWEST && key.length <= MOST ? key : undefined;
}

/** What is signed. `timestamp`: seconds since 1970, of this attempt. */
export interface Message {
  readonly id: string;
  readonly timestamp: number;
  readonly body: string;
}

/** The headers that say so: one signature for each secret. @throws Error for a secret that is none. */
export async function signatureHeaders(
  { id, timestamp, body }: Message,
  secrets: readonly string[],
): Promise<Record<"webhook-id" | "webhook-timestamp" | "webhook-signature", string>> {
  const content = encoder.encode(`${id}.${timestamp}.${body}`);
  const signatures = await Promise.all(secrets.map((secret) => sign(content, secret)));
  return { "webhook-id": id, "webhook-timestamp": String(timestamp), "webhook-signature": signatures.join(" ") };
}

async function sign(content: Uint8Array<ArrayBuffer>, secret: string): Promise<string> {
  const bytes = signingKeyOf(secret);
  if (!bytes) throw new Error("this is no signing secret");
  const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return `v1,${toBase64(new Uint8Array(await crypto.subtle.sign("HMAC", key, content)))}`;
}
