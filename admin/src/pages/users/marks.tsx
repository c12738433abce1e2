// How a user is shown in a line: a round with two letters, and a status.
import { Badge, initials } from "../../parts/badges.tsx";
import type { Status, User } from "./users.ts";

export const Avatar = ({ user }: { user: Pick<User, "email" | "full_name"> }) => (
  <span class="avatar" aria-hidden="true">
    {initials({ fullName: user.full_name, email: user.email })}
  </span>
);

const STATUS = {
  active: { tone: "ok", icon: "ok", word: "Active" },
  inactive: { tone: "idle", icon: "off", word: "Inactive" },
  locked: { tone: "auth", icon: "lock", word: "Locked" },
} as const;

export const UserBadge = ({ status }: { status: Status }) => (
  <Badge tone={STATUS[status].tone} icon={STATUS[status].icon}>
    {STATUS[status].word}
  </Badge>
);
