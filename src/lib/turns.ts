// Taking turns: work that several requests of an isolate do one after the other. A request may vanish in the middle of its
// turn, or while it waits for one (lib/single-flight.ts), so a turn that takes too long is over for those who wait.

interface Waiting {
  readonly called: Promise<void>;
  call(): void;
}

/** A line of work. `patience`: milliseconds after which a turn counts as abandoned. */
export class Turns {
  readonly #patience: number;
  readonly #line: Waiting[] = [];
  #turn: Waiting | undefined;
  #since = 0;

  constructor(patience = 1_000) {
    this.#patience = patience;
  }

  /** Runs the work when it is its turn; whatever becomes of it, the next one follows. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const { promise: called, resolve: call } = Promise.withResolvers<void>();
    const me = { called, call };
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
    this.#line.push(me);
    while (this.#turn !== me) {
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, this.#left());
      await Promise.race([me.called, late]);
      clearTimeout(timer);
      if (this.#turn === me || this.#left() > 0) continue;
      this.#line.splice(this.#line.indexOf(me), 1);
      this.#begin(me);
    }
  }
}
