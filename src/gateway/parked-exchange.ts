// One call of a stateless client at an upstream that keeps sessions, as an object holds it: what the server asks in the
// middle becomes `input_required`, and the call waits here until the client sends it again with the answers
// (MCP 2026-07-28 basic/mrtr; 2025-11-25 basic/transports). It runs from its first byte in the object that owns it.
import { asGatewayError, type PlainFailure } from "../errors.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import { isResponse, responseText } from "../upstream/read-answer.ts";
import type { Answer, AskableClient, Question } from "../upstream/upstream.ts";

/** What the object sends to whoever waits: messages, then one of the others. `asked`: what the client must answer. */
export type Frame =
  | { readonly message: string }
  | { readonly response: string }
  | { readonly asked: JsonObject; readonly round: number }
  | { readonly failure: PlainFailure }
  /** Not held here, or not any more. */
  | { readonly lost: true }
  /** Answered already. */
  | { readonly stale: true };

/** Questions that come within so many milliseconds are asked together. */
const QUIET = 50;

/** Milliseconds a call waits for its client. */
export const WAITS_FOR = 10 * 60_000;

interface Pending {
  readonly request: JsonObject;
  readonly resolve: (reply: JsonObject) => void;
}

type Listener = (frame: Frame) => void;

export class ParkedExchange implements AskableClient {
  readonly capabilities: JsonObject;
  /** When the client's time is up; undefined while nothing is asked. Milliseconds. */
  expiresAt: number | undefined;
  readonly #id: string;
  readonly #onParked: () => void;
  readonly #pending = new Map<string, Pending>();
  #questions = 0;
  #round = 0;
  #listener: Listener | undefined;
  #final: Frame | undefined;
  #quiet: ReturnType<typeof setTimeout> | undefined;

  /** `onParked` is called whenever the call begins to wait for its client. */
  constructor(id: string, capabilities: JsonObject, onParked: () => void) {
    this.#id = id;
    this.capabilities = capabilities;
    this.#onParked = onParked;
  }

  /** Sends the call and follows its answer to the end. Never throws. */
  async run(send: () => Promise<Answer>): Promise<void> {
    try {
      const answer = await send();
      if (answer.kind === "error") return this.#end(answer.error as unknown as JsonObject, "error");
      if (answer.kind === "result") return this.#end(answer.result, "result");
      if (answer.kind !== "stream") return this.#finish({ response: await responseText(answer) });
      for await (const text of answer.messages) {
        if (text === ASKED_HERE) continue;
        if (isResponse(text)) this.#finish({ response: text });
        else this.#listener?.({ message: text });
      }
    } catch (error) {
      this.#finish({ failure: asGatewayError(error).plain() });
    }
  }

  #end(value: JsonObject, field: "error" | "result"): void {
    this.#finish({ response: JSON.stringify({ jsonrpc: "2.0", id: this.#id, [field]: value }) });
  }

  /** Frames go to this listener from now on; it is told at once what is there already. */
  listen(listener: Listener): void {
    this.#listener = listener;
    if (this.#final) listener(this.#final);
  }

  /** Nobody listens any more. */
  leave(listener: Listener): void {
    if (this.#listener === listener) this.#listener = undefined;
  }

  /** Whether it waits for its client, or has an answer that the client has yet to fetch. */
  get parked(): boolean {
    return this.expiresAt !== undefined;
  }

  /** What a retry brings. Answers that are missing are asked for again; those to other questions are ignored. */
  answer(round: number, responses: JsonObject): "taken" | "stale" | Frame {
    if (round !== this.#round || !this.parked) return "stale";
    const replies = [...this.#pending].map(([key, { resolve }]) => ({ key, resolve, response: responses[key] }));
    if (!replies.every(({ response }) => isObject(response ?? null))) return this.#asking();
    this.expiresAt = undefined;
    this.#round += 1;
    this.#pending.clear();
    for (const { resolve, response } of replies) resolve({ result: response ?? null });
    return "taken";
  }

  ask(request: JsonObject): Question {
    const { promise, resolve } = Promise.withResolvers<JsonObject>();
    this.#questions += 1;
    this.#pending.set(`g${this.#questions}`, { request, resolve });
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.#park(), QUIET);
    return { text: ASKED_HERE, reply: promise };
  }

  hangUp(): void {
    clearTimeout(this.#quiet);
    for (const { resolve } of this.#pending.values()) resolve({ error: OVER });
    this.#pending.clear();
  }

  /** Progress tokens of the questions that are open: their servers are kept patient by them. */
  get patience(): JsonObject[] {
    return [...this.#pending.values()].flatMap(({ request: { params } }) => {
      const meta = isObject(params ?? null) ? (params as JsonObject)._meta : undefined;
      const token = isObject(meta ?? null) ? (meta as JsonObject).progressToken : undefined;
      return token === undefined ? [] : [{ progressToken: token }];
    });
  }

  #park(): void {
    this.expiresAt = Date.now() + WAITS_FOR;
    this.#onParked();
    this.#listener?.(this.#asking());
  }

  #asking(): Frame {
    const asked = Object.fromEntries([...this.#pending].map(([key, { request }]) => [key, asInput(request)]));
    return { asked, round: this.#round };
  }

  #finish(frame: Frame): void {
    this.#final ??= frame;
    this.#listener?.(this.#final);
  }
}

/** Stands in the answer's messages where a question was asked by other means. */
const ASKED_HERE = "";

const OVER: JsonObject = { code: -32603, message: "The request this belonged to is over" };

/** A server's request as an input request: without the session era's envelope, and its ids. */
function asInput({ method = "", params }: JsonObject): JsonObject {
  if (!isObject(params ?? null)) return { method, params: {} };
  const { elicitationId: _id, _meta, ...rest } = params as JsonObject;
  return { method, params: rest };
}
