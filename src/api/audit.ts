// REST: /audit, the trail of changes, its export and its check, and the counts of denials and uses of secrets. Shapes in
// schemas/audit.ts; who may see any of it may see all.
import * as z from "zod";
import { GatewayError } from "../errors.ts";
import { csvRecord } from "../lib/csv.ts";
import { encodeCursor } from "../lib/paginate.ts";
import type { Link } from "../observability/chain.ts";
import { newestCounts, positionOf, writeCounts } from "../observability/counts.ts";
import { newest, pages, verify } from "../observability/trail.ts";
import {
  type AuditEntry,
  type AuditVerdict,
  auditCountList,
  auditCountQuery,
  auditEntry,
  auditExportQuery,
  auditList,
  auditQuery,
  auditVerdict,
} from "../schemas/audit.ts";
import { aNumber, positionIn } from "./cursor.ts";
import { fileOf } from "./file.ts";
import { type Route, route } from "./route.ts";

const common = { tag: "Audit", permission: "audit.read" } as const;

const entryOf = ({ targetType, targetId, requestId, prevHash, detail, ...row }: Link): AuditEntry => ({
  ...row,
  target_type: targetType,
  target_id: targetId,
  detail: JSON.parse(detail) as AuditEntry["detail"],
  request_id: requestId,
  prev_hash: prevHash,
});

const COLUMNS = [
  "id",
  "at",
  "actor",
  "action",
  "target_type",
  "target_id",
  "detail",
  "request_id",
  "ip",
  "prev_hash",
  "hash",
] as const satisfies readonly (keyof AuditEntry)[];

const FORMATS = {
  ndjson: {
    type: "application/x-ndjson",
    head: "",
    line: (row: Link) => `${JSON.stringify(entryOf(row))}\n`,
  },
  csv: {
    type: "text/csv; charset=utf-8; header=present",
    head: csvRecord(COLUMNS),
    line(row: Link) {
      const entry = { ...entryOf(row), detail: row.detail };
      return csvRecord(COLUMNS.map((column) => entry[column]));
    },
  },
};

const aLine = z
  .string()
  .transform((text) => text.split("\n"))
  .pipe(z.array(z.string()).length(5));

export const auditRoutes: readonly Route[] = [
  route("GET", "/audit", {
    ...common,
    summary: "Who changed what, newest first",
    query: auditQuery,
    answer: auditList,
    async run({ context: { desk }, query: { cursor, limit, ...filter } }) {
      const { rows, total } = await newest(desk.db, filter, limit + 1, positionIn(cursor, aNumber));
      const shown = rows.slice(0, limit);
      const last = rows.length > limit ? shown.at(-1) : undefined;
      return {
        entries: shown.map(entryOf),
        nextCursor: last ? encodeCursor({ after: String(last.id) }) : null,
        total,
      };
    },
  }),
  route("GET", "/audit/export", {
    ...common,
    summary: "The trail as a file, oldest first: a JSON object like this in each line, or CSV",
    query: auditExportQuery,
    answer: auditEntry,
    run: async ({ context: { desk }, query: { format, ...filter } }) =>
      await fileOf("audit", format, FORMATS[format], pages(desk.db, filter)),
  }),
  route("GET", "/audit/verify", {
    ...common,
    summary: "Whether the trail's chain of digests is whole",
    answer: auditVerdict,
    async run({ context: { desk } }): Promise<AuditVerdict> {
      const { beforeChain, ...verdict } = await verify(desk.db);
      return { ...verdict, before_chain: beforeChain };
    },
  }),
  route("GET", "/audit/counts", {
    ...common,
    summary: "Denied calls and uses of secrets, counted per principal, target and minute",
    query: auditCountQuery,
    answer: auditCountList,
    async run({ context: { store }, query: { cursor, limit, ...filter } }) {
      await writeCounts(store);
      const { rows, total } = await newestCounts(store.d1, filter, limit + 1, positionIn(cursor, aLine));
      const shown = rows.slice(0, limit);
      const last = rows.length > limit ? shown.at(-1) : undefined;
      return {
        counts: shown,
        nextCursor: last ? encodeCursor({ after: positionOf(last).join("\n") }) : null,
        total,
      };
    },
  }),
  route("GET", "/audit/:id", {
    ...common,
    summary: "One row of the trail",
    answer: auditEntry,
    async run({ context: { desk }, params }) {
      const id = aNumber.safeParse(params.id);
      const [row] = id.success ? (await newest(desk.db, {}, 1, id.data + 1)).rows : [];
      if (row === undefined || row.id !== id.data) throw new GatewayError("not_found", "Audit entry not found");
      return entryOf(row);
    },
  }),
];
