// What differs between two texts, or two lists of lines: the longest common run of words stays, the rest was taken out or
// put in. Pure.

export type Part = { kind: "same" | "added" | "removed"; text: string };

/** Beyond this many comparisons a text counts as replaced whole. */
const MOST = 4_000_000;
const WORDS = /\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu;

/** Two texts, word by word. */
export const wordsOf = (before: string, after: string): Part[] =>
  joined(compared(before.match(WORDS) ?? [], after.match(WORDS) ?? []));

/** Two lists of words or lines. */
export function compared(before: readonly string[], after: readonly string[]): Part[] {
  let from = 0;
  while (from < before.length && from < after.length && before[from] === after[from]) from++;
  let tail = 0;
  const room = Math.min(before.length, after.length) - from;
  while (tail < room && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const [was, is] = [before.slice(from, before.length - tail), after.slice(from, after.length - tail)];
  return [
    ...after.slice(0, from).map(part("same")),
    ...(was.length * is.length > MOST ? [...was.map(part("removed")), ...is.map(part("added"))] : commonKept(was, is)),
    ...after.slice(after.length - tail).map(part("same")),
  ];
}

const part =
  (kind: Part["kind"]) =>
  (text: string): Part => ({ kind, text });

/** By the table of longest common subsequences, read from its end. */
function commonKept(before: readonly string[], after: readonly string[]): Part[] {
  const wide = after.length + 1;
  const longest = new Uint32Array((before.length + 1) * wide);
  const at = (row: number, column: number): number => longest[row * wide + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row--)
    for (let column = after.length - 1; column >= 0; column--)
      longest[row * wide + column] =
        before[row] === after[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
  const parts: Part[] = [];
  let [row, column] = [0, 0];
  while (row < before.length || column < after.length) {
    const [was, is] = [before[row], after[column]];
    if (was !== undefined && was === is) {
      parts.push({ kind: "same", text: was });
      row++;
      column++;
    } else if (was !== undefined && (is === undefined || at(row + 1, column) >= at(row, column + 1))) {
      parts.push({ kind: "removed", text: was });
      row++;
    } else {
      parts.push({ kind: "added", text: is ?? "" });
      column++;
    }
  }
  return parts;
}

/** Neighbours as one: what was taken out, then what came instead. A space between two changes is part of both. */
function joined(parts: readonly Part[]): Part[] {
  const runs: Part[] = [];
  let [removed, added, space] = ["", "", ""];
  const flush = (): void => {
    if (removed !== "") runs.push({ kind: "removed", text: removed });
    if (added !== "") runs.push({ kind: "added", text: added });
    [removed, added] = ["", ""];
  };
  const keep = (text: string): void => {
    const last = runs.at(-1);
    if (text === "") return;
    if (last?.kind === "same") last.text += text;
    else runs.push({ kind: "same", text });
  };
  for (const { kind, text } of parts) {
    const open = removed !== "" || added !== "";
    if (kind === "same" && open && space === "" && text.trim() === "") space = text;
    else if (kind === "same") {
      flush();
      keep(space + text);
      space = "";
    } else {
      removed += space + (kind === "removed" ? text : "");
      added += space + (kind === "added" ? text : "");
      space = "";
    }
  }
  flush();
  keep(space);
  return runs;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether two values of JSON say the same, whatever the order of their keys. */
export function same(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((item, at) => same(item, other[at]));
  if (!isObject(one) || !isObject(other)) return one === other;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && same(one[key], other[key]))
  );
}

/** A value with its keys in the order in which another has them; those it has alone come last. */
export function inOrderOf(model: unknown, value: unknown): unknown {
  if (Array.isArray(value) && Array.isArray(model)) return value.map((item, at) => inOrderOf(model[at], item));
  if (!isObject(value) || !isObject(model)) return value;
  const keys = new Set([...Object.keys(model), ...Object.keys(value)]);
  return Object.fromEntries(
    [...keys].filter((key) => Object.hasOwn(value, key)).map((key) => [key, inOrderOf(model[key], value[key])]),
  );
}

/** One line of two texts side by side; a side is null where it has none. */
export type Pair = { kind: "same" | "changed"; left: string | null; right: string | null };

/** Two values as lines of JSON, what differs beside each other. */
export function sideBySide(before: unknown, after: unknown): Pair[] {
  const linesOf = (value: unknown): string[] => (value === null ? [] : JSON.stringify(value, null, 2).split("\n"));
  const pairs: Pair[] = [];
  let taken: string[] = [];
  let put: string[] = [];
  const flush = (): void => {
    for (let at = 0; at < Math.max(taken.length, put.length); at++)
      pairs.push({ kind: "changed", left: taken[at] ?? null, right: put[at] ?? null });
    [taken, put] = [[], []];
  };
  for (const { kind, text } of compared(linesOf(inOrderOf(after, before)), linesOf(after))) {
    if (kind === "removed") taken.push(text);
    else if (kind === "added") put.push(text);
    else {
      flush();
      pairs.push({ kind, left: text, right: text });
    }
  }
  flush();
  return pairs;
}
