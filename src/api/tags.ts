// REST: /tags. Tags are written on entities; here they are counted and looked up.
import * as z from "zod";
import { taggedEntities } from "../catalog/tags.ts";
import type { Context } from "../context.ts";
import { sightOf } from "../identity/caller.ts";
import { commaList } from "../schemas/common.ts";
import { type Route, route } from "./route.ts";

const tag = "Tags";
const entity = z.object({ id: z.string(), name: z.string(), type: z.string(), description: z.string().nullable() });
const stats = z.object({
  tools: z.number(),
  resources: z.number(),
  prompts: z.number(),
  servers: z.number(),
  gateways: z.number(),
  total: z.number(),
});

const NOUNS = ["tools", "resources", "prompts", "servers", "gateways"] as const;
type NounName = (typeof NOUNS)[number];

const query = z.object({
  include_entities: z.stringbool().default(false),
  entity_types: commaList.pipe(z.array(z.enum(NOUNS))).default([...NOUNS]),
});

const found = async (context: Context, wanted: readonly NounName[]) =>
  (await taggedEntities(context.desk, sightOf(context.caller))).filter((row) => wanted.includes(row.type));

export const tagRoutes: readonly Route[] = [
  route("GET", "/tags", {
    summary: "All tags with how often each is used",
    tag,
    permission: "tags.read",
    query,
    answer: z.array(z.object({ name: z.string(), stats, entities: z.array(entity) })),
    async run({ context, query: { entity_types, include_entities } }) {
      const groups = Map.groupBy(await found(context, entity_types), (row) => row.tag);
      return [...groups]
        .sort(([one], [other]) => one.localeCompare(other))
        .map(([name, rows]) => ({
          name,
          stats: {
            ...Object.fromEntries(NOUNS.map((noun) => [noun, rows.filter((row) => row.type === noun).length])),
            total: rows.length,
          },
          entities: include_entities ? rows.map(({ tag: _tag, ...row }) => row) : [],
        }));
    },
  }),
  route("GET", "/tags/:tag/entities", {
    summary: "Everything with a tag",
    tag,
    permission: "tags.read",
    query,
    answer: z.array(entity),
    async run({ context, params, query: { entity_types } }) {
      const rows = await found(context, entity_types);
      return rows.filter((row) => row.tag === params.tag?.toLowerCase()).map(({ tag: _tag, ...row }) => row);
    },
  }),
];
