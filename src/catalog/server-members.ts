// What virtual servers hold, and under which names and URIs: one given inside a virtual server stays, the first holder
// keeps the plain one.
import { and, asc, eq, isNull, not } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import type { SQLiteColumn } from "drizzle-orm/sqlite-core";
import { insertAll } from "../db/bulk.ts";
import { anyOf, as, type Database, tables } from "../db/client.ts";
import { GatewayError } from "../errors.ts";
import type { Seen, Sight } from "../identity/caller.ts";
import { claim, claimUri, OURS } from "../schemas/naming.ts";
import type { ServerUpdate } from "../schemas/servers.ts";
import type { Desk } from "./change.ts";
import { isRejected } from "./definitions.ts";
import { seenBy } from "./list.ts";
import { gaveWay } from "./names.ts";
import { pinned } from "./pins.ts";

const { serverTools, serverPrompts, serverResources, tools, prompts, resources, upstreams } = tables;

/** A tool, prompt or resource in a virtual server. Names of resources are URIs. */
export interface Member {
  readonly id: string;
  readonly name: string;
  readonly originalName: string;
  readonly gatewayId: string | null;
  readonly gatewayName: string | null;
}
export type Members = Record<"tools" | "prompts" | "resources", Member[]>;

/** Who arranges a virtual server: what they see, and of which tools they may approve definitions. */
export interface Editor {
  readonly sight: Sight;
  mayApprove(tool: Seen): boolean;
}

/** Something that may become a member: what it would like to be called. */
interface Candidate {
  readonly id: string;
  readonly wanted: string;
  readonly slug: string;
}

/** What these virtual servers hold, in order, as far as somebody may see it; so with the gateways it comes from. */
export async function membersOf(desk: Desk, serverIds: readonly string[], sight: Sight): Promise<Map<string, Members>> {
  const { db } = desk;
  const gateway = { gatewayId: as(upstreams.id, "gateway_id"), gatewayName: as(upstreams.name, "gateway_name") };
  const [toolRows, promptRows, resourceRows] = await db.batch([
    db
      .select({
        serverId: serverTools.serverId,
        id: tools.id,
        name: serverTools.name,
        originalName: tools.originalName,
        ...gateway,
      })
      .from(serverTools)
      .innerJoin(tools, eq(tools.id, serverTools.toolId))
      .leftJoin(upstreams, and(eq(upstreams.id, tools.upstreamId), seenBy(upstreams, sight)))
      .where(and(anyOf(serverTools.serverId, serverIds), seenBy(tools, sight)))
      .orderBy(asc(serverTools.position)),
    db
      .select({
        serverId: serverPrompts.serverId,
        id: prompts.id,
        name: serverPrompts.name,
        originalName: prompts.originalName,
        ...gateway,
      })
      .from(serverPrompts)
      .innerJoin(prompts, eq(prompts.id, serverPrompts.promptId))
      .leftJoin(upstreams, and(eq(upstreams.id, prompts.upstreamId), seenBy(upstreams, sight)))
      .where(and(anyOf(serverPrompts.serverId, serverIds), seenBy(prompts, sight)))
      .orderBy(asc(serverPrompts.position)),
    db
      .select({
        serverId: serverResources.serverId,
        id: resources.id,
        name: serverResources.name,
        originalName: resources.uri,
        ...gateway,
      })
      .from(serverResources)
      .innerJoin(resources, eq(resources.id, serverResources.resourceId))
      .leftJoin(upstreams, and(eq(upstreams.id, resources.upstreamId), seenBy(upstreams, sight)))
      .where(and(anyOf(serverResources.serverId, serverIds), seenBy(resources, sight)))
      .orderBy(asc(serverResources.position)),
  ]);
  const of = <Row extends { serverId: string }>(rows: Row[], id: string) =>
    rows.filter((row) => row.serverId === id).map(({ serverId: _, ...member }) => member);
  return new Map(
    serverIds.map((id) => [
      id,
      { tools: of(toolRows, id), prompts: of(promptRows, id), resources: of(resourceRows, id) },
    ]),
  );
}

type Named = { id: string; name: string; position: number };

/** Hashes of the definitions that tools may be shown with, by tool id. */
type Pins = ReadonlyMap<string, string | null>;

/** What is different between the three kinds of member. */
interface Kind {
  readonly noun: keyof Members;
  readonly field: "associatedTools" | "associatedPrompts" | "associatedResources";
  readonly table: typeof tools | typeof prompts | typeof resources;
  /** The name it has in the catalog, and the one it came with. */
  readonly current: SQLiteColumn;
  readonly original: SQLiteColumn;
  readonly claim: typeof claim;
  /** Whether an admin may name it. */
  readonly aliased: boolean;
  replace(db: Database, serverId: string, members: readonly Named[], pins: Pins): BatchItem<"sqlite">[];
}

const KINDS: readonly Kind[] = [
  {
    noun: "tools",
    field: "associatedTools",
    table: tools,
    claim,
    aliased: true,
    current: tools.name,
    original: tools.originalName,
    replace: (db, serverId, members, pins) => [
      db.delete(serverTools).where(eq(serverTools.serverId, serverId)),
      ...insertAll(
        db,
        serverTools,
        members.map(({ id, ...as }) => ({ serverId, toolId: id, hash: pins.get(id) ?? null, ...as })),
      ),
      pinned(db, eq(serverTools.serverId, serverId)),
    ],
  },
  {
    noun: "prompts",
    field: "associatedPrompts",
    table: prompts,
    claim,
    aliased: true,
    current: prompts.name,
    original: prompts.originalName,
    replace: (db, serverId, members) => [
      db.delete(serverPrompts).where(eq(serverPrompts.serverId, serverId)),
      ...insertAll(
        db,
        serverPrompts,
        members.map(({ id, ...as }) => ({ serverId, promptId: id, ...as })),
      ),
    ],
  },
  {
    noun: "resources",
    field: "associatedResources",
    table: resources,
    claim: claimUri,
    aliased: false,
    current: resources.uri,
    original: resources.uri,
    replace: (db, serverId, members) => [
      db.delete(serverResources).where(eq(serverResources.serverId, serverId)),
      ...insertAll(
        db,
        serverResources,
        members.map(({ id, ...as }) => ({ serverId, resourceId: id, ...as })),
      ),
    ],
  },
];

/** Statements that give a virtual server the members asked for, by kind; kinds not asked for stay, and so does what its editor does not see. */
export async function arrange(
  desk: Desk,
  serverId: string,
  given: ServerUpdate,
  editor: Editor,
): Promise<BatchItem<"sqlite">[]> {
  const { sight } = editor;
  const nobodys = new Set(Object.keys(given.aliases ?? {}));
  const [all, seen] = await Promise.all([
    membersOf(desk, [serverId], "everything"),
    membersOf(desk, [serverId], sight),
  ]);
  const statements: BatchItem<"sqlite">[] = [];
  for (const kind of KINDS) {
    const held = seen.get(serverId)?.[kind.noun] ?? [];
    const unseen = (all.get(serverId)?.[kind.noun] ?? []).filter(({ id }) => !held.some((one) => one.id === id));
    const aliases = (kind.aliased && given.aliases) || {};
    if (kind.aliased) for (const id of given[kind.field] ?? held.map((member) => member.id)) nobodys.delete(id);
    const wanted =
      given[kind.field] ?? (held.some(({ id }) => aliases[id] !== undefined) ? held.map(({ id }) => id) : undefined);
    if (!wanted) continue;
    const found = await candidates(desk, kind, wanted, sight);
    const named = name(kind, wanted, found, held, aliases, new Set(unseen.map((member) => member.name)));
    const kept = unseen.map(({ id, name }, at) => ({ id, name, position: named.length + at }));
    const pins = kind.noun === "tools" ? await pinsFor(desk, serverId, wanted, editor) : new Map();
    statements.push(...kind.replace(desk.db, serverId, [...named, ...kept], pins));
  }
  if (nobodys.size > 0) {
    throw new GatewayError("invalid_params", `aliases: not a tool or prompt of this: ${[...nobodys].join(", ")}`, {
      details: { field: "aliases" },
    });
  }
  return statements;
}

/**
 * Pins of tools nobody approved a definition of yet: those that a virtual server has, and for tools newly added by
 * somebody who may approve them, that of the definition they have, unless it was rejected. What is approved is pinned to that, in the same batch.
 */
async function pinsFor(desk: Desk, serverId: string, wanted: readonly string[], editor: Editor): Promise<Pins> {
  const { db } = desk;
  const [held, added] = await db.batch([
    db
      .select({ id: serverTools.toolId, hash: serverTools.hash })
      .from(serverTools)
      .where(eq(serverTools.serverId, serverId)),
    db
      .select()
      .from(tools)
      .where(and(anyOf(tools.id, wanted), isNull(tools.approvedHash), not(isRejected))),
  ]);
  const chosen = added.filter((tool) => editor.mayApprove(tool)).map(({ id, hash }) => [id, hash] as const);
  return new Map([...chosen, ...held.map(({ id, hash }) => [id, hash] as const)]);
}

async function candidates(
  desk: Desk,
  { table, current, original }: Kind,
  ids: readonly string[],
  sight: Sight,
): Promise<Candidate[]> {
  const rows = await desk.db
    .select({ id: table.id, current, original: as(original, "original"), slug: upstreams.slug })
    .from(table)
    .leftJoin(upstreams, eq(upstreams.id, table.upstreamId))
    .where(and(anyOf(table.id, ids), seenBy(table, sight)));
  return rows.map((row) => ({
    id: row.id,
    wanted: wantedName(String(row.current), String(row.original)),
    slug: row.slug ?? OURS,
  }));
}

/** A name that was only taken because its own was taken in the catalog need not be taken here. */
const wantedName = (current: string, original: string): string => (gaveWay(current, original) ? original : current);

/** Names members in the order asked for: an alias first, then the name held so far, then what is free beside those taken. */
function name(
  { noun, claim, aliased }: Kind,
  wanted: readonly string[],
  found: readonly Candidate[],
  before: readonly Member[],
  aliases: Record<string, string>,
  others: ReadonlySet<string>,
): Named[] {
  const byId = new Map(found.map((row) => [row.id, row]));
  const unknown = wanted.filter((id) => !byId.has(id));
  if (unknown.length > 0) {
    const field = `associated_${noun}`;
    throw new GatewayError("invalid_params", `${field}: no such ${noun}: ${unknown.join(", ")}`, {
      details: { field },
    });
  }
  const order = [...new Set(wanted)].flatMap((id) => byId.get(id) ?? []);
  const taken = new Set(others);
  const held = new Map<string, string>();
  for (const { id } of order) {
    const kept = aliases[id] ?? before.find((member) => member.id === id)?.name;
    if (kept === undefined || (taken.has(kept) && !aliased)) continue;
    if (taken.has(kept))
      throw new GatewayError("conflict", `Two ${noun} would be called ${kept}; give one of them another alias`, {
        details: { field: "aliases" },
      });
    taken.add(kept);
    held.set(id, kept);
  }
  return order.map(({ id, wanted, slug }, position) => ({
    id,
    name: held.get(id) ?? claim(taken, wanted, slug),
    position,
  }));
}
