// The Session object: what one client session must have exactly once. Its sessions at upstreams that keep sessions:
// opened on the first call, single flight, ended with it. And the client's replies to what servers asked it: a reply
// may reach another isolate than the one that waits, so it is stored until that one has it (platform: hibernating
// WebSocket). Everything is stored, so that an evicted object goes on.
import { DurableObject } from "cloudflare:workers";
import type { Target } from "../catalog/target.ts";
import { Context } from "../context.ts";
import type { Bindings } from "../env.ts";
import type { JsonObject } from "../lib/json.ts";
import { asUpstreamFailure } from "../upstream/read-answer.ts";
import { end, open } from "../upstream/session.ts";
import { type Opening, oneSession, type SessionObject } from "../upstream/sessions.ts";
import type { Surroundings, UpstreamSession } from "../upstream/upstream.ts";

const LIFETIME = 24 * 3600_000;
const REPLY = "reply:";
const NOTE = "note:";

/** Replies kept; the oldest give way, since nobody waits for them any more. */
const MOST_REPLIES = 100;

/** The object itself asks nobody. */
const nobody = {
  ask: (): never => {
    throw new Error("nothing is asked while a session opens");
  },
  hangUp() {},
};

interface Held {
  readonly target: Target;
  readonly session: UpstreamSession;
}

export class Session extends DurableObject<Bindings> implements SessionObject {
  readonly #opening = new Map<string, Promise<UpstreamSession>>();

  /** This session's own session at an upstream. */
  async upstreamSession(target: Target, capabilities: string): Promise<Opening> {
    try {
      return { session: await this.#sessionAt(target, JSON.parse(capabilities)) };
    } catch (error) {
      return { failure: asUpstreamFailure(error).plain() };
    }
  }

  async #sessionAt(target: Target, capabilities: JsonObject): Promise<UpstreamSession> {
    const held = await this.ctx.storage.get<Held>(`upstream:${target.id}`);
    if (held && held.target.url === target.url) return held.session;
    const known = this.#opening.get(target.id);
    if (known) return await known;
    const opening = this.#open(target, capabilities).finally(() => this.#opening.delete(target.id));
    this.#opening.set(target.id, opening);
    return await opening;
  }

  async #open(target: Target, capabilities: JsonObject): Promise<UpstreamSession> {
    const { session } = await open(target, { ...this.#around(), client: { ...nobody, capabilities } });
    await this.ctx.storage.put<Held>(`upstream:${target.id}`, { target, session });
    await this.#endInTime();
    return session;
  }

  async #endInTime(): Promise<void> {
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + LIFETIME);
  }

  /** The line of somebody who waits for replies: first it gets those that are here already. */
  override async fetch(): Promise<Response> {
    const [theirs, ours] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
    this.ctx.acceptWebSocket(ours);
    for (const reply of (await this.ctx.storage.list<string>({ prefix: REPLY })).values()) ours.send(reply);
    return new Response(null, { status: 101, webSocket: theirs });
  }

  /** A client's reply, as the text of its message. */
  async deliver(questionId: string, reply: string): Promise<void> {
    const stored = await this.ctx.storage.list({ prefix: REPLY });
    const [oldest] = stored.keys();
    if (oldest !== undefined && stored.size >= MOST_REPLIES) await this.ctx.storage.delete(oldest);
    await this.ctx.storage.put(`${REPLY}${Date.now()}:${questionId}`, reply);
    await this.#endInTime();
    for (const line of this.ctx.getWebSockets()) line.send(reply);
  }

  /** Who asked has its reply. */
  override async webSocketMessage(_line: WebSocket, questionId: string | ArrayBuffer): Promise<void> {
    const stored = await this.ctx.storage.list({ prefix: REPLY });
    await this.ctx.storage.delete([...stored.keys()].filter((key) => key.endsWith(`:${String(questionId)}`)));
  }

  /** Drops a session the upstream no longer knows; one opened since then stays. */
  async forgetUpstream(targetId: string, sessionId: string | undefined): Promise<void> {
    const held = await this.ctx.storage.get<Held>(`upstream:${targetId}`);
    if (held?.session.id === sessionId) await this.ctx.storage.delete(`upstream:${targetId}`);
  }

  async note(notes: Readonly<Record<string, string>>): Promise<void> {
    const places = Object.entries(notes).map(([key, text]) => [NOTE + key, text]);
    await this.ctx.storage.put(Object.fromEntries(places));
    await this.#endInTime();
  }

  async notes(prefix: string): Promise<[string, string][]> {
    const notes = await this.ctx.storage.list<string>({ prefix: NOTE + prefix });
    return [...notes].map(([place, text]) => [place.slice(NOTE.length), text]);
  }

  async unnote(key: string): Promise<string | undefined> {
    const text = await this.ctx.storage.get<string>(NOTE + key);
    return (await this.ctx.storage.delete(NOTE + key)) ? text : undefined;
  }

  /** The client's session is over: so are those upstream. */
  async end(): Promise<void> {
    const held = await this.ctx.storage.list<Held>({ prefix: "upstream:" });
    await Promise.allSettled([...held.values()].map(({ target, session }) => end(target, session, this.#around())));
    await this.ctx.storage.deleteAll();
  }

  override async alarm(): Promise<void> {
    await this.end();
  }

  #around(): Surroundings {
    const context = new Context(this.env, this.ctx);
    return {
      outbound: context.outbound,
      secrets: context.config.sealingSecrets,
      clientInfo: context.introduction,
      timeout: context.config.toolTimeout,
      signal: new AbortController().signal,
      background: (work) => this.ctx.waitUntil(work),
      sessions: oneSession({ protocolVersion: "" }),
    };
  }
}
