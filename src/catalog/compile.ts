// A view made from the rows of D1: what is chosen, switched on, still offered and (of tools) as it was approved, with
// names and URIs as clients of that view have them. What is not approved is left out here, and so everywhere.
import { and, asc, eq, isNotNull, ne, or, type SQL, sql } from "drizzle-orm";
import { anyOf, as, type Database, tables } from "../db/client.ts";
import type { UpstreamRow } from "../db/tables/upstreams.ts";
import type { Seen, Sight } from "../identity/caller.ts";
import { isObject, type JsonObject, parseExact } from "../lib/json.ts";
import { isWrapped, wrappedSchema } from "../lib/object-result.ts";
import { paramHeadersOf } from "../lib/param-headers.ts";
import { match, specificity } from "../lib/uri-template.ts";
import { claim, claimUri, OURS } from "../schemas/naming.ts";
import { seenBy } from "./list.ts";
import { contextForgeName } from "./names.ts";
import { isExposed } from "./pins.ts";
import { targetOf, taskFormOf } from "./target.ts";
import { interfacesOf, withInterfaces } from "./tool-interfaces.ts";
import { originalUri, Uris } from "./uris.ts";
import type { LinkData, PromptData, ResourceData, ToolData, ViewData, WithheldData } from "./view.ts";

/** What a view is of: a virtual server, or everything somebody may see. */
export type Scope = { readonly serverId: string } | { readonly sight: Sight };

/** Who sees an entry, where not everybody does. */
const seenOf = ({ visibility, ownerEmail, teamId }: Seen): { readonly seen?: Seen } =>
  visibility === "public" ? {} : { seen: { visibility, ownerEmail, teamId } };

const { servers, serverTools, serverPrompts, serverResources, tools, prompts, resources, upstreams } = tables;

/** Everything of a scope from D1, in one round trip and one more for the upstreams. */
export async function compile(db: Database, scope: Scope, key: string, version: number): Promise<ViewData | undefined> {
  const chosen = "serverId" in scope ? await ofServer(db, scope.serverId) : await ofSight(db, scope.sight);
  if (!chosen) return undefined;
  const live = new Map(chosen.upstreams.map((row) => [row.id, row]));
  const usable = (row: { upstreamId: string | null }) => row.upstreamId === null || live.has(row.upstreamId);
  const slug = (row: { upstreamId: string | null }) => live.get(row.upstreamId ?? "")?.slug ?? null;
  const held = firstOfEachUri(chosen.resources.filter(usable));
  const toolRows = chosen.tools.filter(usable);
  const templates = compiled(
    held.filter((row) => row.template),
    templateData,
  );
  const parts = {
    resources: compiled(
      held.filter((row) => !row.template),
      resourceData,
    ),
    templates,
    links: linksOf(toolRows, held, (row) => slug(row) ?? ""),
    withheld: withheldData(chosen.withheld, templates),
  };
  const uris = new Uris(parts);
  return {
    scope: key,
    version,
    server: chosen.server,
    upstreams: chosen.upstreams.map((row) => ({ ...targetOf(row), instructions: row.instructions })),
    tools: compiled(toolRows, (row) => toolData(row, live.get(row.upstreamId ?? ""), uris)),
    prompts: compiled(chosen.prompts.filter(usable), promptData),
    ...parts,
  };
}

/** Switched on, and still offered by its upstream. */
const usableNow = (table: typeof tools | typeof prompts | typeof resources) =>
  and(eq(table.enabled, true), eq(table.available, true));

type ResourceRow = typeof resources.$inferSelect;

/** A resource with the URI it has in a view. */
type Held = ResourceRow & { readonly shown: string };

async function ofServer(db: Database, id: string) {
  const [[server], toolRows, promptRows, resourceRows] = await db.batch([
    db
      .select()
      .from(servers)
      .where(and(eq(servers.id, id), eq(servers.enabled, true))),
    db
      .select({ row: tools, name: as(serverTools.name, "member_name"), pin: as(serverTools.hash, "pin") })
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
      .select({ row: resources, shown: as(serverResources.name, "member_name") })
      .from(serverResources)
      .innerJoin(resources, eq(resources.id, serverResources.resourceId))
      .where(and(eq(serverResources.serverId, id), usableNow(resources)))
      .orderBy(asc(serverResources.position)),
  ]);
  if (!server) return undefined;
  const rows = {
    tools: toolRows.map(({ row, name, pin }) => ({ ...row, known: row.name, name, pin })),
    prompts: promptRows.map(({ row, name }) => ({ ...row, name })),
    resources: resourceRows.map(({ row, shown }) => ({ ...row, shown })),
  };
  const needed = [...rows.tools, ...rows.prompts, ...rows.resources].flatMap((row) => row.upstreamId ?? []);
  const ids = [...new Set(needed)];
  const [upstreamRows, withheld] = await db.batch([
    liveUpstreams(db, anyOf(upstreams.id, ids)),
    withheldOf(
      db,
      and(anyOf(resources.upstreamId, ids), or(eq(resources.enabled, false), ne(resources.visibility, "public"))),
    ),
  ]);
  const members = new Set(rows.resources.map((row) => row.id));
  const others = withheld.filter((row) => !members.has(row.id));
  return {
    server,
    ...rows,
    tools: rows.tools.filter((row) => isExposed(row, row.pin)),
    upstreams: upstreamRows,
    withheld: others.map((row) => (row.enabled ? { ...row, ...seenOf(row) } : row)),
  };
}

async function ofSight(db: Database, sight: Sight) {
  const enabled = (table: typeof tools | typeof prompts) => and(usableNow(table), seenBy(table, sight));
  const seen = seenBy(resources, sight);
  const unseen = seen && sql`${seen} IS NOT TRUE`;
  const [toolRows, promptRows, resourceRows, upstreamRows, withheld] = await db.batch([
    db
      .select({ row: tools, slug: upstreams.slug })
      .from(tools)
      .leftJoin(upstreams, eq(upstreams.id, tools.upstreamId))
      .where(enabled(tools))
      .orderBy(asc(tools.createdAt), asc(tools.id)),
    db
      .select({ row: prompts, slug: upstreams.slug })
      .from(prompts)
      .leftJoin(upstreams, eq(upstreams.id, prompts.upstreamId))
      .where(enabled(prompts))
      .orderBy(asc(prompts.createdAt), asc(prompts.id)),
    db
      .select({ row: resources, slug: upstreams.slug })
      .from(resources)
      .leftJoin(upstreams, eq(upstreams.id, resources.upstreamId))
      .where(seen)
      .orderBy(asc(resources.createdAt), asc(resources.uri), asc(resources.id)),
    liveUpstreams(db, seenBy(upstreams, sight)),
    withheldOf(db, and(isNotNull(resources.upstreamId), or(eq(resources.enabled, false), unseen))),
  ]);
  const taken = new Set<string>();
  return {
    server: null,
    tools: named(toolRows.map(({ row, slug }) => ({ row: { ...row, known: row.name }, slug }))).filter((row) =>
      isExposed(row, row.approvedHash),
    ),
    prompts: named(promptRows),
    resources: resourceRows
      .map(({ row, slug }) => ({ ...row, shown: claimUri(taken, row.uri, slug ?? OURS) }))
      .filter((row) => row.enabled && row.available),
    upstreams: upstreamRows,
    withheld,
  };
}

/** Names of several places under one roof: the first holder keeps a name. In the order of names. */
function named<Row extends { readonly name: string }>(found: readonly { row: Row; slug: string | null }[]): Row[] {
  const taken = new Set<string>();
  return found
    .map(({ row, slug }) => ({ ...row, name: claim(taken, row.name, slug ?? OURS) }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

const liveUpstreams = (db: Database, which: SQL | undefined) =>
  db
    .select()
    .from(upstreams)
    .where(and(eq(upstreams.enabled, true), which))
    .orderBy(asc(upstreams.createdAt));

/** Resources that templates do not lead to: they are switched off, or not for everybody. */
const withheldOf = (db: Database, which: SQL | undefined) => {
  const { id, upstreamId, uri, template, enabled, visibility, ownerEmail, teamId } = resources;
  return db
    .select({ id, upstreamId, uri, template, enabled, visibility, ownerEmail, teamId })
    .from(resources)
    .where(which);
};

/** A URI leads to one place: the first that has it. */
function firstOfEachUri(rows: readonly Held[]): Held[] {
  const seen = new Set<string>();
  return rows.filter(({ shown }) => !seen.has(shown) && seen.add(shown));
}

/** Those that a template of the view could lead to. */
function withheldData(
  rows: readonly (Pick<ResourceRow, "upstreamId" | "uri" | "template"> & { readonly seen?: Seen })[],
  templates: readonly ResourceData[],
): WithheldData[] {
  const waysOf = Map.groupBy(templates, (entry) => entry.upstreamId);
  return rows.flatMap(({ upstreamId, uri, template, seen }) => {
    const ways = waysOf.get(upstreamId) ?? [];
    const reached = template ? ways.length > 0 : ways.some((way) => match(originalUri(way), uri) !== undefined);
    return upstreamId !== null && reached ? [{ upstreamId, uri, template, ...(seen ? { seen } : {}) }] : [];
  });
}

/** Interfaces that tools name and that no list of the view has, each to be found at its own upstream. */
function linksOf(rows: readonly ToolRow[], held: readonly Held[], slug: (row: ToolRow) => string): LinkData[] {
  const taken = new Set(held.map(({ shown }) => shown));
  const known = new Set(held.map(({ upstreamId, uri }) => `${upstreamId} ${uri}`));
  return rows.flatMap((row) =>
    interfacesOf(row.definition).flatMap((original) => {
      const key = `${row.upstreamId} ${original}`;
      if (row.upstreamId === null || known.has(key)) return [];
      known.add(key);
      return [
        { upstreamId: row.upstreamId, ...shownAs(claimUri(taken, original, slug(row)), original), ...seenOf(row) },
      ];
    }),
  );
}

const shownAs = (uri: string, original: string) => (uri === original ? { uri } : { uri, original });

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

/** A tool, and the name it has in the catalog. */
type ToolRow = typeof tools.$inferSelect & { readonly known: string };

function toolData(row: ToolRow, upstream: UpstreamRow | undefined, uris: Uris): ToolData {
  const { execution: declared, ...definition } = withInterfaces(described(row), (uri) =>
    uris.toClient(uri, row.upstreamId ?? ""),
  );
  const tasks = upstream && taskFormOf(targetOf(upstream));
  // With the extension any call may become a task, and nothing says which: so session clients may ask for one.
  const execution = tasks === "extension" ? { taskSupport: "optional" } : declared;
  const support = tasks === "session" && isObject(declared) ? declared.taskSupport : undefined;
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
    aliases: [...new Set([row.originalName, row.known].map((name) => contextForgeName(upstream?.slug ?? null, name)))],
    text: JSON.stringify(forSessions),
    ...(differs ? { modern: JSON.stringify(named) } : {}),
    ...(wrapped ? { wrapped } : {}),
    ...(params.length > 0 ? { params } : {}),
    ...(support === "optional" || support === "required" ? { task: support } : {}),
    ...(row.rest ? { rest: row.rest } : {}),
    ...seenOf(row),
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
  ...seenOf(row),
});

/** A template that can't be parsed can't be routed by. @throws UriTemplateError. */
function templateData(row: Held): ResourceData {
  specificity(row.uri);
  return resourceData(row);
}

const resourceData = (row: Held): ResourceData => {
  const definition = described(row);
  const place = shownAs(row.shown, row.uri);
  const listed =
    place.original === undefined ? definition : { ...definition, [row.template ? "uriTemplate" : "uri"]: row.shown };
  return {
    id: row.id,
    upstreamId: row.upstreamId,
    ...place,
    text: JSON.stringify(listed),
    ...(typeof definition.mimeType === "string" ? { mimeType: definition.mimeType } : {}),
    ...(row.content === null ? {} : { content: row.content }),
    ...seenOf(row),
  };
};
