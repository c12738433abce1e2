// The one door to compiled state. A view is looked for in this isolate's memory, then in KV under a key that names its
// version and never changes, then compiled from D1. A new catalog version empties the memory.
import { and, asc, eq, type SQL } from "drizzle-orm";
import { anyOf, as, type Database, openDatabase, tables } from "../db/client.ts";
import type { Sight } from "../identity/caller.ts";
import { type JsonObject, parseExact } from "../lib/json.ts";
import { isWrapped, wrappedSchema } from "../lib/object-result.ts";
import { paramHeadersOf } from "../lib/param-headers.ts";
import { SingleFlight } from "../lib/single-flight.ts";
import { specificity } from "../lib/uri-template.ts";
import { seenBy } from "./list.ts";
import { contextForgeName } from "./names.ts";
import { catalogVersion, type Store } from "./stamp.ts";
import { targetOf } from "./target.ts";
import { type PromptData, type ResourceData, type ToolData, View, type ViewData } from "./view.ts";

/** What a view is of: a virtual server, or everything somebody may see. */
export type Scope = { readonly serverId: string } | { readonly sight: Sight };

const MOST_VIEWS = 500;
const MOST_MISSES = 1_000;

/** Changes when `ViewData` does, so that a new build does not read views of an older one. */
const FORMAT = 1;
const WEEK = 7 * 24 * 3600;

const memory = { version: 0, views: new Map<string, View>(), misses: new Set<string>() };
const loads = new SingleFlight<View | undefined>();

const keyOf = (scope: Scope): string =>
  "serverId" in scope ? `server:${scope.serverId}` : scope.sight === "everything" ? "all" : `all:${scope.sight.owner}`;

/**
 * The view of a scope, at once when this isolate has it. Undefined when there is no such enabled virtual server.
 * The caller has confirmed the stamp (stamp.ts) before.
 */
export function viewOf(store: Store, scope: Scope, pageSize: number): View | undefined | Promise<View | undefined> {
  const version = catalogVersion();
  if (memory.version !== version) Object.assign(memory, { version, views: new Map(), misses: new Set() });
  const key = keyOf(scope);
  const view = memory.views.get(key);
  if (view || memory.misses.has(key)) return view;
  return loads.run(
    `${key}:${version}`,
    (work) => store.waitUntil(work),
    () => load(store, scope, key, version, pageSize),
  );
}

async function load(
  store: Store,
  scope: Scope,
  key: string,
  version: number,
  pageSize: number,
): Promise<View | undefined> {
  const place = `view:${FORMAT}:${key}:${version}`;
  const stored = await store.kv.get<ViewData>(place, "json").catch(withoutCache);
  const data = stored ?? (await compile(openDatabase(store.d1), scope, key, version));
  const view = data && new View(data, pageSize);
  if (data && !stored)
    store.waitUntil(store.kv.put(place, JSON.stringify(data), { expirationTtl: WEEK }).catch(withoutCache));
  if (memory.version === version) remember(key, view);
  return view;
}

/** KV only saves work: without it views are compiled from D1, which is the truth. */
function withoutCache(error: unknown): null {
  console.warn({ event: "KV failed", reason: String(error) });
  return null;
}

function remember(key: string, view: View | undefined): void {
  const { views, misses } = memory;
  if (!view) {
    if (misses.size >= MOST_MISSES) misses.clear();
    misses.add(key);
    return;
  }
  if (views.size >= MOST_VIEWS) views.delete(views.keys().next().value ?? "");
  views.set(key, view);
}

const { servers, serverTools, serverPrompts, serverResources, tools, prompts, resources, upstreams } = tables;

/** Everything of a scope from D1, in one round trip and one more for the upstreams. */
async function compile(db: Database, scope: Scope, key: string, version: number): Promise<ViewData | undefined> {
  const chosen = "serverId" in scope ? await ofServer(db, scope.serverId) : await ofSight(db, scope.sight);
  if (!chosen) return undefined;
  const live = new Map(chosen.upstreams.map((row) => [row.id, row]));
  const usable = (row: { upstreamId: string | null }) => row.upstreamId === null || live.has(row.upstreamId);
  const slug = (row: { upstreamId: string | null }) => live.get(row.upstreamId ?? "")?.slug ?? null;
  const [fixed, templates] = [
    chosen.resources.filter((row) => !row.template),
    chosen.resources.filter((row) => row.template),
  ];
  return {
    scope: key,
    version,
    server: chosen.server,
    upstreams: chosen.upstreams.map((row) => ({ ...targetOf(row), instructions: row.instructions })),
    tools: compiled(chosen.tools.filter(usable), (row) => toolData(row, slug(row))),
    prompts: compiled(chosen.prompts.filter(usable), promptData),
    resources: compiled(firstOfEachUri(fixed.filter(usable)), resourceData),
    templates: compiled(firstOfEachUri(templates.filter(usable)), templateData),
  };
}

/** Switched on, and still offered by its upstream. */
const usableNow = (table: typeof tools | typeof prompts | typeof resources) =>
  and(eq(table.enabled, true), eq(table.available, true));

async function ofServer(db: Database, id: string) {
  const [[server], toolRows, promptRows, resourceRows] = await db.batch([
    db
      .select()
      .from(servers)
      .where(and(eq(servers.id, id), eq(servers.enabled, true))),
    db
      .select({ row: tools, name: as(serverTools.name, "member_name") })
      .from(serverTools)
      .innerJoin(tools, eq(tools.id, serverTools.toolId))
      .where(and(eq(serverTools.serverId, id), usableNow(tools)))
      .orderBy(asc(serverTools.position)),
    db
      .select({ row: prompts, name: as(serverPrompts.name, "member_name") })
      .from(serverPrompts)
      .innerJoin(prompts, eq(prompts.id, serverPrompts.promptId))
      .where(and(eq(serverPrompts.serverId, id), usableNow(prompts)))
      .orderBy(asc(serverPrompts.position)),
    db
      .select({ row: resources })
      .from(serverResources)
      .innerJoin(resources, eq(resources.id, serverResources.resourceId))
      .where(and(eq(serverResources.serverId, id), usableNow(resources)))
      .orderBy(asc(serverResources.position)),
  ]);
  if (!server) return undefined;
  const rows = {
    tools: toolRows.map(({ row, name }) => ({ ...row, name })),
    prompts: promptRows.map(({ row, name }) => ({ ...row, name })),
    resources: resourceRows.map(({ row }) => row),
  };
  const needed = [...rows.tools, ...rows.prompts, ...rows.resources].flatMap((row) => row.upstreamId ?? []);
  return { server, ...rows, upstreams: await liveUpstreams(db, anyOf(upstreams.id, [...new Set(needed)])) };
}

async function ofSight(db: Database, sight: Sight) {
  const enabled = (table: typeof tools | typeof prompts | typeof resources) =>
    and(usableNow(table), seenBy(table, sight));
  const [toolRows, promptRows, resourceRows] = await db.batch([
    db.select().from(tools).where(enabled(tools)).orderBy(asc(tools.name)),
    db.select().from(prompts).where(enabled(prompts)).orderBy(asc(prompts.name)),
    db.select().from(resources).where(enabled(resources)).orderBy(asc(resources.createdAt), asc(resources.uri)),
  ]);
  return {
    server: null,
    tools: toolRows,
    prompts: promptRows,
    resources: resourceRows,
    upstreams: await liveUpstreams(db, seenBy(upstreams, sight)),
  };
}

const liveUpstreams = (db: Database, which: SQL | undefined) =>
  db
    .select()
    .from(upstreams)
    .where(and(eq(upstreams.enabled, true), which))
    .orderBy(asc(upstreams.createdAt));

/** A URI leads to one place: the first that had it. */
function firstOfEachUri<Row extends { uri: string }>(rows: readonly Row[]): Row[] {
  const seen = new Set<string>();
  return rows.filter((row) => !seen.has(row.uri) && seen.add(row.uri));
}

/** Entries of rows. One that can't be compiled is left out and told, so that it does not take the view with it. */
function compiled<Row extends { id: string }, Entry>(rows: readonly Row[], entry: (row: Row) => Entry): Entry[] {
  return rows.flatMap((row) => {
    try {
      return [entry(row)];
    } catch (error) {
      console.warn({ event: "left out of a view", id: row.id, reason: String(error) });
      return [];
    }
  });
}

type ToolRow = typeof tools.$inferSelect;

function toolData(row: ToolRow, slug: string | null): ToolData {
  const { execution, ...definition } = described(row);
  const named = { ...definition, name: row.name, ...(row.displayName ? { title: row.displayName } : {}) };
  const { outputSchema } = definition;
  const wrapped = isWrapped(outputSchema);
  const forSessions = {
    ...named,
    ...(wrapped ? { outputSchema: wrappedSchema(outputSchema) } : {}),
    ...(execution === undefined ? {} : { execution }),
  };
  const differs = wrapped || execution !== undefined;
  const params = paramHeadersOf(definition.inputSchema);
  return {
    id: row.id,
    upstreamId: row.upstreamId,
    name: row.name,
    original: row.originalName,
    alias: contextForgeName(slug, row.originalName),
    text: JSON.stringify(forSessions),
    ...(differs ? { modern: JSON.stringify(named) } : {}),
    ...(wrapped ? { wrapped } : {}),
    ...(params.length > 0 ? { params } : {}),
    ...(row.rest ? { rest: row.rest } : {}),
  };
}

/** The definition of a row with the description an admin may have given it. */
function described(row: { definition: string; description: string | null }): JsonObject {
  const definition = parseExact(row.definition) as JsonObject;
  return row.description === null || row.description === definition.description
    ? definition
    : { ...definition, description: row.description };
}

const promptData = (row: typeof prompts.$inferSelect): PromptData => ({
  id: row.id,
  upstreamId: row.upstreamId,
  name: row.name,
  original: row.originalName,
  text: JSON.stringify({ ...described(row), name: row.name }),
  ...(row.template === null ? {} : { template: row.template }),
});

/** A template that can't be parsed can't be routed by. @throws UriTemplateError. */
function templateData(row: typeof resources.$inferSelect): ResourceData {
  specificity(row.uri);
  return resourceData(row);
}

const resourceData = (row: typeof resources.$inferSelect): ResourceData => {
  const definition = described(row);
  return {
    id: row.id,
    upstreamId: row.upstreamId,
    uri: row.uri,
    text: JSON.stringify(definition),
    ...(typeof definition.mimeType === "string" ? { mimeType: definition.mimeType } : {}),
    ...(row.content === null ? {} : { content: row.content }),
  };
};
