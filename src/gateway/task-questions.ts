// What the server of a session-era task wants to know from a client of 2026-07-28. The server asks on the stream of
// tasks/result (2025-11-25 basic/utilities/tasks, "Input Required Status"), which a client may leave at any time: so the
// gateway listens there until it has heard the questions, keeps them, and posts each answer when it comes.
import { newId } from "../lib/ids.ts";
import { isObject, type JsonObject, type JsonValue } from "../lib/json.ts";
import { connectorOf, send } from "../upstream/connect.ts";
import { reply } from "../upstream/session.ts";
import type { Surroundings, Target } from "../upstream/upstream.ts";
import { askableOf } from "./declared.ts";
import type { Exchange } from "./exchange.ts";
import { unrelated } from "./task-forms.ts";
import type { TaskPlace } from "./task-ids.ts";
import { Questions } from "./task-notes.ts";
import { hearing } from "./task-sessions.ts";
import type { Known } from "./tasks.ts";

/** Milliseconds to wait for a first question, and for another one after each. */
const FOR_ANY = 2_000;
const FOR_MORE = 60;

/** What is asked and not answered, by the keys under which it is answered. */
export async function questionsOf(
  exchange: Exchange,
  { id, place, target }: Known,
  around: Surroundings,
): Promise<JsonObject> {
  const questions = new Questions(exchange, id);
  const known = await questions.all();
  const askable = askableOf({ ...exchange, method: "tools/call" });
  const listens = known.length === 0 && askable !== undefined;
  if (listens) await questions.add(byKey(await heard(target, place, askable, around)));
  const all = listens ? await questions.all() : known;
  return Object.fromEntries(all.map(([key, question]) => [key, asInput(question)]));
}

/** Ids of a server's requests are unique in its session, which is more than keys have to be. */
const byKey = (requests: readonly JsonObject[]): Record<string, JsonObject> =>
  Object.fromEntries(requests.map((request) => [String(request.id), request]));

/** The requests a server makes on the stream of tasks/result. */
async function heard(
  target: Target,
  { taskId }: TaskPlace,
  capabilities: JsonObject,
  around: Surroundings,
): Promise<JsonObject[]> {
  const requests: JsonObject[] = [];
  const client = hearing(capabilities, (request) => requests.push(request));
  const asked = { id: newId(), method: "tasks/result", params: { taskId } };
  const answer = await send(target, asked, { ...around, client, timeout: FOR_ANY }).catch(() => undefined);
  if (answer?.kind !== "stream") return requests;
  const { messages } = answer;
  for (;;) {
    const patience = scheduler.wait(requests.length > 0 ? FOR_MORE : FOR_ANY).then(() => ({ done: true }) as const);
    const next = await Promise.race([messages.next().catch(() => ({ done: true }) as const), patience]);
    if (next.done) break;
  }
  void messages.return().catch(() => {});
  await connectorOf(target.era)
    .notify?.(target, "notifications/cancelled", { requestId: asked.id }, around)
    .catch(() => {});
  return requests;
}

/** A request of the session era as something that 2026-07-28 asks for. */
function asInput({ method = null, params }: JsonObject): JsonObject {
  const { elicitationId: _id, ...given } = unrelated(isObject(params) ? params : {});
  return { method, params: given };
}

/** Gives the client's answer to a question, if it is still open. */
export async function answerQuestion(
  exchange: Exchange,
  { id, target }: Known,
  key: string,
  response: JsonValue,
  around: Surroundings,
): Promise<void> {
  const question = await new Questions(exchange, id).take(key);
  if (question) await reply(target, question, { result: response }, around);
}
