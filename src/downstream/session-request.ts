// One request of a session while it is answered: an exchange whose client can be asked, can cancel, and may hang up
// without cancelling (MCP 2025-11-25 basic/transports). Most need none of that, so it is made when it is used.
import type { View } from "../catalog/view.ts";
import type { Context } from "../context.ts";
import { SessionClient } from "../gateway/client-requests.ts";
import { dispatch } from "../gateway/dispatch.ts";
import { type Answer, type ClientSession, type Exchange, startTiming } from "../gateway/exchange.ts";
import type { Told } from "../gateway/session-line.ts";
import type { JsonObject, JsonValue } from "../lib/json.ts";
import { RPC } from "../lib/mcp.ts";
import { responseText } from "../upstream/read-answer.ts";
import { sessionObject } from "../upstream/sessions.ts";
import { cancel, type Flight, track } from "./in-flight.ts";
import { errorResponse, Refusal, type RpcMessage } from "./json-rpc.ts";
import { KeptStream } from "./kept-stream.ts";

export class SessionRequest implements Exchange {
  readonly era = "session";
  readonly id: JsonValue;
  readonly method: string;
  readonly params: JsonObject;
  readonly context: Context;
  readonly view: View;
  readonly session: ClientSession;
  readonly headers: Headers;
  readonly timing = startTiming();
  readonly #flight: Flight;
  readonly #sameWay: boolean;
  readonly #mayBegin: boolean;
  #client: SessionClient | undefined;
  #kept: KeptStream | undefined;

  /**
   * `sameWay`: replies come on the connection that the request came on. `mayBegin`: the answer may begin as a stream
   * before there is any of it. `kept`: the stream, where the answers of several requests become one.
   * @throws Refusal when a request with this id is under way in the session.
   */
  constructor(
    around: { context: Context; view: View; session: ClientSession; headers: Headers },
    { id = null, method, params }: RpcMessage,
    { sameWay = false, mayBegin = false, kept }: { sameWay?: boolean; mayBegin?: boolean; kept?: KeptStream },
  ) {
    this.id = id;
    this.method = method;
    this.params = params;
    this.context = around.context;
    this.view = around.view;
    this.session = around.session;
    this.headers = around.headers;
    this.#sameWay = sameWay;
    this.#mayBegin = mayBegin;
    this.#kept = kept;
    const flight = track(this.session.id, id);
    if (!flight)
      throw new Refusal(400, { code: RPC.invalidRequest, message: "A request with this id is already under way" }, id);
    this.#flight = flight;
  }

  get signal(): AbortSignal {
    return this.#flight.signal;
  }

  onCancel(listener: () => void): void {
    this.#flight.onCancel(listener);
  }

  get client(): SessionClient {
    this.#client ??= this.#introduce();
    return this.#client;
  }

  #introduce(): SessionClient {
    const client = new SessionClient(this.session, this.#sameWay ? undefined : () => this.kept.line);
    this.#flight.onCancel(() => client.hangUp());
    return client;
  }

  /** The stream that the answer is part of, if it becomes one. */
  get kept(): KeptStream {
    this.#kept ??= new KeptStream(this.context.env, this.session.id, [this]);
    return this.#kept;
  }

  /** What the session's object tells. */
  hear(told: Told): void {
    if ("reply" in told) this.#client?.take(told.reply);
    else if ("cancelled" in told && told.cancelled === this.id) cancel(this.session.id, this.id);
    else if ("over" in told) cancel(this.session.id, this.id);
  }

  /** Called when an upstream takes its time: what can be a stream begins. */
  get onSlow(): (() => void) | undefined {
    return this.#mayBegin ? () => this.#flight.interrupt("late") : undefined;
  }

  /** The answer, or that the client cancelled the request. @throws GatewayError. */
  async answer(): Promise<Answer | "cancelled"> {
    let streams = false;
    try {
      const dispatched = dispatch(this);
      const answer = await Promise.race([dispatched, this.#flight.interrupted]);
      if (answer === "cancelled") {
        this.#flight.cancelled();
        return answer;
      }
      streams = answer === "late" || answer.kind === "stream";
      if (answer === "late") return { kind: "stream", messages: this.#flight.until(this.#toCome(dispatched)) };
      return answer.kind === "stream" ? { kind: "stream", messages: this.#flight.until(answer.messages) } : answer;
    } finally {
      if (!streams) this.#flight.over();
    }
  }

  async *#toCome(dispatched: Answer | Promise<Answer>): AsyncGenerator<string, void, void> {
    yield* messagesOf(this.context, await dispatched, this.id);
  }
}

/** An answer as messages, however it came: notifications, then the response. */
export async function* messagesOf(context: Context, answer: Answer, id: JsonValue): AsyncGenerator<string, void, void> {
  if (answer.kind === "stream") yield* answer.messages;
  else if (answer.kind === "error") yield await errorResponse(context, 200, answer.error, id).text();
  else yield await responseText(answer);
}

/** Notifications that are about the client itself, or about a question of a server: for the session's sessions upstream. */
const FOR_UPSTREAMS: readonly string[] = ["notifications/roots/list_changed", "notifications/progress"];

/** Does what a notification says: a cancellation reaches the request in whichever isolate it is answered. */
export function notified(
  { context: { env, store }, view, session }: { context: Context; view: View; session: ClientSession },
  { method, params }: RpcMessage,
): void {
  const { requestId } = params;
  if (method === "notifications/cancelled" && requestId !== undefined && !cancel(session.id, requestId))
    store.waitUntil(sessionObject(env, session.id).cancel(JSON.stringify(requestId)));
  if (FOR_UPSTREAMS.includes(method) && view.data.upstreams.some(({ sessionful }) => sessionful))
    store.waitUntil(sessionObject(env, session.id).passOn(method, JSON.stringify(params)));
}
