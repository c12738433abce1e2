// How the catalog changes: rows, an audit row and the version stamp in one D1 batch, or not at all.
import type { BatchItem } from "drizzle-orm/batch";
import { type Database, openDatabase, tables } from "../db/client.ts";
import { GatewayError } from "../errors.ts";
import { bump, type Store, took } from "./stamp.ts";

/** Who changes something, and from where. */
export interface Author {
  readonly email: string;
  readonly requestId: string;
  readonly ip: string | null;
  readonly via: string;
  readonly userAgent: string | null;
}

/** What a catalog function works with. */
export interface Desk {
  readonly store: Store;
  readonly db: Database;
  readonly author: Author;
}

export const deskOf = (store: Store, author: Author): Desk => ({ store, db: openDatabase(store.d1), author });

/** Columns that tell who made a new row. */
export function made(desk: Desk) {
  const { email, ip, via, userAgent } = desk.author;
  const now = new Date().toISOString();
  return { createdAt: now, updatedAt: now, createdBy: email, createdFromIp: ip, createdVia: via, createdUserAgent: userAgent, ownerEmail: email };
}

/** Columns that tell who last changed a row. */
export function modified(desk: Desk) {
  const { email, ip, via, userAgent } = desk.author;
  return { updatedAt: new Date().toISOString(), modifiedBy: email, modifiedFromIp: ip, modifiedVia: via, modifiedUserAgent: userAgent };
}

/** What the audit trail keeps of a change. `detail` never holds secrets. */
export interface Deed {
  readonly action: string;
  readonly targetType: string;
  readonly targetId: string;
  readonly detail?: Record<string, unknown>;
}

const UNIQUE = /UNIQUE constraint failed: (\w+)\.(\w+)/;

/**
 * Commits statements together with their audit row and the new version.
 * @throws GatewayError `conflict` naming the field when a unique value is taken.
 */
export async function commit(desk: Desk, deed: Deed, statements: readonly BatchItem<"sqlite">[]): Promise<void> {
  const { db, author, store } = desk;
  const { detail = {}, ...what } = deed;
  const audit = db
    .insert(tables.audit)
    .values({ at: new Date().toISOString(), actor: author.email, requestId: author.requestId, ip: author.ip, detail, ...what });
  const prepared = [...statements, audit].map((statement) => bindings(store.d1, statement));
  const results = await store.d1.batch<{ version: number }>([...prepared, bump(store.d1, "catalog")]).catch((error: unknown) => {
    const [, table, column] = UNIQUE.exec(String(error)) ?? [];
    if (!column) throw error;
    throw new GatewayError("conflict", `Another of ${table} already has this ${column}`, { cause: error, details: { field: column } });
  });
  const version = results.at(-1)?.results[0]?.version;
  if (version !== undefined) took("catalog", version);
}

/** A drizzle statement as a D1 statement, so that raw and drizzle statements share one batch. */
function bindings(d1: D1Database, statement: BatchItem<"sqlite">): D1PreparedStatement {
  const { sql, params } = (statement as unknown as { toSQL(): { sql: string; params: unknown[] } }).toSQL();
  return d1.prepare(sql).bind(...params);
}

/** Refuses a change that was made from an older version than the stored one. */
export function requireVersion(stored: number, expected: number | undefined): void {
  if (expected !== undefined && expected !== stored) {
    throw new GatewayError("stale_version", `Somebody changed this meanwhile: it is at version ${stored}, your copy at ${expected}. Load it again`, {
      details: { version: stored },
    });
  }
}
