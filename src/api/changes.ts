// REST: /changes, what upstreams changed in their tools, and decisions on it. Shapes in schemas/changes.ts.
import { persistently } from "../catalog/change.ts";
import { approve, type Change, changesOf, historyOf, reject, toolsById, withheldFrom } from "../catalog/changes.ts";
import { upstreamsOf } from "../catalog/upstreams.ts";
import type { Context } from "../context.ts";
import { tables } from "../db/client.ts";
import { asGatewayError, GatewayError } from "../errors.ts";
import { sightOf } from "../identity/caller.ts";
import { isObject, type JsonObject, parseExact } from "../lib/json.ts";
import { differences } from "../lib/json-diff.ts";
import { encodeCursor } from "../lib/paginate.ts";
import { warningsOf } from "../policy/description-lint.ts";
import {
  approvalOutcomes,
  approvals,
  type ChangeDetail,
  type ChangeRead,
  changeDetail,
  changeList,
  changeQuery,
  changeRead,
  decision,
} from "../schemas/changes.ts";
import { aNumber, positionIn } from "./cursor.ts";
import { rowOf, rowToChange } from "./entity.ts";
import { type Call, type Route, route } from "./route.ts";

const noun = { table: tables.tools, singular: "Tool" };
const tag = "Changes";

const parsed = (text: string): JsonObject => {
  const value = parseExact(text);
  return isObject(value) ? value : {};
};

/** Changes as the API shows them; those whose tool was deleted meanwhile are left out. */
async function present(context: Context, changes: readonly Change[]): Promise<ChangeRead[]> {
  const { desk, caller } = context;
  const sight = sightOf(caller);
  const ids = [...new Set(changes.map(({ row }) => row.entityId))];
  const [rows, holders] = await Promise.all([toolsById(desk, ids), withheldFrom(desk, ids, sight)]);
  const upstreams = await upstreamsOf(desk, [...rows.values()], sight);
  return changes.flatMap(({ row, before }) => {
    const tool = rows.get(row.entityId);
    if (!tool) return [];
    const upstream = upstreams.get(tool.upstreamId ?? "");
    const was = before === null ? undefined : parsed(before);
    const is = parsed(row.definition);
    const current = tool.available && tool.hash === row.hash;
    return [
      {
        toolId: tool.id,
        toolName: tool.name,
        originalName: tool.originalName,
        gatewayId: upstream?.id ?? null,
        gatewayName: upstream?.name ?? null,
        kind: was === undefined ? "new" : was.name === is.name ? "changed" : "renamed",
        status: row.decision ?? "pending",
        hash: row.hash,
        approvedHash: tool.approvedHash,
        current,
        seenAt: row.seenAt,
        decidedAt: row.decidedAt,
        decidedBy: row.decidedBy,
        withheldFrom: current ? (holders.get(tool.id) ?? []).map(({ id, name }) => ({ id, name })) : [],
        warnings: warningsOf(is),
        diff: differences(was ?? {}, is),
      },
    ];
  });
}

/** Differences that a list shows of one change, and characters of each side. */
const MOST_IN_LIST = 20;
const LONGEST_IN_LIST = 1_000;

/** A change as lists have it: a server may write a lot. The whole is at `/changes/:toolId`. */
const shortened = (change: ChangeRead): ChangeRead => ({
  ...change,
  diff: change.diff.slice(0, MOST_IN_LIST).map(({ path, ...sides }) => ({
    path: path.slice(0, LONGEST_IN_LIST),
    ...Object.fromEntries(Object.entries(sides).map(([side, value]) => [side, cut(value)])),
  })),
});

/** A value that is not too long; else the beginning of its text. */
function cut(value: unknown): unknown {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > LONGEST_IN_LIST ? `${text.slice(0, LONGEST_IN_LIST)}…` : value;
}

const MOST_HISTORY = 100;

/** A tool with the definition it has now, and its history. @throws GatewayError `not_found` when it has none. */
async function detail(call: Pick<Call<undefined, undefined>, "context" | "params">): Promise<ChangeDetail> {
  const { context } = call;
  const tool = await rowOf(noun, call);
  const history = await historyOf(context.desk, tool.id, MOST_HISTORY);
  const now = history.find(({ row }) => row.hash === tool.hash);
  const [shown] = now ? await present(context, [now]) : [];
  if (!now || !shown) throw new GatewayError("not_found", "Change not found");
  return {
    ...shown,
    definition: parsed(now.row.definition),
    approvedDefinition: now.before === null ? null : parsed(now.before),
    history: history.map(({ row: { hash, decision, seenAt, decidedAt, decidedBy, definition } }) => ({
      ...{ hash, status: decision ?? "pending", seenAt, decidedAt, decidedBy, definition: parsed(definition) },
    })),
  };
}

const DECISIONS = {
  approve: { summary: "Let clients have a tool with the definition of this hash", decide: approve },
  reject: { summary: "Keep the definition of this hash from clients", decide: reject },
} as const;

/** Decides on a tool; begins anew when somebody changed the tool meanwhile. */
const deciding = (context: Context, id: string, hash: string, decide: typeof approve): Promise<void> =>
  persistently(async () =>
    decide(context.desk, await rowToChange(noun, "tools.update", { context, params: { id } }), hash),
  );

export const changeRoutes: readonly Route[] = [
  route("GET", "/changes", {
    summary: "What upstreams changed in their tools: what waits for approval, newest first",
    tag,
    permission: "tools.read",
    query: changeQuery,
    answer: changeList,
    async run({ context, query: { cursor, limit, ...filter } }) {
      const position = positionIn(cursor, aNumber);
      const { rows, total } = await changesOf(context.desk, filter, sightOf(context.caller), limit + 1, position);
      const shown = rows.slice(0, limit);
      const last = rows.length > limit ? shown.at(-1) : undefined;
      return {
        changes: (await present(context, shown)).map(shortened),
        nextCursor: last ? encodeCursor({ after: String(last.row.id) }) : null,
        total,
      };
    },
  }),
  route("POST", "/changes/approve", {
    summary: "Approve several definitions, each named by its hash",
    tag,
    permission: "tools.update",
    body: approvals,
    answer: approvalOutcomes,
    async run({ context, body }) {
      const outcomes = [];
      for (const { toolId, hash } of body.items) {
        const failure = await deciding(context, toolId, hash, approve).then(() => undefined, asGatewayError);
        outcomes.push({
          ...{ toolId, hash, approved: failure === undefined },
          ...(failure ? { code: failure.code, detail: failure.message } : {}),
        });
      }
      return { outcomes };
    },
  }),
  route("GET", "/changes/:id", {
    summary: "A tool's definition, the one approved before it, and all it had",
    tag,
    permission: "tools.read",
    answer: changeDetail,
    run: (call) => detail(call),
  }),
  ...Object.entries(DECISIONS).map(([word, { summary, decide }]) =>
    route("POST", `/changes/:id/${word}`, {
      summary,
      tag,
      permission: "tools.update",
      body: decision,
      answer: changeRead,
      async run({ context, params, body }) {
        await deciding(context, params.id ?? "", body.hash, decide);
        return await outcome({ context, params });
      },
    }),
  ),
];

/** The change that was decided on, as it is now. */
async function outcome(call: Pick<Call<undefined, undefined>, "context" | "params">): Promise<ChangeRead> {
  const { definition: _, approvedDefinition: __, history: ___, ...change } = await detail(call);
  return change;
}
