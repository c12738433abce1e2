// Who owns a session at an upstream. A client's session owns its own through its Session object, so that a second
// request from any isolate finds it; requests without a session share one per principal and isolate.
import type { Bindings } from "../env.ts";
import { GatewayError, type PlainFailure } from "../errors.ts";
import type { JsonObject } from "../lib/json.ts";
import { SingleFlight } from "../lib/single-flight.ts";
import { end, open } from "./session.ts";
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

/** A session, and the server it is at. */
interface Entry {
  readonly target: Target;
  readonly session: UpstreamSession;
}

/** How a session is opened, and what becomes of one that gives way. */
interface Keeping {
  open(): Promise<UpstreamSession>;
  drop?(entry: Entry): void;
  keepAlive(work: Promise<unknown>): void;
}

/** Whether a session at one target serves for the other: it is for one address with one credential. */
export const isAt = (one: Target, { url, sealed }: Target): boolean => one.url === url && one.sealed === sealed;

/** Sessions this isolate knows. What is under way is kept apart: a request may vanish together with its opening. */
class Known {
  readonly #most: number;
  /** By owner and upstream, the one that was used last at the end. */
  readonly #sessions = new Map<string, Entry>();
  readonly #openings = new SingleFlight<UpstreamSession>(5_000);

  constructor(most: number) {
    this.#most = most;
  }

  get(owner: string, target: Target, how: Keeping): UpstreamSession | Promise<UpstreamSession> {
    const key = `${owner}|${target.id}`;
    const known = this.#at(key, target);
    if (!known) {
      const place = `${key}|${target.url}|${target.sealed ?? ""}`;
      return this.#openings.run(place, how.keepAlive, () => this.#open(key, target, how));
    }
    this.#sessions.delete(key);
    this.#sessions.set(key, known);
    return known.session;
  }

  #at(key: string, target: Target): Entry | undefined {
    const known = this.#sessions.get(key);
    return known && isAt(known.target, target) ? known : undefined;
  }

  async #open(key: string, target: Target, how: Keeping): Promise<UpstreamSession> {
    const known = this.#at(key, target); // who lost patience may find that another's is open by now
    if (known) return known.session;
    const session = await how.open();
    const [oldest = ""] = this.#sessions.size >= this.#most && !this.#sessions.has(key) ? this.#sessions.keys() : [key];
    const before = this.#sessions.get(oldest);
    this.#sessions.delete(oldest);
    this.#sessions.set(key, { target, session });
    if (before) how.drop?.(before);
    return session;
  }

  /** Forgets a session, unless another one has taken its place. */
  forget(owner: string, { id }: Target, session: UpstreamSession): void {
    const key = `${owner}|${id}`;
    if (this.#sessions.get(key)?.session.id === session.id) this.#sessions.delete(key);
  }
}

const owned = new Known(5_000);
const shared = new Known(1_000);

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
      owned.get(sessionId, target, {
        keepAlive,
        async open() {
          const opening = await sessionObject(env, sessionId).upstreamSession(target, JSON.stringify(capabilities));
          if ("failure" in opening) throw GatewayError.from(opening.failure);
          return opening.session;
        },
      }),
    async forget(target, session) {
      owned.forget(sessionId, target, session);
      await sessionObject(env, sessionId).forgetUpstream(target.id, session.id);
    },
  };
}

/** Sessions shared by one principal's requests that declare the same and have no session of their own. One that gives way is ended. */
export function sessionsOfPrincipal(principal: string, around: Omit<Surroundings, "sessions">): UpstreamSessions {
  const owner = `${principal}|${JSON.stringify(around.declared ?? {})}`;
  const sessions: UpstreamSessions = {
    shared: true,
    get: (target) =>
      shared.get(owner, target, {
        keepAlive: (work) => around.background(work),
        open: async () => (await open(target, { ...around, sessions })).session,
        drop: (entry) => around.background(end(entry.target, entry.session, { ...around, sessions }).catch(() => {})),
      }),
    forget: async (target, session) => shared.forget(owner, target, session),
  };
  return sessions;
}

/** Nothing is kept: for introductions and lists, whose session ends with them. */
export function oneSession(session: UpstreamSession): UpstreamSessions {
  return { shared: false, get: () => session, forget: async () => {} };
}
