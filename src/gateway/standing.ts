// What a session client is told unasked while it holds a stream (MCP 2025-11-25 basic/transports, "Listening for Messages
// from the Server"): changed lists, updates it subscribed to, and whatever its own sessions at upstreams say outside of
// any answer. An idle stream needs no object; one is reached only where something can be addressed to this session.
import { isRevoked } from "../catalog/stamp.ts";
import type { View } from "../catalog/view.ts";
import { refreshOnSignal } from "../federation/sync.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import { tryParse } from "../upstream/read-answer.ts";
import { answeringRequests } from "../upstream/session.ts";
import { standing } from "../upstream/session-stream.ts";
import { SessionClient } from "./client-requests.ts";
import { type ClientSession, type Exchange, startTiming } from "./exchange.ts";
import { LISTS, watchLists } from "./list-changes.ts";
import { Mailbox } from "./mailbox.ts";
import { SessionLine, type SessionState } from "./session-line.ts";
import { surroundings } from "./surroundings.ts";
import { renamed } from "./task-names.ts";
import { Hearings } from "./updates.ts";
import { messageForClients } from "./uris.ts";

/** Streams this isolate holds, by session: a client has one, and its newest counts. */
const held = new Map<string, Standing>();

type Around = Pick<Exchange, "context" | "view" | "headers"> & { readonly session: ClientSession };

export class Standing {
  /** JSON-RPC messages for the client, as they come; ends when the client may no longer listen. */
  readonly post = new Mailbox<string>();
  readonly #around: Around;
  readonly #onMessage: ((text: string) => void) | undefined;
  readonly #over = new AbortController();
  readonly #hearings: Hearings;
  readonly #clients = new Set<SessionClient>();
  /** Own sessions at upstreams that are being heard, by their ids there. */
  readonly #heard = new Set<string>();
  readonly #replaced = Promise.withResolvers<void>();
  #view: View;
  #state: SessionState = { level: null, subscriptions: [], upstreams: [] };
  #line: SessionLine | undefined;

  /** With `onMessage` the stream is a whole connection, and gets what the client sends to it elsewhere. */
  constructor(around: Around, onMessage?: (text: string) => void) {
    this.#around = around;
    this.#view = around.view;
    this.#onMessage = onMessage;
    this.#hearings = new Hearings(around.context, LISTS, (params) =>
      this.#tell("notifications/resources/updated", params),
    );
  }

  /**
   * Begins to listen. `back`: the client had a stream before, and may have missed updates; `missed`: lists may have
   * changed in between, too.
   */
  begin({ back = false, missed = false } = {}): void {
    const { session, context, view } = this.#around;
    held.get(session.id)?.giveWay();
    held.set(session.id, this);
    void this.#replaced.promise.then(() => this.close());
    if (this.#onMessage || view.data.upstreams.some(addresses)) this.#openLine(back);
    if (missed) for (const { method } of LISTS) this.#tell(method);
    watchLists({
      context,
      view,
      era: "session",
      lists: LISTS,
      signal: this.#over.signal,
      changed: (method) => this.#tell(method),
      looked: (now) => this.#look(now),
      stands: () => !isRevoked(session.id) && session.expiresAt * 1000 > Date.now(),
      over: () => this.close(),
    });
    this.#look(view);
  }

  /** Called by the request of a newer stream; only the one that a stream belongs to can close it. */
  giveWay(): void {
    this.#replaced.resolve();
  }

  /** Resolves when what the client sends elsewhere will arrive here. */
  async ready(): Promise<void> {
    await this.#line?.open();
  }

  close(): void {
    const { session } = this.#around;
    if (held.get(session.id) === this) held.delete(session.id);
    this.#over.abort();
    this.#hearings.close();
    this.#line?.close();
    this.post.close();
  }

  #tell(method: string, params?: JsonObject): void {
    this.post.putOnce(JSON.stringify({ jsonrpc: "2.0", method, ...(params ? { params } : {}) }));
  }

  #look(view: View): void {
    if (this.#over.signal.aborted) return;
    this.#view = view;
    this.#hearings.follow(view, this.#state.subscriptions);
  }

  #openLine(back: boolean): void {
    const { context, session } = this.#around;
    let first = true;
    const line = new SessionLine(
      context.env,
      session.id,
      this.#onMessage ? { connection: true } : { standing: true },
      (told) => {
        if ("replaced" in told || "over" in told) this.close();
        else if ("message" in told) this.#onMessage?.(told.message);
        else if ("reply" in told) for (const client of this.#clients) client.take(told.reply);
        else if ("state" in told) {
          this.#follow(told.state);
          if (back && first)
            for (const uri of told.state.subscriptions) this.#tell("notifications/resources/updated", { uri });
          first = false;
        }
      },
    );
    this.#line = line;
    context.store.waitUntil(line.open().catch(() => this.close()));
  }

  #follow(state: SessionState): void {
    this.#state = state;
    this.#look(this.#view);
    for (const own of state.upstreams) {
      const key = `${own.target.id}|${own.session.id}`;
      if (this.#heard.has(key)) continue;
      this.#heard.add(key);
      this.#around.context.store.waitUntil(this.#hear(own).finally(() => this.#heard.delete(key)));
    }
  }

  /** Hears one of the session's own sessions upstream, as long as the stream lasts. */
  async #hear({ target, session }: SessionState["upstreams"][number]): Promise<void> {
    const { context, view, headers } = this.#around;
    const client = new SessionClient(this.#around.session, this.#line && (() => this.#line as SessionLine));
    this.#clients.add(client);
    const exchange = {
      era: "session",
      id: null,
      method: "",
      params: {},
      timing: startTiming(),
      session: this.#around.session,
      headers,
      view,
      context,
      client,
      signal: this.#over.signal,
    } as const;
    const around = surroundings(exchange);
    try {
      const messages = standing(target, session, around);
      for await (const text of answeringRequests(messages, target, session, around, () => {})) {
        const message = tryParse(text);
        const method = isObject(message) ? String(message.method) : "";
        if (method.endsWith("/list_changed")) await refreshOnSignal(context, target.id);
        else this.post.put(await renamed(exchange, target.id, messageForClients(this.#view, target.id, text)));
      }
    } catch (error) {
      if (!this.#over.signal.aborted)
        console.warn({ event: "no stream from an upstream", upstream: target.name, reason: String(error) });
    } finally {
      this.#clients.delete(client);
    }
  }
}

/** Whether something can be addressed to one session by way of this upstream. */
const addresses = ({ sessionful, capabilities: { resources } }: View["data"]["upstreams"][number]): boolean =>
  sessionful || (isObject(resources as JsonObject) && (resources as JsonObject).subscribe === true);
