// Teams of the test gateway, as rows: who is in which team.
import type { Gateway } from "../harness.ts";

/** Adds a team with its members (`{address: role}`) and gives its id. */
export async function addTeam(gateway: Gateway, id: string, members: Record<string, "owner" | "member" | "viewer">) {
  const now = "2026-01-01T00:00:00.000Z";
  await gateway.sql(
    "INSERT INTO teams (id, name, slug, created_by, created_at, updated_at) VALUES (?, ?, ?, 'admin@example.com', ?, ?)",
    id,
    id,
    id,
    now,
    now,
  );
  for (const [email, role] of Object.entries(members))
    await gateway.sql(
      "INSERT INTO team_members (team_id, user_email, role, joined_at) VALUES (?, ?, ?, ?)",
      id,
      email,
      role,
      now,
    );
  await gateway.sql("UPDATE stamps SET version = version + 1 WHERE name = 'access'");
  return id;
}
