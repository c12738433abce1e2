// The door to D1: drizzle over every table. Changes go through `db.batch`, which is one transaction and one round trip.
import { type SQL, sql } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import type { SQLiteColumn } from "drizzle-orm/sqlite-core";
import * as audit from "./tables/audit.ts";
import * as catalog from "./tables/catalog.ts";
import * as definitions from "./tables/definitions.ts";
import * as ground from "./tables/ground.ts";
import * as roles from "./tables/roles.ts";
import * as servers from "./tables/servers.ts";
import * as teams from "./tables/teams.ts";
import * as tokens from "./tables/tokens.ts";
import * as traffic from "./tables/traffic.ts";
import * as upstreams from "./tables/upstreams.ts";
import * as users from "./tables/users.ts";
import * as webhooks from "./tables/webhooks.ts";

export const tables = {
  ...upstreams,
  ...catalog,
  ...servers,
  ...users,
  ...teams,
  ...roles,
  ...tokens,
  ...audit,
  ...definitions,
  ...traffic,
  ...webhooks,
  ...ground,
};
const schema = tables;
export type Database = DrizzleD1Database<typeof schema>;

/** The database of a binding. Costs nothing until used. */
export const openDatabase = (binding: D1Database): Database => drizzle(binding, { schema });

/** A column under a name of its own: D1 gives rows by column name, so in a join two columns must not share one. */
export const as = <Column extends SQLiteColumn>(column: Column, name: string) =>
  sql<Column["_"]["data"]>`${column}`.as(name);

/** `column IN values` for any number of values, in one bound parameter. */
export const anyOf = (column: SQLiteColumn, values: readonly string[]) =>
  sql`${column} IN (SELECT value FROM json_each(${JSON.stringify(values)}))`;

/** `column` has this text in it, whatever the case of A to Z. D1 takes no LIKE pattern of more than 50 bytes; this takes any text. */
export const contains = (column: SQLiteColumn, text: string): SQL => sql`instr(lower(${column}), lower(${text})) > 0`;

/** `column` begins with this text, whatever the case of A to Z. */
export const begins = (column: SQLiteColumn, text: string): SQL => sql`instr(lower(${column}), lower(${text})) = 1`;
