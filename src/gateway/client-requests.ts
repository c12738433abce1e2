// What a server asks a session client in the middle of an answer (MCP client/sampling, client/elicitation, client/roots;
// 2025-11-25 basic/transports: on the stream of the request it belongs to). The reply comes as a POST of its own, to any
// isolate; the Session object brings it here.
import type { Bindings } from "../env.ts";
import { newId } from "../lib/ids.ts";
import { isObject, type JsonObject, parseExact } from "../lib/json.ts";
import { RPC } from "../lib/mcp.ts";
import { sessionObject } from "../upstream/sessions.ts";
import type { AskableClient, Question } from "../upstream/upstream.ts";
import type { ClientSession } from "./exchange.ts";

/** Most characters of a reply: what an object's storage takes as one value, with room to spare. */
const MOST = 500_000;

const QUESTION = /^q-[0-9a-f]{32}$/;

/** Brings a client's reply to whoever asked. Replies to nothing that was asked are dropped, as JSON-RPC has it. */
export async function deliverReply(
  env: Bindings,
  session: ClientSession,
  id: unknown,
  message: JsonObject,
): Promise<void> {
  if (typeof id !== "string" || !QUESTION.test(id)) return;
  const text = JSON.stringify(message);
  const reply =
    text.length > MOST ? JSON.stringify({ jsonrpc: "2.0", id, ...unanswered("The reply is too large") }) : text;
  await sessionObject(env, session.id).deliver(id, reply);
}

/** The client of a session, while one of its requests is under way. The line to its object is opened when it is asked. */
export class SessionClient implements AskableClient {
  readonly capabilities: JsonObject;
  readonly #env: Bindings;
  readonly #sessionId: string;
  readonly #pending = new Map<string, (reply: JsonObject) => void>();
  #line: Promise<WebSocket> | undefined;
  #over = false;

  constructor(env: Bindings, session: ClientSession) {
    this.capabilities = session.capabilities;
    this.#env = env;
    this.#sessionId = session.id;
  }

  ask(request: JsonObject): Question {
    const id = `q-${newId()}`;
    const { promise, resolve } = Promise.withResolvers<JsonObject>();
    this.#pending.set(id, resolve);
    this.#connect();
    return { text: JSON.stringify({ ...request, jsonrpc: "2.0", id }), reply: promise };
  }

  hangUp(): void {
    this.#over = true;
    for (const resolve of this.#pending.values()) resolve(unanswered("The request this belonged to is over"));
    this.#pending.clear();
    this.#line?.then((line) => line.close(1000, "over")).catch(() => {});
  }

  #connect(): void {
    this.#line ??= this.#open();
    this.#line.catch((error: unknown) => {
      for (const resolve of this.#pending.values()) resolve(unanswered(`The client can't be asked: ${String(error)}`));
      this.#pending.clear();
    });
  }

  async #open(): Promise<WebSocket> {
    const object = this.#env.SESSION.getByName(this.#sessionId);
    const { webSocket } = await object.fetch("https://session/replies", { headers: { upgrade: "websocket" } });
    if (!webSocket) throw new Error("the session's object gave no line");
    webSocket.accept();
    webSocket.addEventListener("message", ({ data }) => this.#take(webSocket, String(data)));
    webSocket.addEventListener("close", () => this.#reopen());
    return webSocket;
  }

  /** The object went away with the line: a fresh one has the replies stored. */
  #reopen(): void {
    this.#line = undefined;
    if (!this.#over && this.#pending.size > 0) this.#connect();
  }

  #take(line: WebSocket, text: string): void {
    const message = parseExact(text);
    if (!isObject(message) || typeof message.id !== "string") return;
    const resolve = this.#pending.get(message.id);
    if (!resolve) return;
    this.#pending.delete(message.id);
    line.send(message.id);
    const { result, error } = message;
    resolve(
      result === undefined
        ? { error: error ?? unanswered("The client replied with nothing").error ?? null }
        : { result },
    );
  }
}

const unanswered = (why: string): JsonObject => ({ error: { code: RPC.internal, message: why } });
