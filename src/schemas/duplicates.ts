// Duplicates among tools, as the REST API shows them, and "use this one" as it takes it.
import * as z from "zod";
import { jsonObject, visibility } from "./common.ts";

/** Why tools are taken for duplicates: the same name in several places, the same address, nearly the same description and arguments. */
export const WHY = ["name", "url", "similar"] as const;
export type Why = (typeof WHY)[number];

const named = z.object({ id: z.string(), name: z.string() });

export const duplicatesQuery = z.object({
  q: z.string().max(200).optional().describe("In a name, a description or the name of an upstream"),
  why: z.enum(WHY).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().optional(),
});

const duplicateTool = z.object({
  id: z.string(),
  name: z.string(),
  originalName: z.string(),
  gatewayId: z.string().nullable(),
  gatewayName: z.string().nullable(),
  integrationType: z.enum(["MCP", "REST"]),
  url: z.string().nullable(),
  description: z.string().nullable(),
  inputSchema: jsonObject,
  visibility,
  usedIn: z.array(named).describe("Virtual servers that hold it"),
});

const duplicateGroup = z
  .object({
    why: z.array(z.enum(WHY)),
    similarity: z
      .number()
      .describe("0 to 1: how alike the first and the one least like it are, by description and arguments"),
    tools: z.array(duplicateTool).describe("The one to keep first: in most virtual servers, then the oldest"),
  })
  .meta({ id: "DuplicateGroup" });

export const duplicatesAnswer = z.object({
  groups: z.array(duplicateGroup),
  nextCursor: z.string().nullable(),
  total: z.number().int(),
});
export type DuplicatesAnswer = z.infer<typeof duplicatesAnswer>;

export const resolveBody = z
  .strictObject({
    keep: z.string().describe("Id of the tool to use"),
    replace: z.array(z.string()).min(1).max(100).describe("Ids of the tools it takes the place of"),
    disable: z.boolean().default(false).describe("True: those are disabled"),
    dryRun: z.boolean().default(false).describe("True: only tells what would change"),
  })
  .refine(({ keep, replace }) => !replace.includes(keep), { path: ["replace"], message: "keep is among them" })
  .meta({ id: "DuplicatesResolve" });

export const resolved = z
  .object({
    dryRun: z.boolean(),
    keep: named,
    servers: z
      .array(
        z.object({
          id: z.string(),
          name: z.string(),
          as: z.string().describe("What the kept tool is called there afterwards"),
          replaced: z.array(named).describe("Tools that go, by the names they had there"),
          gone: z.array(z.string()).describe("Names that clients can't call there any more"),
          allowed: z.boolean().describe("False: the caller may not change this virtual server"),
        }),
      )
      .describe("Virtual servers that change"),
    disabled: z.array(z.object({ ...named.shape, allowed: z.boolean() })).describe("Tools that are disabled"),
    narrower: z.boolean().describe("True: not everybody who sees the tools replaced sees the one kept"),
  })
  .meta({ id: "DuplicatesResolved" });
export type Resolved = z.infer<typeof resolved>;
