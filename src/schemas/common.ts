// Shapes every noun of the REST API shares: how bodies may be written, how lists are asked for and answered, what an
// error looks like. ContextForge's names; no Workers imports, so that the dashboard reads them too.
import * as z from "zod";
import { entityMetrics } from "./metrics.ts";

const camel = (key: string): string => key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** Spells the top-level keys of a body in camelCase and takes it out of its wrapper; values stay untouched. */
export function flatten(body: unknown, wrapper: string): unknown {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return body;
  const { [wrapper]: inner, ...beside } = body as Record<string, unknown>;
  const wrapped = typeof inner === "object" && inner !== null && !Array.isArray(inner);
  const flat = wrapped ? { ...beside, ...inner } : body;
  return Object.fromEntries(Object.entries(flat).map(([key, value]) => [camel(key), value]));
}

/** A body schema that reads flat and wrapped, snake_case and camelCase. Unknown fields are refused by name. */
export const body = <Shape extends z.ZodRawShape>(wrapper: string, shape: Shape) =>
  z.preprocess((given) => flatten(given, wrapper), z.strictObject(shape));

/** A list written as an array or as one text separated by commas. */
export const commaList = z.preprocess(
  (given) =>
    typeof given === "string"
      ? given
          .split(",")
          .map((part) => part.trim())
          .filter(Boolean)
      : given,
  z.array(z.string()),
);

/** Tags, written as texts or as `{id, label}`. */
export const tagList = z
  .preprocess(
    (given) =>
      Array.isArray(given)
        ? given.map((tag) => (typeof tag === "object" && tag !== null && "label" in tag ? tag.label : tag))
        : given,
    commaList,
  )
  .pipe(z.array(z.string().trim().toLowerCase().min(1).max(50)).max(50))
  .transform((tags) => [...new Set(tags)]);

/** What is shown in place of a secret. */
export const HIDDEN = "*****";

export const jsonObject = z.record(z.string(), z.unknown());
export const visibility = z.enum(["private", "team", "public"]);

/** Fields any entity may be created or changed with. */
export const entityInput = {
  description: z.string().max(8192).nullish(),
  tags: tagList.optional(),
  visibility: visibility.optional(),
  teamId: z.string().nullish(),
};

/** Fields any entity is answered with. `version` is its ETag; times are ISO-8601 UTC. */
export const entityOutput = {
  id: z.string(),
  description: z.string().nullable(),
  enabled: z.boolean(),
  tags: z.array(z.object({ id: z.string(), label: z.string() })),
  visibility,
  ownerEmail: z.string().nullable(),
  teamId: z.string().nullable(),
  team: z.string().nullable(),
  version: z.number().int(),
  metrics: entityMetrics,
  createdAt: z.string(),
  updatedAt: z.string(),
  createdBy: z.string().nullable(),
  createdFromIp: z.string().nullable(),
  createdVia: z.string().nullable(),
  createdUserAgent: z.string().nullable(),
  modifiedBy: z.string().nullable(),
  modifiedFromIp: z.string().nullable(),
  modifiedVia: z.string().nullable(),
  modifiedUserAgent: z.string().nullable(),
};

const flag = z.stringbool();

/** What a list may be asked for. `limit` 0 means everything; `q` searches names and descriptions. */
export const listQuery = z.object({
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(0).max(500).default(50),
  include_pagination: flag.default(false),
  include_inactive: flag.default(false),
  tags: tagList.optional(),
  visibility: visibility.optional(),
  team_id: z.string().optional(),
  gateway_id: z.string().optional(),
  q: z.string().max(200).optional(),
});
export type ListQuery = z.infer<typeof listQuery>;

/** A list is a bare array, or with `include_pagination=true` an object that carries the next cursor and the total. */
export const listOf = <Item extends z.ZodType>(noun: string, item: Item) =>
  z.union([
    z.array(item),
    z.object({ [noun]: z.array(item), nextCursor: z.string().nullable(), total: z.number().int() }),
  ]);

export const stateQuery = z.object({ activate: flag.default(true) });

/** What a delete answers. */
export const deleted = z.object({ status: z.literal("success"), message: z.string() });

/** Every error. `detail` is a sentence, or for a body that does not fit one entry per field (FastAPI's shape). */
export const errorBody = z
  .object({
    detail: z.union([
      z.string(),
      z.array(z.object({ type: z.string(), loc: z.array(z.union([z.string(), z.number()])), msg: z.string() })),
    ]),
    code: z.string().describe("Stable name of the failure"),
    request_id: z.string().describe("Name this when asking for help; it is in the log"),
    upstream: z.string().optional().describe("Name of the upstream that failed"),
    url: z.string().optional().describe("Its URL, without the query"),
    stage: z.enum(["connect", "initialize", "list", "call"]).optional(),
    challenge: z.string().optional().describe("The upstream's WWW-Authenticate"),
    permission: z.string().optional().describe("The permission that is missing"),
    claim: z.string().optional().describe("Where a gateway is claimed that nobody has claimed yet"),
    credential: z.string().optional().describe("What was presented, where only a login is taken"),
    hash: z.string().nullish().describe("Hash of the definition that the tool has now"),
    field: z.string().optional().describe("The field that is in the way"),
    version: z.number().int().optional().describe("The version that is stored"),
    max_members: z.number().int().optional().describe("How many members the team may have"),
    member_count: z.number().int().optional().describe("How many it has"),
    entities: z.record(z.string(), z.number().int()).optional().describe("How much of each kind the team has"),
    teams: z
      .array(z.object({ id: z.string(), name: z.string() }))
      .optional()
      .describe("Teams that would be left without an owner"),
    reset_path: z.string().optional().describe("Where to POST another password, when the present one must be changed"),
    holders: z.number().int().optional().describe("How many hold the role"),
    heirs: z.number().int().optional().describe("How many roles inherit from it"),
  })
  .meta({ id: "Error" });
