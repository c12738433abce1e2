// Following the request log: what segments have gained since somebody last looked. Whichever isolate answered a call, it is
// given once.
import type { Call } from "../schemas/calls.ts";
import { callsIn, firstIdAt } from "./segments.ts";

/** For how long a segment is watched after it was begun: it grows for a minute, longer while D1 is away. Milliseconds. */
const WATCHED = 600_000;

/** How far a segment has been read: flushes, and characters of its lines. */
interface Read {
  readonly flushes: number;
  readonly characters: number;
}

/** The calls that are written from when it is made. */
export class Tail {
  readonly #d1: D1Database;
  readonly #read: Map<number, Read>;

  private constructor(d1: D1Database, read: Map<number, Read>) {
    this.#d1 = d1;
    this.#read = read;
  }

  static async fromNow(d1: D1Database): Promise<Tail> {
    const { results } = await d1
      .prepare("SELECT id, flushes, length(lines) AS characters FROM call_segments WHERE id >= ?")
      .bind(firstIdAt(Date.now() - WATCHED))
      .all<Read & { id: number }>();
    return new Tail(d1, new Map(results.map(({ id, ...read }) => [id, read])));
  }

  /** What was written since the last time. One statement, which sends what is new and nothing else. @throws what D1 throws. */
  async more(): Promise<Call[]> {
    const oldest = firstIdAt(Date.now() - WATCHED);
    for (const id of this.#read.keys()) if (id < oldest) this.#read.delete(id);
    const known = [...this.#read].map(([id, { flushes, characters }]) => [id, flushes, characters]);
    const { results } = await this.#d1
      .prepare(
        `SELECT call_segments.id AS id, flushes, length(lines) AS characters, substr(lines, coalesce(known.value ->> 2, -1) + 2) AS added
         FROM call_segments LEFT JOIN json_each(?) AS known ON known.value ->> 0 = call_segments.id
         WHERE call_segments.id >= ? AND flushes > coalesce(known.value ->> 1, 0) ORDER BY call_segments.id`,
      )
      .bind(JSON.stringify(known), oldest)
      .all<Read & { id: number; added: string }>();
    const calls: Call[] = [];
    for (const { id, added, ...read } of results) {
      calls.push(...(await callsIn(added)));
      this.#read.set(id, read);
    }
    return calls;
  }
}
