// The stream that the answers to one POST may become: its name, under which the session's object keeps its events, and
// the line to that object, over which replies and cancellations come too.
import type { Bindings } from "../env.ts";
import { SessionLine, type Told } from "../gateway/session-line.ts";
import { newId } from "../lib/ids.ts";
import type { JsonValue } from "../lib/json.ts";

/** A request that hears what is told on the line. */
interface Hearer {
  readonly id: JsonValue;
  hear(told: Told): void;
}

export class KeptStream {
  readonly name = newId().slice(0, 16);
  readonly #env: Bindings;
  readonly #sessionId: string;
  readonly #requests: readonly Hearer[];
  #line: SessionLine | undefined;

  /** `requests` are all there by the time the line is used. */
  constructor(env: Bindings, sessionId: string, requests: readonly Hearer[]) {
    this.#env = env;
    this.#sessionId = sessionId;
    this.#requests = requests;
  }

  get line(): SessionLine {
    this.#line ??= new SessionLine(
      this.#env,
      this.#sessionId,
      { answer: this.name, requests: this.#requests.map(({ id }) => id) },
      (told) => {
        for (const request of this.#requests) request.hear(told);
      },
    );
    return this.#line;
  }
}
