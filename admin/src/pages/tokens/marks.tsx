// How a token is told in few words: its status, what it reaches, what it may do.
import type { ServerRead } from "../../api.ts";
import { Badge } from "../../parts/badges.tsx";
import { count } from "../../parts/time.tsx";
import type { Token } from "./tokens.ts";

const STATUS = {
  active: { tone: "ok", icon: "ok", word: "Active" },
  inactive: { tone: "idle", icon: "off", word: "Switched off" },
  expired: { tone: "warn", icon: "warn", word: "Expired" },
  revoked: { tone: "bad", icon: "bad", word: "Revoked" },
} as const;

export const TOKEN_STATUSES = Object.entries(STATUS).map(([value, { word }]) => ({ value, label: word }));

export const TokenBadge = ({ status }: { status: Token["status"] }) => (
  <Badge tone={STATUS[status].tone} icon={STATUS[status].icon}>
    {STATUS[status].word}
  </Badge>
);

/** The name of a virtual server by its id; the id itself when the person does not see it. */
export const serverName = (servers: readonly ServerRead[] | undefined, id: string): string =>
  servers?.find((server) => server.id === id)?.name ?? id;

/** "Everything", "Bundle", "Bundle and 2 more". */
export const Reaches = ({ token, servers }: { token: Token; servers: readonly ServerRead[] | undefined }) => {
  const [first, ...rest] = token.server_ids;
  if (first === undefined) return <span class="mut">everything</span>;
  if (servers === undefined) return <span class="mut">{count(token.server_ids.length, "virtual server")}</span>;
  const names = token.server_ids.map((id) => serverName(servers, id));
  return (
    <span title={names.join(", ")}>
      {names[0]}
      {rest.length > 0 && ` and ${rest.length} more`}
      {token.tools.length > 0 && <small>, {count(token.tools.length, "tool")}</small>}
    </span>
  );
};

/** "all its owner's", or how many. */
export const MayDo = ({ permissions }: { permissions: readonly string[] }) =>
  permissions.length === 0 ? (
    <span class="mut">all its owner has</span>
  ) : (
    <span title={permissions.join(", ")}>{count(permissions.length, "permission")}</span>
  );
