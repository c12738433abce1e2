// One call of a stateless client at an upstream that keeps sessions, as an object holds it: what the server asks in the
// middle becomes `input_required`, and the call waits here until the client sends it again with the answers
// (MCP 2026-07-28 basic/patterns/mrtr; 2025-11-25 basic/transports). It runs from its first byte in the object that owns it.
import { asGatewayError, GatewayError, type PlainFailure } from "../errors.ts";
import { isObject, type JsonObject, type JsonValue } from "../lib/json.ts";
import { isResponse, responseText, tryParse } from "../upstream/read-answer.ts";
import type { Answer, AskableClient, Question } from "../upstream/upstream.ts";
import { STATE_LIFETIME } from "./request-state.ts";

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

/** Milliseconds a call waits for its client: longer than the state that leads back to it is valid. */
export const WAITS_FOR = STATE_LIFETIME + 10_000;

/** What 2026-07-28 lets a server ask (basic/patterns/mrtr, "InputRequests"). */
const INPUTS: readonly unknown[] = ["elicitation/create", "sampling/createMessage", "roots/list"];

/** Notifications that this revision does not have. */
const GONE: readonly unknown[] = ["notifications/cancelled", "notifications/elicitation/complete"];

interface Pending {
  readonly request: JsonObject;
  readonly resolve: (reply: JsonObject) => void;
}

type Listener = (frame: Frame) => void;

/** What happens to an exchange that its owner must know. */
interface Fate {
  /** It waits for its client from now on, or waits again: the answers to this round are next. */
  onParked(round: number): void;
  /** The upstream was silent for too long. */
  onSilence(): void;
}

export class ParkedExchange implements AskableClient {
  readonly id: string;
  readonly method: string;
  readonly capabilities: JsonObject;
  readonly #patience: number;
  readonly #fate: Fate;
  readonly #pending = new Map<string, Pending>();
  #questions = 0;
  #round = 0;
  #parked = false;
  #listener: Listener | undefined;
  #final: Frame | undefined;
  #quiet: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;

  /** `patience`: milliseconds the upstream may be silent while nothing is asked of its client. */
  constructor(id: string, method: string, capabilities: JsonObject, patience: number, fate: Fate) {
    this.id = id;
    this.method = method;
    this.capabilities = capabilities;
    this.#patience = patience;
    this.#fate = fate;
  }

  /** Sends the call and follows its answer to the end. Never throws. */
  async run(send: () => Promise<Answer>): Promise<void> {
    this.#listenOn();
    try {
      await this.#follow(await send());
      if (!this.#final) throw new GatewayError("upstream_refused", "The upstream ended its answer before it was done");
    } catch (error) {
      this.fail(asGatewayError(error));
    }
  }

  async #follow(answer: Answer): Promise<void> {
    if (answer.kind === "error") return this.#end(answer.error as unknown as JsonObject, "error");
    if (answer.kind === "result") return this.#end(answer.result, "result");
    if (answer.kind !== "stream") return this.#finish({ response: await responseText(answer) });
    for await (const text of answer.messages) {
      this.#listenOn();
      if (text === ASKED_HERE) continue;
      if (isResponse(text)) this.#finish({ response: text });
      else this.hear(text);
    }
  }

  #end(value: JsonObject, field: "error" | "result"): void {
    this.#finish({ response: JSON.stringify({ jsonrpc: "2.0", id: this.id, [field]: value }) });
  }

  /** Ends it, unless it has ended. */
  fail(failure: GatewayError): void {
    this.#finish({ failure: failure.plain() });
  }

  /** A notification of the server's that belongs to this call. Those that 2026-07-28 does not have end here. */
  hear(text: string): void {
    const message = tryParse(text);
    if (isObject(message) && !GONE.includes(message.method)) this.#listener?.({ message: text });
  }

  withdraw({ params }: JsonObject): string {
    const { requestId = null } = isObject(params) ? params : {};
    for (const [key, { request }] of this.#pending)
      if (JSON.stringify(request.id) === JSON.stringify(requestId)) this.#pending.delete(key);
    this.#listenOn();
    return ASKED_HERE;
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

  /** Whether it waits for its client to come back. */
  get parked(): boolean {
    return this.#parked;
  }

  /** Whether the upstream has answered, or will not. */
  get over(): boolean {
    return this.#final !== undefined;
  }

  /**
   * What a retry brings. Answers to other questions are ignored; those that are missing are asked for again, in a round of
   * their own when others came (basic/patterns/mrtr, "Error Handling").
   */
  answer(round: number, responses: JsonObject): "taken" | "stale" | Frame {
    if (round !== this.#round || !this.#parked) return "stale";
    const given = [...this.#pending].filter(([key]) => isObject(responses[key]));
    if (given.length === 0 && this.#pending.size > 0) return this.#asking();
    this.#round += 1;
    for (const [key, { resolve }] of given) {
      this.#pending.delete(key);
      resolve({ result: responses[key] ?? null });
    }
    if (this.#pending.size > 0) return this.#asking();
    this.#parked = false;
    this.#listenOn();
    return "taken";
  }

  /** The round whose answers are next. */
  get round(): number {
    return this.#round;
  }

  ask(request: JsonObject): Question {
    if (!INPUTS.includes(request.method)) return { text: ASKED_HERE, reply: Promise.resolve(NOT_OFFERED) };
    const { promise, resolve } = Promise.withResolvers<JsonObject>();
    this.#questions += 1;
    this.#pending.set(`g${this.#questions}`, { request, resolve });
    clearTimeout(this.#silence);
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.#park(), QUIET);
    return { text: ASKED_HERE, reply: promise };
  }

  hangUp(): void {
    for (const { resolve } of this.#pending.values()) resolve(OVER);
    this.abandon();
  }

  /** The server was told that the call is cancelled: what it has asked needs no reply. */
  abandon(): void {
    clearTimeout(this.#quiet);
    clearTimeout(this.#silence);
    this.#pending.clear();
  }

  /** Progress tokens of the questions that are open: their servers are kept patient by them. */
  get progressTokens(): JsonValue[] {
    return [...this.#pending.values()].flatMap(({ request: { params } }) => {
      const meta = isObject(params) && isObject(params._meta) ? params._meta : {};
      return meta.progressToken === undefined ? [] : [meta.progressToken];
    });
  }

  #park(): void {
    if (this.#final || this.#pending.size === 0) return;
    const waits = this.#parked;
    this.#parked = true;
    if (!waits) this.#listener?.(this.#asking());
  }

  #asking(): Frame {
    const asked = Object.fromEntries([...this.#pending].map(([key, { request }]) => [key, asInput(request)]));
    this.#fate.onParked(this.#round);
    return { asked, round: this.#round };
  }

  /** The upstream has spoken, or it is its turn. */
  #listenOn(): void {
    clearTimeout(this.#silence);
    if (this.#pending.size === 0 && !this.#final && !this.#parked)
      this.#silence = setTimeout(() => this.#fate.onSilence(), this.#patience);
  }

  #finish(frame: Frame): void {
    this.#final ??= frame;
    this.hangUp();
    this.#listener?.(this.#final);
  }
}

/** Stands in the answer's messages where a question was asked by other means. */
const ASKED_HERE = "";

const OVER: JsonObject = { error: { code: -32603, message: "The request this belonged to is over" } };
const NOT_OFFERED: JsonObject = { error: { code: -32601, message: "The client did not offer this" } };

/** A server's request as an input request: without what belongs to the session era's envelope, and its ids. */
function asInput({ method = "", params }: JsonObject): JsonObject {
  if (!isObject(params)) return { method, params: {} };
  const { elicitationId: _id, _meta, ...rest } = params;
  const { progressToken: _token, ...meta } = isObject(_meta) ? _meta : {};
  return { method, params: { ...rest, ...(Object.keys(meta).length > 0 ? { _meta: meta } : {}) } };
}
