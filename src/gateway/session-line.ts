// The line between a request of a session and the session's object: a WebSocket that the object may sleep behind
// (Durable Objects, "WebSocket Hibernation"). What is addressed to one session goes through it, from any isolate.
import type { Bindings } from "../env.ts";
import type { JsonValue } from "../lib/json.ts";
import type { Target, UpstreamSession } from "../upstream/upstream.ts";

/** What a session's object tells on a line. */
export type Told =
  /** A client's reply to a question, as the text of its message. */
  | { readonly reply: string }
  /** The client cancelled the request with this id. */
  | { readonly cancelled: JsonValue }
  /** A message the client sent to its HTTP+SSE connection. */
  | { readonly message: string }
  /** What the session has that a standing stream must follow. */
  | { readonly state: SessionState }
  /** An event kept of an answer, on a line that resumes it; `last` ends the answer. */
  | { readonly event: { readonly n: number; readonly data: string } }
  | { readonly last: true }
  /** Events up to this number are stored. */
  | { readonly kept: number }
  /** The same client has a newer stream of this kind. */
  | { readonly replaced: true }
  /** The session has ended. */
  | { readonly over: true };

/** What a request says on its line. */
export type Said =
  | { readonly took: string }
  | { readonly keep: { readonly n: number; readonly data: string } }
  | { readonly last: number };

/** Facts of a session that came after its id was sealed. `upstreams`: its own sessions at upstreams. */
export interface SessionState {
  readonly level: string | null;
  readonly subscriptions: readonly string[];
  readonly upstreams: readonly { readonly target: Target; readonly session: UpstreamSession }[];
}

/**
 * What a line is for: a stream of answers being made, and the ids of the requests they answer; one resumed after event
 * `n`; a GET stream; an HTTP+SSE connection.
 */
export type Purpose =
  | { readonly answer: string; readonly requests: readonly JsonValue[] }
  | { readonly resume: string; readonly after: number }
  | { readonly standing: true }
  | { readonly connection: true };

/** Milliseconds before a line that broke is opened again: then twice that, up to the longest wait. */
const FIRST_WAIT = 250;
const LONGEST_WAIT = 8_000;
/** Attempts to open a line for what is still to be said, when nobody listens any more. */
const MOST_ATTEMPTS = 4;

/** The session's object has nothing for this purpose. */
export class NoSuchAnswer extends Error {
  override readonly name = "NoSuchAnswer";
}

/** A line that opens when it is needed and opens again when it breaks, until it is closed. */
export class SessionLine {
  readonly #env: Bindings;
  readonly #sessionId: string;
  readonly #purpose: Purpose;
  readonly #hear: (told: Told) => void;
  #socket: WebSocket | undefined;
  #opening: Promise<void> | undefined;
  #closed = false;
  /** Said and not yet known to be stored: said again on a new line. */
  #unsure: Said[] = [];
  #waiting: Said[] = [];

  constructor(env: Bindings, sessionId: string, purpose: Purpose, hear: (told: Told) => void) {
    this.#env = env;
    this.#sessionId = sessionId;
    this.#purpose = purpose;
    this.#hear = hear;
  }

  /** Opens the line unless it is open. @throws when the object can't be reached, NoSuchAnswer; `say` does not. */
  open(): Promise<void> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined; // the next who needs it tries again
      throw error;
    });
    return this.#opening;
  }

  say(said: Said): void {
    if ("keep" in said || "last" in said) this.#unsure.push(said);
    if (this.#socket && sent(this.#socket, said)) return;
    if ("took" in said) this.#waiting.push(said);
    if (this.#socket) this.#broken(this.#socket);
    else this.open().catch(() => {}); // who must know asks `open`
  }

  /** No more is heard; what was said arrives first, also when the line is only just opening. */
  close(): void {
    this.#closed = true;
    this.#socket?.close(1000, "over");
    this.#socket = undefined;
  }

  async #open(): Promise<void> {
    const { webSocket, status } = await this.#env.SESSION.getByName(this.#sessionId).fetch(
      `https://session/line?for=${encodeURIComponent(JSON.stringify(this.#purpose))}`,
      { headers: { upgrade: "websocket" } },
    );
    if (status === 404) throw new NoSuchAnswer("the session's object keeps no such answer");
    if (!webSocket) throw new Error("the session's object gave no line");
    webSocket.accept();
    webSocket.addEventListener("message", ({ data }) => this.#take(JSON.parse(String(data)) as Told));
    webSocket.addEventListener("close", () => this.#broken(webSocket));
    for (const said of [...this.#waiting.splice(0), ...this.#unsure]) sent(webSocket, said);
    if (this.#closed) webSocket.close(1000, "over");
    else this.#socket = webSocket;
  }

  #take(told: Told): void {
    if ("kept" in told) {
      this.#unsure = this.#unsure.filter((said) => !("keep" in said && said.keep.n <= told.kept));
      return;
    }
    if ("over" in told) this.close();
    this.#hear(told);
  }

  #broken(socket: WebSocket): void {
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    this.#opening = undefined;
    void this.#reopen();
  }

  async #reopen(): Promise<void> {
    for (let attempt = 0; !this.#closed || (this.#unsure.length > 0 && attempt < MOST_ATTEMPTS); attempt++) {
      await scheduler.wait(Math.min(FIRST_WAIT * 2 ** attempt, LONGEST_WAIT));
      const failed = await this.open().then(
        () => undefined,
        (error: unknown) => ({ error }),
      );
      if (!failed || failed.error instanceof NoSuchAnswer) return;
    }
  }
}

/** Whether a line takes what is said: one that breaks may not have told so yet. */
function sent(socket: WebSocket, said: Said): boolean {
  try {
    socket.send(JSON.stringify(said));
    return true;
  } catch {
    return false;
  }
}
