// Teams in the database. Every change of a team or of who is in it is made from the team's version, so that of parallel
// ones each sees what the others left: a team keeps an owner, and never has more members than it may.
import { and, asc, count, eq, or, type SQL, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { commit, type Deed, type Desk, defined, modified, persistently } from "../catalog/change.ts";
import { anyOf, begins, contains, tables } from "../db/client.ts";
import type { TeamRole, TeamRow } from "../db/tables/teams.ts";
import { GatewayError } from "../errors.ts";
import { slugify } from "../lib/ids.ts";
import type { TeamUpdate } from "../schemas/teams.ts";

const { teams, teamMembers } = tables;

/** A team as one user has it. */
export interface TeamSeen extends TeamRow {
  readonly memberCount: number;
  readonly myRole: TeamRole | null;
}

const columns = (email: string) => ({
  team: teams,
  memberCount: sql<number>`(SELECT COUNT(*) FROM team_members m WHERE m.team_id = teams.id)`.as("member_count"),
  myRole:
    sql<TeamRole | null>`(SELECT m.role FROM team_members m WHERE m.team_id = teams.id AND m.user_email = ${email})`.as(
      "my_role",
    ),
});
const flat = ({ team, ...more }: { team: TeamRow; memberCount: number; myRole: TeamRole | null }): TeamSeen => ({
  ...team,
  ...more,
});

/** The team with this id. */
export async function teamOf(desk: Desk, id: string): Promise<TeamSeen | undefined> {
  const [row] = await desk.db.select(columns(desk.author.email)).from(teams).where(eq(teams.id, id));
  return row && flat(row);
}

/** Which teams a list shows: all, those with these ids, or public ones that the author is not in. */
export type Which = "all" | "discoverable" | { readonly among: readonly string[] };

/** Teams by name, and how many there are. */
export async function listTeams(
  desk: Desk,
  which: Which,
  query: { limit: number; offset: number; q?: string | undefined; include_inactive: boolean },
): Promise<{ teams: TeamSeen[]; total: number }> {
  const where = and(
    shownIn(which, desk.author.email),
    query.include_inactive ? undefined : eq(teams.isActive, true),
    query.q ? or(contains(teams.name, query.q), contains(teams.slug, query.q)) : undefined,
  );
  const [rows, [totals]] = await desk.db.batch([
    desk.db
      .select(columns(desk.author.email))
      .from(teams)
      .where(where)
      .orderBy(asc(teams.name), asc(teams.id))
      .limit(query.limit)
      .offset(query.offset),
    desk.db.select({ total: count() }).from(teams).where(where),
  ]);
  return { teams: rows.map(flat), total: totals?.total ?? 0 };
}

/** Which teams that is, as a condition. */
export function shownIn(which: Which, email: string): SQL | undefined {
  if (which === "all") return undefined;
  if (which !== "discoverable") return anyOf(teams.id, which.among);
  const mine = sql`SELECT 1 FROM team_members m WHERE m.team_id = teams.id AND m.user_email = ${email}`;
  return and(eq(teams.visibility, "public"), sql`NOT EXISTS (${mine})`);
}

/** Teams with these ids. */
export async function teamsWith({ db }: Desk, ids: readonly string[]): Promise<TeamRow[]> {
  return ids.length === 0 ? [] : await db.select().from(teams).where(anyOf(teams.id, ids));
}

type NewTeam = Pick<TeamRow, "id" | "name" | "description"> & {
  readonly slug?: string | undefined;
  readonly visibility?: TeamRow["visibility"] | undefined;
  readonly maxMembers: number;
};

/** Makes a team whose owner is the author, under a free slug unless one is given; further statements go with it. */
export function createTeam(desk: Desk, given: NewTeam, statements: readonly BatchItem<"sqlite">[]): Promise<void> {
  const { author, db } = desk;
  const { id, name } = given;
  return persistently(
    async () => {
      const now = new Date().toISOString();
      const slug = given.slug ?? (await freeSlug(desk, name));
      const row = { ...given, slug, createdBy: author.email, createdAt: now, updatedAt: now };
      await commit(
        desk,
        { action: "team.create", targetType: "team", targetId: id, detail: { name }, moves: ["access"] },
        [db.insert(teams).values(row), joining(desk, id, author.email, "owner", null), ...statements],
      );
    },
    (error) => given.slug === undefined && /teams\.slug/.test(error instanceof Error ? String(error.cause) : ""),
  );
}

/** The statement that makes somebody a member. */
export const joining = (
  { db }: Pick<Desk, "db">,
  teamId: string,
  userEmail: string,
  role: TeamRole,
  invitedBy: string | null,
) => db.insert(teamMembers).values({ teamId, userEmail, role, invitedBy, joinedAt: new Date().toISOString() });

async function freeSlug({ db }: Desk, name: string): Promise<string> {
  const wanted =
    slugify(name)
      .replace(/[^a-z0-9-]|^-+|-+$/g, "")
      .slice(0, 50) || "team";
  const rows = await db.select({ slug: teams.slug }).from(teams).where(begins(teams.slug, wanted));
  const taken = new Set(rows.map((row) => row.slug));
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? wanted : `${wanted}-${n}`;
    if (!taken.has(candidate)) return candidate;
  }
}

/** A change of a team as it was read: its version counts on with it. */
export function commitTeam(
  desk: Desk,
  team: Pick<TeamRow, "id" | "version">,
  deed: Pick<Deed, "action" | "detail" | "moves">,
  statements: readonly BatchItem<"sqlite">[],
  fields: Partial<TeamRow> = {},
): Promise<void> {
  const { updatedAt } = modified(desk);
  return commit(
    desk,
    {
      moves: ["access"],
      ...deed,
      targetType: "team",
      targetId: team.id,
      from: { table: teams, version: team.version },
    },
    [
      desk.db
        .update(teams)
        .set({ ...fields, updatedAt, version: team.version + 1 })
        .where(eq(teams.id, team.id)),
      ...statements,
    ],
  );
}

/** Changes what a team is called, and who finds it. @throws GatewayError `conflict`, `stale_version`. */
export async function updateTeam(desk: Desk, team: TeamSeen, given: TeamUpdate): Promise<void> {
  const { name, description, visibility, max_members: maxMembers, is_active: isActive } = given;
  if (team.isPersonal && visibility === "public") throw new GatewayError("conflict", "A personal team can't be shared");
  if (team.isPersonal && isActive === false)
    throw new GatewayError("conflict", "A personal team stays as long as its user does");
  if (maxMembers !== undefined && maxMembers < team.memberCount)
    throw new GatewayError("conflict", `The team has ${team.memberCount} members already`, {
      details: { field: "max_members", member_count: team.memberCount },
    });
  const fields = defined({ name, description, visibility, maxMembers, isActive });
  await commitTeam(desk, team, { action: "team.update", detail: { name: team.name, fields: given } }, [], fields);
}
