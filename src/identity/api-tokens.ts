// API tokens: what programs present. A token acts for its user, narrowed by what it was made for. What isolates remember
// of one holds until `access` (catalog/stamp.ts) moves: every change of a token moves it.
import { and, eq, isNull, type SQL } from "drizzle-orm";
import { accessVersion, type Store } from "../catalog/stamp.ts";
import { openDatabase, tables } from "../db/client.ts";
import type { ApiTokenRow } from "../db/tables/tokens.ts";
import { GatewayError } from "../errors.ts";
import { SingleFlight } from "../lib/single-flight.ts";
import type { TokenScope } from "./caller.ts";
import type { Found } from "./found.ts";
import { idOf } from "./secrets.ts";

const { apiTokens } = tables;

const MOST = 10_000;
const memory = { version: 0, tokens: new Map<string, Found | undefined>() };
const readings = new SingleFlight<Found | undefined>();

/** Whose token a secret is and what it may; undefined when there is none, or it was revoked or switched off. */
export async function findApiToken(store: Store, secret: string): Promise<Found | undefined> {
  const version = accessVersion();
  const found = await read(store, eq(apiTokens.hash, await idOf(secret)));
  if (found?.proof.tokenId !== undefined) remember(version, found.proof.tokenId, found);
  return found;
}

/** The same, of a token that was presented before, by its id. @throws GatewayError `unavailable`. */
export async function standingApiToken(store: Store, id: string): Promise<Found | undefined> {
  const version = accessVersion();
  if (memory.version === version && memory.tokens.has(id)) return memory.tokens.get(id);
  const found = await readings
    .run(
      `${version} ${id}`,
      (work) => store.waitUntil(work),
      () => read(store, eq(apiTokens.id, id)),
    )
    .catch((cause: unknown) => {
      throw new GatewayError("unavailable", "Tokens can't be checked right now; try again shortly", { cause });
    });
  remember(version, id, found);
  return found;
}

function remember(version: number, id: string, found: Found | undefined): void {
  if (version !== accessVersion()) return;
  if (memory.version !== version || memory.tokens.size >= MOST) Object.assign(memory, { version, tokens: new Map() });
  memory.tokens.set(id, found);
}

async function read({ d1 }: Store, which: SQL): Promise<Found | undefined> {
  const [row] = await openDatabase(d1)
    .select()
    .from(apiTokens)
    .where(and(which, eq(apiTokens.isActive, true), isNull(apiTokens.revokedAt)));
  if (!row) return undefined;
  const scope = scopeOf(row);
  return {
    email: row.userEmail,
    proof: {
      credential: "api_token",
      tokenId: row.id,
      ...(row.expiresAt === null ? {} : { expiresAt: row.expiresAt }),
      ...(row.teamId === null ? {} : { teams: [row.teamId] }),
      ...(scope ? { scope } : {}),
    },
  };
}

/** What a token narrows its user to; undefined when to nothing. */
function scopeOf(row: ApiTokenRow): TokenScope | undefined {
  const given = {
    serverIds: row.serverIds,
    toolNames: row.toolNames,
    permissions: row.permissions,
    ipRestrictions: row.ipRestrictions,
    timeRestrictions: row.timeRestrictions,
    usageLimits: row.usageLimits,
  };
  const narrowing = Object.entries(given).filter(([, value]) => Object.keys(value).length > 0);
  return narrowing.length > 0 ? Object.fromEntries(narrowing) : undefined;
}
