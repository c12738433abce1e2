// Where people are logged in. A session's secret is kept by the browser (or by a client, as a bearer token), its digest by
// us; it ends when it was idle for long, when its time is over, or when it is revoked.

import { and, eq, gt, ne, type SQL, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { commit, type Deed, type Desk } from "../catalog/change.ts";
import { type Store, tookRevocation } from "../catalog/stamp.ts";
import { openDatabase, tables } from "../db/client.ts";
import { sweep } from "../db/sweep.ts";
import type { SessionRow } from "../db/tables/users.ts";
import { nowInSeconds } from "../lib/now.ts";
import type { Found } from "./found.ts";
import { idOf, newSecret } from "./secrets.ts";

const { revocations, sessions } = tables;

/** The dashboard's cookie: of this host alone, out of reach of scripts and of other sites (RFC 6265bis). */
export const COOKIE = "__Host-causeway";
const ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Strict";

/** `Set-Cookie` that keeps a session until it is over (seconds since 1970). */
export const cookieOf = ({ secret, endsAt }: Pick<NewSession, "secret" | "endsAt">): string =>
  `${COOKIE}=${secret}; Max-Age=${Math.max(0, endsAt - nowInSeconds())}; ${ATTRIBUTES}`;

/** `Set-Cookie` that ends it. */
export const NO_COOKIE = `${COOKIE}=; Max-Age=0; ${ATTRIBUTES}`;

/** How long sessions last, in seconds: unused, and at most. */
export interface Lasting {
  readonly idle: number;
  readonly longest: number;
}

/** How a session began. One that began with a JWT proves no more than that: its holder never typed a password. */
export interface Beginning {
  readonly startedBy: "password" | "claim" | "session" | "token";
  /** The token it began with, and when that is over (seconds since 1970): the session ends with it. */
  readonly tokenId?: string | undefined;
  readonly until?: number | undefined;
}

export interface NewSession {
  /** What the browser keeps. */
  readonly secret: string;
  readonly id: string;
  /** Seconds since 1970. */
  readonly endsAt: number;
  /** The statement that begins it. */
  readonly statement: BatchItem<"sqlite">;
}

/** A session of a user, from where the desk's author is; it begins with its statement. */
export async function newSession(
  { db, author }: Desk,
  userEmail: string,
  { idle, longest }: Lasting,
  { startedBy, tokenId, until = Number.POSITIVE_INFINITY }: Beginning,
): Promise<NewSession> {
  const { secret, id } = await newSecret("session");
  const now = new Date().toISOString();
  const endsAt = Math.floor(Math.min(nowInSeconds() + longest, until));
  const statement = db.insert(sessions).values({
    id,
    userEmail,
    createdAt: now,
    lastSeenAt: now,
    endsAt,
    idleAt: Math.min(nowInSeconds() + idle, endsAt),
    startedBy,
    tokenId: tokenId ?? null,
    ip: author.ip,
    userAgent: author.userAgent?.slice(0, 300) ?? null,
  });
  return { secret, id, endsAt, statement };
}

/** Whose session a secret is, and until when; undefined when there is none, or the token it began with was revoked. */
export async function findSession(store: Store, secret: string): Promise<Found | undefined> {
  const id = await idOf(secret);
  const [row] = await openDatabase(store.d1)
    .select()
    .from(sessions)
    .where(
      and(
        eq(sessions.id, id),
        sql`NOT EXISTS (SELECT 1 FROM ${revocations} WHERE ${revocations.id} = ${sessions.tokenId})`,
      ),
    );
  if (!row) return undefined;
  saw(id, Date.parse(row.lastSeenAt));
  return {
    email: row.userEmail,
    proof: {
      credential: row.startedBy === "token" ? "jwt" : "session",
      tokenId: id,
      expiresAt: Math.min(row.endsAt, row.idleAt),
    },
  };
}

/** Milliseconds between two writes of when a session was seen. */
const SEEN_EVERY = 5 * 60_000;

const MOST = 10_000;
const lastSeen = new Map<string, number>();

function saw(id: string, at: number): void {
  if (lastSeen.size >= MOST) lastSeen.clear();
  lastSeen.set(id, Math.max(at, lastSeen.get(id) ?? 0));
}

/** A session is in use: moves its idle end forward, in the background and every few minutes at most. */
export function keepAwake(store: Store, id: string, { idle }: Lasting): void {
  const now = Date.now();
  if (now - (lastSeen.get(id) ?? 0) < SEEN_EVERY) return;
  saw(id, now);
  const moved = openDatabase(store.d1)
    .update(sessions)
    .set({ lastSeenAt: new Date(now).toISOString(), idleAt: sql`MIN(${sessions.endsAt}, ${nowInSeconds() + idle})` })
    .where(and(eq(sessions.id, id), gt(sessions.idleAt, nowInSeconds())));
  store.waitUntil(moved.catch(() => lastSeen.delete(id)));
}

const living = (): SQL | undefined => and(gt(sessions.endsAt, nowInSeconds()), gt(sessions.idleAt, nowInSeconds()));

/** Sessions of a user that have not ended, the latest first. */
export const sessionsOf = ({ db }: Desk, email: string): Promise<SessionRow[]> =>
  db
    .select()
    .from(sessions)
    .where(and(eq(sessions.userEmail, email), living()))
    .orderBy(sql`${sessions.lastSeenAt} DESC`, sessions.id)
    .all();

/** Statements that end sessions, of a user all unless told otherwise: for batches that move `access`. */
export const endSessions = ({ db }: Desk, email: string, which?: SQL): BatchItem<"sqlite">[] => {
  const ended = and(eq(sessions.userEmail, email), which);
  return [
    db
      .insert(revocations)
      .select(sql`SELECT NULL, ${sessions.id}, ${sessions.endsAt} FROM ${sessions} WHERE ${ended}`)
      .onConflictDoNothing(),
    db.delete(sessions).where(ended),
  ];
};

/** All sessions but this one. */
export const but = (id: string | undefined): SQL | undefined => (id === undefined ? undefined : ne(sessions.id, id));

/** The session, or the token, of this id and every session that began with it, or with one of those. */
export const onlyThat = (id: string): SQL => sql`${sessions.id} IN (WITH RECURSIVE began(id) AS (
  SELECT ${id} UNION SELECT next.id FROM ${sessions} AS next JOIN began ON next.token_id = began.id) SELECT id FROM began)`;

/** The first of the sessions, or the token, that a session began with, each with the one before; itself when with none. */
export async function rootOf({ db }: Desk, id: string): Promise<string> {
  const [root] = await db.all<{ id: string }>(sql`WITH RECURSIVE before(id, steps) AS (
    SELECT ${id}, 0 UNION SELECT one.token_id, steps + 1 FROM ${sessions} AS one JOIN before ON one.id = before.id
    WHERE one.token_id IS NOT NULL AND steps < 1000) SELECT id FROM before ORDER BY steps DESC LIMIT 1`);
  return root?.id ?? id;
}

/** Ends sessions of a user by themselves, at once in this isolate, and gives their ids. */
export async function endNow(
  desk: Desk,
  email: string,
  which: SQL | undefined,
  deed: Pick<Deed, "action" | "detail">,
): Promise<string[]> {
  const { db } = desk;
  const ended = await db
    .select({ id: sessions.id, endsAt: sessions.endsAt })
    .from(sessions)
    .where(and(eq(sessions.userEmail, email), which));
  if (ended.length === 0) return [];
  await commit(desk, { targetType: "user", targetId: email, moves: [], ...deed }, endSessions(desk, email, which));
  for (const { id, endsAt } of ended) tookRevocation(id, endsAt);
  return ended.map(({ id }) => id);
}

/** Deletes sessions that are over. Called by the schedule. */
export async function sweepSessions({ d1 }: Store): Promise<void> {
  await sweep(d1, "sessions", "ends_at < ?1 OR idle_at < ?1", nowInSeconds()).run();
}
