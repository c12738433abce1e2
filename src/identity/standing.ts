// Whether a caller whose request goes on for long may still be served: its token unexpired and not revoked, its user
// active. What a new request would be asked, without its credential.
import { isRevoked, type Store } from "../catalog/stamp.ts";
import type { Caller } from "./caller.ts";
import { userFacts } from "./users.ts";

/** Whether the token behind a caller still counts. */
export const tokenStands = ({ expiresAt, tokenId }: Caller): boolean =>
  (expiresAt ?? Number.POSITIVE_INFINITY) * 1000 > Date.now() && !(tokenId !== undefined && isRevoked(tokenId));

/** Whether the caller is still one. `adminEmail`: the bootstrap administrator, who needs no row. */
export async function stands(store: Store, caller: Caller, adminEmail: string): Promise<boolean> {
  if (caller.kind === "anonymous") return true;
  if (!tokenStands(caller)) return false;
  const user = await userFacts(store, caller.id);
  return user ? user.active : caller.id === adminEmail;
}
