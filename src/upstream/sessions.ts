// Who owns a session at an upstream. A client's session owns its own through its Session object, so that a second
// request from any isolate finds it; requests without a session share one per principal and isolate.
import type { Bindings } from "../env.ts";
import { GatewayError, type PlainFailure } from "../errors.ts";
import type { JsonObject } from "../lib/json.ts";
import { SingleFlight } from "../lib/single-flight.ts";
import { open } from "./session.ts";
import type { Surroundings, Target, UpstreamSession, UpstreamSessions } from "./upstream.ts";

/** A session, or why there is none: what is thrown in an object arrives as a mere Error. */
export type Opening = { readonly session: UpstreamSession } | { readonly failure: PlainFailure };

/** Calls the Session object answers (downstream/session-object.ts). */
export interface SessionObject {
  upstreamSession(target: Target, capabilities: string): Promise<Opening>;
  forgetUpstream(targetId: string, sessionId: string | undefined): Promise<void>;
  /** The log level the client has set. */
  level(): Promise<string | null>;
  setLevel(level: string): Promise<void>;
  subscribe(uri: string, wanted: boolean): Promise<void>;
  /** Keeps a client's reply to a question until who asked has it. */
  deliver(questionId: string, reply: string): Promise<void>;
  /** Keeps texts under keys for as long as the object lives. */
  note(notes: Readonly<Record<string, string>>): Promise<void>;
  /** Notes whose keys begin with this, in the order of their keys. */
  notes(prefix: string): Promise<readonly (readonly [string, string])[]>;
  /** Takes a note out. */
  unnote(key: string): Promise<string | undefined>;
  /** Tells whoever answers the request with this id (as JSON) that it is cancelled. */
  cancel(requestId: string): Promise<void>;
  /** Tells every upstream at which the client has a session. Params as JSON. */
  passOn(method: string, params: string): Promise<void>;
  /** Hands a message to the session's HTTP+SSE connection; false when there is none. */
  hand(message: string): Promise<boolean>;
  end(): Promise<void>;
}

/** The object of a client's session. */
export const sessionObject = (env: Bindings, sessionId: string): SessionObject =>
  env.SESSION.getByName(sessionId) as unknown as SessionObject;

const MOST = 5_000;

/** Sessions this isolate knows. What is under way is kept apart: a request may vanish together with its opening. */
class Known {
  readonly #sessions = new Map<string, UpstreamSession>();
  readonly #openings = new SingleFlight<UpstreamSession>(5_000);

  get(key: string, keepAlive: (work: Promise<unknown>) => void, open: () => Promise<UpstreamSession>) {
    return this.#sessions.get(key) ?? this.#openings.run(key, keepAlive, () => this.#open(key, open));
  }

  async #open(key: string, open: () => Promise<UpstreamSession>): Promise<UpstreamSession> {
    const known = this.#sessions.get(key); // who lost patience may find that another's is open by now
    if (known) return known;
    const session = await open();
    if (this.#sessions.size >= MOST) this.#sessions.delete(this.#sessions.keys().next().value ?? "");
    this.#sessions.set(key, session);
    return session;
  }

  /** Forgets a session, unless another one has taken its place. */
  forget(key: string, session: UpstreamSession): void {
    if (this.#sessions.get(key)?.id === session.id) this.#sessions.delete(key);
  }
}

const owned = new Known();
const shared = new Known();

/** A session is for one owner, and for one address with one credential. */
const keyOf = (owner: string, { id, url, sealed }: Target): string => `${owner}|${id}|${url}|${sealed ?? ""}`;

/** Sessions that belong to a client's session. Warm ones are known to the isolate and touch nothing. */
export function sessionsOfClient(
  env: Bindings,
  sessionId: string,
  capabilities: JsonObject,
  keepAlive: (work: Promise<unknown>) => void,
): UpstreamSessions {
  return {
    shared: false,
    get: (target) =>
      owned.get(keyOf(sessionId, target), keepAlive, async () => {
        const opening = await sessionObject(env, sessionId).upstreamSession(target, JSON.stringify(capabilities));
        if ("failure" in opening) throw GatewayError.from(opening.failure);
        return opening.session;
      }),
    async forget(target, session) {
      owned.forget(keyOf(sessionId, target), session);
      await sessionObject(env, sessionId).forgetUpstream(target.id, session.id);
    },
  };
}

/** Sessions shared by one principal's requests that have no session of their own. */
export function sessionsOfPrincipal(principal: string, around: Omit<Surroundings, "sessions">): UpstreamSessions {
  const sessions: UpstreamSessions = {
    shared: true,
    get: (target) =>
      shared.get(
        keyOf(principal, target),
        (work) => around.background(work),
        async () => (await open(target, { ...around, sessions })).session,
      ),
    forget: async (target, session) => shared.forget(keyOf(principal, target), session),
  };
  return sessions;
}

/** Nothing is kept: for introductions and lists, whose session ends with them. */
export function oneSession(session: UpstreamSession): UpstreamSessions {
  return { shared: false, get: () => session, forget: async () => {} };
}
