// What becomes of a tools/call that an upstream with the tasks extension answers (ext-tasks, "Polymorphic Results"). A
// client of 2026-07-28 that declared it gets the task. A session client that asked for a task gets one as 2025-11-25 has
// them, even where the call was over at once; one that did not gets the result, for which the gateway polls.
import { taskFormOf } from "../catalog/target.ts";
import { newId } from "../lib/ids.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import { isResponse, tryParse } from "../upstream/read-answer.ts";
import type { AskableClient, Target, Answer as UpstreamAnswer } from "../upstream/upstream.ts";
import type { Exchange } from "./exchange.ts";
import type { Ask } from "./surroundings.ts";
import { toSessionTask } from "./task-forms.ts";
import { taskIdOf } from "./task-ids.ts";
import { keepResult, remember } from "./task-notes.ts";
import { outcome } from "./task-outcome.ts";

type Messages = AsyncGenerator<string, void, void>;

/** A tools/call under way: who asks, where, and how the gateway asks there itself. */
interface Call {
  readonly exchange: Exchange;
  readonly target: Target;
  readonly ask: Ask;
  readonly client: AskableClient | undefined;
}

/** An upstream's answer with tasks in it as the client gets them. */
export function withTask(
  exchange: Exchange,
  target: Target,
  ask: Ask,
  client: AskableClient | undefined,
  answer: UpstreamAnswer,
): UpstreamAnswer | Promise<UpstreamAnswer> {
  if (exchange.method !== "tools/call" || taskFormOf(target) !== "extension") return answer;
  if (answer.kind === "stream")
    return { kind: "stream", messages: settled({ exchange, target, ask, client }, answer.messages) };
  return answer.kind === "message" ? settledText({ exchange, target, ask, client }, answer.text) : answer;
}

async function* settled(call: Call, messages: Messages): Messages {
  for await (const text of messages) {
    const answer = isResponse(text) ? await settledText(call, text) : undefined;
    if (answer?.kind === "stream") yield* answer.messages;
    else yield answer?.text ?? text;
  }
}

async function settledText(
  { exchange, target, ask, client }: Call,
  text: string,
): Promise<Extract<UpstreamAnswer, { kind: "message" | "stream" }>> {
  const wanted = exchange.era === "session" && exchange.params.task !== undefined;
  const message = wanted || text.includes('"task"') ? tryParse(text) : undefined;
  const result = isObject(message) ? message.result : undefined;
  if (!isObject(message) || !isObject(result)) return { kind: "message", text };
  const as = (changed: JsonObject) =>
    ({ kind: "message", text: JSON.stringify({ ...message, result: changed }) }) as const;

  if (result.resultType === "task" && typeof result.taskId === "string") {
    const { taskId } = result;
    if (exchange.era === "modern")
      return as({ ...result, taskId: await taskIdOf(exchange, { upstreamId: target.id, taskId }) });
    return wanted
      ? as(await created(exchange, target, taskId, result))
      : { kind: "stream", messages: outcome(exchange, ask, { taskId, client, cancellable: true }) };
  }
  return wanted ? as(await overAtOnce(exchange, target, result)) : { kind: "message", text };
}

const toolOf = ({ params }: Exchange): { tool: string } => ({ tool: String(params.name) });

/** A CreateTaskResult of 2025-11-25 for a task of the extension. */
async function created(exchange: Exchange, target: Target, taskId: string, task: JsonObject): Promise<JsonObject> {
  const id = await taskIdOf(exchange, { upstreamId: target.id, taskId, ...toolOf(exchange) });
  await remember(exchange, id);
  return { task: toSessionTask(task, id) };
}

/**
 * The same for a call that was over at once. Its result is kept in the Session object rather than in the id: ids stand in
 * every message about a task, and results can be large. A task begins as `working`, whatever became of it meanwhile.
 */
async function overAtOnce(exchange: Exchange, target: Target, result: JsonObject): Promise<JsonObject> {
  const now = new Date().toISOString();
  const taskId = newId();
  const keptIn = exchange.session?.id ?? taskId;
  const task = {
    status: "completed",
    createdAt: now,
    lastUpdatedAt: now,
    ttlMs: 3600_000,
    pollIntervalMs: 10,
    result,
  };
  await keepResult(exchange, keptIn, taskId, task);
  const id = await taskIdOf(exchange, { upstreamId: target.id, taskId, keptIn, ...toolOf(exchange) });
  await remember(exchange, id);
  return { task: { ...toSessionTask(task, id), status: "working" } };
}
