// People of the test gateway: rows written straight into its database, as there is no API for users yet.
import type { Gateway } from "../harness.ts";

/** Adds a user, active and without rights unless told otherwise, and gives the address. */
export async function addUser(
  gateway: Gateway,
  email: string,
  { admin = false, active = true }: { admin?: boolean; active?: boolean } = {},
): Promise<string> {
  await gateway.sql(
    "INSERT INTO users (email, is_admin, is_active, created_at) VALUES (?, ?, ?, '2026-01-01T00:00:00.000Z')",
    email,
    admin ? 1 : 0,
    active ? 1 : 0,
  );
  await gateway.sql("UPDATE stamps SET version = version + 1 WHERE name = 'access'");
  return email;
}

/** Headers of a request in a user's name. */
export const as = async (gateway: Gateway, subject: string): Promise<Record<string, string>> => ({
  authorization: `Bearer ${await gateway.token({ subject })}`,
  "content-type": "application/json",
});
