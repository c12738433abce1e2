// Writing the audit trail: a row goes to the end of the chain (chain.ts) in the batch of what it tells of, or with it
// not at all. Writers of one isolate take turns. When another isolate was faster, the batch fails as a whole and
// is tried again behind that one's row.
import { eq, type SQL, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { mayBeAskedAgain } from "../db/away.ts";
import { type Database, tables } from "../db/client.ts";
import { GatewayError } from "../errors.ts";
import { Turns } from "../lib/turns.ts";
import { digestOf, GENESIS, type Sealed } from "./chain.ts";

/** Milliseconds for which a writer goes on trying. */
const PATIENCE = 2_000;
const LONGEST_PAUSE = 160;

const turns = new Turns();
/** Digest of the row this isolate wrote last. The statement checks it, so it may be wrong, even of another database. */
let head: string | undefined;

/** A row without the digest before it: behind that of another, nothing was written. */
const OVERTAKEN = /NOT NULL constraint failed: audit\.at\b|UNIQUE constraint failed: audit\.prev_hash\b/;
/** The database ran the batch and refused it. */
const REFUSED = /SQLITE_|constraint failed/;
/** The digest that nothing follows; the newest where somebody tampered with rows. Genesis when there is no chain yet. */
const END = sql<string>`coalesce((SELECT hash FROM audit AS last WHERE hash IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM audit AS next WHERE next.prev_hash = last.hash) ORDER BY id DESC LIMIT 1), ${GENESIS})`;

/**
 * Adds a row to the trail. `commit` runs the batch it is given the row's statement for; the row has to come first in
 * it. `target`: an expression for `entry.targetId`, for a target that may be gone (then it is null).
 * Resolves with what `commit` gave; with nothing when the answer was lost, but the row is there.
 * @throws GatewayError `unavailable` when others were faster for 2 s, or the database is not there; or what `commit` threw.
 */
export function append<T>(
  db: Database,
  entry: Sealed,
  target: SQL<string> | undefined,
  commit: (row: BatchItem<"sqlite">) => Promise<T>,
): Promise<T | undefined> {
  const whole = wellFormed(entry);
  return turns.run(() => persist(db, whole, target, commit));
}

async function persist<T>(
  db: Database,
  entry: Sealed,
  target: SQL<string> | undefined,
  commit: (row: BatchItem<"sqlite">) => Promise<T>,
): Promise<T | undefined> {
  const until = Date.now() + PATIENCE;
  let lost = false;
  for (let pause = 20; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    const prevHash = head ?? (await endOf(db));
    const hash = await digestOf(prevHash, entry);
    try {
      const outcome = await commit(statement(db, { ...entry, prevHash, hash }, target));
      head = hash;
      return outcome;
    } catch (error) {
      const overtaken = OVERTAKEN.test(String(error));
      if (!overtaken && REFUSED.test(String(error))) throw error;
      lost ||= !overtaken;
      head = undefined;
      if (lost && (await isWritten(db, prevHash, hash))) return undefined;
      if (!overtaken && !mayBeAskedAgain(error)) throw error;
      if (Date.now() >= until) throw busy(error);
      if (!overtaken) head = prevHash; // the very same row, so that it can't be written twice
    }
    await sleep(Math.random() * pause);
  }
}

type Chained = Sealed & { readonly prevHash: string; readonly hash: string };

function statement(db: Database, row: Chained, target: SQL<string> | undefined): BatchItem<"sqlite"> {
  return db.insert(tables.audit).values({
    ...row,
    ...(target ? { targetId: target } : {}),
    at: sql`CASE WHEN ${END} = ${row.prevHash} THEN ${row.at} END`,
    detail: sql`${row.detail}`,
  });
}

const endOf = async (db: Database): Promise<string> => {
  const found = await db.get<{ end: string }>(sql`SELECT ${END} AS end`).catch((error: unknown) => {
    throw busy(error);
  });
  return found.end;
};

/** Whether the row is there. When even that can't be read, it is asked again after the next attempt. */
const isWritten = async (db: Database, prevHash: string, hash: string): Promise<boolean> => {
  const { audit } = tables;
  const found = await db
    .select({ hash: audit.hash })
    .from(audit)
    .where(eq(audit.prevHash, prevHash))
    .catch(() => []);
  if (found[0]?.hash !== hash) return false;
  head = hash;
  return true;
};

const busy = (cause: unknown): GatewayError =>
  new GatewayError("unavailable", "The audit trail can't be written right now; try again shortly", {
    cause,
  });

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Texts as the database will give them back: in UTF-8 there are no lone surrogates. */
const wellFormed = (entry: Sealed): Sealed =>
  Object.fromEntries(
    Object.entries(entry).map(([key, value]: [string, string | null]) => [key, value?.toWellFormed() ?? null]),
  ) as unknown as Sealed;
