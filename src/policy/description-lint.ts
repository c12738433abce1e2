// What in a definition a person should look at before a model reads it: characters that people don't see, and orders to
// the model. Findings are hints: a definition without any may still be hostile, and one with some may be harmless.
import { isObject, type JsonObject, type JsonValue } from "../lib/json.ts";
import { pathOf } from "../lib/json-diff.ts";
import type { Warning } from "../schemas/changes.ts";

/** Invisible characters that writing needs: joiners within scripts that join, and what emoji and flags are made of. */
const FINE = [
  String.raw`(?<=(?!\p{Script=Latin})[\p{L}\p{M}])[\u200c\u200d](?=(?!\p{Script=Latin})[\p{L}\p{M}])`,
  String.raw`(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])\u200d(?=\p{Extended_Pictographic})`,
  String.raw`(?<=\p{Emoji})[\ufe0e\ufe0f]`,
  String.raw`(?<=\p{Script=Han})[\ufe00-\ufe02\u{e0100}-\u{e01ef}]`,
  String.raw`(?<=\u{1f3f4}[\u{e0020}-\u{e007f}]{0,6})[\u{e0020}-\u{e007f}]`,
  String.raw`[\t\n\r]`,
].join("|");

/** Characters by what is wrong with them. Tags (U+E0000 on) spell ASCII that nobody sees. */
const CHARACTERS: readonly { readonly kind: Warning["kind"]; readonly pattern: RegExp }[] = [
  {
    kind: "invisible",
    pattern: new RegExp(
      String.raw`(?!${FINE}|\p{Bidi_Control})[\p{Default_Ignorable_Code_Point}\p{Cc}\ufff9-\ufffb]`,
      "u",
    ),
  },
  { kind: "bidirectional", pattern: /\p{Bidi_Control}/u },
  { kind: "private_use", pattern: /\p{Co}/u },
];

/** Orders to a model, as poisoned descriptions have them. Descriptions say what a tool does; these say what else to do. */
const ORDERS: readonly RegExp[] = [
  /\b(ignore|disregard|forget|override)\b[^.\n]{0,30}\b(previous|prior|earlier|above|preceding|system|other|your)\b[^.\n]{0,20}\b(instructions?|prompts?|rules|guidelines|messages?|directions)\b/i,
  /\b(do not|don['’]t|never|must not|without)\s+(tell(ing)?|inform(ing)?|mention(ing)?|notify(ing)?|reveal(ing)?|show(ing)?|alert(ing)?|ask(ing)?)\b[^.\n]{0,40}\b(the )?(user|human)\b/i,
  /\b(do not|don['’]t|never)\s+(mention|reveal|disclose)\b[^.\n]{0,20}\b(this|these|that you)\b/i,
  /\bhide\b[^.\n]{0,30}\bfrom (the )?(user|human)\b/i,
  /<\/?\s*(important|system|instructions?|secret|admin|assistant|hidden|critical)\s*>/i,
  /\b(before|prior to)\s+(you\s+)?(us(e|ing)|call(ing)?|invok(e|ing)|execut(e|ing)|run(ning)?)\s+(this|the|any|another|other)\b[^.\n]{0,30}\btools?\b[^.\n]{0,40}\b(read|call|send|fetch|open|include|pass|provide|use|get|access)\b/i,
  /\b(pass|send|include|provide|put|append|attach|copy)\b[^.\n]{0,60}(~\/|\.ssh\b|id_rsa|\.env\b|mcp\.json|\b(private|ssh|api) keys?\b|\bconversation history\b|\bsystem prompt\b)/i,
  /\b(read|open|cat)\b[^.\n]{0,30}(~\/\.|\.ssh\b|id_rsa|\/etc\/passwd|mcp\.json)/i,
  /\byou\s+(must|should|have to|need to)\s+(always|first|also|never|only)\s+(call|use|run|invoke|execute|send|read|reply|respond|say)\b/i,
  /\b(always|never)\s+(call|use|prefer)\s+this\s+(tool|server)\b[^.\n]{0,40}\b(instead of|before|rather than|over)\b/i,
  /\b(you are now|new (system )?instructions?\s*:|system prompt\s*:|act as (if you|an? (admin|root)))/i,
];

/** Texts of a definition with their paths, keys of objects among them. */
function* texts(value: JsonValue, path: string): Generator<readonly [path: string, text: string]> {
  if (typeof value === "string") yield [path, value];
  else if (Array.isArray(value)) for (const [at, item] of value.entries()) yield* texts(item, `${path}[${at}]`);
  else if (isObject(value))
    for (const [key, member] of Object.entries(value)) {
      const at = pathOf(path, key);
      yield [at, key];
      yield* texts(member, at);
    }
}

/** Most texts: nothing in them needs a closer look for characters; and for orders, what has no words. */
const ORDINARY = /^[\t\n\r -~]*$/;
const WORDY = /[ <]/;

const AROUND = 40;

/** A piece of text around a place, with what can't be seen spelled out. */
function excerpt(text: string, from: number, length: number): string {
  const begin = Math.max(0, from - AROUND);
  const end = Math.min(text.length, from + Math.min(length, 2 * AROUND) + AROUND);
  const piece = `${begin > 0 ? "…" : ""}${text.slice(begin, end).toWellFormed()}${end < text.length ? "…" : ""}`;
  return piece.replace(
    /[\p{C}\p{Default_Ignorable_Code_Point}]/gu,
    (one) => `<U+${one.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0")}>`,
  );
}

/** Findings of a definition: at most one of each kind in a text, and 50 in all. */
export function warningsOf(definition: JsonObject | Record<string, unknown>): Warning[] {
  const found: Warning[] = [];
  for (const [where, text] of texts(definition as JsonObject, "")) {
    for (const { kind, pattern } of CHARACTERS) {
      const hit = ORDINARY.test(text) ? null : pattern.exec(text);
      if (hit) found.push({ kind, where, excerpt: excerpt(text, hit.index, hit[0].length) });
    }
    const order = WORDY.test(text) && ORDERS.map((pattern) => pattern.exec(text)).find((hit) => hit !== null);
    if (order) found.push({ kind: "instructions", where, excerpt: excerpt(text, order.index, order[0].length) });
    if (found.length >= 50) break;
  }
  return found.slice(0, 50);
}
