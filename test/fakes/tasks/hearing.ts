// What reached a fake with tasks, and waiting for it.
import { EventEmitter, once } from "node:events";

export interface Heard {
  readonly method: string;
  readonly params: Record<string, unknown>;
}

export class Hearing {
  readonly heard: Heard[] = [];
  readonly #arrivals = new EventEmitter().setMaxListeners(0);

  note(heard: Heard): void {
    this.heard.push(heard);
    this.#arrivals.emit("arrival");
  }

  /** Resolves with the first request of a method that comes after the first `since` ones. */
  async next(method: string, since: number): Promise<Heard> {
    for (;;) {
      const found = this.heard.slice(since).find((one) => one.method === method);
      if (found) return found;
      await once(this.#arrivals, "arrival");
    }
  }
}
