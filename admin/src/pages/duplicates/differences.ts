// What tools of a group do not have in common: words of their descriptions, and arguments.
import type { DuplicatesAnswer } from "../../../../src/schemas/duplicates.ts";

export type Group = DuplicatesAnswer["groups"][number];
export type Tool = Group["tools"][number];

/** The server a tool comes from, or where a REST tool leads. */
export const sourceOf = ({ gatewayName, url }: Tool): string => gatewayName ?? url ?? "this gateway";

/** A piece of a description, or an argument. `differs`: not all of the group have it. */
export type Piece = { text: string; differs: boolean };

/** Reads a text as the words that are compared. */
const key = (word: string): string => word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

/** What is in every one of the lists. */
function common(lists: readonly (readonly string[])[]): ReadonlySet<string> {
  const [first = [], ...others] = lists.map((list) => new Set(list));
  return new Set([...first].filter((item) => others.every((other) => other.has(item))));
}

const wordsOf = ({ description }: Tool): string[] => description?.split(/(\s+)/) ?? [];

/** The descriptions of tools, each in pieces; neighbours that differ are one piece. */
export function descriptions(tools: readonly Tool[]): Piece[][] {
  const shared = common(tools.map((tool) => wordsOf(tool).map(key)));
  return tools.map((tool) => {
    const pieces: Piece[] = [];
    for (const text of wordsOf(tool)) {
      const word = key(text);
      const last = pieces.at(-1);
      const differs = word === "" ? (last?.differs ?? false) : !shared.has(word);
      if (last?.differs === differs) last.text += text;
      else pieces.push({ text, differs });
    }
    return pieces;
  });
}

const typeOf = (schema: unknown): string => {
  const { type, enum: values } = Object(schema) as { type?: unknown; enum?: unknown };
  if (Array.isArray(type)) return type.join(" or ");
  return typeof type === "string" ? type : Array.isArray(values) ? "one of some" : "anything";
};

/** The arguments of tools, as `name: type`, with a `?` where one may be left out. */
export function argumentsOf(tools: readonly Tool[]): Piece[][] {
  const lists = tools.map(({ inputSchema }) => {
    const required = Array.isArray(inputSchema.required) ? inputSchema.required : [];
    return Object.entries(Object(inputSchema.properties) as Record<string, unknown>).map(
      ([name, schema]) => `${name}${required.includes(name) ? "" : "?"}: ${typeOf(schema)}`,
    );
  });
  const shared = common(lists);
  return lists.map((list) => list.map((text) => ({ text, differs: !shared.has(text) })));
}
