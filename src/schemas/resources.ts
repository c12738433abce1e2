// Resources as the REST API shows and takes them (ContextForge: ResourceCreate, ResourceUpdate, ResourceRead).
import * as z from "zod";
import { body, entityInput, entityOutput, jsonObject } from "./common.ts";

const uri = z
  .string()
  .max(2048)
  .refine((text) => URL.canParse(text), { message: "must be a URI with a scheme" });
const fields = { ...entityInput, title: z.string().nullish(), mimeType: z.string().max(200).nullish() };

/** A text resource of our own; at most 100 KB of text. */
export const resourceCreate = body("resource", {
  ...fields,
  uri,
  name: z.string().min(1).max(255),
  content: z.string().max(102_400),
}).meta({ id: "ResourceCreate" });
export type ResourceCreate = z.infer<typeof resourceCreate>;

export const resourceUpdate = body("resource", {
  ...fields,
  uri: uri.optional(),
  name: z.string().min(1).max(255).optional(),
  content: z.string().max(102_400).optional(),
}).meta({ id: "ResourceUpdate" });
export type ResourceUpdate = z.infer<typeof resourceUpdate>;

export const resourceRead = z
  .object({
    ...entityOutput,
    uri: z.string(),
    uriTemplate: z.string().nullable(),
    name: z.string(),
    title: z.string().nullable(),
    mimeType: z.string().nullable(),
    size: z.number().nullable(),
    annotations: jsonObject.nullable(),
    available: z.boolean().describe("False: its upstream no longer offers it"),
    gatewayId: z.string().nullable(),
    gatewayName: z.string().nullable(),
    gatewaySlug: z.string().nullable(),
    definition: jsonObject,
  })
  .meta({ id: "Resource" });
export type ResourceRead = z.infer<typeof resourceRead>;

export const resourceContent = z
  .looseObject({
    type: z.literal("resource"),
    id: z.string(),
    uri: z.string(),
    mime_type: z.string().nullable(),
    text: z.string().nullable(),
    blob: z.string().nullable(),
  })
  .meta({ id: "ResourceContent" });
