// The team that a path of the REST API names.
import { persistently } from "../catalog/change.ts";
import type { Context } from "../context.ts";
import { GatewayError } from "../errors.ts";
import { type TeamSeen, teamOf } from "../identity/teams.ts";
import { type Permission, permit } from "../policy/can.ts";
import { teamTarget } from "../policy/teams.ts";

/** The team that a path names. @throws GatewayError `not_found` for absent and hidden alike, `forbidden`. */
export async function teamFor({ caller, desk }: Context, permission: Permission, id = ""): Promise<TeamSeen> {
  const team = await teamOf(desk, id);
  if (!team) throw new GatewayError("not_found", "Team not found");
  permit(caller, permission, "Team", teamTarget(caller, team));
  return team;
}

/** A change of a team, begun anew when another was faster; with If-Match it is made to that version only. */
export const changing = <T>(
  { version }: { readonly version: number | undefined },
  change: () => Promise<T>,
): Promise<T> => (version === undefined ? persistently(change) : change());
