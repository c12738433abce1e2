// The exchanges an object holds for stateless clients (gateway/parked-exchange.ts): begun and gone on with by requests of
// any isolate, kept alive by the object's alarm, cancelled upstream when nobody comes back. A row of each that ever waited
// tells, should the object lose it, how to cancel it upstream, and which states are used up.
import type { Target } from "../catalog/target.ts";
import { LEVELS } from "../gateway/log-level.ts";
import { type Frame, ParkedExchange, WAITS_FOR } from "../gateway/parked-exchange.ts";
import type { Going, Starting } from "../gateway/parking.ts";
import type { JsonObject } from "../lib/json.ts";
import { connectorOf, failureAt, send } from "../upstream/connect.ts";
import { timedOut } from "../upstream/safe-fetch.ts";
import { tellsOfLoss } from "../upstream/session-stream.ts";
import { oneSession } from "../upstream/sessions.ts";
import type { Surroundings, UpstreamSession } from "../upstream/upstream.ts";
import { Ears } from "./ears.ts";
import type { OwnedSessions } from "./owned-sessions.ts";

/** `stage`: who is next, the client or the upstream; `lost` is cancelled upstream, `over` has no state that is good. */
interface Row {
  readonly target: Target;
  readonly stage: "waits" | "runs" | "lost" | "over";
  readonly round: number;
  readonly expiresAt: number;
}

const PLACE = "parked:";

interface Held {
  readonly exchange: string;
  readonly target: Target;
  readonly parked: ParkedExchange;
  readonly stop: AbortController;
  hasRow: boolean;
}

/** Milliseconds between two looks after calls that wait; without an alarm the platform would let them go. */
const BEAT = 20_000;

/** Milliseconds an upstream has to take what it is told beside a call. */
const TELL_WITHIN = 5_000;

/** The connectors' patience: an exchange has its own, which knows when a person is thinking. */
const A_DAY = 24 * 3600_000;

export class ParkedExchanges {
  readonly #ctx: DurableObjectState;
  readonly #owned: OwnedSessions;
  readonly #surroundings: (signal?: AbortSignal) => Surroundings;
  readonly #held = new Map<string, Held>();
  readonly #ears: Ears;
  /** The lowest log level that was set, by session. */
  readonly #levels = new Map<string, string>();

  constructor(ctx: DurableObjectState, owned: OwnedSessions, surroundings: (signal?: AbortSignal) => Surroundings) {
    this.#ctx = ctx;
    this.#owned = owned;
    this.#surroundings = surroundings;
    this.#ears = new Ears(surroundings);
  }

  /** Whether a call is under way, or a state could still come back. */
  async busy(): Promise<boolean> {
    return this.#held.size > 0 || (await this.#ctx.storage.list({ prefix: PLACE, limit: 1 })).size > 0;
  }

  /** Begins an exchange; the frames of its answer come back as lines of JSON. */
  start({ exchange, target, capabilities, level, ...asked }: Starting, gone: AbortSignal): Response {
    const stop = new AbortController();
    const { timeout } = this.#surroundings();
    const parked = new ParkedExchange(exchange, asked.method, JSON.parse(capabilities), timeout, {
      onParked: () => this.#store(held, "waits"),
      onSilence: () => {
        parked.fail(failureAt(target, timedOut(timeout)));
        this.#ctx.waitUntil(this.#cancelled(exchange, target).finally(() => stop.abort()));
      },
    });
    const held: Held = { exchange, target, parked, stop, hasRow: false };
    this.#held.set(exchange, held);
    const around = this.#around(held, level);
    const logLevel = level === null ? {} : { logLevel: level };
    const running = parked.run(() => send(target, { id: exchange, ...asked, ...logLevel }, around));
    this.#ctx.waitUntil(running.finally(() => this.#ears.leave(parked)));
    return this.#frames(held, gone);
  }

  /** Goes on with one that waits for its client. */
  async resume(exchange: string, { round, responses }: Going, gone: AbortSignal): Promise<Response> {
    const held = this.#held.get(exchange);
    if (!held) return one(await this.#missing(exchange, round));
    const outcome = held.parked.answer(round, responses);
    if (outcome === "stale") return one({ stale: true });
    if (outcome !== "taken") return one(outcome);
    this.#store(held, "runs");
    return this.#frames(held, gone);
  }

  /** What becomes of a call that is not held: lost, unless its state was used before. */
  async #missing(exchange: string, round: number): Promise<Frame> {
    const row = await this.#ctx.storage.get<Row>(PLACE + exchange);
    if (!row) return { lost: true };
    if (row.stage === "runs" || row.stage === "over" || row.round !== round) return { stale: true };
    await this.#ctx.storage.put<Row>(PLACE + exchange, { ...row, stage: "over" });
    if (row.stage === "waits") this.#ctx.waitUntil(this.#cancelled(exchange, row.target));
    return { lost: true };
  }

  #frames(held: Held, gone: AbortSignal): Response {
    const { parked } = held;
    let hear: (frame: Frame) => void = () => {};
    const leave = () => {
      parked.leave(hear);
      if (!parked.parked) this.#ctx.waitUntil(this.#drop(held));
    };
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        gone.addEventListener("abort", leave, { once: true });
        hear = (frame) => {
          controller.enqueue(line(frame));
          if ("message" in frame) return;
          parked.leave(hear);
          gone.removeEventListener("abort", leave);
          controller.close();
          if (!("asked" in frame)) this.#done(held);
        };
        parked.listen(hear);
        if (gone.aborted) leave();
      },
      cancel: leave,
    });
    return new Response(body);
  }

  #store(held: Held, stage: Row["stage"]): void {
    const { exchange, target, parked } = held;
    const row: Row = { target, stage, round: parked.round, expiresAt: Date.now() + WAITS_FOR };
    held.hasRow = true;
    this.#ctx.waitUntil(this.#ctx.storage.put(PLACE + exchange, row));
    if (stage === "waits") this.#ctx.waitUntil(this.#ctx.storage.setAlarm(Date.now() + BEAT));
  }

  #done(held: Held): void {
    if (this.#held.delete(held.exchange) && held.hasRow) this.#store(held, "over");
  }

  /** Nobody waits for it any more: in the client's revision that is the cancellation. */
  async #drop(held: Held): Promise<void> {
    const { exchange, target, parked, stop } = held;
    if (!this.#held.has(exchange)) return;
    this.#done(held);
    if (!parked.over) await this.#cancelled(exchange, target);
    parked.abandon();
    stop.abort();
  }

  /** Cares for what waits. When to do so again, in milliseconds since 1970; undefined when there is nothing. */
  async beat(): Promise<number | undefined> {
    const rows = [...(await this.#ctx.storage.list<Row>({ prefix: PLACE }))];
    const times = await Promise.all(rows.map(([key, row]) => this.#look(key.slice(PLACE.length), row)));
    const next = times.filter((time) => time !== undefined);
    return next.length > 0 ? Math.min(...next) : undefined;
  }

  async #look(exchange: string, row: Row): Promise<number | undefined> {
    const { storage } = this.#ctx;
    const held = this.#held.get(exchange);
    const expired = row.expiresAt <= Date.now();
    if (held && !(expired && row.stage === "waits")) {
      await this.#soothe(held);
      return Date.now() + BEAT;
    }
    if (held) await this.#drop(held);
    else if (row.stage === "waits" || row.stage === "runs") {
      await storage.put<Row>(PLACE + exchange, { ...row, stage: row.stage === "waits" ? "lost" : "over" });
      await this.#cancelled(exchange, row.target);
    }
    if (!expired) return row.expiresAt;
    await storage.delete(PLACE + exchange);
    return undefined;
  }

  /** A server that gave its question a progress token hears that its client is still thinking. */
  async #soothe({ target, parked }: Held): Promise<void> {
    for (const progressToken of parked.progressTokens)
      await this.#tell(target, "notifications/progress", { progressToken, progress: Date.now() });
  }

  #cancelled(exchange: string, target: Target): Promise<void> {
    return this.#tell(target, "notifications/cancelled", { requestId: exchange });
  }

  /** Tells an upstream something in the session it knows; where there is none any more, nobody wants to hear it. */
  async #tell(target: Target, method: string, params: JsonObject): Promise<void> {
    const session = target.sessionful ? await this.#owned.known(target) : { protocolVersion: target.protocolVersion };
    if (!session) return;
    const around = { ...this.#surroundings(), timeout: TELL_WITHIN, sessions: oneSession(session) };
    await connectorOf(target.era)
      .notify?.(target, method, params, around)
      .catch((error: unknown) =>
        console.warn({ event: `${method} not taken`, upstream: target.name, reason: String(error) }),
      );
  }

  #around({ parked, stop }: Held, level: string | null): Surroundings {
    return {
      ...this.#surroundings(stop.signal),
      timeout: A_DAY,
      client: parked,
      sessions: {
        shared: true,
        get: (target) => this.#sessionFor(parked, target, level),
        forget: (target, session) => this.#owned.forget(target.id, session.id),
      },
    };
  }

  /** The session at an upstream, once it is heard and says what this call wants to know. */
  async #sessionFor(parked: ParkedExchange, target: Target, level: string | null): Promise<UpstreamSession> {
    for (let lost = false; ; lost = true) {
      const session = await this.#owned.at(target, parked.capabilities, null);
      try {
        await this.#ears.hear(target, session, parked);
        await this.#lower({ target, session }, level);
        return session;
      } catch (error) {
        if (lost || !tellsOfLoss(error)) throw error;
        await this.#owned.forget(target.id, session.id);
      }
    }
  }

  async #lower(own: { target: Target; session: UpstreamSession }, level: string | null): Promise<void> {
    const key = own.session.id ?? "";
    const rank = (name: string) => (LEVELS as readonly string[]).indexOf(name);
    const lowest = this.#levels.get(key);
    if (level === null || (lowest !== undefined && rank(lowest) <= rank(level))) return;
    this.#levels.set(key, level);
    await this.#owned.tellLevel(own, level);
  }
}

const encoder = new TextEncoder();
const line = (frame: Frame): Uint8Array<ArrayBuffer> => encoder.encode(`${JSON.stringify(frame)}\n`);
const one = (frame: Frame): Response => new Response(line(frame));
