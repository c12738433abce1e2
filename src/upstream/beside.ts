// What a server says on its session's standing stream while it answers a call. Servers ask there whatever they do not
// tie to a request, as the official SDK's do unless told to (MCP 2025-11-25 basic/transports, "Listening for Messages
// from the Server"). It belongs to the call that is under way, and nobody else may be listening.
import { GatewayError } from "../errors.ts";
import { isObject, type JsonValue } from "../lib/json.ts";
import { type Patience, patiently, tryParse } from "./read-answer.ts";
import { LATE, unlessLate } from "./safe-fetch.ts";
import type { Answer } from "./upstream.ts";

type Messages = AsyncGenerator<string, void, void>;
type Next = Promise<IteratorResult<string, void>>;

/** A call, and how to open the stream beside it. */
export interface Call extends Patience {
  readonly id: JsonValue;
  /** The server's address, and the session there. */
  readonly url: string;
  readonly sessionId: string;
  /** Opens the stream: "taken" when another has it, for a session has one; undefined when the server offers none. */
  open(signal: AbortSignal): Promise<Messages | "taken" | undefined>;
}

/** Milliseconds a call waits for the stream beside it. */
const OPENS_WITHIN = 2_000;
/** Milliseconds between attempts: while a server may not have seen that we left, and while another has the stream. */
const SOON = 50;
const LATER = 1_000;

/** What was so a while ago, by key: believed for some milliseconds. */
class Lately {
  readonly #span: number;
  readonly #until = new Map<string, number>();

  constructor(span: number) {
    this.#span = span;
  }

  note(key: string): void {
    if (this.#until.size >= MOST_NOTED) this.#until.clear();
    this.#until.set(key, Date.now() + this.#span);
  }

  has(key: string): boolean {
    return (this.#until.get(key) ?? 0) > Date.now();
  }
}
const MOST_NOTED = 1_000;

/** Servers that offer no such stream, by address. */
const silent = new Lately(300_000);
/** Sessions whose stream another has, so that a call need not wait to find out. */
const taken = new Lately(10_000);
/** Sessions whose stream we left just now. */
const left = new Lately(200);

/** Whether a server may have such a stream. */
export const maySpeak = (url: string): boolean => !silent.has(url);

/** Remembers that a server has none. */
export const neverSpeaks = (url: string): void => silent.note(url);

/** Sends a call once the stream beside it is open; its answer comes with what is said there. @throws GatewayError. */
export async function withBeside(
  call: Call,
  send: () => Promise<Answer | "session lost">,
): Promise<Answer | "session lost"> {
  const over = new AbortController();
  try {
    const opened = Promise.withResolvers<void>();
    const beside = saidBeside(call, over.signal, opened.resolve);
    const first = beside.next().catch(() => END);
    if ((await unlessLate(OPENS_WITHIN, opened.promise)) === LATE) silent.note(call.url);
    const answering = send();
    const begun = await patiently(Promise.race([answering, said(first)]), call);
    if (begun === "said") {
      const main = textsOf(call.id, answering);
      return { kind: "stream", messages: together(main, beside, first, over) };
    }
    if (begun !== "session lost" && begun.kind === "stream")
      return { kind: "stream", messages: together(begun.messages, beside, first, over) };
    over.abort();
    return begun;
  } catch (error) {
    over.abort();
    throw error;
  }
}

const END: IteratorReturnResult<void> = { done: true, value: undefined };

/** Settles when something is said; never when there is nothing to be said. */
const said = async (next: Next): Promise<"said"> => ((await next).done ? new Promise<never>(() => {}) : "said");

const TOLD: ReadonlySet<unknown> = new Set([
  "notifications/cancelled",
  "notifications/message",
  "notifications/progress",
  "notifications/elicitation/complete",
  "notifications/tasks/status",
]);

/** Requests, and the notifications that may be meant for the call. `onOpen`: from now on nothing is missed. */
async function* saidBeside({ url, sessionId, open }: Call, signal: AbortSignal, onOpen: () => void): Messages {
  if (taken.has(sessionId)) onOpen();
  try {
    while (!signal.aborted) {
      const messages = await open(signal);
      if (messages === undefined) return signal.aborted ? undefined : silent.note(url);
      if (messages !== "taken") {
        onOpen();
        signal.addEventListener("abort", () => left.note(sessionId), { once: true });
        for await (const text of messages) if (belongs(text)) yield text;
        return;
      }
      const soon = left.has(sessionId);
      if (!soon) {
        taken.note(sessionId);
        onOpen();
      }
      await scheduler.wait(soon ? SOON : LATER, { signal });
    }
  } finally {
    onOpen();
  }
}

function belongs(text: string): boolean {
  const message = tryParse(text);
  return isObject(message) && message.method !== undefined && (message.id !== undefined || TOLD.has(message.method));
}

/** Both in the order they come, until the answer has ended. */
async function* together(main: Messages, beside: Messages, first: Next, over: AbortController): Messages {
  let answer = main.next();
  let other = first;
  try {
    for (;;) {
      if ((await Promise.race([answer.then(() => "answer"), said(other)])) === "answer") {
        const { done, value } = await answer;
        if (done) return;
        yield value;
        answer = main.next();
      } else {
        const { value } = await other;
        yield value ?? "";
        other = beside.next().catch(() => END);
      }
    }
  } finally {
    over.abort();
    void main.return().catch(() => {});
  }
}

/** An answer that comes after something was said beside it, as messages. */
async function* textsOf(id: JsonValue, answering: Promise<Answer | "session lost">): Messages {
  const answer = await answering;
  if (answer === "session lost")
    throw new GatewayError("upstream_refused", "The upstream forgot the session before it answered");
  if (answer.kind === "stream") yield* answer.messages;
  else if (answer.kind === "message") yield answer.text;
  else if (answer.kind === "body") yield await new Response(answer.body).text();
  else if (answer.kind === "error") yield JSON.stringify({ jsonrpc: "2.0", id, error: answer.error });
  else yield JSON.stringify({ jsonrpc: "2.0", id, result: answer.result });
}
