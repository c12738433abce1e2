// Who may do what. Every door asks here: REST, each MCP transport, the dashboard, the views. Three answers: yes; no,
// although the caller may see it (403 naming the permission); and hidden, as if it did not exist (404).
import { GatewayError } from "../errors.ts";
import type { Caller } from "../identity/caller.ts";

/** Something that can be acted on, reduced to what decides. `open` virtual servers need no credential. */
export interface Target {
  readonly visibility: "private" | "team" | "public";
  readonly ownerEmail: string | null;
  readonly open?: boolean;
  /** Id, when the target is a virtual server: scoped tokens name it. */
  readonly serverId?: string;
}

/** Permissions, `noun.verb` as ContextForge spells them. */
export type Permission =
  `${"tools" | "prompts" | "resources" | "servers" | "gateways" | "tags" | "admin"}.${"read" | "create" | "update" | "delete" | "use"}`;

export type Verdict = "yes" | "hidden" | "forbidden" | "insufficient_scope";

/** Decides. Without a target the question is about the noun as a whole. */
export function can(caller: Caller, permission: Permission, target?: Target): Verdict {
  if (target?.open && permission === "servers.use") return "yes";
  if (caller.kind === "anonymous") return "hidden";
  const { scope } = caller;
  if (scope?.serverId !== undefined && !(permission === "servers.use" && target?.serverId === scope.serverId)) {
    return target && !sees(caller, target) ? "hidden" : "insufficient_scope";
  }
  if (target && !sees(caller, target)) return "hidden";
  if (scope?.permissions && !grants(scope.permissions, permission)) return "insufficient_scope";
  return allowed(caller, permission, target) ? "yes" : "forbidden";
}

const sees = (caller: Caller, target: Target): boolean =>
  caller.admin || target.visibility === "public" || target.ownerEmail === caller.id;

/** Users read and use what they see; the catalog is the administrators' to change. */
const allowed = (caller: Caller, permission: Permission, _target?: Target): boolean =>
  caller.admin || (!permission.startsWith("admin.") && (permission.endsWith(".read") || permission.endsWith(".use")));

const grants = (granted: readonly string[], permission: string): boolean =>
  granted.some(
    (grant) =>
      grant === "*" || grant === permission || (grant.endsWith(".*") && permission.startsWith(grant.slice(0, -1))),
  );

/** Refuses what `can` refuses. @throws GatewayError `not_found`, `forbidden` or `insufficient_scope`. */
export function permit(caller: Caller, permission: Permission, noun: string, target?: Target): void {
  const verdict = can(caller, permission, target);
  if (verdict === "yes") return;
  if (verdict === "hidden") throw new GatewayError("not_found", `${noun} not found`);
  if (verdict === "forbidden")
    throw new GatewayError("forbidden", `You need the permission ${permission} for this`, { details: { permission } });
  throw new GatewayError("insufficient_scope", `This token lacks the scope ${permission}`, {
    details: { permission },
    headers: { "www-authenticate": `Bearer error="insufficient_scope", scope="${permission}"` },
  });
}

/** Refuses callers without a credential. @throws GatewayError `unauthorized` (RFC 6750 §3). */
export function requireCaller(caller: Caller): void {
  if (caller.kind === "anonymous") {
    throw new GatewayError("unauthorized", "Authentication is required: send `Authorization: Bearer <token>`", {
      headers: { "www-authenticate": 'Bearer realm="Causeway"' },
    });
  }
}
