// Where an entity is put, and so who sees it: private to its owner, its team's, or public. Asked when one is made, and when
// one is moved.
import type { Context } from "../context.ts";
import { GatewayError } from "../errors.ts";
import type { Seen } from "../identity/caller.ts";
import { can, type Permission, permit } from "../policy/can.ts";

/** Where an entity is to be: as asked, or as public as its maker may make it; in a team, for that team. */
export function placed<Body extends Placed>(
  { caller }: Context,
  permission: Permission,
  singular: string,
  body: Body,
): Body {
  const everywhere = { visibility: "public", ownerEmail: caller.id, teamId: null } as const;
  const teamId = body.teamId ?? null;
  const byDefault = teamId !== null ? "team" : can(caller, permission, everywhere) === "yes" ? "public" : "private";
  const visibility = body.visibility ?? byDefault;
  requirePlace({ visibility, teamId });
  permit(caller, permission, teamId === null ? singular : "Team", { visibility, teamId, ownerEmail: caller.id });
  return { ...body, visibility, teamId };
}

/** A change of who sees an entity needs what making it there would need. */
export function requireMove(
  { caller }: Context,
  permission: Permission,
  singular: string,
  row: Seen,
  body: Placed,
): void {
  const { visibility = row.visibility, teamId = row.teamId } = body;
  if (visibility === row.visibility && teamId === row.teamId) return;
  requirePlace({ visibility, teamId });
  permit(caller, permission, teamId === null ? singular : "Team", { visibility, teamId, ownerEmail: row.ownerEmail });
}

/** What a body says of where its entity is to be. */
export type Placed = {
  readonly visibility?: Seen["visibility"] | undefined;
  readonly teamId?: string | null | undefined;
};

function requirePlace({ visibility, teamId }: Pick<Seen, "visibility" | "teamId">): void {
  if (visibility === "team" && teamId === null)
    throw new GatewayError("invalid_params", "teamId: name the team that is to see this", {
      details: { field: "teamId" },
    });
}
