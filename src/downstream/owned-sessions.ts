// A client session's own sessions at upstreams that keep sessions, as its object holds them: opened on the first call,
// one at a time, ended with it. State at an upstream is never shared between clients.
import type { Target } from "../catalog/target.ts";
import type { JsonObject } from "../lib/json.ts";
import { session as connector, end, open } from "../upstream/session.ts";
import { isAt, oneSession } from "../upstream/sessions.ts";
import type { Surroundings, UpstreamSession } from "../upstream/upstream.ts";

/** A session at an upstream. */
export interface Held {
  readonly target: Target;
  readonly session: UpstreamSession;
}

/** The object itself asks nobody. */
const nobody = {
  ask: (): never => {
    throw new Error("nothing is asked while a session opens");
  },
  hangUp() {},
};

const PLACE = "upstream:";

export class OwnedSessions {
  readonly #storage: DurableObjectStorage;
  readonly #around: () => Surroundings;
  readonly #opening = new Map<string, Promise<UpstreamSession>>();

  constructor(storage: DurableObjectStorage, around: () => Surroundings) {
    this.#storage = storage;
    this.#around = around;
  }

  /** The session at an upstream; opened with these capabilities and at this log level if there is none. */
  async at(target: Target, capabilities: JsonObject, level: string | null): Promise<UpstreamSession> {
    const known = (await this.known(target)) ?? this.#opening.get(target.id);
    if (known) return await known;
    const opening = this.#open(target, capabilities, level).finally(() => this.#opening.delete(target.id));
    this.#opening.set(target.id, opening);
    return await opening;
  }

  /** The session at an upstream, if there is one. */
  async known(target: Target): Promise<UpstreamSession | undefined> {
    const held = await this.#storage.get<Held>(PLACE + target.id);
    return held && isAt(held.target, target) ? held.session : undefined;
  }

  async #open(target: Target, capabilities: JsonObject, level: string | null): Promise<UpstreamSession> {
    const { session } = await open(target, { ...this.#around(), client: { ...nobody, capabilities } });
    const before = await this.#storage.get<Held>(PLACE + target.id);
    await this.#storage.put<Held>(PLACE + target.id, { target, session });
    if (before) this.#around().background(this.end([before])); // at another address, or with another credential
    if (level !== null) await this.tellLevel({ target, session }, level);
    return session;
  }

  async all(): Promise<Held[]> {
    return [...(await this.#storage.list<Held>({ prefix: PLACE })).values()];
  }

  /** Drops a session the upstream no longer knows; one opened since then stays. */
  async forget(targetId: string, sessionId: string | undefined): Promise<void> {
    const held = await this.#storage.get<Held>(PLACE + targetId);
    if (held?.session.id === sessionId) await this.#storage.delete(PLACE + targetId);
  }

  /** Tells every upstream that logs what the client wants to hear. One that is down does not hurt the others. */
  async setLevel(level: string): Promise<void> {
    await Promise.allSettled((await this.all()).map((held) => this.tellLevel(held, level)));
  }

  /** Tells an upstream that logs what is wanted from one session there. */
  async tellLevel({ target, session }: Held, level: string): Promise<void> {
    if (target.capabilities.logging === undefined) return;
    const around = { ...this.#around(), sessions: oneSession(session) };
    await connector.send(target, { id: "level", method: "logging/setLevel", params: { level } }, around);
  }

  /** Tells every upstream something. One that is down does not hurt the others. */
  async notify(method: string, params: JsonObject): Promise<void> {
    const telling = (await this.all()).map(({ target, session }) =>
      connector.notify?.(target, method, params, { ...this.#around(), sessions: oneSession(session) }),
    );
    await Promise.allSettled(telling);
  }

  /** Ends these sessions at their upstreams. */
  async end(sessions: readonly Held[]): Promise<void> {
    await Promise.allSettled(sessions.map(({ target, session }) => end(target, session, this.#around())));
  }
}
