// API tokens as the REST API shows and takes them (ContextForge: /tokens). Names in snake_case, as ContextForge has them
// here. The secret is answered once, when a token is made or rotated.
import * as z from "zod";
import { tagList } from "./common.ts";

const ids = z.array(z.string().min(1).max(200)).max(100);

/** Days are 0 (Sunday) to 6 or their English names; hours are HH:MM, and an end before the start means over midnight. */
export const timeWindow = z.strictObject({
  days: z
    .array(z.union([z.number().int().min(0).max(6), z.enum(["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"])]))
    .optional(),
  start: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
    .optional(),
  end: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
    .optional(),
  timezone: z.string().max(64).optional().describe("IANA name; default UTC"),
});

export const usageLimits = z.strictObject({
  requests_per_hour: z.number().int().min(1).nullish(),
  requests_per_day: z.number().int().min(1).nullish(),
});

export const tokenScope = z
  .strictObject({
    server_id: z.string().nullish().describe("One virtual server; the same as server_ids with one entry"),
    server_ids: ids.optional(),
    tools: ids.optional().describe("Names of tools within those virtual servers; empty: all"),
    permissions: z
      .array(z.string().max(100))
      .max(100)
      .optional()
      .describe("Empty: all its user has, but those a login alone has"),
    ip_restrictions: z.array(z.string().max(64)).max(100).optional().describe("Addresses and CIDR ranges"),
    time_restrictions: timeWindow.nullish(),
    usage_limits: usageLimits.nullish(),
  })
  .meta({ id: "TokenScope" });
export type TokenScopeBody = z.infer<typeof tokenScope>;

const name = z.string().trim().min(1).max(200);

export const tokenCreate = z
  .strictObject({
    name,
    description: z.string().max(2000).nullish(),
    expires_in_days: z.number().int().min(1).max(3650).nullish().describe("Null or absent: never"),
    scope: tokenScope.nullish(),
    tags: tagList.optional(),
    team_id: z.string().nullish(),
    is_active: z.boolean().default(true),
  })
  .meta({ id: "TokenCreate" });
export type TokenCreate = z.infer<typeof tokenCreate>;

export const tokenUpdate = z
  .strictObject({
    name: name.optional(),
    description: z.string().max(2000).nullish(),
    scope: tokenScope.nullish(),
    tags: tagList.optional(),
    is_active: z.boolean().optional(),
  })
  .meta({ id: "TokenUpdate" });
export type TokenUpdate = z.infer<typeof tokenUpdate>;

export const tokenRotate = z.strictObject({
  overlap_hours: z.number().min(0).max(720).default(24).describe("How long the old secret works on"),
});
export const tokenRevoke = z.strictObject({ reason: z.string().max(500).nullish() });

export const tokenRead = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    prefix: z.string().describe("The first letters of the secret"),
    user_email: z.string(),
    team_id: z.string().nullable(),
    server_id: z.string().nullable(),
    server_ids: z.array(z.string()),
    tools: z.array(z.string()),
    resource_scopes: z.array(z.string()).describe("Permissions"),
    ip_restrictions: z.array(z.string()),
    time_restrictions: timeWindow,
    usage_limits: z.object({ requests_per_hour: z.number().nullable(), requests_per_day: z.number().nullable() }),
    tags: z.array(z.string()),
    created_at: z.string(),
    expires_at: z.string().nullable(),
    last_used: z.string().nullable(),
    last_used_ip: z.string().nullable(),
    is_active: z.boolean(),
    is_revoked: z.boolean(),
    revoked_at: z.string().nullable(),
    revoked_by: z.string().nullable(),
    revocation_reason: z.string().nullable(),
    replaced_by: z.string().nullable(),
    status: z.enum(["active", "inactive", "expired", "revoked"]),
    version: z.number().int(),
  })
  .meta({ id: "Token" });
export type TokenRead = z.infer<typeof tokenRead>;

export const tokenCreated = z
  .object({ token: tokenRead, access_token: z.string().describe("The secret: shown this once") })
  .meta({ id: "TokenCreated" });

export const tokenQuery = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  offset: z.coerce.number().int().min(0).default(0),
  q: z.string().max(200).optional(),
  status: z.enum(["active", "inactive", "expired", "revoked"]).optional(),
  include_inactive: z.stringbool().default(true),
});

export const tokenUsageQuery = z.object({ days: z.coerce.number().int().min(1).max(90).default(30) });

export const tokenList = z.object({
  tokens: z.array(tokenRead),
  total: z.number().int(),
  limit: z.number().int(),
  offset: z.number().int(),
});

export const tokenUsageRead = z
  .object({
    period_days: z.number().int(),
    total_requests: z.number().int(),
    blocked_requests: z.number().int(),
    success_rate: z.number().describe("Share of requests that were not blocked, 0 to 1"),
    top_endpoints: z.array(z.object({ endpoint: z.string(), requests: z.number().int() })),
    hours: z.array(z.object({ hour: z.string(), requests: z.number().int(), blocked: z.number().int() })),
  })
  .meta({ id: "TokenUsage" });
