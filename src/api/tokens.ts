// REST: /tokens, what programs present. Shapes in schemas/tokens.ts. People manage tokens, logged in or with a token
// signed by the shared secret; an API token never does (policy/can.ts).

import { eq } from "drizzle-orm";
import * as z from "zod";
import { persistently, requireVersion } from "../catalog/change.ts";
import type { Context } from "../context.ts";
import { tables } from "../db/client.ts";
import type { ApiTokenRow } from "../db/tables/tokens.ts";
import { GatewayError } from "../errors.ts";
import {
  createToken,
  type Made,
  revokeToken,
  rotateToken,
  type TokenChange,
  updateToken,
} from "../identity/token-changes.ts";
import { listTokens, statusOf, type TokenQuery, tokenOf, type Whose } from "../identity/token-lists.ts";
import { usageOf, writeUsage } from "../identity/token-usage.ts";
import { nowInSeconds } from "../lib/now.ts";
import { can, type Permission, permit } from "../policy/can.ts";
import {
  type TokenRead,
  type TokenUpdate,
  tokenCreate,
  tokenCreated,
  tokenList,
  tokenQuery,
  tokenRead,
  tokenRevoke,
  tokenRotate,
  tokenUpdate,
  tokenUsageQuery,
  tokenUsageRead,
} from "../schemas/tokens.ts";
import { type Call, type Route, route } from "./route.ts";
import { scopeFrom } from "./token-scope.ts";

const tag = "API tokens";

function present(row: ApiTokenRow): TokenRead {
  const iso = (seconds: number | null) => (seconds === null ? null : new Date(seconds * 1000).toISOString());
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    prefix: row.prefix,
    user_email: row.userEmail,
    team_id: row.teamId,
    server_id: row.serverIds.length === 1 ? (row.serverIds[0] ?? null) : null,
    server_ids: row.serverIds,
    tools: row.toolNames,
    resource_scopes: row.permissions,
    ip_restrictions: row.ipRestrictions,
    time_restrictions: row.timeRestrictions,
    usage_limits: {
      requests_per_hour: row.usageLimits.requestsPerHour ?? null,
      requests_per_day: row.usageLimits.requestsPerDay ?? null,
    },
    tags: row.tags,
    created_at: row.createdAt,
    expires_at: iso(row.expiresAt),
    last_used: row.lastUsedAt,
    last_used_ip: row.lastUsedIp,
    is_active: row.isActive,
    is_revoked: row.revokedAt !== null,
    revoked_at: row.revokedAt,
    revoked_by: row.revokedBy,
    revocation_reason: row.revocationReason,
    replaced_by: row.replacedBy,
    status: statusOf(row),
    version: row.version,
  };
}

type Asking = Pick<Call<undefined, undefined>, "context" | "params" | "headers">;

const own = ({ caller }: Context): Whose => ({ userEmail: caller.id });

/** A credential that is itself narrowed makes no tokens: they could do what it can't. */
function requireWhole({ caller }: Context, permission: Permission): void {
  if (caller.credential !== "basic" && caller.scope === undefined && caller.teams === undefined) return;
  throw new GatewayError("insufficient_scope", "Log in as a person: this credential makes and changes no tokens", {
    details: { permission },
    headers: { "www-authenticate": `Bearer error="insufficient_scope", scope="${permission}"` },
  });
}

/** A team whose tokens the caller may give out: one it is in. @throws GatewayError `not_found` for any other. */
async function requireTeam({ caller, desk }: Context, id: string): Promise<void> {
  const [team] = await desk.db.select().from(tables.teams).where(eq(tables.teams.id, id));
  if (!team || !(caller.admin || caller.access.teams.has(id))) throw new GatewayError("not_found", "Team not found");
}

async function shown({ context, headers }: Asking, whose: Whose, id: string): Promise<TokenRead> {
  const row = await tokenOf(context.desk, whose, id);
  headers.set("etag", String(row.version));
  return present(row);
}

async function shownOnce(call: Asking, { id, secret }: Made) {
  return { token: await shown(call, own(call.context), id), access_token: secret };
}

async function listed({ desk, store }: Context, whose: Whose, query: TokenQuery) {
  await writeUsage(store);
  const { tokens, total } = await listTokens(desk, whose, query);
  return { tokens: tokens.map(present), total, limit: query.limit, offset: query.offset };
}

/** Changes a token that is read first; without If-Match, anew when somebody was faster. */
async function changing<T>(
  { context, params, version }: Pick<Call<undefined, undefined>, "context" | "params" | "version">,
  whose: Whose,
  change: (row: ApiTokenRow) => Promise<T>,
): Promise<T> {
  const once = async (): Promise<T> => {
    const row = await tokenOf(context.desk, whose, params.id ?? "");
    requireVersion(row.version, version);
    return await change(row);
  };
  return version === undefined ? await persistently(once) : await once();
}

async function changeFrom(context: Context, { scope, name, description, tags, is_active }: TokenUpdate) {
  return {
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(tags === undefined ? {} : { tags }),
    ...(is_active === undefined ? {} : { isActive: is_active }),
    ...(scope === undefined ? {} : await scopeFrom(context, scope)),
  } satisfies TokenChange;
}

const NOTHING = z.null();
const DAY = 24 * 3600;

/** How often one address may have a secret made. */
const SECRETS = { per: 60, most: 30 };

/** DELETE, for those whose tokens these are. */
const revoking = (path: string, summary: string, permission: Permission, whose: (context: Context) => Whose): Route =>
  route("DELETE", path, {
    summary,
    tag,
    permission,
    body: tokenRevoke,
    answer: NOTHING,
    status: 204,
    async run(call) {
      const { context, body } = call;
      await changing(call, whose(context), (row) => revokeToken(context.desk, row, body.reason ?? null));
      return new Response(null, { status: 204 });
    },
  });

export const tokenRoutes: readonly Route[] = [
  route("POST", "/tokens", {
    summary: "Make an API token; its secret is in this answer only",
    tag,
    permission: "tokens.create",
    limit: SECRETS,
    body: tokenCreate,
    answer: tokenCreated,
    status: 201,
    async run(call) {
      const { context, body } = call;
      const { name, description = null, tags = [], team_id: teamId = null, is_active: isActive } = body;
      requireWhole(context, "tokens.create");
      if (teamId !== null) await requireTeam(context, teamId);
      const scope = await scopeFrom(context, body.scope);
      const days = body.expires_in_days ?? null;
      const expiresAt = days === null ? null : nowInSeconds() + days * DAY;
      const token = { ...scope, name, description, tags, teamId, isActive, expiresAt };
      return await shownOnce(call, await createToken(context.desk, token));
    },
  }),
  route("GET", "/tokens", {
    summary: "Your API tokens, the newest first",
    tag,
    permission: "tokens.read",
    query: tokenQuery,
    answer: tokenList,
    run: ({ context, query }) => listed(context, own(context), query),
  }),
  route("GET", "/tokens/admin/all", {
    summary: "Everybody's API tokens",
    tag,
    permission: "tokens.manage",
    query: tokenQuery,
    answer: tokenList,
    run: ({ context, query }) => listed(context, "everybody", query),
  }),
  route("GET", "/tokens/admin/:id", {
    summary: "One of anybody's API tokens",
    tag,
    permission: "tokens.manage",
    answer: tokenRead,
    async run(call) {
      await writeUsage(call.context.store);
      return await shown(call, "everybody", call.params.id ?? "");
    },
  }),
  revoking("/tokens/admin/:id", "Revoke anybody's API token", "tokens.manage", () => "everybody"),
  route("GET", "/tokens/teams/:team_id", {
    summary: "API tokens of a team, for who manages its members",
    tag,
    permission: "tokens.read",
    query: tokenQuery,
    answer: tokenList,
    async run({ context, params, query }) {
      const { team_id: teamId = "" } = params;
      await requireTeam(context, teamId);
      const team = { visibility: "team", teamId, ownerEmail: null } as const;
      if (can(context.caller, "tokens.manage") !== "yes") permit(context.caller, "teams.manage_members", "Team", team);
      return await listed(context, { teamId }, query);
    },
  }),
  route("GET", "/tokens/:id", {
    summary: "One of your API tokens",
    tag,
    permission: "tokens.read",
    answer: tokenRead,
    async run(call) {
      await writeUsage(call.context.store);
      return await shown(call, own(call.context), call.params.id ?? "");
    },
  }),
  route("PUT", "/tokens/:id", {
    summary: "Change an API token; a scope given replaces the whole scope",
    tag,
    permission: "tokens.update",
    body: tokenUpdate,
    answer: tokenRead,
    async run(call) {
      const { context, params, body } = call;
      requireWhole(context, "tokens.update");
      const change = await changeFrom(context, body);
      await changing(call, own(context), (row) => updateToken(context.desk, row, change));
      return await shown(call, own(context), params.id ?? "");
    },
  }),
  revoking("/tokens/:id", "Revoke an API token", "tokens.revoke", own),
  route("POST", "/tokens/:id/revoke", {
    summary: "Revoke an API token, and say why",
    tag,
    permission: "tokens.revoke",
    body: tokenRevoke,
    answer: tokenRead,
    async run(call) {
      const { context, params, body } = call;
      await changing(call, own(context), (row) => revokeToken(context.desk, row, body.reason ?? null));
      return await shown(call, own(context), params.id ?? "");
    },
  }),
  route("POST", "/tokens/:id/rotate", {
    summary: "Put a token with a new secret in the place of one; the old one works on for a while",
    tag,
    permission: "tokens.update",
    limit: SECRETS,
    body: tokenRotate,
    answer: tokenCreated,
    status: 201,
    async run(call) {
      const { context, body } = call;
      requireWhole(context, "tokens.update");
      const made = await changing(call, own(context), (row) => rotateToken(context.desk, row, body.overlap_hours));
      return await shownOnce(call, made);
    },
  }),
  route("GET", "/tokens/:id/usage", {
    summary: "How one of your API tokens was used",
    tag,
    permission: "tokens.read",
    query: tokenUsageQuery,
    answer: tokenUsageRead,
    async run({ context, params, query }) {
      const { id } = await tokenOf(context.desk, own(context), params.id ?? "");
      const { endpoints, hours } = await usageOf(context.store, id, query.days);
      const total = hours.reduce((sum, { requests }) => sum + requests, 0);
      const blocked = hours.reduce((sum, one) => sum + one.blocked, 0);
      return {
        period_days: query.days,
        total_requests: total,
        blocked_requests: blocked,
        success_rate: total === 0 ? 1 : (total - blocked) / total,
        top_endpoints: endpoints,
        hours,
      };
    },
  }),
];
