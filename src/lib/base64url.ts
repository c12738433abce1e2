// base64url without padding (RFC 4648 section 5) for bytes and for text.
// Decoding is strict: a value has exactly one spelling, so an encoded text can be compared and used as a key.

type NativeEncode = { toBase64(options: { alphabet: "base64url"; omitPadding: boolean }): string };
type NativeDecode = {
  fromBase64(text: string, options: { alphabet: "base64url"; lastChunkHandling: "strict" }): Uint8Array<ArrayBuffer>;
};

// ECMAScript 2026, present in workerd; the TypeScript library we compile against does not know it yet.
const native = Uint8Array as typeof Uint8Array & NativeDecode;
const ALPHABET = /^[A-Za-z0-9_-]*$/;
const PADDING = ["", "===", "==", "="];

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bytes as base64url, without padding. */
export function toBase64url(bytes: Uint8Array): string {
  return (bytes as Uint8Array & NativeEncode).toBase64({ alphabet: "base64url", omitPadding: true });
}

/** The bytes of an unpadded base64url text; undefined for anything `toBase64url` would not have written. */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!ALPHABET.test(text)) return undefined;
  try {
    return native.fromBase64(text + PADDING[text.length % 4], { alphabet: "base64url", lastChunkHandling: "strict" });
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Text as base64url of its UTF-8 bytes. */
export function textToBase64url(text: string): string {
  return toBase64url(encoder.encode(text));
}

/** The text behind a base64url of UTF-8; undefined when it is not base64url or not UTF-8. */
export function textFromBase64url(encoded: string): string | undefined {
  const bytes = fromBase64url(encoded);
  if (bytes === undefined) return undefined;
  try {
    return decoder.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
