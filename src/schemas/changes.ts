// What upstreams changed in their tools, as the REST API shows it and takes decisions on it.
import * as z from "zod";
import { jsonObject } from "./common.ts";

/** Something in a definition that a person should look at before a model does. */
export const warning = z
  .object({
    kind: z
      .enum(["invisible", "bidirectional", "private_use", "instructions"])
      .describe("Characters nobody sees, that turn the direction of text, or without a meaning; orders to the model"),
    where: z.string().describe("Path in the definition, such as `inputSchema.properties.q.description`"),
    excerpt: z.string().describe("The place, with characters that can't be seen spelled as `<U+200B>`"),
  })
  .meta({ id: "Warning" });
export type Warning = z.infer<typeof warning>;

/** SHA-256 of a definition, keys sorted at every depth, in hex. */
export const definitionHash = z.string().regex(/^[0-9a-f]{64}$/, "must be 64 hexadecimal digits");

/** `before` or `after` is left out where the field is not there. */
export const fieldChange = z
  .object({
    path: z.string().describe("Such as `description` or `inputSchema.properties.q.type`"),
    before: z.unknown().optional(),
    after: z.unknown().optional(),
  })
  .meta({ id: "FieldChange" });

const status = z
  .enum(["pending", "first", "approved", "rejected", "auto", "reverted"])
  .describe(
    "pending: waits for a decision. first: it came with its upstream. auto: the upstream needs no approval. reverted: it was gone before anybody decided",
  );

const change = {
  toolId: z.string(),
  toolName: z.string().describe("Name in the catalog; it stays when the upstream renames the tool"),
  originalName: z.string().describe("Name at its upstream"),
  gatewayId: z.string().nullable(),
  gatewayName: z.string().nullable(),
  kind: z.enum(["new", "changed", "renamed"]),
  status,
  hash: definitionHash.describe("Of the definition that this is about"),
  approvedHash: definitionHash.nullable().describe("Of the definition approved last; null: none was"),
  current: z.boolean().describe("The upstream offers this definition now: it can be approved or rejected"),
  seenAt: z.string().describe("When it was first seen, as ISO-8601 UTC"),
  decidedAt: z.string().nullable(),
  decidedBy: z.string().nullable(),
  withheldFrom: z
    .array(z.object({ id: z.string(), name: z.string() }))
    .describe("Virtual servers that hold the tool and go without it now"),
  warnings: z.array(warning),
  diff: z
    .array(fieldChange)
    .describe("By field, against the definition approved before. A list has the first 20, cut after 1,000 characters"),
};

export const changeRead = z.object(change).meta({ id: "Change" });
export type ChangeRead = z.infer<typeof changeRead>;

/** One with both definitions whole, and the latest 100 of all that the tool ever had, newest first. */
export const changeDetail = z
  .object({
    ...change,
    definition: jsonObject,
    approvedDefinition: jsonObject.nullable(),
    history: z.array(
      z.object({
        hash: definitionHash,
        status,
        seenAt: z.string(),
        decidedAt: z.string().nullable(),
        decidedBy: z.string().nullable(),
        definition: jsonObject,
      }),
    ),
  })
  .meta({ id: "ChangeDetail" });
export type ChangeDetail = z.infer<typeof changeDetail>;

export const changeQuery = z.object({
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  status: z.enum(["pending", "rejected", "all"]).default("pending"),
  gateway_id: z.string().optional(),
  tool_id: z.string().optional(),
  q: z.string().max(200).optional().describe("Part of a tool's name, here or at its upstream"),
});
export type ChangeQuery = z.infer<typeof changeQuery>;

/** `cursor` is that of the page before; newest first. */
export const changeList = z.object({
  changes: z.array(changeRead),
  nextCursor: z.string().nullable(),
  total: z.number().int(),
});

/** A decision names the definition it is about; when the tool has another by now, it is refused with 409. */
export const decision = z.strictObject({ hash: definitionHash }).meta({ id: "Decision" });

export const approvals = z
  .strictObject({
    items: z
      .array(z.strictObject({ toolId: z.string(), hash: definitionHash }))
      .min(1)
      .max(100),
  })
  .meta({ id: "Approvals" });

/** What came of each, in the order asked; one that is refused does not hold up the others. */
export const approvalOutcomes = z.object({
  outcomes: z.array(
    z.object({
      toolId: z.string(),
      hash: definitionHash,
      approved: z.boolean(),
      code: z.string().optional().describe("Why not: the name of the failure"),
      detail: z.string().optional().describe("Why not: a sentence"),
    }),
  ),
});
