// What a server asks a session client (MCP client/sampling, client/elicitation, client/roots; 2025-11-25
// basic/transports: on the stream of the request it belongs to). The reply comes as a POST of its own: to this isolate,
// where whoever waits takes it at once, or to another, from where the session's object brings it here.
import type { Bindings } from "../env.ts";
import { newId } from "../lib/ids.ts";
import { isObject, type JsonObject, parseExact } from "../lib/json.ts";
import { RPC } from "../lib/mcp.ts";
import { sessionObject } from "../upstream/sessions.ts";
import type { AskableClient, Question } from "../upstream/upstream.ts";
import type { ClientSession } from "./exchange.ts";
import type { SessionLine } from "./session-line.ts";

/** Most characters of a reply: what an object's storage takes as one value, with room to spare. */
const MOST = 500_000;

const QUESTION = /^q-[0-9a-f]{32}$/;

/** Who waits in this isolate, by session and question. */
const pending = new Map<string, (reply: JsonObject) => void>();
const keyOf = (sessionId: string, questionId: string): string => `${sessionId}|${questionId}`;

/** Gives a reply to whoever waits for it here; false when nobody does. */
function settle(sessionId: string, questionId: string, message: JsonObject): boolean {
  const key = keyOf(sessionId, questionId);
  const resolve = pending.get(key);
  if (!resolve) return false;
  pending.delete(key);
  const { result, error } = message;
  const nothing = unanswered("The client replied with nothing").error ?? null;
  resolve(result === undefined ? { error: error ?? nothing } : { result });
  return true;
}

/** Brings a client's reply to whoever asked. Replies to nothing that was asked are dropped, as JSON-RPC has it. */
export async function deliverReply(
  env: Bindings,
  session: ClientSession,
  id: unknown,
  message: JsonObject,
): Promise<void> {
  if (typeof id !== "string" || !QUESTION.test(id) || settle(session.id, id, message)) return;
  const text = JSON.stringify(message);
  const reply =
    text.length > MOST ? JSON.stringify({ jsonrpc: "2.0", id, ...unanswered("The reply is too large") }) : text;
  await sessionObject(env, session.id).deliver(id, reply);
}

/** The client of a session, asked by one request or stream of it. */
export class SessionClient implements AskableClient {
  readonly capabilities: JsonObject;
  readonly #sessionId: string;
  readonly #line: (() => SessionLine) | undefined;
  /** What servers call their questions, as JSON, by our ids. */
  readonly #asked = new Map<string, string>();

  /** `line` is where replies that reach other isolates come from; none where every reply comes this way. */
  constructor(session: ClientSession, line?: () => SessionLine) {
    this.capabilities = session.capabilities;
    this.#sessionId = session.id;
    this.#line = line;
  }

  ask(request: JsonObject): Question {
    const id = `q-${newId()}`;
    const { promise, resolve } = Promise.withResolvers<JsonObject>();
    pending.set(keyOf(this.#sessionId, id), resolve);
    this.#asked.set(id, JSON.stringify(request.id ?? null));
    this.#line?.()
      .open()
      .catch((error: unknown) =>
        settle(this.#sessionId, id, unanswered(`The client can't be asked: ${String(error)}`)),
      );
    return { text: JSON.stringify({ ...request, jsonrpc: "2.0", id }), reply: promise };
  }

  /** A reply that came over the line. */
  take(text: string): void {
    const message = parseExact(text);
    if (!isObject(message) || typeof message.id !== "string" || !this.#asked.has(message.id)) return;
    if (settle(this.#sessionId, message.id, message)) this.#line?.().say({ took: message.id });
  }

  withdraw(notification: JsonObject): string | undefined {
    const params = isObject(notification.params) ? notification.params : {};
    const theirs = JSON.stringify(params.requestId ?? null);
    const id = [...this.#asked].find(([, known]) => known === theirs)?.[0];
    if (id === undefined) return undefined;
    this.#asked.delete(id);
    pending.delete(keyOf(this.#sessionId, id)); // who has cancelled waits for no reply
    return JSON.stringify({ ...notification, params: { ...params, requestId: id } });
  }

  hangUp(): void {
    for (const id of this.#asked.keys())
      settle(this.#sessionId, id, unanswered("The request this belonged to is over"));
    this.#asked.clear();
  }
}

const unanswered = (why: string): JsonObject => ({ error: { code: RPC.internal, message: why } });
