// Messages put by anyone, taken in order by one reader.

/** A queue that can be iterated until it is closed. */
export class Mailbox<T> {
  readonly #queue: T[] = [];
  #closed = false;
  #wake: (() => void) | undefined;

  put(item: T): void {
    this.#queue.push(item);
    this.#wake?.();
  }

  /** Puts what says nothing new as long as its like waits: the queue stays short. */
  putOnce(item: T): void {
    if (!this.#queue.includes(item)) this.put(item);
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
