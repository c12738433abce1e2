// What happened at an upstream, written down as short sentences that a test can count and wait for.
import { EventEmitter, once } from "node:events";

export class Journal {
  readonly #entries: string[] = [];
  readonly #arrivals = new EventEmitter().setMaxListeners(0);

  write(entry: string): void {
    this.#entries.push(entry);
    this.#arrivals.emit("entry");
  }

  /** How often this was written. */
  times(entry: string): number {
    return this.#entries.filter((one) => one === entry).length;
  }

  /** Resolves with the first entry that begins so, once there is one. */
  async saw(beginning: string): Promise<string> {
    for (;;) {
      const found = this.#entries.find((entry) => entry.startsWith(beginning));
      if (found !== undefined) return found;
      await once(this.#arrivals, "entry");
    }
  }

  /** All that was written about one thing, in order. */
  about(word: string): readonly string[] {
    return this.#entries.filter((entry) => entry.split(" ").includes(word));
  }
}
