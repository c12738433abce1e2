// How a team ends: with its memberships, invitations, roles and tokens; and what becomes of what was the team's.
import { count, eq, inArray, type SQL, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { type Desk, modified } from "../catalog/change.ts";
import { tables } from "../db/client.ts";
import { GatewayError } from "../errors.ts";
import { endTokens } from "./ended-tokens.ts";
import { commitTeam, type TeamSeen } from "./teams.ts";

const { teams, teamMembers, teamInvitations, joinRequests, roleAssignments, apiTokens } = tables;

const HOLDING = [tables.tools, tables.prompts, tables.resources, tables.servers, tables.upstreams] as const;
const NAMES = ["tools", "prompts", "resources", "servers", "gateways"] as const;

/** How many entities a team has, by noun. */
async function entitiesOf({ db }: Desk, teamId: string): Promise<Record<(typeof NAMES)[number], number>> {
  const counts = await Promise.all(
    HOLDING.map((table) => db.select({ n: count() }).from(table).where(eq(table.teamId, teamId))),
  );
  return Object.fromEntries(NAMES.map((name, at) => [name, counts[at]?.[0]?.n ?? 0])) as Record<
    (typeof NAMES)[number],
    number
  >;
}

/** Statements that take what teams have out of them: what only a team saw becomes private to its owners. */
export const madePrivate = (desk: Desk, teamIds: SQL): BatchItem<"sqlite">[] =>
  HOLDING.map((table) =>
    desk.db
      .update(table)
      .set({
        ...modified(desk),
        teamId: null,
        visibility: sql`CASE visibility WHEN 'team' THEN 'private' ELSE visibility END`,
        version: sql`version + 1`,
      })
      .where(inArray(table.teamId, teamIds)),
  );

/**
 * Deletes a team with its memberships, invitations and roles; tokens narrowed to it are revoked. What only the team saw
 * becomes private to its owners, if that was said; else a team that has anything stays.
 * @throws GatewayError `conflict` with the counts.
 */
export async function deleteTeam(desk: Desk, team: TeamSeen, privately: boolean): Promise<void> {
  if (team.isPersonal) throw new GatewayError("conflict", "A personal team stays as long as its user does");
  const { db } = desk;
  const entities = await entitiesOf(desk, team.id);
  const total = Object.values(entities).reduce((sum, n) => sum + n, 0);
  if (total > 0 && !privately)
    throw new GatewayError(
      "conflict",
      `The team has ${total} entities. Move them first, or make them private to their owners (?entities=private)`,
      { details: { entities } },
    );
  await commitTeam(
    desk,
    team,
    { action: "team.delete", detail: { name: team.name, made_private: entities }, moves: ["access", "catalog"] },
    [
      ...madePrivate(desk, sql`(${team.id})`),
      ...endTokens(desk, eq(apiTokens.teamId, team.id), "team deleted"),
      db.delete(roleAssignments).where(eq(roleAssignments.scopeId, team.id)),
      db.delete(teamMembers).where(eq(teamMembers.teamId, team.id)),
      db.delete(teamInvitations).where(eq(teamInvitations.teamId, team.id)),
      db.delete(joinRequests).where(eq(joinRequests.teamId, team.id)),
      db.delete(teams).where(eq(teams.id, team.id)),
    ],
  ).catch((error: unknown) => {
    if (!(error instanceof GatewayError) || error.code !== "conflict") throw error;
    const message = "An entity of the team has the name of a private one of its owner's: rename one of them first";
    throw new GatewayError("conflict", message, { cause: error, details: { entities } });
  });
}
