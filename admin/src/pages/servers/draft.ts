// The virtual server being built: what is chosen, under which names, and how that will look to clients.
// Pure; the naming rule is the catalog's: an alias or a name already held wins, a later newcomer is prefixed.
import { claim, claimUri, OURS } from "../../../../src/schemas/naming.ts";
import type { ServerCreate } from "../../../../src/schemas/servers.ts";
import type { PromptRead, ResourceRead, ServerRead, ToolRead } from "../../api.ts";
import { type Place, placeOf } from "../access/place.tsx";

export const KINDS = ["tools", "prompts", "resources"] as const;
export type Kind = (typeof KINDS)[number];

/** Something that can be chosen, of any kind. `wanted` is what it would like to be called. */
export type Item = {
  id: string;
  kind: Kind;
  wanted: string;
  about: string | null;
  annotations: Record<string, unknown> | null;
  upstreamId: string | null;
  upstream: string;
  slug: string;
  enabled: boolean;
  /** Clients go without it until its definition is approved. */
  withheld: boolean;
  tokens: number;
};

export type Draft = {
  name: string;
  description: string;
  instructions: string;
  tags: string[];
  open: boolean;
  includeNew: boolean;
  payloads: ServerRead["payloads"];
  /** As it is typed. */
  payloadDays: string;
  place: Place;
  picks: Record<Kind, string[]>;
  /** Names given by hand, by id. */
  aliases: Record<string, string>;
};

export const OWN = "REST tools and own prompts";

/** About four characters of JSON make one token of a model's context. */
const tokensOf = (definition: unknown): number => Math.ceil(JSON.stringify(definition).length / 4);

const itemOf = (kind: Kind, row: ToolRead | PromptRead | ResourceRead): Item => ({
  id: row.id,
  kind,
  wanted: "uri" in row ? row.uri : row.originalName,
  about: row.description,
  annotations: "annotations" in row ? row.annotations : null,
  upstreamId: row.gatewayId,
  upstream: row.gatewayName ?? OWN,
  slug: row.gatewaySlug ?? OURS,
  enabled: row.enabled,
  withheld: "withheld" in row && row.withheld,
  tokens: tokensOf(row.definition),
});

/** Everything that can be chosen, by id. */
export function catalogOf(tools: ToolRead[], prompts: PromptRead[], resources: ResourceRead[]): Map<string, Item> {
  const items = [
    ...tools.map((row) => itemOf("tools", row)),
    ...prompts.map((row) => itemOf("prompts", row)),
    ...resources.map((row) => itemOf("resources", row)),
  ];
  return new Map(items.map((item) => [item.id, item]));
}

export const EMPTY: Draft = {
  name: "",
  description: "",
  instructions: "",
  tags: [],
  open: false,
  includeNew: false,
  payloads: "off",
  payloadDays: "7",
  place: { visibility: "private", teamId: null },
  picks: { tools: [], prompts: [], resources: [] },
  aliases: {},
};

export const draftOf = (server: ServerRead): Draft => ({
  name: server.name,
  description: server.description ?? "",
  instructions: server.instructions ?? "",
  tags: server.tags.map((tag) => tag.label),
  open: server.open,
  includeNew: server.includeNew,
  payloads: server.payloads,
  payloadDays: String(server.payloadDays),
  place: placeOf(server),
  picks: {
    tools: server.tools.map((member) => member.id),
    prompts: server.prompts.map((member) => member.id),
    resources: server.resources.map((member) => member.id),
  },
  aliases: {},
});

/** The body that creates or replaces it. */
export const bodyOf = (draft: Draft): ServerCreate => ({
  name: draft.name.trim(),
  description: draft.description.trim() || null,
  instructions: draft.instructions.trim() || null,
  tags: draft.tags,
  open: draft.open,
  includeNew: draft.includeNew,
  payloads: draft.payloads,
  ...(draft.payloads === "off" ? {} : { payloadDays: Number(draft.payloadDays) }),
  ...draft.place,
  associatedTools: draft.picks.tools,
  associatedPrompts: draft.picks.prompts,
  associatedResources: draft.picks.resources,
  aliases: Object.fromEntries(
    Object.entries(draft.aliases).filter(([id]) => KINDS.some((kind) => draft.picks[kind].includes(id))),
  ),
});

/** The draft with items chosen or no longer chosen. */
export function choose(draft: Draft, items: readonly Item[], on: boolean): Draft {
  const picks = { ...draft.picks };
  for (const kind of KINDS) {
    const ids = new Set(items.filter((item) => item.kind === kind).map((item) => item.id));
    picks[kind] = on ? [...new Set([...picks[kind], ...ids])] : picks[kind].filter((id) => !ids.has(id));
  }
  return { ...draft, picks };
}

/** The name an item gets, why, and what is wrong with it. */
export type Naming = { name: string; why: "own" | "given" | "renamed"; clash: boolean };

/** The names of one kind in the order chosen. `held` are the names saved before. */
export function namesOf(
  ids: readonly string[],
  aliases: Draft["aliases"],
  held: ReadonlyMap<string, string>,
  catalog: ReadonlyMap<string, Item>,
): Map<string, Naming> {
  const named = new Map<string, Naming>();
  const taken = new Set<string>();
  for (const id of ids) {
    const kept = aliases[id] ?? held.get(id);
    if (kept === undefined) continue;
    const why = kept === catalog.get(id)?.wanted ? "own" : "given";
    named.set(id, { name: kept, why, clash: taken.has(kept) });
    taken.add(kept);
  }
  for (const id of ids) {
    const item = catalog.get(id);
    if (item === undefined || named.has(id)) continue;
    const name = (item.kind === "resources" ? claimUri : claim)(taken, item.wanted, item.slug);
    named.set(id, { name, why: name === item.wanted ? "own" : "renamed", clash: false });
  }
  return named;
}
