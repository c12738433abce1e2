// The team that a path of the REST API names.
import { persistently, requireVersion } from "../catalog/change.ts";
import type { Context } from "../context.ts";
import { GatewayError } from "../errors.ts";
import { type TeamSeen, teamOf } from "../identity/teams.ts";
import { type Permission, permit } from "../policy/can.ts";
import { teamTarget } from "../policy/teams.ts";

interface Asking {
  readonly context: Context;
  readonly params: Readonly<Record<string, string>>;
  /** Of If-Match. */
  readonly version?: number | undefined;
}

/** The team that a path names. @throws GatewayError `not_found` for absent and hidden alike, `forbidden`, `stale_version`. */
export async function teamFor(
  { context: { caller, desk }, params, version }: Asking,
  permission: Permission,
): Promise<TeamSeen> {
  const team = await teamOf(desk, params.id ?? "");
  if (!team) throw new GatewayError("not_found", "Team not found");
  permit(caller, permission, "Team", teamTarget(caller, team));
  requireVersion(team.version, version);
  return team;
}

/** A change of a team, begun anew when another was faster; with If-Match it is made to that version only. */
export const changing = <T>(
  { version }: { readonly version: number | undefined },
  change: () => Promise<T>,
): Promise<T> => (version === undefined ? persistently(change) : change());
