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

/** Which rows. */
const filter = {
  q: z.string().max(200).optional().describe("Part of action, target or actor"),
  actor: z.string().optional(),
  action: z.string().optional().describe("An action, or its beginning: `token` finds `token.create`"),
  target_type: z.string().optional(),
  target_id: z.string().optional(),
  request_id: z.string().optional(),
  since: z.iso.datetime().optional(),
  until: z.iso.datetime().optional().describe("The first moment that is out"),
};

/** `cursor` is that of the page before; newest first. */
const paged = {
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
};

export const auditQuery = z.object({ ...paged, ...filter });

/** All of it, oldest first. */
export const auditExportQuery = z.object({ format: z.enum(["ndjson", "csv"]).default("ndjson"), ...filter });

export const auditList = z.object({
  entries: z.array(auditEntry),
  nextCursor: z.string().nullable(),
  total: z.number().int(),
});

const kind = z.enum(["denied", "secret_used"]);

export const auditCount = z
  .object({
    minute: z.string().describe("ISO-8601 UTC, to the minute"),
    kind,
    principal: z.string().describe("E-mail address; `anonymous`; `gateway` for what it does by itself; `others`"),
    what: z.string().describe("Permission or kind of credential that was lacking; purpose of the secret"),
    target: z.string().describe("Id of what was asked for, or a word for what has none"),
    count: z.number().int(),
  })
  .meta({ id: "AuditCount" });

/** Newest first. */
export const auditCountQuery = z.object({
  ...paged,
  kind: kind.optional(),
  principal: z.string().optional(),
  what: z.string().optional(),
  target: z.string().optional(),
  since: z.iso.datetime().optional(),
  until: z.iso.datetime().optional().describe("The first minute that is out"),
});

export const auditCountList = z.object({
  counts: z.array(auditCount),
  nextCursor: z.string().nullable(),
  total: z.number().int(),
});

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
export type AuditVerdict = z.infer<typeof auditVerdict>;
