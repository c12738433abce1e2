// What a new password must be: a good one (identity/password-policy.ts), and none of the user's last five.

import type { UserRow } from "../db/tables/users.ts";
import type { Config } from "../env.ts";
import { checkPassword } from "../identity/password-policy.ts";
import { verifyPassword } from "../identity/passwords.ts";
import { earlierHashes } from "../identity/users.ts";
import { InvalidFields } from "./route.ts";

const refused = (messages: readonly string[], field: string) =>
  new InvalidFields(messages.map((msg) => ({ type: "password_policy", loc: ["body", field], msg })));

/** @throws InvalidFields with a sentence for each thing that is wrong with it. */
export function requireGoodPassword(password: string, email: string, field = "password"): void {
  const wrong = checkPassword(password, { email });
  if (wrong.length > 0) throw refused(wrong, field);
}

/** One hash after the other: each keeps the processor busy. @throws InvalidFields for a password used lately. */
export async function requireFreshPassword(
  config: Config,
  row: UserRow,
  password: string,
  field = "password",
): Promise<void> {
  for (const hash of earlierHashes(row)) {
    if ((await verifyPassword(config, password, hash)).ok)
      throw refused(["It is one of the last five passwords of this account."], field);
  }
}
