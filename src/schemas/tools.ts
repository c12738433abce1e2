// Tools as the REST API shows and takes them (ContextForge: ToolCreate, ToolUpdate, ToolRead).
import * as z from "zod";
import type { JsonValue } from "../lib/json.ts";
import { paramHeadersOf } from "../lib/param-headers.ts";
import { definitionHash, warning } from "./changes.ts";
import { entityInput, entityOutput, flatten, jsonObject } from "./common.ts";
import { credentials } from "./credentials.ts";
import { joined, responseFilter, restFilter, restMapping, restMethod, restUrl } from "./rest-call.ts";

/** MCP 2025-11-25 server/tools: 1 to 128 of these; ContextForge also allows `/`. */
export const toolName = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._/-]{0,127}$/, "must be 1 to 128 letters, digits or . _ / -");

const schemaObject = jsonObject.refine((schema) => schema.type === undefined || schema.type === "object", {
  message: "must be a JSON Schema whose type is object",
});

/** What arguments look like, and which of them `x-mcp-header` mirrors in headers. */
const inputSchema = schemaObject.superRefine((schema, { addIssue }) => {
  try {
    paramHeadersOf(schema as JsonValue);
  } catch (error) {
    addIssue(error instanceof Error ? error.message : String(error));
  }
});

const fields = {
  ...entityInput,
  ...credentials,
  ...restMapping,
  ...restFilter,
  displayName: z.string().max(200).nullish(),
  title: z.string().max(200).nullish(),
  url: restUrl.optional(),
  requestType: z.preprocess((given) => (given === "SSE" ? undefined : given), restMethod.optional()),
  integrationType: z.literal("REST").optional(),
  headers: z.record(z.string(), z.string()).nullish(),
  inputSchema: inputSchema.optional(),
  outputSchema: schemaObject.nullish(),
  annotations: jsonObject.nullish(),
  timeoutMs: z.number().int().min(100).max(300_000).nullish(),
  deprecated: z.boolean().optional(),
};

/** ContextForge may split the URL in two, and wrap credentials into `auth`. */
function unsplit(given: unknown): unknown {
  const flat = flatten(flatten(given, "tool"), "auth");
  if (typeof flat !== "object" || flat === null || !("baseUrl" in flat) || "url" in flat) return flat;
  const { baseUrl, pathTemplate = "", ...others } = flat as Record<string, unknown>;
  return { ...others, url: joined(String(baseUrl), String(pathTemplate)) };
}

const toolBody = <Shape extends z.ZodRawShape>(shape: Shape) => z.preprocess(unsplit, z.strictObject(shape));

/** A REST tool: POST with a JSON body unless `requestType` says otherwise. MCP tools come from their upstream. */
export const toolCreate = toolBody({
  ...fields,
  name: toolName,
  url: restUrl,
}).meta({ id: "ToolCreate" });
export type ToolCreate = z.infer<typeof toolCreate>;

/** Any field may be left out. `customName` renames; for a tool of an upstream only texts, tags and states change. */
export const toolUpdate = toolBody({
  ...fields,
  name: toolName.optional(),
  customName: toolName.optional(),
}).meta({ id: "ToolUpdate" });
export type ToolUpdate = z.infer<typeof toolUpdate>;

export const toolRead = z
  .object({
    ...entityOutput,
    name: z.string().describe("Name in the catalog"),
    originalName: z.string().describe("Name at its upstream"),
    displayName: z.string().nullable(),
    title: z.string().nullable(),
    customName: z.string(),
    customNameSlug: z.string(),
    originalDescription: z.string().nullable(),
    url: z.string().nullable(),
    integrationType: z.enum(["MCP", "REST"]),
    requestType: z.string(),
    headers: z.record(z.string(), z.string()).nullable(),
    authType: z.string().nullable().describe("How a REST tool presents itself; null for tools of an upstream"),
    queryMapping: z.record(z.string(), z.string()).nullable(),
    headerMapping: z.record(z.string(), z.string()).nullable(),
    bodyType: z.string().nullable(),
    bodyArgument: z.string().nullable(),
    responseFilter: responseFilter.nullable(),
    problem: z.string().nullable().describe("Why it can't be called as it is"),
    inputSchema: jsonObject,
    outputSchema: jsonObject.nullable(),
    annotations: jsonObject.nullable(),
    timeoutMs: z.number().nullable(),
    deprecated: z.boolean(),
    executionCount: z.number().int().describe("How often it was ever called"),
    reachable: z.boolean(),
    available: z.boolean().describe("False: its upstream no longer offers it"),
    gatewayId: z.string().nullable(),
    gatewayName: z.string().nullable(),
    gatewaySlug: z.string().nullable(),
    federationSource: z.string().nullable(),
    servers: z.array(z.object({ id: z.string(), name: z.string() })).describe("Virtual servers that hold it"),
    definition: jsonObject.describe("The MCP Tool object as its upstream gave it"),
    hash: definitionHash.nullable().describe("Of the definition; null for a tool of our own"),
    withheld: z.boolean().describe("True: clients do not get it until the definition is approved (/changes)"),
    warnings: z.array(warning),
  })
  .meta({ id: "Tool" });
export type ToolRead = z.infer<typeof toolRead>;

/** Tools to disable, by id. */
export const toolsDisable = z
  .strictObject({
    ids: z
      .array(z.string())
      .min(1)
      .max(500)
      .transform((ids) => [...new Set(ids)]),
  })
  .meta({ id: "ToolsDisable" });

const toolDisabled = z.object({
  id: z.string(),
  name: z.string().nullable(),
  outcome: z.enum(["disabled", "unchanged", "forbidden", "not_found"]).describe("`unchanged`: it was disabled already"),
});
export type ToolDisabled = z.infer<typeof toolDisabled>;

export const toolsDisabled = z.object({ results: z.array(toolDisabled) }).meta({ id: "ToolsDisabled" });
