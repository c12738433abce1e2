// Prompts as the REST API shows and takes them (ContextForge: PromptCreate, PromptUpdate, PromptRead).
import * as z from "zod";
import { body, entityInput, entityOutput, jsonObject } from "./common.ts";
import { toolName } from "./tools.ts";

const argument = z.strictObject({
  name: z.string().min(1),
  title: z.string().optional(),
  description: z.string().nullish(),
  required: z.boolean().optional(),
});

const fields = { ...entityInput, title: z.string().nullish(), arguments: z.array(argument).max(50).optional() };

/** A prompt of our own: a Jinja template that makes one user message. */
export const promptCreate = body("prompt", { ...fields, name: toolName, template: z.string().min(1).max(65_536) }).meta(
  {
    id: "PromptCreate",
  },
);
export type PromptCreate = z.infer<typeof promptCreate>;

export const promptUpdate = body("prompt", {
  ...fields,
  name: toolName.optional(),
  template: z.string().min(1).max(65_536).optional(),
}).meta({ id: "PromptUpdate" });
export type PromptUpdate = z.infer<typeof promptUpdate>;

export const promptRead = z
  .object({
    ...entityOutput,
    name: z.string(),
    originalName: z.string(),
    title: z.string().nullable(),
    template: z.string().nullable(),
    arguments: z.array(jsonObject),
    available: z.boolean().describe("False: its upstream no longer offers it"),
    gatewayId: z.string().nullable(),
    gatewayName: z.string().nullable(),
    gatewaySlug: z.string().nullable(),
    definition: jsonObject,
  })
  .meta({ id: "Prompt" });
export type PromptRead = z.infer<typeof promptRead>;

export const promptRender = z.record(z.string(), z.string()).meta({ id: "PromptArguments" });
export const promptMessages = z
  .looseObject({ messages: z.array(jsonObject), description: z.string().optional() })
  .meta({ id: "PromptMessages" });
