// Reading the audit trail: filtered, a page at a time, and checked as a whole.
import { and, asc, count, desc, eq, gt, gte, lt, or, type SQL, sql } from "drizzle-orm";
import { begins, contains, type Database, tables } from "../db/client.ts";
import { checked, type Link, UNCHECKED, type Verdict } from "./chain.ts";

const { audit } = tables;

/** Which rows. Times are ISO-8601 UTC; `until` is the first moment that is out. */
export interface TrailFilter {
  readonly q?: string | undefined;
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly target_type?: string | undefined;
  readonly target_id?: string | undefined;
  readonly request_id?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** How many rows are read at once where all of them are. */
const BATCH = 1_000;

/** Rows as they are stored: `detail` as its very text, which the digest is made of. */
const LINK = {
  id: audit.id,
  at: audit.at,
  actor: audit.actor,
  action: audit.action,
  targetType: audit.targetType,
  targetId: audit.targetId,
  detail: sql<string>`${audit.detail}`.as("detail"),
  requestId: audit.requestId,
  ip: audit.ip,
  prevHash: audit.prevHash,
  hash: audit.hash,
};

/** A time as the column spells it: with milliseconds. */
const moment = (text: string): string => new Date(text).toISOString();

function matching({
  q,
  actor,
  action,
  target_type,
  target_id,
  request_id,
  since,
  until,
}: TrailFilter): SQL | undefined {
  return and(
    q ? or(...[audit.action, audit.targetType, audit.targetId, audit.actor].map((in_) => contains(in_, q))) : undefined,
    actor ? eq(audit.actor, actor) : undefined,
    action ? begins(audit.action, action) : undefined,
    target_type ? eq(audit.targetType, target_type) : undefined,
    target_id ? eq(audit.targetId, target_id) : undefined,
    request_id ? eq(audit.requestId, request_id) : undefined,
    since ? gte(audit.at, moment(since)) : undefined,
    until ? lt(audit.at, moment(until)) : undefined,
  );
}

/** The newest rows, or those older than the row `before`, and how many match at all. */
export async function newest(
  db: Database,
  filter: TrailFilter,
  limit: number,
  before?: number,
): Promise<{ rows: Link[]; total: number }> {
  const where = matching(filter);
  const [rows, [totals]] = await db.batch([
    db
      .select(LINK)
      .from(audit)
      .where(and(where, before === undefined ? undefined : lt(audit.id, before)))
      .orderBy(desc(audit.id))
      .limit(limit),
    db.select({ total: count() }).from(audit).where(where),
  ]);
  return { rows, total: totals?.total ?? 0 };
}

/** All rows that match, oldest first, in pages. */
export async function* pages(db: Database, filter: TrailFilter = {}): AsyncGenerator<Link[], void, void> {
  const where = matching(filter);
  for (let after = 0; ; ) {
    const rows = await db
      .select(LINK)
      .from(audit)
      .where(and(where, gt(audit.id, after)))
      .orderBy(asc(audit.id))
      .limit(BATCH);
    yield rows;
    const last = rows.at(-1);
    if (!last || rows.length < BATCH) return;
    after = last.id;
  }
}

/** Checks the chain from its first row, up to the first one that does not fit. */
export async function verify(db: Database): Promise<Verdict> {
  let verdict = UNCHECKED;
  for await (const rows of pages(db)) {
    verdict = await checked(verdict, rows);
    if (!verdict.intact) break;
  }
  return verdict;
}
