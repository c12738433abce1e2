// What the dashboard asks the gateway about who did what.
import type { z } from "zod";
import type { AuditEntry, AuditVerdict, auditCount } from "../../../../src/schemas/audit.ts";
import { get, withFields } from "../../api.ts";
import { here } from "../../location.ts";
import type { Entity } from "../../parts/table.tsx";
import { source } from "../access/source.ts";

export type { AuditVerdict };

type Count = z.infer<typeof auditCount>;
export type Entry = Omit<AuditEntry, "id"> & Entity;
export type CountRow = Count & Entity;

const AUDIT = "/audit";

const asEntry = (raw: AuditEntry): Entry => ({ ...raw, id: String(raw.id), name: raw.action, enabled: true });

export const ENTRIES = source({ kind: "audit", path: AUDIT, under: "entries", row: asEntry });

export const COUNTS = source({
  kind: "audit",
  path: `${AUDIT}/counts`,
  under: "counts",
  row: (raw: Count): CountRow => ({
    ...raw,
    id: [raw.minute, raw.kind, raw.principal, raw.what, raw.target].join("\n"),
    name: raw.what,
    enabled: true,
  }),
});

export const getEntry = async (id: string, signal: AbortSignal): Promise<Entry> =>
  asEntry(await get<AuditEntry>(`${AUDIT}/${encodeURIComponent(id)}`, signal));

/** Checks the whole chain. */
export const verifyChain = (): Promise<AuditVerdict> => get(`${AUDIT}/verify`);

const SPANS = { "1h": 3600, "24h": 86_400, "7d": 604_800, "30d": 2_592_000 } as const;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const isSpan = (text: string | null): text is keyof typeof SPANS => text !== null && text in SPANS;

/** The time the address asks for: `last` is a span until now, `since` and `until` are days (UTC), the latter included. */
export function timeAsked(now: number): { since: string | undefined; until: string | undefined } {
  const { query } = here.value;
  const last = query.get("last");
  // to the minute, so that what is asked for stays the same for a while
  if (isSpan(last))
    return { since: iso(Math.floor(now / MINUTE_MS) * MINUTE_MS - SPANS[last] * 1000), until: undefined };
  return { since: dayIn(query.get("since"), 0), until: dayIn(query.get("until"), 1) };
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** The beginning of a day (YYYY-MM-DD), or of one so many days later; undefined when there is none. */
function dayIn(text: string | null, later: number): string | undefined {
  const day = Date.parse(text ?? "");
  return Number.isNaN(day) ? undefined : iso(day + later * DAY_MS);
}

/** The file with everything that fits what the address asks for. */
export const exportPath = (format: "ndjson" | "csv", filter: Record<string, string | undefined>): string =>
  withFields(`${AUDIT}/export`, { format, ...filter });
