// What a token is to be narrowed to, as its maker asks for it: read, and held against what the maker may do. A token
// never exceeds its maker, and no entry is stored that could not be held to.
import { seenRow } from "../catalog/list.ts";
import type { Context } from "../context.ts";
import { tables } from "../db/client.ts";
import { sightOf } from "../identity/caller.ts";
import { covers, isGrant, PERMISSIONS } from "../identity/permissions.ts";
import { type StoredScope, UNSCOPED } from "../identity/token-changes.ts";
import { type GivenWindow, limitsFrom, windowFrom } from "../identity/token-scope.ts";
import { parseRange } from "../lib/ip-range.ts";
import { isTimeZone } from "../lib/time-window.ts";
import { can, FOR_LOGINS, permit } from "../policy/can.ts";
import type { TokenScopeBody } from "../schemas/tokens.ts";
import { type FieldError, InvalidFields } from "./route.ts";

/**
 * The scope as it is stored.
 * @throws InvalidFields naming each entry that can't be; GatewayError `not_found` for a virtual server the maker can't see.
 */
export async function scopeFrom(context: Context, given: TokenScopeBody | null | undefined): Promise<StoredScope> {
  if (!given) return UNSCOPED;
  const { server_id, server_ids = [], tools = [], permissions = [], ip_restrictions = [] } = given;
  const serverIds = [...new Set([...(server_id ? [server_id] : []), ...server_ids])];
  const problems = [
    ...permissions.flatMap((permission, at) => problem(["permissions", at], whyNot(context, permission))),
    ...ip_restrictions.flatMap((text, at) =>
      problem(["ip_restrictions", at], parseRange(text) ? undefined : `${text} is no address and no CIDR range`),
    ),
    ...problem(
      ["tools"],
      tools.length > 0 && serverIds.length === 0
        ? "Name the virtual servers these tools are in (server_ids)"
        : undefined,
    ),
    ...inWindow(given.time_restrictions ?? {}),
  ];
  if (problems.length > 0) throw new InvalidFields(problems);
  for (const id of serverIds) await requireUsable(context, id);
  return {
    serverIds,
    toolNames: [...new Set(tools)],
    permissions: [...new Set(permissions)],
    ipRestrictions: [...new Set(ip_restrictions)],
    timeRestrictions: windowFrom(given.time_restrictions ?? {}),
    usageLimits: limitsFrom(given.usage_limits ?? {}),
  };
}

const problem = (at: (string | number)[], msg: string | undefined): FieldError[] =>
  msg === undefined ? [] : [{ type: "value_error", loc: ["body", "scope", ...at], msg }];

/** Why the maker can't give a permission away; undefined when it can. */
function whyNot({ caller }: Context, grant: string): string | undefined {
  if (!isGrant(grant)) return `There is no permission ${grant}`;
  const covered = PERMISSIONS.filter((permission) => covers([grant], permission));
  if (covered.every((permission) => FOR_LOGINS.has(permission))) return `${grant} is for people: no token has it`;
  const lacking = covered.find((permission) => can(caller, permission) !== "yes");
  if (lacking === undefined) return undefined;
  return lacking === grant
    ? `You don't have the permission ${grant}`
    : `${grant} takes in ${lacking}, which you don't have`;
}

async function requireUsable(context: Context, id: string): Promise<void> {
  const sight = sightOf(context.caller);
  const row = await seenRow(context.desk, tables.servers, "Server", id, sight);
  permit(context.caller, "servers.use", "Server", { ...row, serverId: id });
}

function inWindow({ start, end, timezone }: GivenWindow): FieldError[] {
  return [
    ...problem(
      ["time_restrictions", "timezone"],
      timezone === undefined || isTimeZone(timezone) ? undefined : `${timezone} is no IANA time zone`,
    ),
    ...problem(
      ["time_restrictions", "end"],
      start !== undefined && start === end ? "end must differ from start" : undefined,
    ),
  ];
}
