// A session that lives on one connection, which carries every message both ways: HTTP+SSE of 2024-11-05 and WebSocket.
// The client begins with initialize; replies and cancellations come the same way as requests.
import type { View } from "../catalog/view.ts";
import type { Context } from "../context.ts";
import { deliverReply } from "../gateway/client-requests.ts";
import type { ClientSession } from "../gateway/exchange.ts";
import { capabilitiesIn, initialized, negotiate } from "../gateway/handshake.ts";
import { permittedView } from "../gateway/list-changes.ts";
import { Standing } from "../gateway/standing.ts";
import { isObject, type JsonValue } from "../lib/json.ts";
import { RPC } from "../lib/mcp.ts";
import { countAddress, countUser } from "../policy/rate-limits.ts";
import { permitUse } from "../policy/restrictions.ts";
import { sessionObject } from "../upstream/sessions.ts";
import { untilFailure } from "./answer.ts";
import { requireBatch } from "./batch.ts";
import { cancel } from "./in-flight.ts";
import { failureResponse, type Incoming, parseBody, Refusal, type RpcMessage, readMessage } from "./json-rpc.ts";
import { messagesOf, notified, SessionRequest } from "./session-request.ts";

/** Where a connection is, and how its client is reached. */
interface Ends {
  readonly context: Context;
  readonly view: View;
  readonly headers: Headers;
  /** The session, before the client has introduced itself. */
  readonly session: ClientSession;
  /** Messages of the client that arrive elsewhere are brought here by the session's object. */
  readonly fetched: boolean;
  send(message: string): void;
  /** The client may no longer be here, or has a newer connection. */
  end(): void;
}

/** A message on a connection is a request too. */
function count(context: Context): void {
  countAddress(context);
  countUser(context);
}

export class Connection {
  readonly #ends: Ends;
  readonly #standing: Standing;
  #session: ClientSession;
  #introduced = false;
  /** Ids of the requests that are not answered yet. */
  readonly #underWay = new Set<JsonValue>();
  /** Something was asked while an upstream keeps sessions: the session may have its own there. */
  #mayOwn = false;
  #closed = false;

  constructor(ends: Ends) {
    this.#ends = ends;
    this.#session = ends.session;
    this.#standing = new Standing(ends, ends.fetched ? (text) => void this.receive(text) : undefined);
  }

  /** Begins to listen; resolves when what the client sends elsewhere will arrive here. */
  async begin(): Promise<void> {
    this.#standing.begin();
    await this.#standing.ready();
  }

  /** Tells the client what it is told unasked, until the connection is closed. */
  async run(): Promise<void> {
    for await (const message of this.#standing.post) this.#ends.send(message);
    this.#ends.end();
  }

  /** The session ends with its connection: nobody hears what is still to be answered, and its own sessions upstream go. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const { context } = this.#ends;
    for (const id of this.#underWay) cancel(this.#session.id, id);
    this.#standing.close();
    if (this.#mayOwn)
      context.store.waitUntil(
        sessionObject(context.env, this.#session.id)
          .end()
          .catch(() => {}),
      );
  }

  /** Takes a message of the client, or a batch of them. Never throws. */
  async receive(text: string): Promise<void> {
    const context = this.#ends.context.renewed();
    try {
      const { fetched } = this.#ends; // its POST was counted
      if (!fetched) count(context);
      const body = parseBody(text);
      if (!Array.isArray(body)) return await this.#take(context, body, fetched);
      requireBatch(this.#introduced ? this.#session.protocolVersion : "", body);
      await Promise.all(body.map((one, at) => this.#take(context, one, fetched && at === 0)));
    } catch (thrown) {
      this.#ends.send(await failureResponse(context, thrown, null).text());
    }
  }

  async #take(context: Context, value: JsonValue, counted: boolean): Promise<void> {
    let id: JsonValue = null;
    try {
      const incoming = readMessage(value);
      if (incoming.kind === "request") id = incoming.message.id ?? null;
      await this.#handle(context, incoming, counted);
    } catch (thrown) {
      this.#ends.send(await failureResponse(context, thrown, id).text());
    }
  }

  async #handle(context: Context, incoming: Incoming, counted: boolean): Promise<void> {
    const session = this.#session;
    if (incoming.kind === "response") return await deliverReply(context.env, session, incoming.id, incoming.message);
    if (incoming.kind === "notification")
      return notified({ context, view: this.#ends.view, session }, incoming.message);
    const { message } = incoming;
    const view = await permittedView({ context, view: this.#ends.view });
    if (!view) return this.close();
    this.#ends.context.caller = context.caller;
    if (!counted) await permitUse(context, this.#endpoint);
    this.#mayOwn ||= view.data.upstreams.some(({ sessionful }) => sessionful);
    if (message.method === "initialize") return this.#introduce(context, view, message);
    if (!this.#introduced && message.method !== "ping")
      throw new Refusal(400, { code: RPC.invalidRequest, message: "Begin with initialize" }, message.id);
    const around = { context, view, session, headers: this.#ends.headers };
    await this.#answer(new SessionRequest(around, message, { sameWay: true }));
  }

  get #endpoint(): string {
    const { fetched, view } = this.#ends;
    return (view.data.server ? "/servers/:id" : "") + (fetched ? "/message" : "/ws");
  }

  async #answer(request: SessionRequest): Promise<void> {
    const { context, id } = request;
    this.#underWay.add(id);
    try {
      const answer = await request.answer();
      if (answer === "cancelled") return;
      for await (const text of untilFailure(context, messagesOf(context, answer, id), id)) this.#ends.send(text);
    } finally {
      this.#underWay.delete(id);
    }
  }

  #introduce(context: Context, view: View, { id = null, params }: RpcMessage): void {
    if (this.#introduced)
      throw new Refusal(400, { code: RPC.invalidRequest, message: "This session has begun already" }, id);
    const protocolVersion = negotiate(params.protocolVersion);
    this.#session = {
      ...this.#session,
      protocolVersion,
      capabilities: capabilitiesIn(params.capabilities),
      clientInfo: isObject(params.clientInfo) ? params.clientInfo : {},
    };
    this.#introduced = true;
    const result = initialized({ context, view }, protocolVersion);
    this.#ends.send(JSON.stringify({ jsonrpc: "2.0", id, result }));
  }
}
