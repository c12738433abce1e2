// How the catalog changes: rows, an audit row and the version stamp in one D1 batch, or not at all.
import { type SQL, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import type { SQLiteColumn, SQLiteTable } from "drizzle-orm/sqlite-core";
import { type Database, openDatabase } from "../db/client.ts";
import { GatewayError } from "../errors.ts";
import { append } from "../observability/audit.ts";
import type { GatewayName } from "../observability/outbox.ts";
import { bump, type StampName, type Store, took, versionsOf } from "./stamp.ts";

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
  readonly gateway: GatewayName;
}

export const deskOf = (store: Store, author: Author, gateway: GatewayName): Desk => ({
  store,
  db: openDatabase(store.d1),
  author,
  gateway,
});

/** The same desk in the name of a user who proved to be one. */
export const inTheNameOf = (desk: Desk, email: string): Desk => ({ ...desk, author: { ...desk.author, email } });

/** Columns that tell who made a new row. */
export function made(desk: Desk) {
  const { email, ip, via, userAgent } = desk.author;
  const now = new Date().toISOString();
  return {
    createdAt: now,
    updatedAt: now,
    createdBy: email,
    createdFromIp: ip,
    createdVia: via,
    createdUserAgent: userAgent,
    ownerEmail: email,
  };
}

/** Columns that tell who last changed a row. */
export function modified(desk: Desk) {
  const { email, ip, via, userAgent } = desk.author;
  return {
    updatedAt: new Date().toISOString(),
    modifiedBy: email,
    modifiedFromIp: ip,
    modifiedVia: via,
    modifiedUserAgent: userAgent,
  };
}

/** The entries that have a value, null included. */
export const defined = <T extends object>(fields: T): Partial<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;

/** A row as it was read, from which a change is made; `holds`: what else must still be so. */
export interface From {
  readonly table: SQLiteTable & Record<"id" | "version", SQLiteColumn>;
  readonly version: number;
  readonly holds?: SQL | undefined;
}

/** What the audit trail keeps of a change. `detail` never holds secrets. `from` absent: the change needs no such row. */
export interface Deed {
  readonly action: string;
  readonly targetType: string;
  readonly targetId: string;
  readonly detail?: Record<string, unknown>;
  readonly from?: From;
  /** What isolates remember and is no longer so: the catalog unless told otherwise, who may do what, or neither. */
  readonly moves?: readonly StampName[];
}

const UNIQUE = /UNIQUE constraint failed: (?:\w+\.|index '[a-z]+_)([a-zA-Z_]+?)(?:_in_place)?\b/;
const CHANGED_MEANWHILE = /NOT NULL constraint failed: audit\.target_id/;

/**
 * Commits statements together with their audit row and the new version; without statements it is the row alone, such as
 * that of a login. The audit row goes first and looks its target up at the version the change was made from: when that is
 * gone, it has no target, and the whole batch fails with it.
 * @throws GatewayError `stale_version`, `conflict` naming the field when a unique value is taken, or `unavailable`.
 */
export async function commit(desk: Desk, deed: Deed, statements: readonly BatchItem<"sqlite">[]): Promise<void> {
  const { author, db, store } = desk;
  const { action, detail = {}, from, moves = ["catalog"], targetId, targetType } = deed;
  const at = new Date().toISOString();
  const { email: actor, ip, requestId } = author;
  const entry = { at, actor, action, targetType, targetId, detail: JSON.stringify(detail), requestId, ip };
  const target = from
    ? sql<string>`(SELECT id FROM ${from.table} WHERE id = ${targetId} AND version = ${from.version} AND ${from.holds ?? sql`1`})`
    : undefined;
  const changes = statements.map((statement) => bindings(store.d1, statement));
  const bumps = moves.map((name) => bump(store.d1, name));
  const done = append(db, entry, target, (row) =>
    store.d1.batch<{ version: number }>([bindings(store.d1, row), ...changes, ...bumps]),
  );
  store.waitUntil(done.catch(() => {})); // others wait for their turn, even when the caller leaves
  const results = (await done.catch(refuse))?.slice(1 + changes.length) ?? (await versionsOf(store.d1, moves));
  for (const [index, name] of moves.entries()) {
    const version = results[index]?.results[0]?.version;
    if (version !== undefined) took(name, version);
  }
}

/** Why a batch was not taken. @throws GatewayError, or the error itself when it is none of these. */
function refuse(cause: unknown): never {
  const text = String(cause);
  if (CHANGED_MEANWHILE.test(text))
    throw new GatewayError("stale_version", "Somebody changed this meanwhile. Load it again", { cause });
  const [, column] = UNIQUE.exec(text) ?? [];
  if (column)
    throw new GatewayError("conflict", `This ${column} is taken already`, { cause, details: { field: column } });
  if (text.includes("FOREIGN KEY constraint failed"))
    throw new GatewayError("conflict", "Something this refers to was deleted meanwhile. Load it again", { cause });
  throw cause;
}

const TRIES = 30;

/** Whether somebody was faster. */
export const isStale = (error: unknown): boolean => error instanceof GatewayError && error.code === "stale_version";

/** Runs a change that begins with reading; when somebody was faster, it begins anew. */
export async function persistently<T>(
  change: () => Promise<T>,
  wasOvertaken: (error: unknown) => boolean = isStale,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await change();
    } catch (error) {
      if (tries === TRIES || !wasOvertaken(error)) throw error;
    }
  }
}

/** A drizzle statement as a D1 statement, so that raw and drizzle statements share one batch. */
function bindings(d1: D1Database, statement: BatchItem<"sqlite">): D1PreparedStatement {
  const { sql, params } = (statement as unknown as { toSQL(): { sql: string; params: unknown[] } }).toSQL();
  return d1.prepare(sql).bind(...params);
}

/** Refuses a change that was made from an older version than the stored one. */
export function requireVersion(stored: number, expected: number | undefined): void {
  if (expected !== undefined && expected !== stored) {
    throw new GatewayError(
      "stale_version",
      `Somebody changed this meanwhile: it is at version ${stored}, your copy at ${expected}. Load it again`,
      {
        details: { version: stored },
      },
    );
  }
}
