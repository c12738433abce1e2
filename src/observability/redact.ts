// What is blotted out of payloads before they are stored: values whose name says that they are secret, and what looks like
// a secret wherever it stands. Texts that hold JSON are looked into as well.

const BLOT = "[redacted]";

/** Names of secrets, wherever in the name these words stand. */
const SECRET_NAME =
  /authorization|cookie|token|secret|passw(?:or)?d|passphrase|\bpwd\b|\bpass\b|\bauth\b|\bsig\b|api[-_]?key|access[-_]?key|private[-_]?key|credential|signature|session[-_]?id/i;

/** What is a secret by its looks. */
const SECRET_TEXTS: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /(?<![\w-])eyJ[\w-]{4,}\.[\w-]+\.[\w-]*/g,
  /\b(?:Bearer|Basic)\s+[\w.~+/=-]{8,}/gi,
  /\b(?:sk|pk|rk|ghp|gho|ghs|ghu|github_pat|glpat|xox[abprs]|cws)[-_][\w-]{12,}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /(?<=:\/\/)[^\s/:@]+:[^\s/@]+(?=@)/g,
];
/** `password=…`, `api_key: …` in a text that is no JSON. Bounded, so that the time it takes grows only with the text. */
const NAMED_IN_TEXT = new RegExp(
  String.raw`((?:${SECRET_NAME.source})[\w-]{0,64}["']?\s{0,8}[:=]\s{0,8})("[^"]*"|'[^']*'|[^\s,;&"'}]+)`,
  "gi",
);
/** How deep objects and lists are looked into; what is deeper is blotted out whole. */
const DEEPEST = 200;

/** A text without its secrets. `depth`: of the place where it was found. */
export function redacted(text: string, depth = 0): string {
  const json = jsonIn(text);
  if (json !== undefined) return JSON.stringify(blotted(json, depth));
  const plain = SECRET_TEXTS.reduce((rest, secret) => rest.replace(secret, BLOT), text);
  return plain.replace(NAMED_IN_TEXT, (_, name: string) => name + BLOT);
}

function blotted(value: unknown, depth: number): unknown {
  if (depth > DEEPEST) return BLOT;
  if (typeof value === "string") return redacted(value, depth + 1);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((inner) => blotted(inner, depth + 1));
  const secret = NAMING.some((member) => member in value && SECRET_NAME.test(String((value as Members)[member])));
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      SECRET_NAME.test(name) || (secret && name === "value") ? BLOT : blotted(inner, depth + 1),
    ]),
  );
}

type Members = Readonly<Record<string, unknown>>;

/** What names the `value` beside it, as in lists of headers and variables. */
const NAMING = ["name", "key"] as const;

/** The object or array that a text is; undefined for any other text. */
function jsonIn(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // it only looked like it
  }
}
