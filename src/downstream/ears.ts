// What a server says outside of any answer while calls of stateless clients are under way in its session: requests on the
// session's own stream, which 2025-03-26 … 2025-11-25 allow and many servers make (basic/transports, "Listening for
// Messages from the Server"). The stream is held as long as a call is under way, and each request given to one of them.
import type { Target } from "../catalog/target.ts";
import type { ParkedExchange } from "../gateway/parked-exchange.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import { maySpeak, neverSpeaks } from "../upstream/beside.ts";
import { questionFor } from "../upstream/questions.ts";
import { tryParse } from "../upstream/read-answer.ts";
import { LATE, unlessLate } from "../upstream/safe-fetch.ts";
import { replyTo, requestIn } from "../upstream/session.ts";
import { openStanding, tellsOfLoss } from "../upstream/session-stream.ts";
import type { Surroundings, UpstreamSession } from "../upstream/upstream.ts";

/** Milliseconds a call waits for the stream to open; a server that takes longer is not waited for again. */
const OPENS_WITHIN = 3_000;

/** Attempts to get a stream that its server has not seen us leave, and milliseconds between them. */
const ATTEMPTS = 5;
const PAUSE = 100;

interface Ear {
  readonly target: Target;
  readonly session: UpstreamSession;
  /** Calls under way, the oldest first. */
  readonly calls: Set<ParkedExchange>;
  readonly over: AbortController;
  opened: Promise<void>;
}

export class Ears {
  readonly #surroundings: (signal?: AbortSignal) => Surroundings;
  readonly #ears = new Map<string, Ear>();

  constructor(surroundings: (signal?: AbortSignal) => Surroundings) {
    this.#surroundings = surroundings;
  }

  /** Hears a session for a call until the call leaves. @throws GatewayError when the upstream has lost the session. */
  async hear(target: Target, session: UpstreamSession, call: ParkedExchange): Promise<void> {
    if (session.id === undefined || !maySpeak(target.url)) return;
    const key = `${target.id}|${session.id}`;
    const ear = this.#ears.get(key) ?? this.#open(key, target, session);
    ear.calls.add(call);
    if ((await unlessLate(OPENS_WITHIN, ear.opened)) === LATE) neverSpeaks(target.url);
  }

  leave(call: ParkedExchange): void {
    for (const [key, ear] of this.#ears) if (ear.calls.delete(call) && ear.calls.size === 0) this.#close(key, ear);
  }

  #open(key: string, target: Target, session: UpstreamSession): Ear {
    const over = new AbortController();
    const ear: Ear = { target, session, calls: new Set(), over, opened: Promise.resolve() };
    this.#ears.set(key, ear);
    ear.opened = this.#listen(ear).catch((error: unknown) => {
      this.#close(key, ear);
      if (tellsOfLoss(error)) throw error;
      warn(ear, error); // the call may do without
    });
    return ear;
  }

  #close(key: string, ear: Ear): void {
    if (this.#ears.get(key) === ear) this.#ears.delete(key);
    ear.over.abort();
  }

  /** Resolves once the stream is open, or known not to be offered. */
  async #listen(ear: Ear): Promise<void> {
    const { target, session, over } = ear;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const messages = await openStanding(target, session, this.#surroundings(over.signal));
      if (messages !== "taken") {
        if (messages) void this.#take(ear, messages).catch((error: unknown) => warn(ear, error));
        else if (!over.signal.aborted) neverSpeaks(target.url);
        return;
      }
      await scheduler.wait(PAUSE);
    }
  }

  async #take(ear: Ear, messages: AsyncGenerator<string, void, void>): Promise<void> {
    for await (const text of messages) {
      const request = requestIn(text);
      if (request) void this.#put(ear, request, text);
      else tell(ear, text);
    }
  }

  async #put({ target, session, calls }: Ear, request: JsonObject, text: string): Promise<void> {
    const call = belongsTo(calls, text);
    const reply = call || request.method === "ping" ? questionFor(call, request)?.reply : Promise.resolve(NO_CALL);
    await replyTo(request, reply, target, session, this.#surroundings());
  }
}

const NO_CALL: JsonObject = { error: { code: -32601, message: "There is no associated client request" } };

/**
 * The call that a request names by its id or progress token; else the oldest call of a tool, else the oldest. Calls that
 * the server works on come before those that wait for their clients.
 */
function belongsTo(calls: ReadonlySet<ParkedExchange>, text: string): ParkedExchange | undefined {
  const open = [...calls].filter((call) => !call.over);
  const oldest = (some: ParkedExchange[]) => some.find(({ method }) => method === "tools/call") ?? some[0];
  return open.find(({ id }) => text.includes(id)) ?? oldest(open.filter((call) => !call.parked)) ?? oldest(open);
}

/** Gives a notification to the calls it belongs to; that of a log, to the only one. */
function tell({ calls }: Ear, text: string): void {
  const message = tryParse(text);
  if (!isObject(message)) return;
  const params = isObject(message.params) ? message.params : {};
  const [first, ...others] = calls;
  if (message.method === "notifications/cancelled") for (const call of calls) call.withdraw(message);
  else if (message.method === "notifications/progress")
    [...calls].find(({ id }) => id === params.progressToken)?.hear(text);
  else if (message.method === "notifications/message" && others.length === 0) first?.hear(text);
}

const warn = ({ target }: Ear, error: unknown): void =>
  console.warn({ event: "no stream from an upstream", upstream: target.name, reason: String(error) });
