// Work that several requests need at once, done once. A request may vanish together with its work (its I/O is ended
// with it), so those who joined wait only so long before they do it themselves.

/** Keeps work going after its request was answered. */
type KeepAlive = (work: Promise<unknown>) => void;

/** Work under way, by key. `patience`: milliseconds somebody waits for the work of another. */
export class SingleFlight<T> {
  readonly #patience: number;
  readonly #flights = new Map<string, Promise<T>>();

  constructor(patience = 3_000) {
    this.#patience = patience;
  }

  /** The outcome of the work under this key: of the one under way, or of this one. */
  run(key: string, keepAlive: KeepAlive, work: () => Promise<T>): Promise<T> {
    const known = this.#flights.get(key);
    if (!known) return this.#start(key, keepAlive, work);
    return this.#join(known, () => {
      if (this.#flights.get(key) === known) this.#flights.delete(key); // the first who loses patience does it for all
      return this.run(key, keepAlive, work);
    });
  }

  /** Begins the work unless it is under way; nobody waits for it, and its failure is the next asker's to see. */
  begin(key: string, keepAlive: KeepAlive, work: () => Promise<T>): void {
    if (!this.#flights.has(key)) this.#start(key, keepAlive, work).catch(() => {});
  }

  #start(key: string, keepAlive: KeepAlive, work: () => Promise<T>): Promise<T> {
    const flight = work().finally(() => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    });
    this.#flights.set(key, flight);
    keepAlive(flight.catch(() => {}));
    return flight;
  }

  async #join(flight: Promise<T>, instead: () => Promise<T>): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<T>();
    const timer = setTimeout(() => resolve(instead()), this.#patience);
    try {
      return await Promise.race([flight, promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}
