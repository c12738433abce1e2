// Waiting for a task of the tasks extension in a session client's name (ext-tasks, "Task Polling"): polling until it is
// over, asking the client what the server wants to know meanwhile, and giving what the call would have answered.
import { isObject, type JsonObject, type JsonValue } from "../lib/json.ts";
import { RPC } from "../lib/mcp.ts";
import { RpcFailure } from "../upstream/read-answer.ts";
import type { AskableClient, Question, RpcError } from "../upstream/upstream.ts";
import type { Exchange } from "./exchange.ts";
import { asRequest } from "./input-required.ts";
import type { Ask } from "./surroundings.ts";
import { isTerminal, related } from "./task-forms.ts";

/** A task to wait for. */
export interface Awaited {
  /** The upstream's own id of it. */
  readonly taskId: string;
  /** The id the client has, when it knows of the task: what belongs to it then says so. */
  readonly clientId?: string;
  /** Whom to ask what the server wants to know. */
  readonly client: AskableClient | undefined;
  /** Ends with the request that waits for it: the client does not know of the task. */
  readonly cancellable?: boolean;
}

const SELDOM = 30_000;
const OFTEN = 50;

/** Milliseconds until the next look: what the server suggests, and the longer it takes the more seldom. */
const pace = ({ pollIntervalMs }: JsonObject, began: number): number =>
  Math.min(SELDOM, Math.max(OFTEN, Number(pollIntervalMs ?? 1000) || 0, (Date.now() - began) / 20));

/** Messages to the client until the task is over; the last one is the response to its request. */
export async function* outcome(exchange: Exchange, ask: Ask, task: Awaited): AsyncGenerator<string, void, void> {
  const response = (content: JsonObject) => JSON.stringify({ jsonrpc: "2.0", id: exchange.id, ...content });
  const cancel = () => ask("tasks/cancel", { taskId: task.taskId }).catch(() => {});
  const gone = Promise.withResolvers<"gone">();
  exchange.onCancel?.(() => {
    gone.resolve("gone");
    if (task.cancellable) exchange.context.store.waitUntil(cancel());
  });
  try {
    const over = yield* waiting(ask, task, gone.promise);
    if (over !== "gone") yield response(over);
  } catch (error) {
    if (error instanceof Unanswered) await cancel();
    const told = error instanceof RpcFailure ? error.error : error instanceof Unanswered ? error.told : undefined;
    if (!told) throw error;
    yield response({ error: told as unknown as JsonObject });
  } finally {
    task.client?.hangUp();
  }
}

/** The client did not answer what the task depends on. */
class Unanswered extends Error {
  readonly told: RpcError;
  constructor(message: string) {
    super(message);
    this.told = { code: RPC.internal, message };
  }
}

async function* waiting(
  ask: Ask,
  awaited: Awaited,
  gone: Promise<"gone">,
): AsyncGenerator<string, JsonObject | "gone", void> {
  const { taskId, clientId, client } = awaited;
  const began = Date.now();
  const asked = new Set<string>();
  const replies = new Set<Promise<void>>();
  let failure: unknown;
  for (;;) {
    const task = await ask("tasks/get", { taskId });
    if (isTerminal(task)) return responseOf(task, clientId);
    const outstanding = task.status === "input_required" && isObject(task.inputRequests) ? task.inputRequests : {};
    for (const [key, request] of Object.entries(outstanding)) {
      if (asked.has(key) || !isObject(request)) continue;
      if (!client) throw new Unanswered("The client can't be asked");
      const question = client.ask(questionOf(request, clientId));
      asked.add(key);
      const passedOn: Promise<void> = passOn(question, (reply) =>
        ask("tasks/update", { taskId, inputResponses: { [key]: reply } }),
      )
        .catch((error: unknown) => {
          failure ??= error;
        })
        .then(() => void replies.delete(passedOn));
      replies.add(passedOn);
      yield question.text;
    }
    const woken = await Promise.race([scheduler.wait(pace(task, began)), ...replies, gone]);
    if (woken === "gone") return woken;
    if (failure) throw failure;
  }
}

/** Gives the client's reply to the upstream. @throws Unanswered when there is none. */
async function passOn({ reply }: Question, give: (result: JsonValue) => Promise<unknown>): Promise<void> {
  const { result, error } = await reply;
  if (result === undefined) throw new Unanswered(isObject(error) ? String(error.message) : "The client did not answer");
  await give(result);
}

/** What a task needs to know, as a request of the session era. */
function questionOf(input: JsonObject, clientId: string | undefined): JsonObject {
  const request = asRequest(input);
  if (clientId === undefined) return request;
  return { ...request, params: related(isObject(request.params) ? request.params : {}, clientId) };
}

/** What a task's result or failure is to the request that waits for it. */
function responseOf({ status, result, error }: JsonObject, clientId: string | undefined): JsonObject {
  if (status === "completed" && isObject(result))
    return { result: clientId === undefined ? result : related(result, clientId) };
  if (status === "failed" && isObject(error)) return { error };
  const message = status === "cancelled" ? "The task was cancelled" : "The upstream has no result of this task";
  return { error: { code: RPC.internal, message } };
}
