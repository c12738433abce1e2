// Upstreams in the catalog, with what their last discovery found. One batch per change.
import { and, count, eq, ne } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { anyOf, tables } from "../db/client.ts";
import type { Placed } from "../db/tables/common.ts";
import type { EraChange, UpstreamRow } from "../db/tables/upstreams.ts";
import { GatewayError } from "../errors.ts";
import type { Sight } from "../identity/caller.ts";
import { slugify } from "../lib/ids.ts";
import { commit, type Deed, type Desk, modified, persistently } from "./change.ts";
import { type Counts, NO_CHANGE, type Offer, take } from "./intake.ts";
import { seenBy } from "./list.ts";
import { type Offering, sameNames } from "./offered-rows.ts";
import { pinUnpinned } from "./pins.ts";
import { tellUp } from "./reach.ts";

const { upstreams, tools, prompts, resources } = tables;

type Place = Pick<UpstreamRow, "id" | "visibility" | "teamId">;

/** A slug that no other upstream of its place has. */
async function freeSlug(desk: Desk, { name, ...place }: Placed & { readonly name: string }): Promise<string> {
  const rows = await desk.db.select({ slug: upstreams.slug }).from(upstreams).where(sameNames(upstreams, place));
  const taken = new Set(rows.map((row) => row.slug));
  const slug = slugify(name).replace(/[^a-z0-9-]|^-+|-+$/g, "") || "server";
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? slug : `${slug}-${n}`;
    if (!taken.has(candidate)) return candidate;
  }
}

/** Refuses a name that another upstream of the place has. @throws GatewayError `conflict`. */
export async function requireFreeName(
  desk: Desk,
  { name, ...place }: Placed & { readonly name: string },
): Promise<void> {
  const [taken] = await desk.db
    .select({ id: upstreams.id })
    .from(upstreams)
    .where(and(eq(upstreams.name, name), sameNames(upstreams, place)));
  if (taken) throw new GatewayError("conflict", `A gateway is already called ${name}`, { details: { field: "name" } });
}

/** Adds an upstream and everything it offers, under a free slug. */
export function createUpstream(desk: Desk, unnamed: Omit<UpstreamRow, "slug">, offer: Offer): Promise<Counts> {
  return persistently(async () => {
    const row = { ...unnamed, slug: await freeSlug(desk, unnamed) };
    const { statements, counts } = await take(desk, { ...row, first: true }, offer);
    await commit(
      desk,
      {
        action: "gateway.create",
        targetType: "gateway",
        targetId: row.id,
        detail: { name: row.name, host: URL.parse(row.url)?.host, counts },
      },
      [desk.db.insert(upstreams).values(row), ...statements],
    );
    tellEra(desk, "era found", row);
    return counts;
  }, lostName);
}

/** Whether a name that we chose ourselves was taken by somebody faster. */
const lostName = (error: unknown): boolean =>
  error instanceof GatewayError && /(tools|prompts)_name_in_place|upstreams_slug_in_place/.test(String(error.cause));

/** Fields that only tell when somebody looked, and what the server did then. */
const LOOKS = ["lastSeen", "lastRefreshAt", "eraFoundAt", "eraEvidence"] as const satisfies (keyof UpstreamRow)[];

const KINDS = ["tools", "prompts", "resources"] as const;

/** Whether a refresh found everything as it was. Then nobody's view, version or audit trail needs to know. */
function changesNothing(row: UpstreamRow, fields: Partial<UpstreamRow>, counts: Counts): boolean {
  const differs = Object.entries(fields).some(
    ([name, value]) =>
      !LOOKS.some((look) => look === name) && JSON.stringify(value) !== JSON.stringify(row[name as keyof UpstreamRow]),
  );
  const changed = KINDS.some((kind) => Object.values(counts[kind]).some((count) => count > 0));
  return !differs && !changed;
}

/** What is remembered when a discovery found another era or revision than the one before. */
function changeOfEra(row: UpstreamRow, found: Partial<UpstreamRow>): EraChange | undefined {
  const { era = row.era, protocolVersion = row.protocolVersion } = found;
  if (era === row.era && protocolVersion === row.protocolVersion) return undefined;
  return {
    at: found.eraFoundAt ?? new Date().toISOString(),
    from: { era: row.era, protocolVersion: row.protocolVersion },
    to: { era, protocolVersion },
  };
}

/** Stores changed fields of an upstream, and what a new discovery found if there was one. */
export function changeUpstream(
  desk: Desk,
  row: UpstreamRow,
  given: Partial<UpstreamRow>,
  deed: Pick<Deed, "action">,
  offer?: Offer,
): Promise<Counts> {
  const eraChange = changeOfEra(row, given);
  const fields = eraChange ? { ...given, eraChange } : given;
  return persistently(async () => {
    const next = { ...row, ...fields };
    if (offer) await pinUnpinned(desk, row.id);
    const { statements, counts, holds } = offer
      ? await take(desk, { ...next, first: false }, offer)
      : { statements: [], counts: NO_CHANGE, holds: undefined };
    if (deed.action === "gateway.refresh" && changesNothing(row, fields, counts)) {
      const looks = Object.fromEntries(LOOKS.map((look) => [look, fields[look]]));
      await desk.db.update(upstreams).set(looks).where(eq(upstreams.id, row.id));
      return counts;
    }
    const detail = {
      name: next.name,
      fields: Object.keys(fields).filter((field) => field !== "authSealed"),
      counts,
      ...(eraChange ? { era: { from: eraChange.from, to: eraChange.to } } : {}),
    };
    await commit(
      desk,
      {
        ...{ ...deed, targetType: "gateway", targetId: row.id, detail },
        from: { table: upstreams, version: row.version, holds },
      },
      [
        ...(fields.reachable ? [tellUp(desk, next)] : []),
        desk.db
          .update(upstreams)
          .set({ ...fields, ...modified(desk), version: row.version + 1 })
          .where(eq(upstreams.id, row.id)),
        ...(next.visibility === row.visibility && next.teamId === row.teamId ? [] : sameSight(desk, row, next)),
        ...statements,
      ],
    );
    if (eraChange) tellEra(desk, "era changed", next, eraChange.from);
    return counts;
  }, lostName);
}

/** One line in the log: what a server speaks, what showed it, and what it spoke before. */
const tellEra = ({ author }: Desk, event: string, row: Omit<UpstreamRow, "slug">, from?: EraChange["from"]): void => {
  const { name: upstream, id, era, protocolVersion, eraEvidence: evidence } = row;
  console.log({
    event,
    upstream,
    id,
    era,
    protocolVersion,
    ...(from ? { from } : {}),
    evidence,
    request_id: author.requestId,
  });
};

/** What an upstream offers is seen by those who see the upstream; what was made private of it meanwhile stays so. */
function sameSight({ db }: Desk, before: Place, { id, visibility, teamId }: Place): BatchItem<"sqlite">[] {
  const moved = (table: Offering) =>
    and(eq(table.upstreamId, id), before.visibility === "private" ? undefined : ne(table.visibility, "private"));
  return [
    db.update(tools).set({ visibility, teamId }).where(moved(tools)),
    db.update(prompts).set({ visibility, teamId }).where(moved(prompts)),
    db.update(resources).set({ visibility, teamId }).where(moved(resources)),
  ];
}

/** Removes an upstream with its tools, prompts and resources; virtual servers lose them. */
export const removeUpstream = (desk: Desk, row: UpstreamRow) =>
  commit(
    desk,
    {
      action: "gateway.delete",
      targetType: "gateway",
      targetId: row.id,
      from: { table: upstreams, version: row.version },
      detail: { name: row.name },
    },
    [desk.db.delete(upstreams).where(eq(upstreams.id, row.id))],
  );

/** Numbers of tools, prompts and resources that are available, by upstream id, of those that somebody may see. */
export async function contents(
  desk: Desk,
  upstreamIds: readonly string[],
  sight: Sight,
): Promise<Map<string, Record<"tools" | "prompts" | "resources", number>>> {
  const { db } = desk;
  const [byTool, byPrompt, byResource] = await db.batch([
    db
      .select({ id: tools.upstreamId, n: count() })
      .from(tools)
      .where(and(eq(tools.available, true), seenBy(tools, sight)))
      .groupBy(tools.upstreamId),
    db
      .select({ id: prompts.upstreamId, n: count() })
      .from(prompts)
      .where(and(eq(prompts.available, true), seenBy(prompts, sight)))
      .groupBy(prompts.upstreamId),
    db
      .select({ id: resources.upstreamId, n: count() })
      .from(resources)
      .where(and(eq(resources.available, true), seenBy(resources, sight)))
      .groupBy(resources.upstreamId),
  ]);
  const of = (rows: { id: string | null; n: number }[], id: string) => rows.find((row) => row.id === id)?.n ?? 0;
  return new Map(
    upstreamIds.map((id) => [id, { tools: of(byTool, id), prompts: of(byPrompt, id), resources: of(byResource, id) }]),
  );
}

/** The upstreams these rows come from, as far as somebody may see them, by id. */
export async function upstreamsOf(desk: Desk, rows: readonly { upstreamId: string | null }[], sight: Sight) {
  const ids = [...new Set(rows.flatMap((row) => row.upstreamId ?? []))];
  const { id, name, slug, url, reachable, enabled } = upstreams;
  const found =
    ids.length === 0
      ? []
      : await desk.db
          .select({ id, name, slug, url, reachable, enabled })
          .from(upstreams)
          .where(and(anyOf(upstreams.id, ids), seenBy(upstreams, sight)));
  return new Map(found.map((row) => [row.id, row]));
}
