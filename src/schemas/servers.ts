// Virtual servers as the REST API shows and takes them (ContextForge: ServerCreate, ServerUpdate, ServerRead).
import * as z from "zod";
import { body, commaList, entityInput, entityOutput } from "./common.ts";
import { toolName } from "./tools.ts";

const includeNew = z
  .boolean()
  .describe("True: new tools of gateways that have tools in here are added by themselves, once they are approved");

const payloads = z
  .enum(["off", "redacted", "full"])
  .describe("What is kept of requests and answers: nothing, all but secrets, or all");
const payloadDays = z.number().int().min(1).max(90).describe("For how many days");

const fields = {
  ...entityInput,
  icon: z.url().nullish(),
  instructions: z.string().max(20_000).nullish(),
  open: z.boolean().optional().describe("True: MCP requests need no credential"),
  includeNew: includeNew.optional(),
  payloads: payloads.optional(),
  payloadDays: payloadDays.optional(),
  associatedTools: commaList.optional(),
  associatedResources: commaList.optional(),
  associatedPrompts: commaList.optional(),
  aliases: z
    .record(z.string(), toolName)
    .optional()
    .describe("Names to show in this virtual server, by tool or prompt id"),
};

export const serverCreate = body("server", {
  ...fields,
  id: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/)
    .transform((id) =>
      /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id) ? id.replaceAll("-", "").toLowerCase() : id,
    )
    .optional(),
  name: z.string().trim().min(1).max(200),
}).meta({ id: "ServerCreate" });
export type ServerCreate = z.infer<typeof serverCreate>;

/** Lists given replace what was there; names already given inside the virtual server are kept. */
export const serverUpdate = body("server", {
  ...fields,
  name: z.string().trim().min(1).max(200).optional(),
}).meta({ id: "ServerUpdate" });
export type ServerUpdate = z.infer<typeof serverUpdate>;

const member = z.object({
  id: z.string(),
  name: z.string().describe("Name in this virtual server; of a resource, its URI or template"),
  originalName: z.string().describe("The same at its upstream"),
  gatewayId: z.string().nullable(),
  gatewayName: z.string().nullable(),
});

export const serverRead = z
  .object({
    ...entityOutput,
    name: z.string(),
    icon: z.string().nullable(),
    instructions: z.string().nullable(),
    open: z.boolean(),
    includeNew,
    payloads,
    payloadDays,
    mcpUrl: z.string().describe("Where MCP clients connect"),
    associatedTools: z.array(z.string()).describe("Names"),
    associatedToolIds: z.array(z.string()),
    associatedResources: z.array(z.string()).describe("Ids"),
    associatedPrompts: z.array(z.string()).describe("Ids"),
    associatedA2aAgents: z.array(z.string()),
    tools: z.array(member),
    prompts: z.array(member),
    resources: z.array(member),
    renamed: z
      .array(z.object({ id: z.string(), wanted: z.string(), name: z.string() }))
      .describe("Members whose name or URI was taken in this virtual server, with the one they got"),
  })
  .meta({ id: "Server" });
export type ServerRead = z.infer<typeof serverRead>;
