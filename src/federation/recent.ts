// What was told lately, numbered, for whoever takes over from a listener that was lost: it hears what the other one did not.

const MOST = 1_000;

export class Recent {
  readonly #told: { readonly number: number; readonly text: string }[] = [];
  /** The latest number. Begins with the time, so that numbers grow from one life of the object to the next. */
  #last = Date.now();
  /** Nothing is missing after this one. */
  #from = this.#last;

  get last(): number {
    return this.#last;
  }

  /** Keeps the text that is made with the next number, and gives it. */
  add(make: (number: number) => string): string {
    const number = ++this.#last;
    const text = make(number);
    this.#told.push({ number, text });
    if (this.#told.length > MOST) this.#from = this.#told.shift()?.number ?? number;
    return text;
  }

  /** What was told after this number; undefined when that is not known any more. */
  after(number: number): string[] | undefined {
    if (number < this.#from) return undefined;
    return this.#told.filter((told) => told.number > number).map(({ text }) => text);
  }

  /** Something may have been missed up to now. */
  beginAnew(): void {
    this.#told.length = 0;
    this.#from = ++this.#last;
  }
}
