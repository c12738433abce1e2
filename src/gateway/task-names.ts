// Messages about tasks between two sessions (2025-11-25 basic/utilities/tasks): everything passes as it is, except that
// task ids become those the client has.
import { isObject, type JsonObject } from "../lib/json.ts";
import { RELATED_TASK } from "../lib/mcp.ts";
import { responseText, tryParse } from "../upstream/read-answer.ts";
import type { Answer, Exchange } from "./exchange.ts";
import { taskIdOf } from "./task-ids.ts";

/** The answer of a session upstream with the task ids that the client has. */
export async function withClientIds(exchange: Exchange, upstreamId: string, answer: Answer): Promise<Answer> {
  const named = (text: string) => renamed(exchange, upstreamId, text);
  if (answer.kind === "error") return answer;
  if (answer.kind !== "stream") return { kind: "message", text: await named(await responseText(answer)) };
  return { kind: "stream", messages: each(answer.messages, named) };
}

async function* each(
  messages: AsyncGenerator<string, void, void>,
  change: (text: string) => Promise<string>,
): AsyncGenerator<string, void, void> {
  for await (const text of messages) yield await change(text);
}

/** One message with the ids that the client has. */
export async function renamed(exchange: Exchange, upstreamId: string, text: string): Promise<string> {
  const message = text.includes('"taskId"') ? tryParse(text) : undefined;
  if (!isObject(message)) return text;
  for (const holder of holdersOf(message)) {
    const { taskId } = holder;
    if (typeof taskId === "string") holder.taskId = await taskIdOf(exchange, { upstreamId, taskId });
  }
  return JSON.stringify(message);
}

/** Everything in a message that has a task's id: the task that was made or asked for, a status, what it is related to. */
function holdersOf({ method, params, result }: JsonObject): JsonObject[] {
  const relatedTo = [params, result].map((part) => isObject(part) && isObject(part._meta) && part._meta[RELATED_TASK]);
  const tasks = [method === "notifications/tasks/status" && params, result, isObject(result) && result.task];
  return [...tasks, ...relatedTo].filter((holder) => isObject(holder));
}
