// The Session object: what one client session must have exactly once, made on first need. Its sessions at upstreams,
// its log level and subscriptions, its replies to what servers asked, and the events of answers that began as streams.
// Requests of the session reach it over lines (gateway/session-line.ts); everything is stored, so that an evicted object
// goes on.
import { DurableObject } from "cloudflare:workers";
import type { Target } from "../catalog/target.ts";
import { Context } from "../context.ts";
import type { Bindings } from "../env.ts";
import type { Going, Starting } from "../gateway/parking.ts";
import type { Purpose, Said, SessionState, Told } from "../gateway/session-line.ts";
import { echoed } from "../lib/close-code.ts";
import { type JsonObject, parseExact } from "../lib/json.ts";
import { RPC } from "../lib/mcp.ts";
import { asUpstreamFailure } from "../upstream/read-answer.ts";
import { Outbound } from "../upstream/safe-fetch.ts";
import { type Opening, oneSession, type SessionObject } from "../upstream/sessions.ts";
import type { Surroundings } from "../upstream/upstream.ts";
import { KeptEvents } from "./kept-events.ts";
import { OwnedSessions } from "./owned-sessions.ts";
import { ParkedExchanges } from "./parked-exchanges.ts";

const LIFETIME = 24 * 3600_000;
/** Cancellations remembered: they are needed for seconds. */
const MOST_CANCELLED = 100;
const REPLY = "reply:";
const NOTE = "note:";

/** Replies kept; the oldest give way, since nobody waits for them any more. */
const MOST_REPLIES = 100;

/** Milliseconds who had a line may take to come back on a new one; then a request's answer counts as lost. */
const COMES_BACK_WITHIN = 10_000;

/** Milliseconds until a line that is being opened, or opened again, is here. */
const OPENS_WITHIN = 2_000;
const LOOKS_EVERY = 50;
const LOST = { code: RPC.internal, message: "The gateway lost this answer; the call may have been carried out" };

/** Milliseconds until an object whose time is up, but has calls under way, is looked at again. */
const LOOKS_AGAIN_AFTER = 60_000;

type Role = "answer" | "resume" | "standing" | "connection";
const roleOf = (purpose: Purpose): Role => Object.keys(purpose)[0] as Role;

export class Session extends DurableObject<Bindings> implements SessionObject {
  readonly #owned = new OwnedSessions(this.ctx.storage, () => this.#around());
  readonly #events = new KeptEvents(this.ctx.storage.sql);
  readonly #parked = new ParkedExchanges(this.ctx, this.#owned, (signal) => this.#around(signal));

  /** Ids, as JSON, of requests that were cancelled lately: who answers one may have no line yet. */
  readonly #cancelled = new Set<string>();

  // Sessions at upstreams

  /** This session's own session at an upstream. */
  async upstreamSession(target: Target, capabilities: string): Promise<Opening> {
    try {
      const known = (await this.#owned.all()).length;
      const session = await this.#owned.at(target, JSON.parse(capabilities), await this.level());
      await this.#endInTime();
      if ((await this.#owned.all()).length !== known) await this.#tellState();
      return { session };
    } catch (error) {
      return { failure: asUpstreamFailure(error).plain() };
    }
  }

  async forgetUpstream(targetId: string, sessionId: string | undefined): Promise<void> {
    await this.#owned.forget(targetId, sessionId);
  }

  // Facts that came after the id was sealed

  async #state(): Promise<SessionState> {
    const { storage } = this.ctx;
    return {
      level: await this.level(),
      subscriptions: (await storage.get<string[]>("subscriptions")) ?? [],
      upstreams: await this.#owned.all(),
    };
  }

  async level(): Promise<string | null> {
    return (await this.ctx.storage.get<string>("level")) ?? null;
  }

  async setLevel(level: string): Promise<void> {
    await this.ctx.storage.put("level", level);
    await this.#endInTime();
    await this.#owned.setLevel(level);
  }

  /** Remembers, or forgets, that the client wants to hear of updates of a resource. */
  async subscribe(uri: string, wanted: boolean): Promise<void> {
    const { subscriptions } = await this.#state();
    const others = subscriptions.filter((other) => other !== uri);
    await this.ctx.storage.put("subscriptions", wanted ? [...others, uri] : others);
    await this.#endInTime();
    await this.#tellState();
  }

  async #tellState(): Promise<void> {
    const state = await this.#state();
    this.#tell({ state }, "standing", "connection");
  }

  // Lines

  /** Opens a line for the purpose named in the URL, or begins or goes on with an exchange. */
  override async fetch(request: Request): Promise<Response> {
    const [, exchange] = /\/exchanges\/([^/?]*)$/.exec(request.url) ?? [];
    return exchange === undefined ? await this.#openLine(request) : await this.#exchange(exchange, request);
  }

  async #exchange(exchange: string, request: Request): Promise<Response> {
    if (exchange !== "") return await this.#parked.resume(exchange, await request.json<Going>(), request.signal);
    await this.#endInTime();
    return this.#parked.start(await request.json<Starting>(), request.signal);
  }

  async #openLine(request: Request): Promise<Response> {
    const purpose = JSON.parse(new URL(request.url).searchParams.get("for") ?? "{}") as Purpose;
    if ("resume" in purpose && !(await this.#soon(() => this.#events.has(purpose.resume))))
      return new Response(null, { status: 404 });
    const [theirs, ours] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
    const role = roleOf(purpose);
    if (role === "standing" || role === "connection") this.#tell({ replaced: true }, role);
    this.ctx.acceptWebSocket(ours, [role]);
    ours.serializeAttachment(purpose);
    await this.#begin(ours, purpose);
    return new Response(null, { status: 101, webSocket: theirs });
  }

  async #begin(line: WebSocket, purpose: Purpose): Promise<void> {
    if ("resume" in purpose) return await this.#replay(line, purpose.resume, purpose.after);
    if ("answer" in purpose) await this.#beginAnswer(line, purpose);
    for (const reply of (await this.ctx.storage.list<string>({ prefix: REPLY })).values()) send(line, { reply });
    if ("standing" in purpose || "connection" in purpose) send(line, { state: await this.#state() });
  }

  async #beginAnswer(line: WebSocket, { answer, requests }: Extract<Purpose, { answer: string }>): Promise<void> {
    this.#events.begin(answer, requests);
    for (const id of requests) if (this.#cancelled.has(JSON.stringify(id))) send(line, { cancelled: id });
    await this.#endInTime();
  }

  async #replay(line: WebSocket, stream: string, after: number): Promise<void> {
    const kept = this.#events.after(stream, after);
    for (const event of kept?.events ?? []) send(line, { event });
    if (kept?.complete) send(line, { last: true });
    else await this.ctx.storage.setAlarm(Date.now() + COMES_BACK_WITHIN); // who makes it may be lost without a word
  }

  override async webSocketMessage(line: WebSocket, text: string | ArrayBuffer): Promise<void> {
    const said = JSON.parse(String(text)) as Said;
    if ("took" in said) return await this.#forgetReply(said.took);
    const purpose = line.deserializeAttachment() as Purpose;
    if (!("answer" in purpose)) return;
    if ("keep" in said) this.#keep(line, purpose.answer, said.keep);
    else this.#finish(purpose.answer, said.last);
  }

  #keep(line: WebSocket, stream: string, event: { n: number; data: string }): void {
    const isNew = this.#events.keep(stream, event.n, event.data);
    send(line, { kept: event.n });
    if (isNew) for (const resuming of this.#resuming(stream)) send(resuming, { event });
  }

  /** The answers are complete after event `n`, as far as they were kept. */
  #finish(stream: string, n: number): void {
    const newest = this.#events.newest(stream);
    if (newest === undefined) return;
    if (newest < n) this.#lose(stream, n);
    else {
      this.#events.finish(stream, n);
      this.#finished(stream);
    }
  }

  #lose(stream: string, n: number): void {
    const events = this.#events.lose(stream, n, LOST);
    for (const resuming of this.#resuming(stream)) for (const event of events) send(resuming, { event });
    this.#finished(stream);
  }

  #finished(stream: string): void {
    this.#events.sweep();
    for (const resuming of this.#resuming(stream)) send(resuming, { last: true });
  }

  #resuming = (stream: string): WebSocket[] =>
    this.ctx.getWebSockets("resume").filter((line) => {
      const purpose = line.deserializeAttachment() as Purpose;
      return "resume" in purpose && purpose.resume === stream;
    });

  /** Who vanished, and did not close its line, may come back on a new one; if not, that is noticed by the alarm. */
  override async webSocketClose(line: WebSocket, code: number): Promise<void> {
    line.close(echoed(code));
    const role = roleOf(line.deserializeAttachment() as Purpose);
    if (code === 1000 || (role !== "answer" && role !== "connection")) return;
    await this.#endInTime();
    if (role === "connection") await this.ctx.storage.put("vanished", true);
    await this.ctx.storage.setAlarm(Date.now() + COMES_BACK_WITHIN);
  }

  #endLostAnswers(): void {
    const answering = new Set(
      this.ctx.getWebSockets("answer").map((line) => (line.deserializeAttachment() as { answer: string }).answer),
    );
    for (const { stream, newest } of this.#events.unfinished()) if (!answering.has(stream)) this.#lose(stream, newest);
  }

  /** A session that lives on one connection ends with it. */
  async #connectionLost(): Promise<boolean> {
    return (await this.ctx.storage.delete("vanished")) && this.ctx.getWebSockets("connection").length === 0;
  }

  #tell(told: Told, ...roles: Role[]): void {
    for (const role of roles) for (const line of this.ctx.getWebSockets(role)) send(line, told);
  }

  // What the client sends to one of its requests

  /** A client's reply, as the text of its message. */
  async deliver(questionId: string, reply: string): Promise<void> {
    const stored = await this.ctx.storage.list({ prefix: REPLY });
    const [oldest] = stored.keys();
    if (oldest !== undefined && stored.size >= MOST_REPLIES) await this.ctx.storage.delete(oldest);
    await this.ctx.storage.put(`${REPLY}${Date.now()}:${questionId}`, reply);
    await this.#endInTime();
    this.#tell({ reply }, "answer", "standing", "connection");
  }

  async #forgetReply(questionId: string): Promise<void> {
    const stored = await this.ctx.storage.list({ prefix: REPLY });
    await this.ctx.storage.delete([...stored.keys()].filter((key) => key.endsWith(`:${questionId}`)));
  }

  /** notifications/cancelled for a request that another isolate may be answering; its id as JSON. */
  async cancel(requestId: string): Promise<void> {
    if (this.#cancelled.size >= MOST_CANCELLED) this.#cancelled.clear();
    this.#cancelled.add(requestId);
    this.#tell({ cancelled: JSON.parse(requestId) }, "answer");
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

  async passOn(method: string, params: string): Promise<void> {
    await this.#owned.notify(method, parseExact(params) as JsonObject);
  }

  /** Hands a message to the session's HTTP+SSE connection; false when there is none, nor one that comes back soon. */
  async hand(message: string): Promise<boolean> {
    const connection = await this.#soon(() =>
      this.ctx.getWebSockets("connection").find((line) => line.readyState === WebSocket.OPEN),
    );
    if (connection) send(connection, { message });
    return connection !== undefined;
  }

  /** What is there, or comes in a moment. */
  async #soon<T>(find: () => T | undefined | false): Promise<T | undefined> {
    for (let waited = 0; waited < OPENS_WITHIN; waited += LOOKS_EVERY) {
      const found = find();
      if (found) return found;
      await scheduler.wait(LOOKS_EVERY);
    }
    return undefined;
  }

  // The end

  async #endInTime(): Promise<void> {
    if ((await this.ctx.storage.get("until")) !== undefined) return;
    await this.ctx.storage.put("until", Date.now() + LIFETIME);
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + LIFETIME);
  }

  /** The client's session is over: so are those upstream, and its streams. */
  async end(): Promise<void> {
    const sessions = await this.#owned.all();
    for (const line of this.ctx.getWebSockets()) {
      send(line, { over: true });
      line.close(1000, "the session is over");
    }
    await this.ctx.storage.deleteAll();
    this.#events.deleted();
    await this.#owned.end(sessions); // last: meanwhile a call may begin anew
  }

  override async alarm(): Promise<void> {
    const until = (await this.ctx.storage.get<number>("until")) ?? 0;
    const over = until <= Date.now() || (await this.#connectionLost());
    if (over && !(await this.#parked.busy())) return await this.end();
    this.#endLostAnswers();
    const next = await this.#parked.beat();
    await this.ctx.storage.setAlarm(
      Math.min(next ?? Number.POSITIVE_INFINITY, over ? Date.now() + LOOKS_AGAIN_AFTER : until),
    );
  }

  /** `signal` ends what is under way. */
  #around(signal = new AbortController().signal): Surroundings {
    const context = new Context(this.env, this.ctx);
    return {
      outbound: new Outbound(context.config, signal),
      secrets: context.config.sealingSecrets,
      principal: "gateway",
      clientInfo: context.introduction,
      timeout: context.config.toolTimeout,
      signal,
      background: (work) => this.ctx.waitUntil(work),
      sessions: oneSession({ protocolVersion: "" }),
    };
  }
}

/** A line that has just broken hears no more; its other end comes back or is gone. */
function send(line: WebSocket, told: Told): void {
  if (line.readyState === WebSocket.OPEN) line.send(JSON.stringify(told));
}
