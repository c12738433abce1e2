// Tools that are there more than once: of the same name or address in several places, or with nearly the same description
// and arguments. Pure, and without comparing each with each: only tools that share one of their rarest phrases are compared.
import { lowerCase } from "../lib/lower-case.ts";
import { WHY, type Why } from "../schemas/duplicates.ts";

/** What of a tool decides whether it is another's duplicate. */
export interface Comparable {
  readonly id: string;
  /** The upstream it comes from; a tool of our own is a source of its own. */
  readonly source: string;
  /** The name its source knows it by. */
  readonly name: string;
  /** What it calls there: tools of one address do the same. */
  readonly address: string;
  readonly description: string | null;
  readonly inputSchema: unknown;
}

/** Tools that may stand for each other, in the order given. */
export interface Group {
  readonly ids: readonly string[];
  readonly why: readonly Why[];
  /** From 0 to 1: how alike the first one and the one least like it are. */
  readonly similarity: number;
}

/** From which likeness of description and of arguments (0 to 1 each) on tools are near-equal, where both say so much. */
const NEAR = { description: 0.6, arguments: 0.6, fewestWords: 4 };
/** Words of a description that count, and how deep arguments are looked into. */
const MOST_WORDS = 200;
const DEEPEST = 3;
/** Tools, none like another, that a phrase brings up for comparison, and that a tool is compared with in all. */
const MOST_LEADERS = 64;
const MOST_COMPARED = 64;

interface Traits {
  readonly phrases: ReadonlySet<string>;
  readonly parts: ReadonlySet<string>;
  readonly tells: boolean;
}

/** Groups of two sources at least, and how many comparisons it took. */
export function duplicatesAmong(tools: readonly Comparable[]): { groups: Group[]; comparisons: number } {
  const traits = tools.map(traitsOf);
  const joined = new Joined(tools.map(({ source }) => source));
  linkEqual(
    tools,
    ({ name }) => lowerCase(name),
    (one, other) => joined.link(one, other, "name"),
  );
  linkEqual(
    tools,
    ({ address }) => address,
    (one, other) => joined.link(one, other, "url"),
  );
  const comparisons = linkSimilar(traits, joined);
  const groups = joined
    .sets()
    .filter(({ places }) => new Set(places.map((place) => tools[place]?.source)).size > 1)
    .map(({ places, why }) => groupOf(tools, traits, places, why));
  return { groups, comparisons };
}

function groupOf(
  tools: readonly Comparable[],
  traits: readonly Traits[],
  [first = 0, ...others]: readonly number[],
  why: ReadonlySet<Why>,
): Group {
  const at = (place: number) => traits[place] as Traits;
  const least = Math.min(...others.map((place) => alike(at(first), at(place))));
  return {
    ids: [first, ...others].flatMap((place) => tools[place]?.id ?? []),
    why: WHY.filter((one) => why.has(one)),
    similarity: Math.round(least * 100) / 100,
  };
}

function linkEqual(
  tools: readonly Comparable[],
  keyOf: (tool: Comparable) => string,
  link: (one: number, other: number) => void,
): void {
  for (const places of Map.groupBy(tools.keys(), (place) => keyOf(tools[place] as Comparable)).values()) {
    const [first = 0, ...others] = places;
    if (new Set(places.map((place) => tools[place]?.source)).size > 1) for (const other of others) link(first, other);
  }
}

/**
 * Links what is near-equal. Two sets of which most is common have one of their rarest members in common (the longer the
 * set, the more of them count): tools are looked up by those, and each joins the most alike group found there that has none
 * of its source yet. So what one server offers in many variants stays apart.
 */
function linkSimilar(traits: readonly Traits[], joined: Joined): number {
  const frequency = new Map<string, number>();
  for (const { phrases } of traits)
    for (const phrase of phrases) frequency.set(phrase, (frequency.get(phrase) ?? 0) + 1);
  const leaders = new Map<string, number[]>();
  let comparisons = 0;
  for (const [place, one] of traits.entries()) {
    if (!one.tells) continue;
    const rarest = rarestOf(one.phrases, frequency);
    const met = [...new Set(rarest.flatMap((phrase) => leaders.get(phrase) ?? []))].slice(0, MOST_COMPARED);
    comparisons += met.length;
    const near = met.filter((leader) => isNear(one, traits[leader] as Traits) && joined.mayLink(leader, place));
    const [best] = near.sort((a, b) => alike(one, traits[b] as Traits) - alike(one, traits[a] as Traits));
    if (best !== undefined) joined.link(best, place, "similar");
    else lead(leaders, rarest, place);
  }
  return comparisons;
}

function lead(leaders: Map<string, number[]>, phrases: readonly string[], place: number): void {
  for (const phrase of phrases) {
    const there = leaders.get(phrase);
    if (there === undefined) leaders.set(phrase, [place]);
    else if (there.length < MOST_LEADERS) there.push(place);
  }
}

/** So many of the rarest phrases that a near-equal description has one of them among its own. */
function rarestOf(phrases: ReadonlySet<string>, frequency: ReadonlyMap<string, number>): string[] {
  const order = (one: string, other: string) =>
    (frequency.get(one) ?? 0) - (frequency.get(other) ?? 0) || (one < other ? -1 : 1);
  return [...phrases].sort(order).slice(0, phrases.size - Math.ceil(NEAR.description * phrases.size) + 1);
}

const isNear = (one: Traits, other: Traits): boolean =>
  shared(one.phrases, other.phrases) >= NEAR.description && shared(one.parts, other.parts) >= NEAR.arguments;

const alike = (one: Traits, other: Traits): number =>
  (shared(one.phrases, other.phrases) + shared(one.parts, other.parts)) / 2;

/** How much two sets have in common of what they have together (Jaccard); two empty ones do not differ. */
function shared(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  const [small, large] = one.size < other.size ? [one, other] : [other, one];
  let common = 0;
  for (const item of small) if (large.has(item)) common++;
  const together = one.size + other.size - common;
  return together === 0 ? 1 : common / together;
}

function traitsOf({ description, inputSchema }: Comparable): Traits {
  const words =
    (description ?? "")
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu)
      ?.slice(0, MOST_WORDS) ?? [];
  const pairs = words.slice(1).map((word, at) => `${words[at]} ${word}`);
  return {
    phrases: new Set(pairs.length > 0 ? pairs : words),
    parts: new Set(partsOf(inputSchema)),
    tells: words.length >= NEAR.fewestWords,
  };
}

/** Arguments as `path:type`, whichever way their words are joined. */
function partsOf(schema: unknown, path = "", depth = 0): string[] {
  if (depth === DEEPEST || typeof schema !== "object" || schema === null) return [];
  const { properties, items } = schema as { properties?: unknown; items?: unknown };
  const fields = typeof properties === "object" && properties !== null ? Object.entries(properties) : [];
  return [
    ...fields.flatMap(([name, field]) => {
      const at = `${path}/${name.toLowerCase().replace(/[-_. ]/g, "")}`;
      return [`${at}:${typeOf(field)}`, ...partsOf(field, at, depth + 1)];
    }),
    ...partsOf(items, `${path}/*`, depth + 1),
  ];
}

const typeOf = (schema: unknown): string =>
  typeof schema === "object" && schema !== null && "type" in schema ? JSON.stringify(schema.type) : "any";

/** Places joined into sets, with why (union-find). Each place has a source. */
class Joined {
  readonly #parents: number[];
  readonly #sources: Set<string>[];
  readonly #links: { place: number; why: Why }[] = [];

  constructor(sources: readonly string[]) {
    this.#parents = sources.map((_, place) => place);
    this.#sources = sources.map((source) => new Set([source]));
  }

  /** Whether two places are in one set already, or may come into one that has each source once. */
  mayLink(one: number, other: number): boolean {
    const [a, b] = [this.#root(one), this.#root(other)];
    return a === b || this.#sourcesOf(a).isDisjointFrom(this.#sourcesOf(b));
  }

  link(one: number, other: number, why: Why): void {
    const [low, high] = [this.#root(one), this.#root(other)].sort((a, b) => a - b) as [number, number];
    if (low !== high) this.#sources[low] = this.#sourcesOf(low).union(this.#sourcesOf(high));
    this.#parents[high] = low;
    this.#links.push({ place: one, why });
  }

  /** Sets of more than one, their places in order. */
  sets(): { places: number[]; why: ReadonlySet<Why> }[] {
    const why = Map.groupBy(this.#links, ({ place }) => this.#root(place));
    const places = Map.groupBy(this.#parents.keys(), (place) => this.#root(place));
    return [...why].map(([root, links]) => ({
      places: places.get(root) ?? [],
      why: new Set(links.map((link) => link.why)),
    }));
  }

  #sourcesOf(root: number): Set<string> {
    return this.#sources[root] ?? new Set();
  }

  #root(place: number): number {
    let at = place;
    for (let parent = this.#parents[at]; parent !== undefined && parent !== at; parent = this.#parents[at]) at = parent;
    this.#parents[place] = at;
    return at;
  }
}
