// How a team is told in few words.
import { Badge } from "../../parts/badges.tsx";
import type { Team, TeamRole } from "./teams.ts";

const ROLES: Record<TeamRole, string> = { owner: "Owner", member: "Member", viewer: "Viewer" };

export const ROLE_OPTIONS = Object.entries(ROLES).map(([value, label]) => ({ value, label }));

/** What each role may do, in a sentence. */
export const ROLE_HINTS: Record<TeamRole, string> = {
  owner: "Builds in the team, and says who is in it",
  member: "Builds in the team: servers, tools, virtual servers",
  viewer: "Sees and uses what the team has",
};

/** A role by the text of a choice. */
export const asRole = (text: string): TeamRole => (text === "owner" || text === "viewer" ? text : "member");

export const RoleBadge = ({ role }: { role: TeamRole }) => (
  <Badge tone={role === "owner" ? "tide" : "line"}>{ROLES[role]}</Badge>
);

export const TeamMarks = ({ team }: { team: Team }) => (
  <>
    {team.is_personal && <Badge tone="line">Personal</Badge>}
    {!team.is_active && (
      <Badge tone="idle" icon="off">
        Inactive
      </Badge>
    )}
    {!team.is_personal &&
      (team.visibility === "public" ? (
        <Badge tone="line" icon="globe" title="Every user finds it and may ask to join">
          Open to requests
        </Badge>
      ) : (
        <Badge tone="line" icon="lock" title="Only its members know of it">
          Private
        </Badge>
      ))}
  </>
);
