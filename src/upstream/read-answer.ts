// Reading what an MCP endpoint answers to a POST, the same for both HTTP eras: JSON, an event stream, or a refusal.
// MCP 2025-11-25 and 2026-07-28 basic/transports, "Sending messages to the server".
import { asGatewayError, GatewayError } from "../errors.ts";
import { isObject, type JsonObject, type JsonValue, parseExact } from "../lib/json.ts";
import { SseError, type SseEvent } from "../lib/sse.ts";
import { type Continuation, Events } from "./events.ts";
import { LATE, type Reply, timedOut, unlessLate } from "./safe-fetch.ts";
import type { Answer, RpcError } from "./upstream.ts";

/** Results up to this size are read as text; larger ones may pass as a stream. Bytes. */
const SMALL = 65_536;

/** Milliseconds within which an event stream that begins with the response counts as an answer in one piece. */
const AT_ONCE = 2_000;

/** The JSON-RPC error in a body, if it is one. */
export function rpcErrorIn(text: string): RpcError | undefined {
  const message = tryParse(text);
  if (!isObject(message) || !isObject(message.error)) return undefined;
  const { code, message: sentence, data } = message.error;
  if (typeof code !== "number") return undefined;
  return { code, message: String(sentence ?? ""), ...(data === undefined ? {} : { data }) };
}

/** JSON as a value, numbers exact; undefined when it is none. */
export const tryParse = (text: string): JsonValue | undefined => {
  try {
    return parseExact(text);
  } catch {
    return undefined;
  }
};

type Messages = AsyncGenerator<string, void, void>;

/** How long to wait for what comes next. */
export interface Patience {
  /** Milliseconds of silence after which an answer is given up; undefined: it may be silent for ever. */
  patience: number | undefined;
  /** When somebody was last thinking about what the server wants to know. Milliseconds since 1970. */
  lastAsked?(): number | undefined;
}

/** What is known of the request that is answered. */
export interface Asked extends Patience {
  readonly id: JsonValue;
  /** Nothing in the result can need rewriting, so a large one passes unread. */
  readonly mayStream: boolean;
  /** How its event stream goes on on another connection, in eras that have that. */
  readonly continuation?: Continuation;
}

/**
 * Turns an HTTP answer to a request into an `Answer`.
 * @throws GatewayError `upstream_auth_required` (with the challenge), `upstream_status`, `upstream_nonsense`.
 */
export async function readAnswer(reply: Reply, asked: Asked): Promise<Answer> {
  if (reply.status === 200 && reply.type.startsWith("application/json")) {
    const body = asked.mayStream && (reply.length ?? 0) > SMALL ? reply.stream() : null;
    return body
      ? { kind: "body", body, bytes: reply.length ?? 0 }
      : { kind: "message", text: whole(await reply.text(), asked.id) };
  }
  if (reply.status === 200 && reply.type.startsWith("text/event-stream")) {
    const body = reply.stream();
    if (body) return await inOnePiece(new Events(body, reply.maxBytes, asked.continuation), asked);
  }
  return await refusal(reply);
}

/** An event stream as what it is: mere packing where its first message, soon there, is the response already. */
async function inOnePiece(events: Events, asked: Asked): Promise<Answer> {
  const { patience } = asked;
  const begins = events.next();
  const messages = messagesOf(events, begins, asked);
  if (patience === undefined) return { kind: "stream", messages };
  const first = messages.next();
  const soon = await unlessLate(Math.min(AT_ONCE, patience), first);
  if (soon === LATE || soon.done || roleOf(soon.value, asked.id) !== "response")
    return { kind: "stream", messages: onwards({ events, begins, first, messages, asked }) };
  void messages.return();
  return { kind: "message", text: soon.value.trim() };
}

/** A stream of which the first message was asked for already, `AT_ONCE` ago if it is not there. */
interface Begun {
  readonly events: Events;
  readonly begins: Promise<SseEvent | undefined>;
  readonly first: Promise<IteratorResult<string, void>>;
  readonly messages: Messages;
  readonly asked: Asked;
}

async function* onwards({ events, begins, first, messages, asked }: Begun): Messages {
  try {
    await patiently(begins, asked, AT_ONCE).catch((error: unknown) => {
      if (error instanceof GatewayError) throw error; // else `first` tells it
    });
    const { done, value } = await first;
    if (done) return;
    yield value;
    yield* messages;
  } finally {
    events.close();
  }
}

/**
 * What comes, unless it takes longer than the patience there is by then, `waited` milliseconds of it used up. The time
 * that somebody is asked something does not count.
 */
export async function patiently<T>(coming: Promise<T>, asked: Patience, waited = 0): Promise<T> {
  const { patience } = asked;
  if (patience === undefined) return await coming;
  for (let left = patience - waited; ; left = (asked.lastAsked?.() ?? 0) + patience - Date.now()) {
    if (asked.patience === undefined) return await coming;
    const outcome = await unlessLate(Math.max(0, left), coming);
    if (outcome !== LATE) return outcome;
    if (left <= 0) throw timedOut(patience);
  }
}

/** Cheap proof that a body is the response to `id`, to its end; what is inside passes unread. */
function whole(text: string, id: JsonValue): string {
  const json = (text.charCodeAt(0) === 0xfeff ? text.slice(1) : text).trim();
  if (json.startsWith("{") && json.endsWith("}") && roleOf(json, id) === "response") return json;
  throw nonsense();
}

const nonsense = () =>
  new GatewayError("upstream_nonsense", "The upstream's answer is not the JSON-RPC response to what was asked");

/**
 * What a message is to the request with this id: its response, what comes before that (a notification, a request), or
 * nothing to it. A response is recognised by the places where servers put the id, and parsed only where that fails.
 */
function roleOf(text: string, id: JsonValue): "response" | "before" | "foreign" | "nonsense" {
  const envelope = `"jsonrpc":"2.0","id":${JSON.stringify(id)}`;
  if (text.startsWith(`{${envelope},"result":`)) return "response";
  // A server's own request may end the same, since its ids are its own.
  if (text.startsWith('{"result":') && text.endsWith(`},${envelope}}`)) return "response";
  const message = tryParse(text);
  if (!isObject(message) || message.jsonrpc !== "2.0") return "nonsense";
  if (message.method !== undefined) return "before";
  const answers = message.result !== undefined || message.error !== undefined;
  return answers && JSON.stringify(message.id) === JSON.stringify(id) ? "response" : "foreign";
}

/** The messages of an event stream up to the response. How long its first event may take is for others to say. */
async function* messagesOf(events: Events, begins: Promise<SseEvent | undefined>, asked: Asked): Messages {
  try {
    for (let next = begins; ; next = patiently(events.next(), asked)) {
      const event = await next.catch(brokenStream);
      if (!event) throw new GatewayError("upstream_refused", "The upstream closed the connection before it answered");
      const role = event.data === "" ? "foreign" : roleOf(event.data, asked.id);
      if (role === "nonsense") throw nonsense();
      if (role !== "foreign") yield event.data;
      if (role === "response") return;
    }
  } finally {
    events.close();
  }
}

/** Why an event stream could not be read on. @throws GatewayError. */
export function brokenStream(error: unknown): never {
  if (error instanceof GatewayError) throw error;
  if (error instanceof SseError)
    throw new GatewayError("upstream_too_large", "The upstream sent an event that is too large", { cause: error });
  throw new GatewayError("upstream_refused", "The upstream closed the connection in the middle of its answer", {
    cause: error,
  });
}

/** Statuses by which Cloudflare's network tells that TLS to the origin failed. */
const TLS_FAILED: ReadonlySet<number> = new Set([525, 526]);

/**
 * What an upstream says that does not answer: its JSON-RPC error, if it gave one.
 * @throws GatewayError `upstream_auth_required` (with the challenge), `upstream_status`, `upstream_nonsense`.
 */
export async function refusal(reply: Reply): Promise<{ kind: "error"; error: RpcError }> {
  const { status } = reply;
  const text = await reply.text();
  if (status === 401) {
    const challenge = reply.headers.get("www-authenticate");
    throw new GatewayError("upstream_auth_required", "The upstream wants credentials", {
      details: challenge ? { challenge } : {},
    });
  }
  const error = rpcErrorIn(text);
  if (error) return { kind: "error", error };
  if (status === 403) {
    throw new GatewayError("upstream_auth_required", "The upstream refuses these credentials or this gateway (403)", {
      details: { status },
    });
  }
  if (status >= 200 && status < 300) {
    throw new GatewayError(
      "upstream_nonsense",
      `The upstream answered ${status} with ${reply.type || "no content type"} instead of a JSON-RPC message`,
    );
  }
  if (TLS_FAILED.has(status)) {
    throw new GatewayError("upstream_tls", "The upstream's certificate was not accepted, or TLS failed", {
      details: { status },
    });
  }
  const retryAfter = reply.headers.get("retry-after");
  throw new GatewayError("upstream_status", `The upstream answered ${status}`, {
    details: { status, ...(retryAfter ? { retry_after: retryAfter } : {}) },
    headers: retryAfter ? { "retry-after": retryAfter } : {},
  });
}

/**
 * Reads an answer to its response and gives the result. For the gateway's own requests (discovery).
 * @throws GatewayError `upstream_nonsense` for anything else, an RpcFailure for an error response.
 */
export async function resultOf(answer: Answer): Promise<JsonObject> {
  if (answer.kind === "error") throw new RpcFailure(answer.error);
  if (answer.kind === "result") return answer.result;
  const text = await responseText(answer);
  const message = tryParse(text);
  if (!isObject(message))
    throw new GatewayError("upstream_nonsense", "The upstream's answer is not a JSON-RPC message");
  const error = rpcErrorIn(text);
  if (error) throw new RpcFailure(error);
  if (!isObject(message.result))
    throw new GatewayError("upstream_nonsense", "The upstream's answer has neither result nor error");
  return message.result;
}

/** The text of the JSON-RPC response in an answer; notifications before it are dropped. */
export async function responseText(answer: Exclude<Answer, { kind: "error" | "result" }>): Promise<string> {
  if (answer.kind === "message") return answer.text;
  if (answer.kind === "body") return await new Response(answer.body).text();
  for await (const text of answer.messages) if (isResponse(text)) return text;
  throw new GatewayError("upstream_refused", "The upstream closed the connection before it answered");
}

/** Whether a message is a response: it has no method. */
export function isResponse(text: string): boolean {
  const message = tryParse(text);
  return (
    isObject(message) && message.method === undefined && (message.result !== undefined || message.error !== undefined)
  );
}

/** An error response of an upstream, where the gateway itself was asking. */
export class RpcFailure extends Error {
  override readonly name = "RpcFailure";
  readonly error: RpcError;
  constructor(error: RpcError) {
    super(error.message);
    this.error = error;
  }
}

/** Whatever an upstream made the gateway throw, as a failure that may be told. */
export function asUpstreamFailure(error: unknown): GatewayError {
  if (!(error instanceof RpcFailure)) return asGatewayError(error);
  const { code } = error.error;
  return new GatewayError("upstream_nonsense", `The upstream refused to begin: ${error.message} (${code})`, {
    details: { rpc_error: error.error },
  });
}
