// Where people are logged in. A session's secret is kept by the browser (or by a client, as a bearer token), its digest by
// us; it ends when it was idle for long, when its time is over, or when it is revoked.
import type { Store } from "../catalog/stamp.ts";
import type { Found } from "./found.ts";
import { idOf } from "./secrets.ts";

/** Whose session a secret is, and until when; undefined when there is none. */
export async function findSession({ d1 }: Store, secret: string): Promise<Found | undefined> {
  const id = await idOf(secret);
  const row = await d1
    .prepare("SELECT user_email, ends_at, idle_at FROM sessions WHERE id = ?")
    .bind(id)
    .first<{ user_email: string; ends_at: number; idle_at: number }>();
  return (
    (row && {
      email: row.user_email,
      proof: { credential: "session", tokenId: id, expiresAt: Math.min(row.ends_at, row.idle_at) },
    }) ??
    undefined
  );
}
