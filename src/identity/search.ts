// Teams, users, roles and tokens as the one search reads them: rows as catalog/search.ts asks for them.
import { type SQL, sql } from "drizzle-orm";
import { tables } from "../db/client.ts";
import { BUILT_IN } from "./permissions.ts";
import { shownIn, type Which } from "./teams.ts";

const { teams, users, roles, apiTokens } = tables;

/** Teams that a list shows to somebody. */
export const teamRows = (which: Which, email: string): SQL =>
  sql`SELECT ${teams.id} AS id, ${teams.name} AS name, ${teams.description} AS description, ${teams.slug} AS also,
    '[]' AS tags, ${teams.isActive} AS enabled, ${teams.id} AS team_id, NULL AS gateway_id, NULL AS gateway
    FROM ${teams} WHERE ${shownIn(which, email) ?? sql`1`}`;

/** All users; an address is a name. */
export const userRows = (): SQL =>
  sql`SELECT ${users.email} AS id, ${users.email} AS name, ${users.fullName} AS description, ${users.fullName} AS also,
    '[]' AS tags, ${users.isActive} AS enabled, NULL AS team_id, NULL AS gateway_id, NULL AS gateway FROM ${users}`;

/** Roles, the built-in ones too. */
export const roleRows = (): SQL => {
  const builtIn = JSON.stringify(BUILT_IN.map(({ id, name, description }) => ({ id, name, description })));
  return sql`SELECT id, name, description, NULL AS also, '[]' AS tags, 1 AS enabled, NULL AS team_id, NULL AS gateway_id,
    NULL AS gateway FROM (SELECT ${roles.id} AS id, ${roles.name} AS name, ${roles.description} AS description FROM ${roles}
    UNION ALL SELECT value ->> 'id', value ->> 'name', value ->> 'description' FROM json_each(${builtIn}))`;
};

/** A user's own tokens. */
export const tokenRows = (email: string): SQL =>
  sql`SELECT ${apiTokens.id} AS id, ${apiTokens.name} AS name, ${apiTokens.description} AS description,
    ${apiTokens.prefix} AS also, ${apiTokens.tags} AS tags, ${apiTokens.isActive} AND ${apiTokens.revokedAt} IS NULL AS enabled,
    ${apiTokens.teamId} AS team_id, NULL AS gateway_id, NULL AS gateway
    FROM ${apiTokens} WHERE ${apiTokens.userEmail} = ${email}`;
