// REST: /gateways, the upstream MCP servers. Shapes in schemas/upstreams.ts. Nothing is stored before the upstream has
// answered; a connection test shows what a save would find.

import { defined } from "../catalog/change.ts";
import { changeUpstream, contents, createUpstream, removeUpstream, requireFreeName } from "../catalog/upstreams.ts";
import type { Context } from "../context.ts";
import { tables } from "../db/client.ts";
import type { UpstreamRow } from "../db/tables/upstreams.ts";
import { GatewayError } from "../errors.ts";
import { tellSync } from "../federation/relay.ts";
import { foundFields, offerOf, probe, refresh } from "../federation/sync.ts";
import type { Caller } from "../identity/caller.ts";
import { newId } from "../lib/ids.ts";
import { warningsOf } from "../policy/description-lint.ts";
import { HIDDEN } from "../schemas/common.ts";
import { lossesOf } from "../schemas/losses.ts";
import {
  type ProbeResult,
  probeResult,
  type RefreshResult,
  refreshResult,
  type UpstreamCreate,
  type UpstreamProbe,
  type UpstreamRead,
  type UpstreamUpdate,
  upstreamCreate,
  upstreamProbe,
  upstreamRead,
  upstreamUpdate,
} from "../schemas/upstreams.ts";
import { authTypeOf, readCredentials, sealCredentials } from "../upstream/credentials.ts";
import type { Discovery } from "../upstream/discover.ts";
import { shownUrl } from "../upstream/upstream.ts";
import { deliverSoon } from "../upstream/webhooks.ts";
import { entityOf, entityRoutes, rowToChange, teamNames } from "./entity.ts";
import { entityMetrics } from "./entity-metrics.ts";
import { type Route, route } from "./route.ts";

const { upstreams } = tables;
const tag = "Gateways (upstream MCP servers)";
const noun = { table: upstreams, singular: "Gateway" };

/** The URL of a gateway as a caller may know it: the query may hold a key. */
export const urlFor = (caller: Caller, url: string): string => (caller.admin ? url : shownUrl(url));

async function present(context: Context, rows: readonly UpstreamRow[]): Promise<UpstreamRead[]> {
  const { desk, caller } = context;
  const ids = rows.map((row) => row.id);
  const [counts, teams, metricsOf] = await Promise.all([
    contents(desk, ids, caller.sight),
    teamNames(context, rows),
    entityMetrics(context, "upstream"),
  ]);
  return rows.map((row) => ({
    ...entityOf(row, teams, metricsOf),
    name: row.name,
    slug: row.slug,
    url: urlFor(caller, row.url),
    transport: row.era === "builtin" ? "BUILTIN" : row.era === "sse" ? "SSE" : "STREAMABLEHTTP",
    transportSetting: row.transport,
    era: row.era,
    protocolVersion: row.protocolVersion,
    eraFacts: {
      evidence: row.eraEvidence,
      foundAt: row.eraFoundAt,
      change: row.eraChange,
      lost: lossesOf(row),
    },
    capabilities: row.capabilities,
    serverInfo: row.serverInfo,
    instructions: row.instructions,
    keepLive: row.live,
    autoApprove: row.autoApprove,
    reachable: row.reachable,
    status: row.enabled ? (row.reachable ? "up" : "down") : "disabled",
    lastSeen: row.lastSeen,
    lastError: row.lastError,
    lastRefreshAt: row.lastRefreshAt,
    authType: row.authType,
    authValue: row.authSealed === null ? null : HIDDEN,
    toolCount: counts.get(row.id)?.tools ?? 0,
    promptCount: counts.get(row.id)?.prompts ?? 0,
    resourceCount: counts.get(row.id)?.resources ?? 0,
    skippedTools: row.problems.filter((problem) => problem.kind === "tools").map((problem) => problem.name),
    validationErrors: row.problems,
  }));
}

/** ContextForge's `STREAMABLEHTTP` leaves the era open; its other words are eras here. */
function transportOf(url: string, given: UpstreamCreate["transport"]): UpstreamRow["transport"] {
  if (url.startsWith("builtin:")) return "builtin";
  return given === undefined || given === "streamablehttp" || given === "http" ? "auto" : given;
}

/** Where a not yet stored upstream is, with its credentials sealed for its id to be. */
async function newTarget(context: Context, id: string, given: UpstreamProbe) {
  const credentials = readCredentials(given);
  const sealed = credentials && (await sealCredentials(context.config.sealingSecrets, id, given.url, credentials));
  return {
    id,
    name: given.name ?? shownUrl(given.url),
    url: given.url,
    protocolVersion: "",
    sessionful: false,
    capabilities: {},
    sealed,
  };
}

async function create(context: Context, given: UpstreamCreate): Promise<string> {
  const place = {
    visibility: given.visibility ?? "public",
    teamId: given.teamId ?? null,
    ownerEmail: context.caller.id,
  };
  await requireFreeName(context.desk, { name: given.name, ...place });
  const transport = transportOf(given.url, given.transport);
  const target = await newTarget(context, newId(), given);
  const found = await probe(context, target, transport);
  const { desk } = context;
  const now = new Date().toISOString();
  const row = {
    id: target.id,
    enabled: true,
    version: 1,
    createdAt: now,
    updatedAt: now,
    createdBy: context.caller.id,
    createdFromIp: desk.author.ip,
    createdVia: desk.author.via,
    createdUserAgent: desk.author.userAgent,
    modifiedBy: null,
    modifiedFromIp: null,
    modifiedVia: null,
    modifiedUserAgent: null,
    name: given.name,
    url: given.url,
    description: given.description ?? null,
    tags: given.tags ?? [],
    ...place,
    transport,
    authType: authTypeOf(given) ?? "none",
    authSealed: target.sealed,
    live: given.keepLive ?? false,
    eraChange: null,
    autoApprove: given.autoApprove ?? false,
    ...foundFields(found),
  } satisfies Omit<UpstreamRow, "slug">;
  await createUpstream(desk, row, offerOf(found));
  return row.id;
}

/** A new address, transport or credential is tried before it is stored; other fields are just stored. */
async function change(context: Context, row: UpstreamRow, given: UpstreamUpdate): Promise<void> {
  const { desk } = context;
  if (given.name !== undefined && given.name !== row.name)
    await requireFreeName(desk, {
      ...row,
      ...defined({ visibility: given.visibility, teamId: given.teamId }),
      name: given.name,
    });
  const { name, description, tags, visibility, teamId, keepLive: live, autoApprove } = given;
  const plain = defined({ name, description, tags, visibility, teamId, live, autoApprove });
  const url = given.url ?? row.url;
  const newType = authTypeOf(given);
  const touchesConnection = given.url !== undefined || given.transport !== undefined || newType !== undefined;
  if (!touchesConnection) return void (await changeUpstream(desk, row, plain, { action: "gateway.update" }));
  const moved = URL.parse(url)?.origin !== URL.parse(row.url)?.origin;
  if (moved && row.authSealed !== null && newType === undefined) {
    throw new GatewayError(
      "invalid_params",
      "The new address is on another host: enter the credentials again (or authType none)",
      { details: { field: "authType" } },
    );
  }
  const transport = given.transport === undefined ? row.transport : transportOf(url, given.transport);
  const target = await newTarget(context, row.id, { ...given, url, name: name ?? row.name });
  const sealed = newType === undefined ? row.authSealed : target.sealed;
  const authType = newType ?? row.authType;
  const found = await probe(context, { ...target, sealed }, transport);
  await changeUpstream(
    desk,
    row,
    { ...plain, url, transport, authType, authSealed: sealed, ...foundFields(found) },
    { action: "gateway.update" },
    offerOf(found),
  );
  if (!row.reachable) deliverSoon(context);
}

const text = (value: unknown): string | null => (typeof value === "string" ? value : null);

const probed = (found: Discovery, latencyMs: number): ProbeResult => ({
  success: true,
  latencyMs,
  era: found.era,
  protocolVersion: found.protocolVersion,
  evidence: [...found.evidence],
  serverInfo: found.serverInfo,
  serverName: text(found.serverInfo?.name),
  serverVersion: text(found.serverInfo?.version),
  instructions: found.instructions,
  capabilities: found.capabilities,
  componentCounts: {
    tools: found.tools.length,
    prompts: found.prompts.length,
    resources: found.resources.length,
    templates: found.templates.length,
  },
  tools: found.tools.map(({ key, definition }) => ({
    name: key,
    title: text(definition.title),
    description: text(definition.description),
    annotations: (definition.annotations as Record<string, unknown> | undefined) ?? null,
    warnings: warningsOf(definition),
  })),
  prompts: found.prompts.map(({ key, definition }) => ({ name: key, description: text(definition.description) })),
  resources: [...found.resources, ...found.templates].map(({ key, definition }) => ({
    uri: key,
    name: text(definition.name) ?? key,
  })),
  problems: found.problems.map((problem) => ({ ...problem })),
});

export const upstreamRoutes: readonly Route[] = [
  route("POST", "/gateways/test", {
    summary: "Test a connection: shows what would be found, saves nothing",
    tag,
    permission: "gateways.create",
    body: upstreamProbe,
    answer: probeResult,
    async run({ context, body }) {
      const began = Date.now();
      const found = await probe(
        context,
        await newTarget(context, newId(), body),
        transportOf(body.url, body.transport),
      );
      return probed(found, Date.now() - began);
    },
  }),
  route("POST", "/gateways/:id/tools/refresh", {
    summary: "Discover anew what a gateway offers",
    tag,
    permission: "gateways.update",
    answer: refreshResult,
    async run(call): Promise<RefreshResult> {
      const began = Date.now();
      const { id } = await rowToChange(noun, "gateways.update", call);
      const { counts, problems } = await refresh(call.context, id);
      return {
        gatewayId: id,
        success: true,
        toolsAdded: counts.tools.added,
        toolsUpdated: counts.tools.updated,
        toolsRemoved: counts.tools.removed,
        toolsWithheld: counts.withheld,
        resourcesAdded: counts.resources.added,
        resourcesUpdated: counts.resources.updated,
        resourcesRemoved: counts.resources.removed,
        promptsAdded: counts.prompts.added,
        promptsUpdated: counts.prompts.updated,
        promptsRemoved: counts.prompts.removed,
        validationErrors: problems.map((problem) => ({ ...problem })),
        durationMs: Date.now() - began,
        refreshedAt: new Date().toISOString(),
      };
    },
  }),
  ...entityRoutes({
    plural: "gateways",
    ...noun,
    tag,
    read: upstreamRead,
    present,
    create: {
      body: upstreamCreate,
      summary: "Add an upstream MCP server: connects, lists and stores what it offers",
      run: ({ context, body }) => create(context, body),
    },
    update: { body: upstreamUpdate, run: ({ context, body }, row) => change(context, row, body) },
    remove: removeUpstream,
    async setState(desk, row, enabled) {
      await changeUpstream(desk, row, { enabled }, { action: enabled ? "gateway.enable" : "gateway.disable" });
    },
    stored: tellSync,
  }),
];
