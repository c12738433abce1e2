// Where an entity is put, and so who sees it: private to its owner, its team's, or public. Asked when one is made, and when
// one is moved.
import type { Context } from "../context.ts";
import { GatewayError } from "../errors.ts";
import { type Seen, sees } from "../identity/caller.ts";
import { teamsWith } from "../identity/teams.ts";
import { can, type Permission, permit } from "../policy/can.ts";

/** Where an entity is to be: as asked, or as public as its maker may make it; in a team, for that team. */
export async function placed<Body extends Placed>(
  context: Context,
  permission: Permission,
  singular: string,
  body: Body,
): Promise<Body> {
  const { caller } = context;
  const everywhere = { visibility: "public", ownerEmail: caller.id, teamId: null } as const;
  const teamId = body.teamId ?? null;
  const byDefault = teamId !== null ? "team" : can(caller, permission, everywhere) === "yes" ? "public" : "private";
  const visibility = body.visibility ?? byDefault;
  requirePlace({ visibility, teamId });
  permit(caller, permission, teamId === null ? singular : "Team", { visibility, teamId, ownerEmail: caller.id });
  await requireTeam(context, teamId);
  return { ...body, visibility, teamId };
}

/** A change of who sees an entity needs what making it there would need. */
export async function requireMove(
  context: Context,
  permission: Permission,
  singular: string,
  row: Seen,
  body: Placed,
): Promise<void> {
  const { visibility = row.visibility, teamId = row.teamId } = body;
  if (visibility === row.visibility && teamId === row.teamId) return;
  requirePlace({ visibility, teamId });
  const there = { visibility, teamId, ownerEmail: row.ownerEmail };
  permit(context.caller, permission, teamId === null ? singular : "Team", there);
  if (teamId !== row.teamId) await requireTeam(context, teamId);
}

/** What a body says of where its entity is to be. */
export type Placed = {
  readonly visibility?: Seen["visibility"] | undefined;
  readonly teamId?: string | null | undefined;
};

/** Whoever sees everything sees teams that do not exist, too; and what is private can be put down to a team, by who is in it. */
async function requireTeam({ caller, desk }: Context, teamId: string | null): Promise<void> {
  if (teamId === null) return;
  const mine = sees(caller.sight, { visibility: "team", ownerEmail: null, teamId });
  if (!mine || (await teamsWith(desk, [teamId])).length === 0) throw new GatewayError("not_found", "Team not found");
}

function requirePlace({ visibility, teamId }: Pick<Seen, "visibility" | "teamId">): void {
  if (visibility === "team" && teamId === null)
    throw new GatewayError("invalid_params", "teamId: name the team that is to see this", {
      details: { field: "teamId" },
    });
}
