// What the palette offers for a text: pages of the dashboard first, then what the gateway finds, by type.
import type { SearchAnswer } from "../../../../src/schemas/search.ts";
import { get, withFields } from "../../api.ts";
import type { IconName } from "../icon.tsx";
import type { PageLink } from "../palette.tsx";

type Found = SearchAnswer["results"][number];

/** A line of the palette. `about` says where it is from and what it is. */
export type Choice = { href: string; name: string; icon: IconName; about?: string; disabled?: boolean };
export type ChoiceGroup = { title: string; choices: Choice[] };

const TYPES: Record<Found["type"], { title: string; icon: IconName }> = {
  servers: { title: "Virtual servers", icon: "layers" },
  gateways: { title: "MCP servers", icon: "server" },
  tools: { title: "Tools", icon: "tool" },
  prompts: { title: "Prompts", icon: "message" },
  resources: { title: "Resources", icon: "file" },
  teams: { title: "Teams", icon: "team" },
  users: { title: "Users", icon: "user" },
  roles: { title: "Roles", icon: "role" },
  tokens: { title: "Tokens", icon: "key" },
};

/** Asks the gateway; nothing for an empty text. */
export const ask = async (q: string, signal: AbortSignal): Promise<Found[]> =>
  q === "" ? [] : (await get<SearchAnswer>(withFields("/search", { q, limit: 6 }), signal)).results;

/** Pages whose title has a word that begins so, for every word of the text. */
function pagesFor(text: string, pages: readonly PageLink[]): Choice[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return pages
    .filter(({ title }) => words.every((word) => ` ${title.toLowerCase()}`.includes(` ${word}`)))
    .map(({ title: name, ...page }) => ({ ...page, name }));
}

const choiceOf = ({ href, name, type, gateway, description, enabled }: Found): Choice[] => {
  const about = [gateway, description].filter(Boolean).join(" · ");
  return href === null
    ? []
    : [{ href, name, icon: TYPES[type].icon, disabled: !enabled, ...(about === "" ? {} : { about }) }];
};

/** All that is offered, in groups; the type of the best match comes first. */
export function offered(text: string, pages: readonly PageLink[], found: readonly Found[]): ChoiceGroup[] {
  const types = Map.groupBy(found, ({ type }) => type);
  return [
    { title: "Pages", choices: pagesFor(text, pages) },
    ...[...types].map(([type, results]) => ({ title: TYPES[type].title, choices: results.flatMap(choiceOf) })),
  ].filter(({ choices }) => choices.length > 0);
}
