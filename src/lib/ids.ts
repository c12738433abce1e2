// Names we make up: record ids, slugs, random tokens. Ids and slugs have the form of ContextForge's.

import { toBase64url } from "./base64url.ts";

const APOSTROPHE_IN_WORD = /([\p{L}\p{N}_])'([\p{L}\p{N}_])/gu;
const BETWEEN_WORDS = /[^\p{L}\p{N}]+/gu;
const NOT_ASCII = /[^\p{ASCII}]+/gu;

/** A random UUID as 32 hexadecimal digits without dashes, as ContextForge writes ids. */
export function newId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

/** `bytes` random bytes as base64url; 32 make a token nobody guesses. */
export function randomToken(bytes = 32): string {
  return toBase64url(crypto.getRandomValues(new Uint8Array(bytes)));
}

/**
 * ContextForge's slug of a text, letter for letter, so that the names it computed still find their tools: words in
 * lower-case ASCII, joined by `separator`. Letters without an ASCII form vanish, so a slug may be empty, or begin or
 * end with a separator where such a word stood; a few compatibility characters leave capitals, brackets, dots or spaces
 * (U+2474 gives "(1)"). Check a slug before you use it as a name.
 */
export function slugify(text: string, separator = "-"): string {
  return text
    .toLowerCase()
    .replace(APOSTROPHE_IN_WORD, "$1$2")
    .split(BETWEEN_WORDS)
    .filter((word) => word !== "")
    .join(separator)
    .replaceAll("\u00e6", "ae")
    .replaceAll("\u00df", "ss")
    .replaceAll("\u00f8", "o")
    .normalize("NFKD")
    .replace(NOT_ASCII, "");
}
