// REST: /resources. Shapes in schemas/resources.ts. As in ContextForge, `/resources/{id}` gives the content and
// `/resources/{id}/info` what is known about it.

import { eq } from "drizzle-orm";
import { listRows } from "../catalog/list.ts";
import { createResource, removeResource, setResourceState, updateResource } from "../catalog/resources.ts";
import { upstreamsOf } from "../catalog/upstreams.ts";
import type { Context } from "../context.ts";
import { tables } from "../db/client.ts";
import type { ResourceRow } from "../db/tables/catalog.ts";
import { GatewayError } from "../errors.ts";
import { readContents } from "../gateway/render.ts";
import { sightOf } from "../identity/caller.ts";
import { isObject } from "../lib/json.ts";
import { listOf, listQuery } from "../schemas/common.ts";
import {
  type ResourceRead,
  resourceContent,
  resourceCreate,
  resourceRead,
  resourceUpdate,
} from "../schemas/resources.ts";
import { entityOf, entityRoutes, rowOf, shown, teamNames } from "./entity.ts";
import { entityMetrics } from "./entity-metrics.ts";
import { type Route, route } from "./route.ts";

export async function presentResources(context: Context, rows: readonly ResourceRow[]): Promise<ResourceRead[]> {
  const { desk, caller } = context;
  const [upstreams, teams, metricsOf] = await Promise.all([
    upstreamsOf(desk, rows, sightOf(caller)),
    teamNames(context, rows),
    entityMetrics(context, "target"),
  ]);
  return rows.map((row) => {
    const definition = JSON.parse(row.definition) as Record<string, never>;
    const upstream = upstreams.get(row.upstreamId ?? "");
    return {
      ...entityOf(row, teams, metricsOf),
      uri: row.uri,
      uriTemplate: row.template ? row.uri : null,
      name: row.name,
      title: definition.title ?? null,
      mimeType: definition.mimeType ?? null,
      size: definition.size ?? null,
      annotations: definition.annotations ?? null,
      available: row.available,
      gatewayId: upstream?.id ?? null,
      gatewayName: upstream?.name ?? null,
      gatewaySlug: upstream?.slug ?? null,
      definition,
    };
  });
}

const tag = "Resources";
const noun = { table: tables.resources, singular: "Resource", present: presentResources };

export const resourceRoutes: readonly Route[] = [
  route("GET", "/resources/templates/list", {
    summary: "List resource templates",
    tag,
    permission: "resources.read",
    query: listQuery,
    answer: listOf("resourceTemplates", resourceRead),
    async run({ context, query }) {
      const page = await listRows(
        context.desk,
        tables.resources,
        query,
        sightOf(context.caller),
        eq(tables.resources.template, true),
      );
      const items = await presentResources(context, page.rows);
      return query.include_pagination
        ? { resourceTemplates: items, nextCursor: page.nextCursor, total: page.total }
        : items;
    },
  }),
  route("GET", "/resources/:id/info", {
    summary: "What is known about a resource",
    tag,
    permission: "resources.read",
    answer: resourceRead,
    run: (call) => shown(noun, call),
  }),
  route("GET", "/resources/:id", {
    summary: "The content of a resource",
    tag,
    permission: "resources.read",
    answer: resourceContent,
    async run(call) {
      const row = await rowOf(noun, call);
      if (!row.enabled) throw new GatewayError("conflict", `Resource ${row.name} is disabled`);
      const { contents } = await readContents(call.context, row);
      const first = Array.isArray(contents) && isObject(contents[0]) ? contents[0] : {};
      return {
        type: "resource",
        id: row.id,
        uri: row.uri,
        mime_type: first.mimeType ?? null,
        text: first.text ?? null,
        blob: first.blob ?? null,
      };
    },
  }),
  ...entityRoutes({
    plural: "resources",
    ...noun,
    tag,
    read: resourceRead,
    create: {
      body: resourceCreate,
      summary: "Add a text resource of our own",
      run: ({ context, body }) => createResource(context.desk, body),
    },
    update: { body: resourceUpdate, run: ({ context, body }, row) => updateResource(context.desk, row, body) },
    remove: removeResource,
    setState: setResourceState,
  }).filter((entry) => !(entry.method === "GET" && entry.path === "/resources/:id")),
];
