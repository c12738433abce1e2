// Who may do what. Every door asks here: REST, each MCP transport, the dashboard, the views. Three answers: yes; no,
// although the caller may see it (403 naming the permission); and hidden, as if it did not exist (404).
import { type Denial, GatewayError } from "../errors.ts";
import { type Caller, type Seen, sees } from "../identity/caller.ts";
import { covers, isOfTeams, isOfTheGateway, type Permission, roleNamed } from "../identity/permissions.ts";

export type { Permission };

/** Something that can be acted on, reduced to what decides. `open` virtual servers need no credential. */
export interface Target extends Seen {
  readonly open?: boolean;
  /** Id, when the target is a virtual server: scoped tokens name it. */
  readonly serverId?: string;
  /** Id of the target's row, for the audit trail. */
  readonly id?: string;
}

export type Verdict = "yes" | "hidden" | "forbidden" | "insufficient_scope";

/** Permissions that a login alone has: no token, however broad, hands out, lists or takes away credentials. */
export const FOR_LOGINS: ReadonlySet<Permission> = new Set([
  "tokens.read",
  "tokens.create",
  "tokens.update",
  "tokens.revoke",
  "tokens.manage",
]);

/** What MCP methods need: all that a token for certain virtual servers may do, and anybody at an open one. */
const THROUGH_A_SERVER: ReadonlySet<Permission> = new Set([
  "servers.use",
  "tools.read",
  "tools.execute",
  "prompts.read",
  "resources.read",
]);

/** Decides. Without a target the question is about the noun as a whole: whether there may be anything to act on. */
export function can(caller: Caller, permission: Permission, target?: Target): Verdict {
  if (target?.open && THROUGH_A_SERVER.has(permission)) return "yes";
  if (caller.kind === "anonymous") return "hidden";
  if (target && !sees(caller.sight, target)) return "hidden";
  if (caller.credential === "api_token" && FOR_LOGINS.has(permission)) return "forbidden";
  const { serverIds, permissions } = caller.scope ?? {};
  if (serverIds && !(THROUGH_A_SERVER.has(permission) && serverIds.includes(target?.serverId ?? "")))
    return "insufficient_scope";
  if (permissions && !covers(permissions, permission)) return "insufficient_scope";
  if (caller.teams && isOfTheGateway(permission)) return "insufficient_scope";
  return allowed(caller, permission, target) ? "yes" : "forbidden";
}

/** By a role held everywhere, as the owner, or by a role in the team. What is public is made by roles everywhere alone. */
function allowed(caller: Caller, permission: Permission, target?: Target): boolean {
  const { access, id, teams } = caller;
  if (covers(access.everywhere, permission)) return true;
  if (!isOfTeams(permission)) return false;
  if (!target) return [OWN, ...access.teams.values()].some(({ permissions }) => covers(permissions, permission));
  const { visibility, ownerEmail, teamId } = target;
  if (visibility === "public" && permission.endsWith(".create")) return false;
  const inTeam = teamId === null || teams?.includes(teamId) === false ? undefined : access.teams.get(teamId);
  if (inTeam && visibility !== "private" && covers(inTeam.permissions, permission)) return true;
  return ownerEmail === id && visibility !== "team" && covers(OWN.permissions, permission);
}

/** What everybody may do with what is theirs. */
const OWN = roleNamed("team_admin");

/** Refuses what `can` refuses. @throws GatewayError `not_found`, `forbidden` or `insufficient_scope`. */
export function permit(caller: Caller, permission: Permission, noun: string, target?: Target): void {
  const verdict = can(caller, permission, target);
  if (verdict === "yes") return;
  const denial = { what: permission, target: target?.serverId ?? target?.id ?? noun.toLowerCase() };
  if (verdict === "hidden") throw new GatewayError("not_found", `${noun} not found`, { denial });
  if (verdict === "forbidden") throw forbidden(caller, permission, denial);
  throw new GatewayError("insufficient_scope", `This token lacks the scope ${permission}`, {
    details: { permission },
    headers: { "www-authenticate": `Bearer error="insufficient_scope", scope="${permission}"` },
    denial,
  });
}

/** ContextForge's sentence, which programs may know. */
const FOR_PEOPLE =
  "Token management requires an interactive session (JWT from web login or SSO). API tokens cannot create, list, or revoke other tokens.";

const forbidden = ({ credential }: Caller, permission: Permission, denial: Denial): GatewayError =>
  new GatewayError(
    "forbidden",
    credential === "api_token" && FOR_LOGINS.has(permission)
      ? FOR_PEOPLE
      : `You need the permission ${permission} for this`,
    { details: { permission }, denial },
  );

/** Refuses callers without a credential. @throws GatewayError `unauthorized` (RFC 6750 §3). */
export function requireCaller(caller: Caller): void {
  if (caller.kind === "anonymous") {
    throw new GatewayError("unauthorized", "Authentication is required: send `Authorization: Bearer <token>`", {
      headers: { "www-authenticate": 'Bearer realm="Causeway"' },
    });
  }
}

/** Refuses credentials other than a login: they can't be traded for another one. @throws GatewayError `forbidden`. */
export function requireLogin({ credential }: Caller): void {
  if (credential !== "session")
    throw new GatewayError("forbidden", "This takes a login with a password: tokens can't do it", {
      details: { credential },
    });
}
