// Messages put by anyone, taken in order by one reader.

/** A queue that can be iterated until it is closed. What waits in it already is not put twice, so it stays short. */
export class Mailbox<T> {
  readonly #queue: T[] = [];
  #closed = false;
  #wake: (() => void) | undefined;

  put(item: T): void {
    if (this.#queue.includes(item)) return;
    this.#queue.push(item);
    this.#wake?.();
  }

  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    for (;;) {
      const next = this.#queue.shift();
      if (next !== undefined) yield next;
      else if (this.#closed) return;
      else await new Promise<void>((wake) => (this.#wake = wake));
    }
  }
}
