// What the gateway keeps about tasks, in Session objects and nowhere else: which ones a client's session began, since
// upstreams list the tasks of everybody who comes through this gateway; results of calls that were over at once; and
// what a server asked a client of 2026-07-28, which it asks only once.
import type { Bindings } from "../env.ts";
import { newId } from "../lib/ids.ts";
import { isObject, type JsonObject, parseExact } from "../lib/json.ts";
import { sessionObject } from "../upstream/sessions.ts";
import type { Exchange } from "./exchange.ts";

/** Most characters of one note: what an object's storage takes as one value, with room to spare. */
const MOST = 500_000;

const TASKS = "task:";
const resultAt = (taskId: string): string => `result:${taskId}:`;

/** Remembers a task for tasks/list. Requests without a session have no list. */
export async function remember(exchange: Exchange, id: string): Promise<void> {
  if (!exchange.session) return;
  const key = `${TASKS}${String(Date.now()).padStart(14, "0")}:${newId()}`;
  await sessionObject(exchange.context.env, exchange.session.id).note({ [key]: id });
}

/** Ids of the tasks that the client's session began, by the keys under which they are remembered; oldest first. */
export async function remembered({ context, session }: Exchange): Promise<readonly (readonly [string, string])[]> {
  return session ? await sessionObject(context.env, session.id).notes(TASKS) : [];
}

/** Forgets a task that its upstream no longer has. */
export async function forget({ context, session }: Exchange, key: string): Promise<void> {
  if (session) await sessionObject(context.env, session.id).unnote(key);
}

/** Keeps a task that no upstream knows, as the extension would tell it. */
export async function keepResult(
  { context }: Exchange,
  keptIn: string,
  taskId: string,
  task: JsonObject,
): Promise<void> {
  const text = JSON.stringify(task);
  const parts = Array.from({ length: Math.ceil(text.length / MOST) }, (_, part) => [
    `${resultAt(taskId)}${String(part).padStart(4, "0")}`,
    text.slice(part * MOST, (part + 1) * MOST),
  ]);
  await sessionObject(context.env, keptIn).note(Object.fromEntries(parts));
}

/** The task that `keepResult` kept; undefined when it is gone. */
export async function keptResult(env: Bindings, keptIn: string, taskId: string): Promise<JsonObject | undefined> {
  const parts = await sessionObject(env, keptIn).notes(resultAt(taskId));
  const task = parts.length > 0 ? parseExact(parts.map(([, text]) => text).join("")) : undefined;
  return isObject(task) ? task : undefined;
}

/** What a task's server asked and nobody answered yet, in an object of the task's own. */
export class Questions {
  readonly #object: ReturnType<typeof sessionObject>;

  /** `id` is the client's, which says whose task it is; upstreams may number theirs per session. */
  constructor({ context }: Exchange, id: string) {
    this.#object = sessionObject(context.env, `task:${id}`);
  }

  async all(): Promise<readonly (readonly [string, JsonObject])[]> {
    const notes = await this.#object.notes("");
    return notes.map(([key, text]) => [key, parseExact(text) as JsonObject]);
  }

  async add(questions: Readonly<Record<string, JsonObject>>): Promise<void> {
    const texts = Object.entries(questions).map(([key, question]) => [key, JSON.stringify(question)]);
    if (texts.length > 0) await this.#object.note(Object.fromEntries(texts));
  }

  /** Takes a question out; undefined for what was never asked, or is answered already. */
  async take(key: string): Promise<JsonObject | undefined> {
    const text = await this.#object.unnote(key);
    return text === undefined ? undefined : (parseExact(text) as JsonObject);
  }
}
