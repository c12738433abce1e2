// Which passwords are taken (NIST SP 800-63B §3.1.1.2): long ones that nobody would guess early. Nothing is asked about kinds of
// characters, since that makes passwords worse.
import { COMMON } from "./common-passwords.ts";

const FEWEST_CHARACTERS = 12;
const MOST_BYTES = 1024;
/** A shorter part of an address says little, and may stand in any word. */
const TELLING = 4;
/** Steps that don't follow the alphabet, the digits or the keyboard: with so few a password is a sequence. */
const FEW_TURNS = 2;

/** What fingers walk along, in both directions. */
const WALKS = [
  "abcdefghijklmnopqrstuvwxyz",
  "01234567890",
  "qwertyuiop",
  "asdfghjkl",
  "zxcvbnm",
  "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
];

/** Signs that stand for letters in passwords. */
const SPELLED: Readonly<Record<string, string>> = {
  "0": "o",
  "1": "i",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "@": "a",
  $: "s",
  "!": "i",
};

/** Up to three words: whoever strings more together has a passphrase. */
const MADE_OF_COMMON = new RegExp(`^(?:${COMMON.join("|")}){1,3}$`);

/** Sentences that say what is wrong with a password for this user; none when it is good. */
export function checkPassword(password: string, { email }: { readonly email: string }): string[] {
  const text = password.normalize("NFKC");
  const letters = text.toLowerCase();
  const wrong: string[] = [];
  if ([...text].length < FEWEST_CHARACTERS)
    wrong.push(`It has fewer than ${FEWEST_CHARACTERS} characters; a few unrelated words make a good password.`);
  if (new TextEncoder().encode(text).byteLength > MOST_BYTES) wrong.push(`It is longer than ${MOST_BYTES} bytes.`);
  if (wrong.length > 0) return wrong;
  if (tellsAddress(letters, email.toLowerCase())) wrong.push("It is made of your e-mail address.");
  if (isRepeated(letters)) wrong.push("It repeats one short piece.");
  else if (isSequence(letters)) wrong.push("It follows the alphabet, the digits or the keyboard.");
  if (isCommon(letters)) wrong.push("It is one of the passwords that are tried first.");
  return wrong;
}

/** The address or what stands before its @ is in it, or another part is all of it but for digits and signs. */
function tellsAddress(password: string, email: string): boolean {
  const [local = ""] = email.split("@");
  if (password.includes(email) || (local.length >= TELLING && password.includes(local))) return true;
  const parts = email.split(/[^a-z0-9]+/).filter((part) => part.length >= TELLING);
  return parts.some((part) => withoutPiece(onlyLetters(password), onlyLetters(part)) === "");
}

/** Whether it is one piece over and over, and so as good as that piece; the last time may be cut short. */
function isRepeated(password: string): boolean {
  for (let length = 1; length < FEWEST_CHARACTERS && length * 2 <= password.length; length++)
    if (password.startsWith(password.slice(length))) return true;
  return false;
}

function isSequence(password: string): boolean {
  let turns = 0;
  for (let at = 1; at < password.length; at++) {
    const [from = "", to = ""] = [password[at - 1], password[at]];
    if (from !== to && !WALKS.some((walk) => walk.includes(from + to) || walk.includes(to + from))) turns++;
  }
  return turns <= FEW_TURNS;
}

/** Common words and nothing else, but for digits and signs around them or in place of letters. */
function isCommon(password: string): boolean {
  const core = password.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, "");
  return [password, spelled(core), spelled(password)].some((text) => MADE_OF_COMMON.test(onlyLetters(text)));
}

const spelled = (text: string): string => text.replace(/[013457@$!]/g, (sign) => SPELLED[sign] ?? sign);

const onlyLetters = (text: string): string => text.replace(/[^\p{L}]/gu, "");

const withoutPiece = (text: string, piece: string): string => (piece === "" ? text : text.replaceAll(piece, ""));
