// Who is calling: the authenticated principal every door passes on.
import type { TimeWindow, UsageLimits } from "../db/tables/tokens.ts";
import type { Access } from "./access.ts";

/** What a caller proved itself with. Only a `session` may manage credentials: whoever holds it logged in as a person. */
export type Credential = "none" | "session" | "api_token" | "jwt" | "basic";

/** A caller. `scope` narrows what its user may do; it never widens it. */
export interface Caller {
  readonly kind: "user" | "anonymous";
  /** Stable name of the principal, for sealing sessions and keying caches: an e-mail address, or `anonymous`. */
  readonly id: string;
  /** Holds every permission everywhere. */
  readonly admin: boolean;
  readonly access: Access;
  /** What it sees of the catalog. One object per credential, so that caches can be keyed by it. */
  readonly sight: Sight;
  readonly credential: Credential;
  readonly scope?: TokenScope;
  /** Teams the credential is narrowed to; none at all: what is public. Absent: all its user is in. */
  readonly teams?: readonly string[];
  /** Id of the token or session, when it has one: what a revocation names. */
  readonly tokenId?: string;
  /** Seconds since 1970 after which the credential is void. */
  readonly expiresAt?: number;
}

/** What a token narrows its user to. Absent: no narrowing of that kind. */
export interface TokenScope {
  /** Virtual servers it may use; then it may do nothing else. */
  readonly serverIds?: readonly string[];
  /** Names of tools it may see and call within them. */
  readonly toolNames?: readonly string[];
  readonly permissions?: readonly string[];
  /** Addresses and CIDR ranges it may come from. */
  readonly ipRestrictions?: readonly string[];
  readonly timeRestrictions?: TimeWindow;
  readonly usageLimits?: UsageLimits;
}

/** Which entities a caller sees: all; or public ones, its own private ones, and those of its teams. `key` names it. */
export type Sight =
  | "everything"
  | { readonly owner: string | null; readonly teams: readonly string[]; readonly key: string };

/** The sight of somebody who sees public things, an owner's private ones, and those of teams. */
export const sightOfTeams = (owner: string | null, teams: readonly string[]): Sight => {
  const sorted = [...teams].sort();
  return { owner, teams: sorted, key: JSON.stringify([owner, ...sorted]) };
};

/** What decides who sees an entity. */
export interface Seen {
  readonly visibility: "private" | "team" | "public";
  readonly ownerEmail: string | null;
  readonly teamId: string | null;
}

/** Whether a sight takes in an entity. */
export function sees(sight: Sight, { visibility, ownerEmail, teamId }: Seen): boolean {
  if (sight === "everything" || visibility === "public") return true;
  return visibility === "team"
    ? teamId !== null && sight.teams.includes(teamId)
    : ownerEmail !== null && ownerEmail === sight.owner;
}

const NOTHING: Access = { everywhere: new Set(), teams: new Map() };

/** Somebody without a credential: sees open virtual servers and nothing else. */
export const ANONYMOUS: Caller = {
  kind: "anonymous",
  id: "anonymous",
  admin: false,
  access: NOTHING,
  sight: sightOfTeams(null, []),
  credential: "none",
};

/** The sight of a caller. */
export const sightOf = (caller: Caller): Sight => caller.sight;
