// The exchanges an object holds for stateless clients (gateway/parked-exchange.ts): begun and gone on with by requests of
// any isolate, kept alive by the object's alarm, cancelled upstream when nobody comes back.
import type { Target } from "../catalog/target.ts";
import { type Frame, ParkedExchange, WAITS_FOR } from "../gateway/parked-exchange.ts";
import type { Going, Starting } from "../gateway/parking.ts";
import { connectorOf, send } from "../upstream/connect.ts";
import type { Surroundings, UpstreamSessions } from "../upstream/upstream.ts";
import type { OwnedSessions } from "./owned-sessions.ts";

/** What is stored of a call that waits: enough to cancel it upstream should the object lose it. */
interface Row {
  readonly target: Target;
  readonly capabilities: string;
  readonly expiresAt: number;
}

const PLACE = "parked:";

interface Held {
  readonly target: Target;
  readonly parked: ParkedExchange;
  readonly stop: AbortController;
}

export class ParkedExchanges {
  readonly #ctx: DurableObjectState;
  readonly #owned: OwnedSessions;
  readonly #surroundings: () => Surroundings;
  readonly #held = new Map<string, Held>();

  constructor(ctx: DurableObjectState, owned: OwnedSessions, surroundings: () => Surroundings) {
    this.#ctx = ctx;
    this.#owned = owned;
    this.#surroundings = surroundings;
  }

  /** Begins an exchange; the frames of its answer come back as lines of JSON. */
  start(
    { exchange, target, capabilities, level, ...asked }: Starting,
    gone: AbortSignal,
    onParked: () => void,
  ): Response {
    const stop = new AbortController();
    const parked = new ParkedExchange(exchange, JSON.parse(capabilities), () =>
      this.#keep(exchange, target, capabilities, onParked),
    );
    this.#held.set(exchange, { target, parked, stop });
    const around = { ...this.#around(capabilities, level), client: parked, signal: stop.signal };
    const logLevel = level === null ? {} : { logLevel: level };
    const running = parked.run(() => send(target, { id: exchange, ...asked, ...logLevel }, around));
    this.#ctx.waitUntil(running.then(() => this.#answered(exchange)));
    return this.#frames(exchange, parked, gone);
  }

  /** Goes on with one that waits for its client. */
  resume(exchange: string, { round, responses }: Going, gone: AbortSignal): Response {
    const held = this.#held.get(exchange);
    if (!held) return one({ lost: true });
    const outcome = held.parked.answer(round, responses);
    if (outcome === "stale") return one({ stale: true });
    if (outcome !== "taken") return one(outcome);
    this.#ctx.waitUntil(this.#ctx.storage.delete(PLACE + exchange));
    return this.#frames(exchange, held.parked, gone);
  }

  /** Cares for what waits, at each alarm; true while there is any. */
  async beat(): Promise<boolean> {
    const rows = await this.#ctx.storage.list<Row>({ prefix: PLACE });
    for (const [key, row] of rows) {
      const exchange = key.slice(PLACE.length);
      const held = this.#held.get(exchange);
      if (!held || row.expiresAt <= Date.now()) await this.#cancel(exchange, row);
      else await this.#soothe(row, held.parked);
    }
    return rows.size > 0;
  }

  #frames(exchange: string, parked: ParkedExchange, gone: AbortSignal): Response {
    let hear: (frame: Frame) => void = () => {};
    const leave = () => {
      parked.leave(hear);
      if (!parked.parked) this.#ctx.waitUntil(this.#abandon(exchange));
    };
    const answered = () => this.#answered(exchange);
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        gone.addEventListener("abort", leave, { once: true });
        hear = (frame) => {
          controller.enqueue(line(frame));
          if ("message" in frame) return;
          answered();
          parked.leave(hear);
          gone.removeEventListener("abort", leave);
          controller.close();
        };
        parked.listen(hear);
      },
      cancel: leave,
    });
    return new Response(body);
  }

  #keep(exchange: string, target: Target, capabilities: string, onParked: () => void): void {
    const row: Row = { target, capabilities, expiresAt: Date.now() + WAITS_FOR };
    this.#ctx.waitUntil(this.#ctx.storage.put(PLACE + exchange, row).then(onParked));
  }

  /** The answer is there: who is listening has it; who comes back in time still gets it. */
  #answered(exchange: string): void {
    const held = this.#held.get(exchange);
    if (held && !held.parked.parked) this.#held.delete(exchange);
  }

  /** The client of a call that does not wait for it has gone: in its revision that is the cancellation. */
  async #abandon(exchange: string): Promise<void> {
    const held = this.#held.get(exchange);
    if (held) await this.#cancel(exchange, { target: held.target, capabilities: "{}", expiresAt: 0 });
  }

  async #cancel(exchange: string, { target, capabilities }: Row): Promise<void> {
    const held = this.#held.get(exchange);
    this.#held.delete(exchange);
    await this.#ctx.storage.delete(PLACE + exchange);
    const telling = connectorOf(target.era).notify;
    await telling?.(target, "notifications/cancelled", { requestId: exchange }, this.#around(capabilities)).catch(
      () => {},
    );
    held?.parked.hangUp();
    held?.stop.abort();
  }

  /** A server that gave its question a progress token hears that its client is still thinking. */
  async #soothe({ target, capabilities }: Row, parked: ParkedExchange): Promise<void> {
    const telling = connectorOf(target.era).notify;
    for (const token of parked.patience) {
      const params = { ...token, progress: Date.now() };
      await telling?.(target, "notifications/progress", params, this.#around(capabilities)).catch(() => {});
    }
  }

  #around(capabilities: string, level: string | null = null): Surroundings {
    const sessions: UpstreamSessions = {
      shared: true,
      get: (target) => this.#owned.at(target, JSON.parse(capabilities), level),
      forget: (target, session) => this.#owned.forget(target.id, session.id),
    };
    return { ...this.#surroundings(), sessions };
  }
}

const encoder = new TextEncoder();
const line = (frame: Frame): Uint8Array<ArrayBuffer> => encoder.encode(`${JSON.stringify(frame)}\n`);
const one = (frame: Frame): Response => new Response(line(frame));
