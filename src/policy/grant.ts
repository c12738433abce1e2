// Nobody hands on more than they hold themselves, nor more than their credential is for.
import { GatewayError } from "../errors.ts";
import type { Caller } from "../identity/caller.ts";
import { beyond } from "../identity/permissions.ts";

/** Whether a credential is all that its user is: a person's, and narrowed by nothing. */
export const isWhole = ({ credential, scope, teams }: Caller): boolean =>
  credential !== "api_token" && scope === undefined && teams === undefined;

/** Refuses any other: what lets somebody in would outlast and exceed it. @throws GatewayError `forbidden`. */
export function requireWhole(caller: Caller, why: string): void {
  if (!isWhole(caller)) throw new GatewayError("forbidden", why);
}

/** Refuses to grant, or take away, what the caller does not hold: everywhere, or in the team. @throws GatewayError `forbidden`. */
export function requireHeld(caller: Caller, wanted: readonly string[], teamId?: string): void {
  const { access, teams, scope } = caller;
  const inTeam =
    teamId === undefined || teams?.includes(teamId) === false ? undefined : access.teams.get(teamId)?.permissions;
  const lacking =
    beyond(new Set([...access.everywhere, ...(inTeam ?? [])]), wanted) ??
    (scope?.permissions && beyond(new Set(scope.permissions), wanted));
  if (lacking !== undefined)
    throw new GatewayError("forbidden", `Nobody grants or takes what they do not hold: you lack ${lacking}`, {
      details: { permission: lacking },
    });
}
