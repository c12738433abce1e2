// Task ids as clients see them: sealed, so that they lead back to the upstream and the session there which has the task
// without anything being kept, and bound to principal and virtual server. The same task always has the same id.
import { isObject, type JsonObject } from "../lib/json.ts";
import { sealer } from "../lib/seal.ts";
import type { UpstreamSession } from "../upstream/upstream.ts";
import type { Exchange } from "./exchange.ts";

/** Where a task is. */
export interface TaskPlace {
  readonly upstreamId: string;
  /** The upstream's own id of the task. */
  readonly taskId: string;
  /** The tool that was called, where its result still has to be brought into the client's era. */
  readonly tool?: string;
  /** The session that has the task, where the client has none of its own. */
  readonly session?: UpstreamSession;
  /** The Session object that keeps the result: the call was over at once, and no upstream knows the task. */
  readonly keptIn?: string;
}

const seal = ({ context }: Exchange) => sealer(context.config.sealingSecrets, "task-id");
const binding = ({ context, view }: Exchange): string => JSON.stringify([view.data.scope, context.caller.id]);

/** The id a client gets for a task. */
export async function taskIdOf(exchange: Exchange, place: TaskPlace): Promise<string> {
  const { upstreamId, taskId, tool, session, keptIn } = place;
  const facts: JsonObject = {
    u: upstreamId,
    t: taskId,
    ...(tool === undefined ? {} : { n: tool }),
    ...(session === undefined ? {} : { v: session.protocolVersion, s: session.id ?? null }),
    ...(keptIn === undefined ? {} : { k: keptIn }),
  };
  return await seal(exchange).sealName(facts, binding(exchange));
}

/** Where the task with this id is; undefined for every id that was not given to this caller here. */
export async function placeOf(exchange: Exchange, id: unknown): Promise<TaskPlace | undefined> {
  const facts = typeof id === "string" ? await seal(exchange).open(id, binding(exchange)) : undefined;
  if (!isObject(facts) || typeof facts.u !== "string" || typeof facts.t !== "string") return undefined;
  return {
    upstreamId: facts.u,
    taskId: facts.t,
    ...(typeof facts.n === "string" ? { tool: facts.n } : {}),
    ...(typeof facts.v === "string" ? { session: sessionIn(facts.v, facts.s) } : {}),
    ...(typeof facts.k === "string" ? { keptIn: facts.k } : {}),
  };
}

const sessionIn = (protocolVersion: string, id: unknown): UpstreamSession => ({
  protocolVersion,
  ...(typeof id === "string" ? { id } : {}),
});
