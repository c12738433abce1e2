// REST: /search, one search over everything. Each kind of record is searched for those who may read its list, and found as
// that list shows it.
import type { SQL } from "drizzle-orm";
import { CATALOG, type Hit, search, wordsOf } from "../catalog/search.ts";
import type { Context } from "../context.ts";
import { roleRows, teamRows, tokenRows, userRows } from "../identity/search.ts";
import { lowerCase } from "../lib/lower-case.ts";
import { can, type Permission } from "../policy/can.ts";
import { listedTeams } from "../policy/teams.ts";
import { FOUND_TYPES, type FoundType, type SearchAnswer, searchAnswer, searchQuery } from "../schemas/search.ts";
import { type Route, route } from "./route.ts";

/** What a kind asks for, which of its records a caller finds, and the page of the dashboard that shows one. */
interface Kind {
  readonly permission: Permission;
  rows(context: Context): SQL;
  href(hit: Hit): string | null;
}

const at = (page: string) => (hit: Hit) => `/ui/${page}/${encodeURIComponent(hit.id)}`;
const atGateway = ({ gatewayId }: Hit) => (gatewayId === null ? null : `/ui/servers/${gatewayId}`);

const KINDS: Readonly<Record<FoundType, Kind>> = {
  tools: { permission: "tools.read", rows: ({ caller }) => CATALOG.tools(caller.sight), href: at("tools") },
  prompts: { permission: "prompts.read", rows: ({ caller }) => CATALOG.prompts(caller.sight), href: atGateway },
  resources: { permission: "resources.read", rows: ({ caller }) => CATALOG.resources(caller.sight), href: atGateway },
  servers: {
    permission: "servers.read",
    rows: ({ caller }) => CATALOG.servers(caller.sight),
    href: at("virtual-servers"),
  },
  gateways: { permission: "gateways.read", rows: ({ caller }) => CATALOG.gateways(caller.sight), href: at("servers") },
  teams: {
    permission: "teams.read",
    rows: ({ caller }) => teamRows(listedTeams(caller), caller.id),
    href: at("teams"),
  },
  users: { permission: "users.read", rows: userRows, href: at("users") },
  roles: { permission: "roles.read", rows: roleRows, href: at("roles") },
  tokens: { permission: "tokens.read", rows: ({ caller }) => tokenRows(caller.id), href: at("tokens") },
};

/** Characters of a description that are shown, and of those, how many before the word. */
const EXCERPT = 160;
const BEFORE = 40;

/** The part of a text around the first of the words. */
function excerpt(text: string | null, words: readonly string[]): string | null {
  if (text === null) return null;
  const letters = [...text];
  if (letters.length <= EXCERPT) return text;
  const places = words.map((word) => lowerCase(text).indexOf(word)).filter((place) => place >= 0);
  const first = places.length === 0 ? 0 : [...text.slice(0, Math.min(...places))].length;
  const from = Math.max(0, Math.min(first - BEFORE, letters.length - EXCERPT));
  const to = from + EXCERPT;
  return `${from > 0 ? "…" : ""}${letters.slice(from, to).join("")}${to < letters.length ? "…" : ""}`;
}

export const searchRoutes: readonly Route[] = [
  route("GET", "/search", {
    summary: "Search everything you may read: names, tags and descriptions, the best match first",
    tag: "Search",
    own: "credential",
    query: searchQuery,
    answer: searchAnswer,
    async run({ context, query }): Promise<SearchAnswer> {
      const { types, entity_types, ...wanted } = query;
      const asked = types ?? entity_types ?? FOUND_TYPES;
      const searched = FOUND_TYPES.filter(
        (type) => asked.includes(type) && can(context.caller, KINDS[type].permission) === "yes",
      );
      const sources = searched.map((type) => ({ type, rows: KINDS[type].rows(context) }));
      const { hits, total } = await search(context.desk, sources, wanted);
      const words = wordsOf(query.q);
      const results = hits.map((hit) => {
        const { gatewayId: _, ...shown } = hit;
        return {
          ...shown,
          matched: [...hit.matched],
          description: excerpt(hit.description, words),
          href: KINDS[hit.type].href(hit),
        };
      });
      return { query: query.q, types: searched, results, total };
    },
  }),
];
