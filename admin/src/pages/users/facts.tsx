// What is known of a user: roles, teams, how and when they signed in.
import { Badge } from "../../parts/badges.tsx";
import { Fact } from "../../parts/note.tsx";
import { When } from "../../parts/time.tsx";
import type { User } from "./users.ts";

export const UserFacts = ({ user }: { user: User }) => (
  <dl class="facts">
    <Fact name="Roles">
      {user.roles.length === 0 && <span class="mut">none of their own</span>}
      {user.roles.map((role) => (
        <Badge key={role} tone="line">
          {role}
        </Badge>
      ))}
    </Fact>
    <Fact name="Teams">
      {user.teams.length === 0 && <span class="mut">none</span>}
      {user.teams.map((team) => (
        <span key={team.id}>
          <a href={`/ui/teams/${encodeURIComponent(team.id)}`}>{team.name}</a> <span class="mut">{team.role}</span>
        </span>
      ))}
    </Fact>
    <Fact name="Signs in">{user.auth_provider === "local" ? "with a password" : `through ${user.auth_provider}`}</Fact>
    <Fact name="Last sign-in">
      <When at={user.last_login} />
    </Fact>
    {user.failed_login_attempts > 0 && <Fact name="Wrong passwords">{user.failed_login_attempts} since then</Fact>}
    <Fact name="Added">
      <When at={user.created_at} />
    </Fact>
  </dl>
);
