// One search over everything, as the REST API takes and answers it.
import * as z from "zod";
import { commaList, tagList } from "./common.ts";

/** What can be found, in the order in which ties are shown. */
export const FOUND_TYPES = [
  "servers",
  "gateways",
  "tools",
  "prompts",
  "resources",
  "teams",
  "users",
  "roles",
  "tokens",
] as const;
export type FoundType = (typeof FOUND_TYPES)[number];

/**
 * What a word can be found in, with what that is worth; a record is worth the mean of its words. The whole query counts for
 * more where it is a name, or begins one.
 */
export const MATCHES = {
  exact: 100,
  prefix: 90,
  id: 80,
  word: 70,
  part: 50,
  alias: 40,
  tag: 30,
  description: 10,
} as const;
export type Match = keyof typeof MATCHES;

const types = commaList.pipe(z.array(z.enum(FOUND_TYPES)).min(1)).optional();

export const searchQuery = z.object({
  q: z.string().trim().min(1).max(200).describe("Words that must all be found; the case of A to Z does not matter"),
  types: types.describe("Default: all"),
  entity_types: types.describe("Another name of `types`"),
  limit: z.coerce.number().int().min(1).max(50).default(8).describe("Most results of one type"),
  tags: tagList.optional().describe("Only what has one of these"),
  gateway_id: z.string().optional().describe("Only what comes from this upstream"),
  team_id: z.string().optional().describe("Only what is this team's"),
});

export const searchResult = z.object({
  type: z.enum(FOUND_TYPES),
  id: z.string(),
  name: z.string(),
  description: z.string().nullable().describe("An excerpt, around the first word found in it"),
  enabled: z.boolean(),
  gateway: z.string().nullable().describe("Name of the upstream it comes from"),
  href: z.string().nullable().describe("Its page of the dashboard"),
  score: z.number().int().describe("0 to 100"),
  matched: z.array(z.enum(Object.keys(MATCHES) as [Match, ...Match[]])).describe("What the words were found in"),
});

export const searchAnswer = z
  .object({
    query: z.string(),
    types: z.array(z.enum(FOUND_TYPES)).describe("What was searched: the types asked for that the caller may read"),
    results: z.array(searchResult).describe("The best first"),
    total: z.number().int().describe("How many match, those beyond `limit` included"),
  })
  .meta({ id: "SearchAnswer" });
export type SearchAnswer = z.infer<typeof searchAnswer>;
