// Upstream MCP servers as the REST API shows and takes them (ContextForge: GatewayCreate, GatewayUpdate, GatewayRead).
import * as z from "zod";
import { warning } from "./changes.ts";
import { body, entityInput, entityOutput, jsonObject } from "./common.ts";
import { credentials } from "./credentials.ts";

/** `auto` and the eras; ContextForge's `SSE` and `STREAMABLEHTTP` mean "HTTP of this kind, era detected". */
const transport = z.preprocess(
  (given) => (typeof given === "string" ? given.toLowerCase().replace(/[-_]/g, "") : given),
  z.enum(["auto", "modern", "session", "sse", "streamablehttp", "http"]),
);

/**
 * Marks a server live: a stream to it is held even while no client listens, so that its changes and notifications are
 * heard at once. A held stream keeps a Durable Object in memory, which costs about $4 a month on Cloudflare.
 */
const keepLive = z
  .boolean()
  .describe(
    "Hold a stream to the server even while nobody listens, to hear of changes at once. Keeps an object in memory: about $4 a month",
  );

const autoApprove = z
  .boolean()
  .describe("What the server adds or changes from now on needs no approval: clients get it at once");

const url = z.string().refine((text) => URL.canParse(text) && /^(https?|builtin):/.test(text), {
  message: "must be an http or https URL",
});

export const upstreamCreate = body("gateway", {
  ...entityInput,
  ...credentials,
  name: z.string().trim().min(1).max(100),
  url,
  transport: transport.optional(),
  keepLive: keepLive.optional(),
  autoApprove: autoApprove.optional(),
}).meta({ id: "GatewayCreate" });
export type UpstreamCreate = z.infer<typeof upstreamCreate>;

export const upstreamUpdate = body("gateway", {
  ...entityInput,
  ...credentials,
  name: z.string().trim().min(1).max(100).optional(),
  url: url.optional(),
  transport: transport.optional(),
  keepLive: keepLive.optional(),
  autoApprove: autoApprove.optional(),
}).meta({ id: "GatewayUpdate" });
export type UpstreamUpdate = z.infer<typeof upstreamUpdate>;

/** A connection test: everything a create takes but the name. Nothing is saved. */
export const upstreamProbe = body("gateway", {
  ...credentials,
  url,
  transport: transport.optional(),
  name: z.string().optional(),
}).meta({ id: "GatewayProbe" });
export type UpstreamProbe = z.infer<typeof upstreamProbe>;

export const problem = z
  .object({ kind: z.string(), name: z.string(), reason: z.string() })
  .meta({ id: "Problem", description: "A definition of the upstream that could not be taken" });

const era = z.enum(["modern", "session", "sse", "builtin"]);
const spoken = z.object({ era, protocolVersion: z.string() });

/** What a connection test found. */
export const probeResult = z
  .object({
    success: z.literal(true),
    latencyMs: z.number(),
    era,
    protocolVersion: z.string(),
    evidence: z.array(z.string()).describe("What the server did when it was asked, in order"),
    serverInfo: jsonObject.nullable(),
    serverName: z.string().nullable(),
    serverVersion: z.string().nullable(),
    instructions: z.string().nullable(),
    capabilities: jsonObject,
    componentCounts: z.object({ tools: z.number(), prompts: z.number(), resources: z.number(), templates: z.number() }),
    tools: z.array(
      z.object({
        name: z.string(),
        title: z.string().nullable(),
        description: z.string().nullable(),
        annotations: jsonObject.nullable(),
        warnings: z.array(warning),
      }),
    ),
    prompts: z.array(z.object({ name: z.string(), description: z.string().nullable() })),
    resources: z.array(z.object({ uri: z.string(), name: z.string() })),
    problems: z.array(problem),
  })
  .meta({ id: "GatewayProbeResult" });
export type ProbeResult = z.infer<typeof probeResult>;

/** What a refresh changed, by kind; `validationErrors` are the definitions it could not take. */
export const refreshResult = z
  .object({
    gatewayId: z.string(),
    success: z.literal(true),
    toolsAdded: z.number().int(),
    toolsUpdated: z.number().int(),
    toolsRemoved: z.number().int(),
    toolsWithheld: z.number().int().describe("Of those added or updated: how many wait for approval"),
    resourcesAdded: z.number().int(),
    resourcesUpdated: z.number().int(),
    resourcesRemoved: z.number().int(),
    promptsAdded: z.number().int(),
    promptsUpdated: z.number().int(),
    promptsRemoved: z.number().int(),
    validationErrors: z.array(problem),
    durationMs: z.number(),
    refreshedAt: z.string(),
  })
  .meta({ id: "GatewayRefreshResult" });
export type RefreshResult = z.infer<typeof refreshResult>;

/** How it is known what a server speaks, and what that costs. */
const eraFacts = z
  .object({
    evidence: z.array(z.string()).describe("What the server did when it was asked, in order"),
    foundAt: z.string().describe("When it was last found to speak this"),
    change: z
      .object({ at: z.string(), from: spoken, to: spoken })
      .nullable()
      .describe("The latest change of era or revision; null when there was none"),
    lost: z
      .array(z.object({ clients: z.string(), what: z.string() }))
      .describe("What does not come through to clients of which revisions"),
  })
  .meta({ id: "EraFacts" });

export const upstreamRead = z
  .object({
    ...entityOutput,
    name: z.string(),
    slug: z.string(),
    url: z.string(),
    transport: z.enum(["STREAMABLEHTTP", "SSE", "BUILTIN"]).describe("ContextForge's word for how it is reached"),
    transportSetting: z.string().describe("auto, or the era the admin chose"),
    era,
    protocolVersion: z.string(),
    eraFacts,
    capabilities: jsonObject,
    serverInfo: jsonObject.nullable(),
    instructions: z.string().nullable(),
    keepLive,
    autoApprove,
    reachable: z.boolean(),
    status: z.enum(["up", "down", "disabled"]),
    lastSeen: z.string().nullable(),
    lastError: z.string().nullable(),
    lastRefreshAt: z.string().nullable(),
    authType: z.string(),
    authValue: z.string().nullable().describe("`*****` when credentials are stored; they never come back"),
    toolCount: z.number().int(),
    promptCount: z.number().int(),
    resourceCount: z.number().int(),
    skippedTools: z.array(z.string()),
    validationErrors: z.array(problem),
  })
  .meta({ id: "Gateway" });
export type UpstreamRead = z.infer<typeof upstreamRead>;
