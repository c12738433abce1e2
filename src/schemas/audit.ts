// The audit trail as the REST API shows it. Names in snake_case; times are ISO-8601 UTC.
import * as z from "zod";

export const auditEntry = z
  .object({
    id: z.number().int(),
    at: z.string(),
    actor: z.string(),
    action: z.string().describe("`noun.verb`, such as `token.revoke`"),
    target_type: z.string(),
    target_id: z.string(),
    detail: z.record(z.string(), z.unknown()),
    request_id: z.string(),
    ip: z.string().nullable(),
    hash: z.string().nullable(),
    prev_hash: z.string().nullable(),
  })
  .meta({ id: "AuditEntry" });
export type AuditEntry = z.infer<typeof auditEntry>;

/** `cursor` is that of the page before; newest first. */
export const auditQuery = z.object({
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  q: z.string().max(200).optional().describe("Part of action, target or actor"),
  actor: z.string().optional(),
  action: z.string().optional().describe("An action, or its beginning: `token` finds `token.create`"),
  target_type: z.string().optional(),
  target_id: z.string().optional(),
  since: z.iso.datetime().optional(),
  until: z.iso.datetime().optional(),
});

export const auditList = z.object({
  entries: z.array(auditEntry),
  nextCursor: z.string().nullable(),
  total: z.number().int(),
});

export const auditCount = z
  .object({
    minute: z.string(),
    kind: z.enum(["denied", "secret_used"]),
    principal: z.string(),
    what: z.string(),
    target: z.string(),
    count: z.number().int(),
  })
  .meta({ id: "AuditCount" });

/** `broken` names the first row that does not fit the one before it. */
export const auditVerdict = z
  .object({
    intact: z.boolean(),
    rows: z.number().int().describe("Rows of the chain that were checked"),
    before_chain: z.number().int().describe("Older rows, written before there was a chain"),
    head: z.string().nullable().describe("Digest of the newest row: keep it elsewhere to notice a cut-off tail"),
    broken: z.object({ id: z.number().int(), reason: z.string() }).nullable(),
  })
  .meta({ id: "AuditVerdict" });
