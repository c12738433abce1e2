// How fresh this isolate is. D1 keeps a counter for the catalog and one for access; an isolate that confirmed them
// at most 10 s ago is warm and answers without touching storage. From 5 s on the next request starts a check in the
// background; past 10 s it waits for one. Revoked tokens, ended sessions and whether the gateway is claimed travel with
// the same read.
import journal from "../../migrations/meta/_journal.json" with { type: "json" };
import { sweep } from "../db/sweep.ts";
import { GatewayError } from "../errors.ts";
import { SingleFlight } from "../lib/single-flight.ts";

/** What storage a request may reach. */
export interface Store {
  readonly d1: D1Database;
  readonly kv: KVNamespace;
  waitUntil(work: Promise<unknown>): void;
}

/** What isolates remember and compare: the catalog, and who may do what. */
export type StampName = "catalog" | "access";

const SOON = 5_000;
const STALE = 10_000;

const seen = { catalog: 0, access: 0, claimed: 0, at: Number.NEGATIVE_INFINITY, schema: false };
const revoked = new Map<string, number>();
let lastRevocation = 0;
const checks = new SingleFlight<void>();
const waiting = new Set<() => void>();

/**
 * Makes sure that this isolate is warm. Returns nothing when it is, so that a warm request awaits nothing. `stale`: the
 * age in milliseconds from which the check is awaited.
 */
export function confirm(store: Store, stale = STALE): Promise<void> | undefined {
  const age = Date.now() - seen.at;
  if (age < Math.min(SOON, stale)) return undefined;
  const keepAlive = (work: Promise<unknown>): void => store.waitUntil(work);
  if (age >= stale) return checks.run("stamps", keepAlive, () => check(store));
  checks.begin("stamps", keepAlive, () => check(store));
  return undefined;
}

async function check(store: Store): Promise<void> {
  const asked = Date.now();
  const [stamps, revocations] = await read(store);
  for (const { seq, id, expires_at } of revocations) {
    revoked.set(id, expires_at);
    lastRevocation = Math.max(lastRevocation, seq);
  }
  for (const { name, version } of stamps) adopt(name, version);
  seen.at = asked;
  forgetExpired(asked / 1000);
}

type StampRow = { name: StampName | "claimed"; version: number };
type RevocationRow = { seq: number; id: string; expires_at: number };

async function read(store: Store): Promise<[StampRow[], RevocationRow[]]> {
  try {
    if (!seen.schema) await requireSchema(store);
    const [stamps, revocations] = await store.d1.batch([
      store.d1.prepare("SELECT name, version FROM stamps"),
      store.d1.prepare("SELECT seq, id, expires_at FROM revocations WHERE seq > ?").bind(lastRevocation),
    ]);
    return [(stamps?.results ?? []) as StampRow[], (revocations?.results ?? []) as RevocationRow[]];
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    throw new GatewayError("unavailable", "The database can't be read right now; try again shortly", { cause: error });
  }
}

/** Refuses to work on a database that lacks this build's newest migration. */
async function requireSchema(store: Store): Promise<void> {
  const newest = `${journal.entries.at(-1)?.tag}.sql`;
  const outdated = (cause?: unknown) =>
    new GatewayError(
      "schema_outdated",
      `The database lacks migration ${newest}: run \`npx wrangler d1 migrations apply DB --remote\``,
      {
        cause,
        headers: { "retry-after": "5" },
      },
    );
  const found = await store.d1
    .prepare("SELECT 1 FROM d1_migrations WHERE name = ?")
    .bind(newest)
    .first()
    .catch((error: unknown) => {
      throw String(error).includes("no such table") ? outdated(error) : error;
    });
  if (!found) throw outdated();
  seen.schema = true;
}

function adopt(name: StampRow["name"], version: number): void {
  if (version <= seen[name]) return;
  const first = seen[name] === 0;
  seen[name] = version;
  if (first) return;
  for (const wake of waiting) wake();
  waiting.clear();
}

function forgetExpired(now: number): void {
  for (const [id, expiresAt] of revoked) if (expiresAt < now) revoked.delete(id);
}

/** Somebody says that the catalog has this version by now: looks at once when it is news. */
export function heardOf(store: Store, version: number): void {
  if (version <= seen.catalog) return;
  checks.begin(
    "stamps",
    (work) => store.waitUntil(work),
    () => check(store),
  );
}

/** Version of the catalog that this isolate serves. */
export const catalogVersion = (): number => seen.catalog;

/** Version of users and their rights that this isolate knows. */
export const accessVersion = (): number => seen.access;

/** Whether somebody has proven to own this gateway. */
export const isClaimed = (): boolean => seen.claimed > 0;

/** This isolate has claimed the gateway, or was told that another has. */
export function tookClaim(): void {
  adopt("claimed", 1);
}

/** Whether a token or session ended before its time. */
export const isRevoked = (id: string): boolean => revoked.has(id);

/** Settles when this isolate next notices a change of the catalog or of who may do what, or when the asker leaves. */
export function somethingChanged(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const leave = () => {
    waiting.delete(resolve);
    resolve();
  };
  waiting.add(resolve);
  signal.addEventListener("abort", leave, { once: true });
  return promise.then(() => signal.removeEventListener("abort", leave)); // a signal outlives many changes
}

/**
 * The statement that counts a change; goes last in the batch of the change itself. Versions follow the clock, so that a
 * database set back to an earlier moment never gives one out again: views are kept under them.
 */
export const bump = (d1: D1Database, name: StampName): D1PreparedStatement =>
  d1
    .prepare("UPDATE stamps SET version = MAX(version + 1, unixepoch() * 1000) WHERE name = ? RETURNING version")
    .bind(name);

/** The versions as they are, one result each, for a change whose own answer was lost. */
export const versionsOf = (d1: D1Database, names: readonly StampName[]): Promise<D1Result<{ version: number }>[]> =>
  Promise.all(
    names.map((name) => d1.prepare("SELECT version FROM stamps WHERE name = ?").bind(name).all<{ version: number }>()),
  );

/** Takes over the stamp a change of this isolate produced: what it changed, it sees at once. */
export function took(name: StampName, version: number): void {
  adopt(name, version);
}

/** Ends a token or session everywhere: at once here, within 10 s in other isolates. `expiresAt` in seconds. */
export async function revoke(store: Store, id: string, expiresAt: number): Promise<void> {
  await store.d1
    .prepare("INSERT OR IGNORE INTO revocations (id, expires_at) VALUES (?, ?)")
    .bind(id, Math.ceil(expiresAt))
    .run();
  tookRevocation(id, expiresAt);
}

/** Takes over a revocation that a batch of this isolate wrote. `expiresAt` in seconds. */
export function tookRevocation(id: string, expiresAt: number): void {
  revoked.set(id, expiresAt);
}

/** Deletes revocations whose token or session would be over by now. Called by the schedule. */
export async function sweepRevocations(store: Store): Promise<void> {
  await sweep(store.d1, "revocations", "expires_at < ?", Math.floor(Date.now() / 1000) - 60).run();
}
