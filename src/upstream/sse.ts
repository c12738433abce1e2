// MCP 2024-11-05 towards a server: one event stream carries every answer; messages go to the address its `endpoint`
// event names (basic/transports, "HTTP with SSE"). A connection lives as long as the request it serves.
import { GatewayError } from "../errors.ts";
import { isObject, type JsonObject, type JsonValue } from "../lib/json.ts";
import { parseEvents, type SseEvent } from "../lib/sse.ts";
import { present } from "./credentials.ts";
import { questionFor, withdrawnBy } from "./questions.ts";
import { brokenStream, RpcFailure, refusal, rpcErrorIn, tryParse } from "./read-answer.ts";
import { isRepeatable } from "./repeatable.ts";
import { within } from "./safe-fetch.ts";
import { declined, readInitialize } from "./session.ts";
import type { Answer, Connector, Introduction, Surroundings, Target, UpstreamRequest } from "./upstream.ts";

const VERSION = "2024-11-05";

const NEVER = new AbortController().signal;
/** Milliseconds a server has to take word that it is no longer waited for. */
const TELL_WITHIN = 10_000;

type Sending = Pick<Surroundings, "outbound" | "timeout" | "signal">;

/** An open connection: messages arrive on its stream, are sent with `post`. */
class Connection {
  readonly #events: AsyncGenerator<SseEvent, void, void>;
  readonly #endpoint: string;
  readonly #headers: Record<string, string>;
  readonly #around: Surroundings;
  readonly #stream: AbortController;
  /** The request that is not answered yet. */
  #asked: JsonValue | undefined;
  #closed = false;

  private constructor(
    events: AsyncGenerator<SseEvent, void, void>,
    endpoint: string,
    headers: Record<string, string>,
    around: Surroundings,
    stream: AbortController,
  ) {
    this.#events = events;
    this.#endpoint = endpoint;
    this.#headers = headers;
    this.#around = around;
    this.#stream = stream;
  }

  static async open(target: Target, around: Surroundings): Promise<Connection> {
    const { url, headers } = await present(target, around);
    const { outbound, timeout } = around;
    const stream = new AbortController();
    const opened: { connection?: Connection } = {};
    const leave = () => (opened.connection ? opened.connection.close() : stream.abort());
    around.signal.addEventListener("abort", leave, { once: true });
    try {
      const asking = { headers: { ...headers, accept: "text/event-stream" }, timeout, signal: stream.signal };
      // It has to outlast `around.signal` until the server is told.
      const reply = await outbound.afterwards().fetch(url, { method: "GET", ...asking });
      const body = reply.status === 200 && reply.type.startsWith("text/event-stream") ? reply.stream() : null;
      if (!body) throw new RpcFailure((await refusal(reply)).error);
      const events = parseEvents(body);
      const first = await within(timeout, events.next());
      if (first.done || first.value.event !== "endpoint") {
        throw new GatewayError(
          "upstream_nonsense",
          "The upstream's event stream does not begin with an endpoint event",
        );
      }
      const endpoint = URL.parse(first.value.data, url);
      if (!endpoint || endpoint.origin !== new URL(url).origin) {
        throw new GatewayError("upstream_nonsense", "The upstream's endpoint event names another origin");
      }
      const sending = await present({ ...target, url: endpoint.href }, around);
      opened.connection = new Connection(events, sending.url, sending.headers, around, stream);
      return opened.connection;
    } catch (error) {
      stream.abort();
      throw error;
    }
  }

  async post(message: JsonObject, { outbound, timeout, signal }: Sending = this.#around): Promise<void> {
    const reply = await outbound.fetch(this.#endpoint, {
      method: "POST",
      headers: { ...this.#headers, "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", ...message }),
      repeatable: isRepeatable(message),
      timeout,
      signal,
    });
    if (!reply.ok) throw new RpcFailure((await refusal(reply)).error);
    reply.discard();
  }

  /** The next message; with patience, however long it takes. @throws GatewayError when the stream ends. */
  async next(patient?: "patient"): Promise<{ text: string; message: JsonObject }> {
    for (;;) {
      const event = this.#events.next();
      const { done, value } = await (patient ? event : within(this.#around.timeout, event)).catch(brokenStream);
      if (done) throw new GatewayError("upstream_refused", "The upstream closed its event stream before it answered");
      if (value.event !== undefined && value.event !== "message") continue;
      const message = tryParse(value.data);
      if (!isObject(message))
        throw new GatewayError("upstream_nonsense", "The upstream sent an event that is no JSON-RPC message");
      return { text: value.data, message };
    }
  }

  /** Sends a request. Closing the connection before `until` has its response cancels it. */
  async ask({ id, method, params }: UpstreamRequest): Promise<void> {
    this.#asked = id;
    await this.post({ id, method, params });
  }

  /** Messages up to the response to `id`; what the server asks meanwhile is answered. */
  async *until(id: JsonValue): AsyncGenerator<string, void, void> {
    let patient: "patient" | undefined;
    try {
      for (;;) {
        const { text, message } = await this.next(patient);
        if (message.method !== undefined && message.id !== undefined) {
          const question = questionFor(this.#around.client, message);
          if (question) {
            patient = "patient"; // a person may take their time, and the server waits with them
            yield question.text;
          }
          void this.#replyTo(message, question?.reply);
        } else if (message.method !== undefined) yield withdrawnBy(this.#around.client, text);
        else if (JSON.stringify(message.id) === JSON.stringify(id)) {
          this.#asked = undefined;
          return yield text;
        }
      }
    } finally {
      this.#around.client?.hangUp();
      this.close();
    }
  }

  /** Notifications, as long as there are any; what the server asks meanwhile is declined. */
  async *notifications(): AsyncGenerator<string, void, void> {
    for (;;) {
      const { text, message } = await this.next("patient");
      if (message.method !== undefined && message.id !== undefined) void this.#replyTo(message, undefined);
      else if (message.method !== undefined) yield text;
    }
  }

  async #replyTo(request: JsonObject, reply: Promise<JsonObject> | undefined): Promise<void> {
    try {
      await this.post({ id: request.id ?? null, ...((await reply) ?? declined(request)) });
    } catch (error) {
      console.warn({ event: "reply not taken", reason: String(error) });
    }
  }

  async initialize(): Promise<Introduction> {
    const params = {
      protocolVersion: VERSION,
      capabilities: this.#around.client?.capabilities ?? this.#around.declared ?? {},
      clientInfo: { ...this.#around.clientInfo },
    };
    await this.post({ id: "initialize", method: "initialize", params });
    for (;;) {
      const { text, message } = await this.next();
      if (message.id !== "initialize") continue;
      const error = rpcErrorIn(text);
      if (error) throw new RpcFailure(error);
      const introduction = readInitialize(isObject(message.result) ? message.result : {}, true);
      await this.post({ method: "notifications/initialized" });
      return introduction;
    }
  }

  /**
   * Ends the stream. What was not answered is no longer wanted: the server is told before (basic/utilities/cancellation).
   * Whoever leaves while a message is under way closes twice: itself, and by that message's failure.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const requestId = this.#asked;
    const end = () => this.#stream.abort();
    if (requestId === undefined) end();
    else {
      const sending = { outbound: this.#around.outbound.afterwards(), timeout: TELL_WITHIN, signal: NEVER };
      const told = this.post({ method: "notifications/cancelled", params: { requestId } }, sending);
      this.#around.background(told.then(end, end));
    }
  }
}

async function send(target: Target, request: UpstreamRequest, around: Surroundings): Promise<Answer> {
  const connection = await Connection.open(target, around);
  try {
    await connection.initialize();
    if (request.logLevel)
      await connection.post({ id: "level", method: "logging/setLevel", params: { level: request.logLevel } });
    await connection.ask(request);
  } catch (error) {
    connection.close();
    throw error;
  }
  return { kind: "stream", messages: connection.until(request.id) };
}

/**
 * What a server tells without being asked, from the moment it was asked to tell of these resources; first yields
 * nothing but that it listens. Goes on until `around.signal` aborts. @throws GatewayError when the stream ends.
 */
export async function* hear(
  target: Target,
  uris: readonly string[],
  around: Surroundings,
): AsyncGenerator<string | undefined, void, void> {
  const connection = await Connection.open(target, around);
  try {
    await connection.initialize();
    for (const uri of uris) await connection.post({ id: uri, method: "resources/subscribe", params: { uri } });
    yield undefined;
    yield* connection.notifications();
  } finally {
    connection.close();
  }
}

async function introduce(target: Target, around: Surroundings): Promise<Introduction> {
  const connection = await Connection.open(target, around);
  try {
    return await connection.initialize();
  } finally {
    connection.close();
  }
}

export const sse: Connector = { send, introduce };
