// From a credential to a caller: its user's access as it stands now, narrowed by what the credential says. Asked anew for
// whoever is served for long, without the credential.
import { isRevoked, type Store } from "../catalog/stamp.ts";
import { type UserFacts, userFacts } from "./access.ts";
import { standingApiToken } from "./api-tokens.ts";
import { type Caller, type Sight, sightOfTeams } from "./caller.ts";

/** What a credential says besides whose it is. */
export type Proof = Pick<Caller, "credential" | "scope" | "teams" | "tokenId" | "expiresAt">;

/** The caller that a user is with this credential. */
export function callerFor(user: UserFacts, proof: Proof): Caller {
  return {
    kind: "user",
    id: user.email,
    admin: user.admin,
    access: user.access,
    sight: sightFor(user, proof.teams),
    ...proof,
  };
}

/** Credentials narrowed to teams see what is public, those teams', and with any team their user's private things. */
function sightFor({ email, admin, access }: UserFacts, teams: readonly string[] | undefined): Sight {
  if (teams === undefined) return admin ? "everything" : sightOfTeams(email, [...access.teams.keys()]);
  const own = admin ? teams : teams.filter((team) => access.teams.has(team));
  return sightOfTeams(own.length > 0 ? email : null, own);
}

/** Whether the token or session behind a caller still counts. */
export const tokenStands = ({ expiresAt, tokenId }: Caller): boolean =>
  (expiresAt ?? Number.POSITIVE_INFINITY) * 1000 > Date.now() && !(tokenId !== undefined && isRevoked(tokenId));

/** The user of this address, if it is one; the bootstrap administrator needs no row. */
export async function activeUser(store: Store, email: string, admin: UserFacts): Promise<UserFacts | undefined> {
  const user = await userFacts(store, email);
  if (user) return user.active ? user : undefined;
  return email === admin.email ? admin : undefined;
}

/** The caller as a new request would find it; undefined when it is one no longer. `admin`: the bootstrap administrator. */
export async function standing(store: Store, caller: Caller, admin: UserFacts): Promise<Caller | undefined> {
  if (caller.kind === "anonymous") return caller;
  if (!tokenStands(caller)) return undefined;
  const user = await activeUser(store, caller.id, admin);
  if (!user) return undefined;
  const proof = await proofNow(store, caller);
  if (!proof) return undefined;
  const { scope, expiresAt } = proof;
  if (caller.access === user.access && caller.scope === scope && caller.expiresAt === expiresAt) return caller;
  const now = callerFor(user, proof);
  return tokenStands(now) ? now : undefined;
}

/** What the credential says by now: an API token may have been changed. Undefined when it no longer counts. */
async function proofNow(store: Store, caller: Caller): Promise<Proof | undefined> {
  const { kind: _, id, admin, access, sight, ...proof } = caller;
  if (proof.credential !== "api_token" || proof.tokenId === undefined) return proof;
  return (await standingApiToken(store, proof.tokenId))?.proof;
}
