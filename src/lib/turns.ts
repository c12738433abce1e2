// Taking turns: work that several requests of an isolate do one after the other. A request may vanish in the middle of its
// turn, or while it waits for one (lib/single-flight.ts), so a turn that takes too long is over for those who wait.

interface Waiting {
  call(): void;
}

/** A line of work. `patience`: milliseconds after which a turn counts as abandoned. */
export class Turns {
  readonly #patience: number;
  #line: Waiting[] = [];
  #turn: Waiting | undefined;
  #since = 0;

  constructor(patience = 1_000) {
    this.#patience = patience;
  }

  /** Runs the work when it is its turn; whatever becomes of it, the next one follows. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const me: Waiting = { call() {} };
    if (this.#left() > 0) await this.#wait(me);
    else this.#begin(me);
    try {
      return await work();
    } finally {
      if (this.#turn === me) this.#begin(this.#line.shift());
    }
  }

  /** Milliseconds that whoever has the turn may still take. */
  #left(): number {
    return this.#turn ? Math.max(0, this.#since + this.#patience - Date.now()) : 0;
  }

  #begin(next: Waiting | undefined): void {
    this.#turn = next;
    this.#since = Date.now();
    next?.call();
  }

  async #wait(me: Waiting): Promise<void> {
    while (this.#turn !== me) {
      if (!this.#line.includes(me)) this.#line.push(me); // also when called so late that the turn was over again
      const { promise: called, resolve } = Promise.withResolvers<void>();
      me.call = resolve;
      const timer = setTimeout(resolve, this.#left());
      await called;
      clearTimeout(timer);
      if (this.#turn === me || this.#left() > 0) continue;
      this.#line = this.#line.filter((one) => one !== me);
      this.#begin(me);
    }
  }
}
