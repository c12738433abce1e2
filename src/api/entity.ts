// What every noun of the catalog has in common: list, read, create, change, delete, switch on and off. A noun declares
// what is its own; ContextForge's paths and shapes for the rest stand here once.
import * as z from "zod";
import { type Desk, persistently, requireVersion } from "../catalog/change.ts";
import { type Listable, listRows, seenRow } from "../catalog/list.ts";
import type { Context } from "../context.ts";
import { type Seen, type Sight, sightOf } from "../identity/caller.ts";
import { teamsWith } from "../identity/teams.ts";
import { type Permission, permit } from "../policy/can.ts";
import { seesTeam } from "../policy/teams.ts";
import { deleted, listOf, listQuery, stateQuery } from "../schemas/common.ts";
import type { EntityMetrics } from "../schemas/metrics.ts";
import { type Placed, placed, requireMove } from "./place.ts";
import { type Call, type Route, route } from "./route.ts";

/** A noun: its table, its shapes, what its changes do. `create` gives the new row's id. */
export interface Noun<
  Table extends Listable,
  Read extends { version: number },
  Create extends z.ZodType,
  Update extends z.ZodType,
> {
  /** Path and permission noun, such as `tools`. */
  readonly plural: "tools" | "prompts" | "resources" | "servers" | "gateways";
  /** As messages name it, such as `Tool`. */
  readonly singular: string;
  readonly tag: string;
  readonly table: Table;
  readonly read: z.ZodType<Read>;
  present(context: Context, rows: Table["$inferSelect"][]): Promise<Read[]>;
  readonly create: {
    readonly body: Create;
    readonly summary: string;
    run(call: Call<undefined, Create>, sight: Sight): Promise<string>;
  };
  readonly update: {
    readonly body: Update;
    run(call: Call<undefined, Update>, row: Table["$inferSelect"], sight: Sight): Promise<void>;
  };
  remove(desk: Desk, row: Table["$inferSelect"]): Promise<void>;
  setState(desk: Desk, row: Table["$inferSelect"], enabled: boolean): Promise<void>;
  /** What follows from a change that is stored. */
  stored?(context: Context, id: string): void;
}

type Asking = Pick<Call<undefined, undefined>, "context" | "params" | "headers">;

/** The row that a path names, if the caller may see it and If-Match, when given, names its version. */
export async function rowOf<Table extends Listable>(
  noun: { table: Table; singular: string },
  { context, params, version }: Pick<Asking, "context" | "params"> & { readonly version?: number | undefined },
): Promise<Table["$inferSelect"]> {
  const row = await seenRow(context.desk, noun.table, noun.singular, params.id ?? "", sightOf(context.caller));
  requireVersion(row.version as number, version);
  return row;
}

/** The same, for a change: the caller needs the permission for this very row. */
export async function rowToChange<Table extends Listable>(
  noun: { table: Table; singular: string },
  permission: Permission,
  call: Parameters<typeof rowOf<Table>>[1],
): Promise<Table["$inferSelect"]> {
  const row = await rowOf(noun, call);
  permit(call.context.caller, permission, noun.singular, row as Seen);
  return row;
}

/** A change of a row: without If-Match it is made to whatever is there, again when somebody was faster. */
const changing = <T>(call: { readonly version: number | undefined }, change: () => Promise<T>): Promise<T> =>
  call.version === undefined ? persistently(change) : change();

/** One entity as the API shows it, marked with its version. */
export async function shown<Table extends Listable, Read extends { version: number }>(
  noun: Pick<Noun<Table, Read, z.ZodType, z.ZodType>, "table" | "singular" | "present">,
  { context, params, headers }: Asking,
  id = params.id ?? "",
): Promise<Read> {
  const row = await seenRow(context.desk, noun.table, noun.singular, id, sightOf(context.caller));
  const [entity] = await noun.present(context, [row]);
  headers.set("etag", String(row.version));
  return entity as Read;
}

/** The routes every noun has. */
export function entityRoutes<
  Table extends Listable,
  Read extends { version: number },
  Create extends z.ZodType,
  Update extends z.ZodType,
>(noun: Noun<Table, Read, Create, Update>): Route[] {
  const { plural, singular, tag, table, read } = noun;
  const path = `/${plural}`;
  const lower = singular.toLowerCase();
  return [
    route("GET", path, {
      summary: `List ${plural}`,
      tag,
      permission: `${plural}.read`,
      query: listQuery,
      answer: listOf(plural, read),
      async run({ context, query }) {
        const page = await listRows(context.desk, table, query, sightOf(context.caller));
        const items = await noun.present(context, page.rows);
        return query.include_pagination ? { [plural]: items, nextCursor: page.nextCursor, total: page.total } : items;
      },
    }),
    route("POST", path, {
      summary: noun.create.summary,
      tag,
      permission: `${plural}.create`,
      body: noun.create.body,
      answer: read,
      status: 201,
      async run(call) {
        const body = (await placed(
          call.context,
          `${plural}.create`,
          singular,
          call.body as Placed,
        )) as typeof call.body;
        const id = await noun.create.run({ ...call, body }, sightOf(call.context.caller));
        noun.stored?.(call.context, id);
        return await shown(noun, call, id);
      },
    }),
    route("GET", `${path}/:id`, {
      summary: `One ${lower}`,
      tag,
      permission: `${plural}.read`,
      answer: read,
      run: (call) => shown(noun, call),
    }),
    route("PUT", `${path}/:id`, {
      summary: `Change a ${lower}`,
      tag,
      permission: `${plural}.update`,
      body: noun.update.body,
      answer: read,
      async run(call) {
        await changing(call, async () => {
          const row = await rowToChange(noun, `${plural}.update`, call);
          await requireMove(call.context, `${plural}.create`, singular, row as Seen, call.body as Placed);
          await noun.update.run(call, row, sightOf(call.context.caller));
        });
        noun.stored?.(call.context, call.params.id ?? "");
        return await shown(noun, call);
      },
    }),
    route("DELETE", `${path}/:id`, {
      summary: `Delete a ${lower}`,
      tag,
      permission: `${plural}.delete`,
      answer: deleted,
      async run(call) {
        await changing(call, async () =>
          noun.remove(call.context.desk, await rowToChange(noun, `${plural}.delete`, call)),
        );
        noun.stored?.(call.context, call.params.id ?? "");
        return { status: "success", message: `${singular} ${call.params.id} deleted` };
      },
    }),
    ...["state", "toggle"].map((word) =>
      route("POST", `${path}/:id/${word}`, {
        summary: `Enable or disable a ${lower}`,
        tag,
        permission: `${plural}.update`,
        query: stateQuery,
        answer: z.object({ status: z.literal("success"), message: z.string(), [lower]: read }),
        async run(call) {
          const { activate } = call.query;
          await changing(call, async () =>
            noun.setState(call.context.desk, await rowToChange(noun, `${plural}.update`, call), activate),
          );
          noun.stored?.(call.context, call.params.id ?? "");
          return {
            status: "success",
            message: `${singular} ${call.params.id} ${activate ? "activated" : "deactivated"}`,
            [lower]: await shown(noun, call),
          };
        },
      }),
    ),
  ];
}

interface EntityRow {
  readonly id: string;
  readonly description: string | null;
  readonly enabled: boolean;
  readonly tags: readonly string[];
  readonly visibility: "private" | "team" | "public";
  readonly ownerEmail: string | null;
  readonly teamId: string | null;
  readonly version: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly createdBy: string | null;
  readonly createdFromIp: string | null;
  readonly createdVia: string | null;
  readonly createdUserAgent: string | null;
  readonly modifiedBy: string | null;
  readonly modifiedFromIp: string | null;
  readonly modifiedVia: string | null;
  readonly modifiedUserAgent: string | null;
}

/** Names of the teams that entities are of, by id: of those the caller may see. */
export async function teamNames(
  { desk, caller }: Context,
  rows: readonly Pick<EntityRow, "teamId">[],
): Promise<ReadonlyMap<string, string>> {
  const teams = await teamsWith(desk, [...new Set(rows.flatMap(({ teamId }) => teamId ?? []))]);
  return new Map(teams.filter((team) => seesTeam(caller, team)).map(({ id, name }) => [id, name]));
}

/** The fields of schemas/common.ts `entityOutput`. */
export const entityOf = (
  row: EntityRow,
  teams: ReadonlyMap<string, string>,
  metricsOf: (id: string) => EntityMetrics,
) => ({
  id: row.id,
  description: row.description,
  enabled: row.enabled,
  tags: row.tags.map((tag) => ({ id: tag, label: tag })),
  visibility: row.visibility,
  ownerEmail: row.ownerEmail,
  teamId: row.teamId,
  team: teams.get(row.teamId ?? "") ?? null,
  version: row.version,
  metrics: metricsOf(row.id),
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
  createdBy: row.createdBy,
  createdFromIp: row.createdFromIp,
  createdVia: row.createdVia,
  createdUserAgent: row.createdUserAgent,
  modifiedBy: row.modifiedBy,
  modifiedFromIp: row.modifiedFromIp,
  modifiedVia: row.modifiedVia,
  modifiedUserAgent: row.modifiedUserAgent,
});
