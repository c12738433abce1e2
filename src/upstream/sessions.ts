// Who owns a session at an upstream. A client's session owns its own through its Session object, so that a second
// request from any isolate finds it; requests without a session share one per principal and isolate.
import type { Bindings } from "../env.ts";
import { GatewayError, type PlainFailure } from "../errors.ts";
import type { JsonObject } from "../lib/json.ts";
import { open } from "./session.ts";
import type { Surroundings, Target, UpstreamSession, UpstreamSessions } from "./upstream.ts";

/** A session, or why there is none: what is thrown in an object arrives as a mere Error. */
export type Opening = { readonly session: UpstreamSession } | { readonly failure: PlainFailure };

/** Calls the Session object answers (downstream/session-object.ts). */
export interface SessionObject {
  upstreamSession(target: Target, capabilities: string): Promise<Opening>;
  /** Keeps a client's reply to a question until who asked has it. */
  deliver(questionId: string, reply: string): Promise<void>;
  forgetUpstream(targetId: string, sessionId: string | undefined): Promise<void>;
  end(): Promise<void>;
}

/** The object of a client's session. */
export const sessionObject = (env: Bindings, sessionId: string): SessionObject =>
  env.SESSION.getByName(sessionId) as unknown as SessionObject;

const MOST = 5_000;

/** Remembers promises by key, the newest `MOST` of them; a failed one is forgotten. */
class Memo {
  readonly #entries = new Map<string, Promise<UpstreamSession>>();

  get(key: string, make: () => Promise<UpstreamSession>): Promise<UpstreamSession> {
    const known = this.#entries.get(key);
    if (known) return known;
    const made = make();
    this.#entries.set(key, made);
    made.catch(() => this.#entries.delete(key));
    if (this.#entries.size > MOST) this.#entries.delete(this.#entries.keys().next().value ?? "");
    return made;
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}

const owned = new Memo();
const shared = new Memo();

/** Sessions that belong to a client's session. Warm ones are known to the isolate and touch nothing. */
export function sessionsOfClient(env: Bindings, sessionId: string, capabilities: JsonObject): UpstreamSessions {
  const key = (target: Target) => `${sessionId}|${target.id}`;
  return {
    get: (target) =>
      owned.get(key(target), async () => {
        const opening = await sessionObject(env, sessionId).upstreamSession(target, JSON.stringify(capabilities));
        if ("failure" in opening) throw GatewayError.from(opening.failure);
        return opening.session;
      }),
    async forget(target, session) {
      owned.delete(key(target));
      await sessionObject(env, sessionId).forgetUpstream(target.id, session.id);
    },
  };
}

/** Sessions shared by one principal's requests that have no session of their own. */
export function sessionsOfPrincipal(principal: string, around: Omit<Surroundings, "sessions">): UpstreamSessions {
  const key = (target: Target) => `${principal}|${target.id}`;
  const sessions: UpstreamSessions = {
    get: (target) => shared.get(key(target), async () => (await open(target, { ...around, sessions })).session),
    forget: async (target) => shared.delete(key(target)),
  };
  return sessions;
}

/** Nothing is kept: for introductions and lists, whose session ends with them. */
export function oneSession(session: UpstreamSession): UpstreamSessions {
  return { get: async () => session, forget: async () => {} };
}
