// Teams as targets: a private one is its members', a public one is seen by every user, who learns nothing of its members.
import { type Caller, sees } from "../identity/caller.ts";
import type { Which } from "../identity/teams.ts";
import { can, type Target } from "./can.ts";

interface Team {
  readonly id: string;
  readonly visibility: "private" | "public";
  readonly isActive: boolean;
}

/** Whether a caller sees every team there is: whoever reads the administration, with a credential for all teams. */
export const seesAllTeams = (caller: Caller): boolean =>
  caller.teams === undefined && can(caller, "admin.read") === "yes";

/** The teams that a caller's list shows: all there are, or those the credential is for. */
export const listedTeams = (caller: Caller): Which =>
  seesAllTeams(caller) || caller.sight === "everything" ? "all" : { among: caller.sight.teams };

/** A team as what is acted on. */
export const teamTarget = (caller: Caller, { id, visibility, isActive }: Team): Target => ({
  visibility: seesAllTeams(caller) || (visibility === "public" && isActive) ? "public" : "team",
  ownerEmail: null,
  teamId: id,
});

/** Whether a caller may know of a team. */
export const seesTeam = (caller: Caller, team: Team): boolean => sees(caller.sight, teamTarget(caller, team));

/** Whether a caller may know who is in a team. */
export const seesMembers = (caller: Caller, { id: teamId }: Team): boolean =>
  seesAllTeams(caller) || sees(caller.sight, { visibility: "team", ownerEmail: null, teamId });
