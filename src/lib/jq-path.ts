// jq programs that are nothing but a path, as JSONPath (RFC 9535). ContextForge filters answers with jq; what is more
// than a path can't be said in JSONPath, and is not guessed at.

const STEPS: readonly (readonly [pattern: RegExp, path: (match: RegExpExecArray) => string])[] = [
  [/^\.?\[\s*\]\??/, () => "[*]"],
  [/^\.?\[\s*(-?\d+)\s*\]\??/, ([, index]) => `[${index}]`],
  [/^\.?\[\s*(-?\d*)\s*:\s*(-?\d*)\s*\]\??/, ([, from, to]) => `[${from}:${to}]`],
  [/^\.?\[\s*("(?:[^"\\]|\\.)*")\s*\]\??/, ([, key]) => `[${key}]`],
  [/^\.("(?:[^"\\]|\\.)*")\??/, ([, key]) => `[${key}]`],
  [/^\.([A-Za-z_][A-Za-z0-9_]*)\??/, ([, key]) => `["${key}"]`],
];

/** The JSONPath that a jq program means; undefined when it is more than a path. */
export function jsonPathOf(program: string): string | undefined {
  const parts = program.split("|").map((part) => part.trim());
  const paths = parts.map(pathOf);
  return paths.some((path) => path === undefined) ? undefined : `$${paths.join("")}`;
}

function pathOf(part: string): string | undefined {
  if (part === ".") return "";
  if (!part.startsWith(".")) return undefined;
  let rest = part;
  let path = "";
  while (rest !== "") {
    const step = STEPS.map(([pattern, write]) => [pattern.exec(rest), write] as const).find(([match]) => match);
    const [match, write] = step ?? [];
    if (!match || !write) return undefined;
    path += write(match);
    rest = rest.slice(match[0].length);
  }
  return path;
}
