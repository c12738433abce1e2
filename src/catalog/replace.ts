// "Use this one": a tool takes the place of its duplicates in virtual servers, under the names that clients know.
import { and, asc, getTableColumns, sql } from "drizzle-orm";
import { anyOf, tables } from "../db/client.ts";
import type { ToolRow } from "../db/tables/catalog.ts";
import { type Placed, placeOf } from "../db/tables/common.ts";
import type { ServerRow } from "../db/tables/servers.ts";
import { GatewayError } from "../errors.ts";
import type { Sight } from "../identity/caller.ts";
import { commit, type Desk, modified } from "./change.ts";
import { seenBy } from "./list.ts";
import { isExposed } from "./pins.ts";

const { tools, servers, serverTools } = tables;

/** What becomes of one virtual server. `as`: the name the kept tool has there then; `gone`: names nothing has any more. */
export interface Change {
  readonly server: ServerRow;
  readonly as: string;
  readonly replaced: readonly { readonly id: string; readonly name: string }[];
  readonly gone: readonly string[];
}

const refused = (code: "invalid_params" | "conflict", field: string, message: string) =>
  new GatewayError(code, `${field}: ${message}`, { details: { field } });

/** The tools that a body names. @throws GatewayError `invalid_params` for those somebody can't see, `conflict` when the one to keep can't be called. */
export async function namedTools(
  { db }: Desk,
  { keep, replace }: { keep: string; replace: readonly string[] },
  sight: Sight,
): Promise<{ kept: ToolRow; replaced: ToolRow[] }> {
  const rows = await db
    .select()
    .from(tools)
    .where(and(anyOf(tools.id, [keep, ...replace]), seenBy(tools, sight)));
  const kept = rows.find(({ id }) => id === keep);
  if (!kept) throw refused("invalid_params", "keep", "no such tool");
  const unknown = replace.filter((id) => !rows.some((row) => row.id === id));
  if (unknown.length > 0) throw refused("invalid_params", "replace", `no such tools: ${unknown.join(", ")}`);
  if (!kept.enabled) throw refused("conflict", "keep", "this tool is disabled; enable it first");
  if (!kept.available) throw refused("conflict", "keep", "its upstream no longer offers this tool");
  if (!isExposed(kept, kept.approvedHash))
    throw refused("conflict", "keep", "its definition waits for approval; approve it first");
  return { kept, replaced: rows.filter(({ id }) => id !== keep) };
}

/** Whether somebody sees one of the tools that go, and not the one that stays. */
export const isNarrower = (kept: Placed, replaced: readonly Placed[]): boolean =>
  placeOf(kept) !== "" && replaced.some((one) => placeOf(one) !== placeOf(kept));

/** What becomes of the virtual servers that hold tools to be replaced, as far as somebody sees them. */
export async function changesOf(
  { db }: Desk,
  kept: ToolRow,
  replaced: readonly ToolRow[],
  sight: Sight,
): Promise<Change[]> {
  const ids = replaced.map(({ id }) => id);
  const [holders, members] = await db.batch([
    db
      .select()
      .from(servers)
      .where(
        and(
          seenBy(servers, sight),
          sql`EXISTS (SELECT 1 FROM ${serverTools} WHERE ${serverTools.serverId} = ${servers.id} AND ${anyOf(serverTools.toolId, ids)})`,
        ),
      )
      .orderBy(asc(servers.name), asc(servers.id)),
    db
      .select()
      .from(serverTools)
      .where(anyOf(serverTools.toolId, [kept.id, ...ids]))
      .orderBy(asc(serverTools.position), asc(serverTools.toolId)),
  ]);
  return holders.map((server) => {
    const held = members.filter(({ serverId }) => serverId === server.id);
    const going = held.filter(({ toolId }) => toolId !== kept.id);
    const as = (held.find(({ toolId }) => toolId === kept.id) ?? going[0])?.name ?? kept.name;
    return {
      server,
      as,
      replaced: going.map(({ toolId: id, name }) => ({ id, name })),
      gone: going.map(({ name }) => name).filter((name) => name !== as),
    };
  });
}

/**
 * Puts a tool in the place of others in these virtual servers, and disables those of `off`, in one commit. Where it is already, it stays as it is; else it
 * gets name and position of the first of them.
 * @throws GatewayError `stale_version`, `conflict`.
 */
export async function replaceTools(
  desk: Desk,
  kept: ToolRow,
  replaced: readonly ToolRow[],
  changes: readonly Change[],
  off: readonly ToolRow[],
): Promise<void> {
  const { db } = desk;
  const ids = replaced.map(({ id }) => id);
  const places = changes.map(({ server }) => server.id);
  const going = and(anyOf(serverTools.toolId, ids), anyOf(serverTools.serverId, places));
  const before = sql`SELECT 1 FROM ${serverTools} o WHERE o.server_id = ${serverTools.serverId} AND (o.tool_id = ${kept.id}
    OR (o.tool_id IN (SELECT value FROM json_each(${JSON.stringify(ids)})) AND (o.position, o.tool_id) < (${serverTools.position}, ${serverTools.toolId})))`;
  const its = { ...getTableColumns(serverTools), toolId: sql`${kept.id}`, hash: sql`${kept.approvedHash}` };
  const change = { ...modified(desk), version: sql`version + 1` };
  await commit(
    desk,
    {
      action: "tool.replace",
      targetType: "tool",
      targetId: kept.id,
      from: { table: tools, version: kept.version },
      detail: {
        name: kept.name,
        replaced: replaced.map(({ id, name }) => ({ id, name })),
        servers: changes.map(({ server, as }) => ({ id: server.id, name: server.name, as })),
        disabled: off.map(({ name }) => name),
      },
    },
    [
      db
        .insert(serverTools)
        .select(
          sql`SELECT ${sql.join(Object.values(its), sql`, `)} FROM ${serverTools} WHERE ${going} AND NOT EXISTS (${before})`,
        ),
      db.delete(serverTools).where(going),
      db.update(servers).set(change).where(anyOf(servers.id, places)),
      db
        .update(tools)
        .set({ ...change, enabled: false })
        .where(
          anyOf(
            tools.id,
            off.map(({ id }) => id),
          ),
        ),
    ],
  );
}
