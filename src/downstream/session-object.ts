// The Session object: what one client session must have exactly once. For now its sessions at upstreams that keep
// sessions: opened on the first call, single flight, ended with it. Stored, so that an evicted object goes on.
import { DurableObject } from "cloudflare:workers";
import type { Target } from "../catalog/target.ts";
import { Context } from "../context.ts";
import type { Bindings } from "../env.ts";
import { asUpstreamFailure } from "../upstream/read-answer.ts";
import { end, open } from "../upstream/session.ts";
import { type Opening, oneSession, type SessionObject } from "../upstream/sessions.ts";
import type { Surroundings, UpstreamSession } from "../upstream/upstream.ts";

const LIFETIME = 24 * 3600_000;

interface Held {
  readonly target: Target;
  readonly session: UpstreamSession;
}

export class Session extends DurableObject<Bindings> implements SessionObject {
  readonly #opening = new Map<string, Promise<UpstreamSession>>();

  /** This session's own session at an upstream. */
  async upstreamSession(target: Target): Promise<Opening> {
    try {
      return { session: await this.#sessionAt(target) };
    } catch (error) {
      return { failure: asUpstreamFailure(error).plain() };
    }
  }

  async #sessionAt(target: Target): Promise<UpstreamSession> {
    const held = await this.ctx.storage.get<Held>(`upstream:${target.id}`);
    if (held && held.target.url === target.url) return held.session;
    const known = this.#opening.get(target.id);
    if (known) return await known;
    const opening = this.#open(target).finally(() => this.#opening.delete(target.id));
    this.#opening.set(target.id, opening);
    return await opening;
  }

  async #open(target: Target): Promise<UpstreamSession> {
    const { session } = await open(target, this.#around());
    await this.ctx.storage.put<Held>(`upstream:${target.id}`, { target, session });
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + LIFETIME);
    return session;
  }

  /** Drops a session the upstream no longer knows; one opened since then stays. */
  async forgetUpstream(targetId: string, sessionId: string | undefined): Promise<void> {
    const held = await this.ctx.storage.get<Held>(`upstream:${targetId}`);
    if (held?.session.id === sessionId) await this.ctx.storage.delete(`upstream:${targetId}`);
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
      sessions: oneSession({ protocolVersion: "" }),
    };
  }
}
