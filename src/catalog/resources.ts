// Resources in the catalog: texts of our own are made here; resources of upstreams come with their upstream.
import { and, eq, inArray, or } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { anyOf, tables } from "../db/client.ts";
import type { ResourceRow } from "../db/tables/catalog.ts";
import { GatewayError } from "../errors.ts";
import { newId } from "../lib/ids.ts";
import { match } from "../lib/uri-template.ts";
import { claimUri, OURS } from "../schemas/naming.ts";
import type { ResourceCreate, ResourceUpdate } from "../schemas/resources.ts";
import { commit, type Desk, defined, made, modified } from "./change.ts";

const { resources, serverResources } = tables;

function definitionOf(given: ResourceUpdate, before: Record<string, unknown>): string {
  const { uri, name, title, description, mimeType, content } = given;
  const size = content === undefined ? undefined : new TextEncoder().encode(content).byteLength;
  const merged = { ...before, ...defined({ uri, name, title, description, mimeType, size }) };
  return JSON.stringify(Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null)));
}

/** Adds a text resource of our own and gives its id. @throws GatewayError `conflict` when we have one with this URI. */
export async function createResource(desk: Desk, given: ResourceCreate): Promise<string> {
  const { uri, name, content, description = null, tags = [], visibility = "public", teamId = null } = given;
  const row = {
    id: newId(),
    ...made(desk),
    uri,
    name,
    content,
    description,
    tags,
    visibility,
    teamId,
    template: false,
    upstreamId: null,
    definition: definitionOf(given, { mimeType: "text/plain" }),
  };
  await commit(desk, { action: "resource.create", targetType: "resource", targetId: row.id, detail: { uri } }, [
    desk.db.insert(resources).values(row),
  ]);
  return row.id;
}

/** Changes a resource. @throws GatewayError `invalid_params` for a field its upstream owns, `stale_version`. */
export async function updateResource(desk: Desk, row: ResourceRow, given: ResourceUpdate): Promise<void> {
  const foreign =
    row.content === null
      ? (["uri", "content", "mimeType", "name"] as const).find((field) => given[field] !== undefined)
      : undefined;
  if (foreign)
    throw new GatewayError(
      "invalid_params",
      `${foreign} of this resource comes from its upstream and can't be changed here`,
      { details: { field: foreign } },
    );
  const { uri, name, description, tags, visibility, teamId, content } = given;
  const definition = row.content === null ? undefined : definitionOf(given, JSON.parse(row.definition));
  const moved = uri === undefined || uri === row.uri ? [] : await movedInServers(desk, row.id, uri);
  await commit(
    desk,
    {
      action: "resource.update",
      targetType: "resource",
      targetId: row.id,
      from: { table: resources, version: row.version },
      detail: { uri: uri ?? row.uri, fields: Object.keys(given) },
    },
    [
      desk.db
        .update(resources)
        .set({
          ...defined({ uri, name, description, tags, visibility, teamId, content, definition }),
          ...modified(desk),
          version: row.version + 1,
        })
        .where(eq(resources.id, row.id)),
      ...moved,
    ],
  );
}

/** Statements by which a resource goes by another URI in every virtual server that holds it, marked where that is taken. */
async function movedInServers({ db }: Desk, id: string, uri: string): Promise<BatchItem<"sqlite">[]> {
  const holders = db
    .select({ id: serverResources.serverId })
    .from(serverResources)
    .where(eq(serverResources.resourceId, id));
  const { serverId, resourceId, name } = serverResources;
  const rows = await db.select({ serverId, resourceId, name }).from(serverResources).where(inArray(serverId, holders));
  return [...Map.groupBy(rows, (row) => row.serverId)].map(([holder, members]) => {
    const taken = new Set(members.filter((member) => member.resourceId !== id).map((member) => member.name));
    return db
      .update(serverResources)
      .set({ name: claimUri(taken, uri, OURS) })
      .where(and(eq(serverId, holder), eq(resourceId, id)));
  });
}

export const removeResource = (desk: Desk, row: ResourceRow) =>
  commit(
    desk,
    {
      action: "resource.delete",
      targetType: "resource",
      targetId: row.id,
      from: { table: resources, version: row.version },
      detail: { uri: row.uri },
    },
    [desk.db.delete(resources).where(eq(resources.id, row.id))],
  );

export const setResourceState = (desk: Desk, row: ResourceRow, enabled: boolean) =>
  commit(
    desk,
    {
      action: enabled ? "resource.enable" : "resource.disable",
      targetType: "resource",
      targetId: row.id,
      from: { table: resources, version: row.version },
      detail: { uri: row.uri },
    },
    [
      desk.db
        .update(resources)
        .set({ enabled, ...modified(desk), version: row.version + 1 })
        .where(eq(resources.id, row.id)),
    ],
  );

/** A URI of an upstream, as that upstream has it. */
interface Its {
  readonly upstreamId: string;
  readonly uri: string;
}

/** Tells of these whether the upstream has a resource with the URI, or a template that it belongs to, enabled or not. */
export async function knownAt(desk: Desk, places: readonly Its[]): Promise<(place: Its) => boolean> {
  const [ids, uris] = [places.map(({ upstreamId }) => upstreamId), places.map(({ uri }) => uri)];
  const candidates = await desk.db
    .select({ uri: resources.uri, upstreamId: resources.upstreamId })
    .from(resources)
    .where(
      and(
        or(anyOf(resources.uri, [...new Set(uris)]), eq(resources.template, true)),
        anyOf(resources.upstreamId, [...new Set(ids)]),
      ),
    );
  return ({ upstreamId, uri }) =>
    candidates.some((row) => row.upstreamId === upstreamId && (row.uri === uri || match(row.uri, uri) !== undefined));
}
