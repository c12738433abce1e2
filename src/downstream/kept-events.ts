// Events of answers that began as a stream, kept by a session's object for clients that come back with Last-Event-ID
// (MCP 2025-11-25 basic/transports, "Resumability and Redelivery"). An event larger than a row may be is kept in parts.

const PART = 500_000;

/** Milliseconds an answer is kept after its last event, and how much of one is kept, in characters. */
const KEPT_FOR = 10 * 60_000;
const MOST = 32_000_000;

/** `data` is a part of an event's JSON-RPC message; `last` the number of the last event, `at` in milliseconds. */
const TABLES = [
  "events (stream TEXT, n INTEGER, part INTEGER, data TEXT, PRIMARY KEY (stream, n, part))",
  "streams (stream TEXT PRIMARY KEY, request TEXT, size INTEGER, last INTEGER, at INTEGER)",
];

export class KeptEvents {
  readonly #storage: SqlStorage;
  #ready = false;

  constructor(storage: SqlStorage) {
    this.#storage = storage;
  }

  /** The tables are made on first use: most sessions keep nothing. */
  get #sql(): SqlStorage {
    if (!this.#ready) for (const table of TABLES) this.#storage.exec(`CREATE TABLE IF NOT EXISTS ${table}`);
    this.#ready = true;
    return this.#storage;
  }

  /** Everything in the storage was deleted. */
  deleted(): void {
    this.#ready = false;
  }

  /** Makes room for an answer to the request with this id (as JSON). */
  begin(stream: string, request: string): void {
    this.#sql.exec("INSERT OR IGNORE INTO streams VALUES (?, ?, 0, NULL, ?)", stream, request, Date.now());
  }

  /** Keeps one event; keeping it again changes nothing. Of an answer beyond all measure the rest is not kept. */
  keep(stream: string, n: number, data: string): void {
    const [row] = this.#sql.exec<{ size: number }>("SELECT size FROM streams WHERE stream = ?", stream).toArray();
    if (!row || row.size + data.length > MOST) return;
    for (let part = 0; part * PART < Math.max(1, data.length); part++)
      this.#sql.exec(
        "INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?)",
        stream,
        n,
        part,
        data.slice(part * PART, (part + 1) * PART),
      );
    this.#sql.exec("UPDATE streams SET size = size + ?, at = ? WHERE stream = ?", data.length, Date.now(), stream);
  }

  /** Event `n` was the last one. */
  finish(stream: string, n: number): void {
    this.#sql.exec("UPDATE streams SET last = ?, at = ? WHERE stream = ?", n, Date.now(), stream);
  }

  /** The events after number `n`, and whether the answer is complete; undefined for an answer that is not kept. */
  after(
    stream: string,
    n: number,
  ): { readonly events: { n: number; data: string }[]; readonly complete: boolean } | undefined {
    const [row] = this.#sql
      .exec<{ last: number | null }>("SELECT last FROM streams WHERE stream = ?", stream)
      .toArray();
    if (!row) return undefined;
    const events: { n: number; data: string }[] = [];
    for (const part of this.#sql.exec<{ n: number; part: number; data: string }>(
      "SELECT n, part, data FROM events WHERE stream = ? AND n > ? ORDER BY n, part",
      stream,
      n,
    )) {
      const event = events.at(-1);
      if (event?.n === part.n) event.data += part.data;
      else events.push({ n: part.n, data: part.data });
    }
    return { events, complete: row.last !== null };
  }

  /** Answers that were begun and not ended: their id, the request's id as JSON, and the number of the newest event. */
  unfinished(): { stream: string; request: string; newest: number }[] {
    return this.#sql
      .exec<{ stream: string; request: string; newest: number }>(
        "SELECT stream, request, (SELECT COALESCE(MAX(n), 0) FROM events WHERE events.stream = streams.stream) AS newest FROM streams WHERE last IS NULL",
      )
      .toArray();
  }

  /** Drops what nobody will come back for. */
  sweep(): void {
    const old = "last IS NOT NULL AND at < ?";
    const before = Date.now() - KEPT_FOR;
    this.#sql.exec(`DELETE FROM events WHERE stream IN (SELECT stream FROM streams WHERE ${old})`, before);
    this.#sql.exec(`DELETE FROM streams WHERE ${old}`, before);
  }
}
