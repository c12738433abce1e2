// Users as access decisions need them, remembered by this isolate until somebody's access changes.
import { accessVersion, type Store } from "../catalog/stamp.ts";
import { GatewayError } from "../errors.ts";

/** What access decisions need to know of a user. */
export interface UserFacts {
  readonly email: string;
  readonly admin: boolean;
  readonly active: boolean;
}

const MOST = 10_000;
const memory = { version: 0, users: new Map<string, UserFacts | undefined>() };

/** A user by e-mail address (lower case). Undefined when there is none. @throws GatewayError `unavailable`. */
export async function userFacts(store: Store, email: string): Promise<UserFacts | undefined> {
  const version = accessVersion();
  if (memory.version !== version) Object.assign(memory, { version, users: new Map() });
  if (memory.users.has(email)) return memory.users.get(email);
  const row = await store.d1
    .prepare("SELECT email, is_admin, is_active FROM users WHERE email = ?")
    .bind(email)
    .first<{ email: string; is_admin: number; is_active: number }>()
    .catch((cause: unknown) => {
      throw new GatewayError("unavailable", "Users can't be read right now; try again shortly", { cause });
    });
  const facts = row ? { email: row.email, admin: row.is_admin === 1, active: row.is_active === 1 } : undefined;
  if (memory.version !== version) return facts;
  if (memory.users.size >= MOST) memory.users.clear();
  memory.users.set(email, facts);
  return facts;
}
