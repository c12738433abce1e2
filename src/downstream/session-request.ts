// One request of a session while it is answered: an exchange whose client can be asked, can cancel, and may hang up
// without cancelling (MCP 2025-11-25 basic/transports). Most need none of that, so it is made when it is used.
import type { View } from "../catalog/view.ts";
import type { Context } from "../context.ts";
import { SessionClient } from "../gateway/client-requests.ts";
import { dispatch } from "../gateway/dispatch.ts";
import type { Answer, ClientSession, Exchange } from "../gateway/exchange.ts";
import { SessionLine } from "../gateway/session-line.ts";
import { newId } from "../lib/ids.ts";
import type { JsonObject, JsonValue } from "../lib/json.ts";
import { RPC } from "../lib/mcp.ts";
import { responseText } from "../upstream/read-answer.ts";
import { sessionObject } from "../upstream/sessions.ts";
import { cancel, type Flight, track } from "./in-flight.ts";
import { errorResponse, Refusal, type RpcMessage } from "./json-rpc.ts";

export class SessionRequest implements Exchange {
  readonly era = "session";
  readonly id: JsonValue;
  readonly method: string;
  readonly params: JsonObject;
  readonly context: Context;
  readonly view: View;
  readonly session: ClientSession;
  readonly headers: Headers;
  readonly #flight: Flight;
  readonly #sameWay: boolean;
  readonly #mayBegin: boolean;
  #client: SessionClient | undefined;
  #line: SessionLine | undefined;
  #stream: string | undefined;

  /**
   * `sameWay`: replies come on the connection that the request came on. `mayBegin`: the answer may begin as a stream
   * before there is any of it.
   * @throws Refusal when a request with this id is under way in the session.
   */
  constructor(
    around: { context: Context; view: View; session: ClientSession; headers: Headers },
    { id = null, method, params }: RpcMessage,
    { sameWay = false, mayBegin = false }: { sameWay?: boolean; mayBegin?: boolean },
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
    this.#client ??= new SessionClient(this.session, this.#sameWay ? undefined : () => this.line);
    return this.#client;
  }

  /** What the events of the answer are kept under, if it becomes a stream. */
  get stream(): string {
    this.#stream ??= newId().slice(0, 16);
    return this.#stream;
  }

  /** The line to the session's object: replies and cancellation come over it, events are kept over it. */
  get line(): SessionLine {
    this.#line ??= new SessionLine(
      this.context.env,
      this.session.id,
      { answer: this.stream, request: this.id },
      (told) => {
        if ("reply" in told) this.client.take(told.reply);
        else if ("cancelled" in told) cancel(this.session.id, told.cancelled);
      },
    );
    return this.#line;
  }

  /** Called when an upstream takes its time: what can be a stream begins. */
  get onSlow(): (() => void) | undefined {
    return this.#mayBegin ? () => this.#flight.interrupt("late") : undefined;
  }

  /** The answer, or that the client cancelled the request. @throws GatewayError. */
  async answer(): Promise<Answer | "cancelled"> {
    const dispatched = dispatch(this);
    let streams = false;
    try {
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
