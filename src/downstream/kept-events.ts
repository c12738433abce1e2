// Events of answers that began as a stream, kept by a session's object for clients that come back with Last-Event-ID
// (MCP 2025-11-25 basic/transports, "Resumability and Redelivery"). An event larger than a row may be is kept in parts.
import { isObject, type JsonObject, type JsonValue } from "../lib/json.ts";
import { isResponse, tryParse } from "../upstream/read-answer.ts";

const PART = 500_000;

/** Milliseconds a stream is kept after its last event, and how much of one is kept, in characters. */
const KEPT_FOR = 10 * 60_000;
const MOST = 32_000_000;

/** `data` is a part of an event's JSON-RPC message; `last` the number of the last event, `at` in milliseconds. */
const TABLES = [
  "events (stream TEXT, n INTEGER, part INTEGER, data TEXT, PRIMARY KEY (stream, n, part))",
  "streams (stream TEXT PRIMARY KEY, requests TEXT, size INTEGER, last INTEGER, at INTEGER)",
];

/** In a query of a stream: the number of its newest event. */
const NEWEST = "(SELECT COALESCE(MAX(n), 0) FROM events WHERE events.stream = streams.stream)";

/** A message, and its number in the stream. */
interface Event {
  readonly n: number;
  data: string;
}

/** The id, as JSON, of the request that a message answers. */
function answers(text: string): string | undefined {
  const message = isResponse(text) ? tryParse(text) : undefined;
  return isObject(message) ? JSON.stringify(message.id) : undefined;
}

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

  get #begun(): boolean {
    return this.#ready || this.#storage.exec("SELECT 1 FROM sqlite_master WHERE name = 'streams'").toArray().length > 0;
  }

  /** Everything in the storage was deleted. */
  deleted(): void {
    this.#ready = false;
  }

  /** Makes room for a stream of answers to the requests with these ids. */
  begin(stream: string, requests: readonly JsonValue[]): void {
    this.#sql.exec(
      "INSERT OR IGNORE INTO streams VALUES (?, ?, 0, NULL, ?)",
      stream,
      JSON.stringify(requests),
      Date.now(),
    );
  }

  /** Whether there is such a stream. Looking for one leaves nothing where none was ever begun. */
  has(stream: string): boolean {
    return this.#begun && this.#sql.exec("SELECT 1 FROM streams WHERE stream = ?", stream).toArray().length > 0;
  }

  /**
   * Keeps one event; keeping it again, or after the end, changes nothing. Of a stream beyond all measure only responses
   * are. Whether it was kept.
   */
  keep(stream: string, n: number, data: string): boolean {
    const [row] = this.#sql
      .exec<{ size: number; newest: number }>(
        `SELECT size, ${NEWEST} AS newest FROM streams WHERE stream = ? AND last IS NULL`,
        stream,
      )
      .toArray();
    if (!row || row.newest >= n || (row.size + data.length > MOST && answers(data) === undefined)) return false;
    this.#write(stream, n, data);
    return true;
  }

  #write(stream: string, n: number, data: string): void {
    for (let part = 0; part * PART < Math.max(1, data.length); part++)
      this.#sql.exec(
        "INSERT INTO events VALUES (?, ?, ?, ?)",
        stream,
        n,
        part,
        data.slice(part * PART, (part + 1) * PART),
      );
    this.#sql.exec("UPDATE streams SET size = size + ?, at = ? WHERE stream = ?", data.length, Date.now(), stream);
  }

  /** Event `n` was the last one. */
  finish(stream: string, n: number): void {
    this.#sql.exec("UPDATE streams SET last = ?, at = ? WHERE stream = ? AND last IS NULL", n, Date.now(), stream);
  }

  /**
   * Ends a stream after event `n`, of which no more will come or not everything was kept: the requests that it does not
   * answer get this error. The events that were added.
   */
  lose(stream: string, n: number, error: JsonObject): Event[] {
    const answered = new Set(this.after(stream, 0)?.events.map(({ data }) => answers(data)));
    const [row] = this.#sql
      .exec<{ requests: string }>("SELECT requests FROM streams WHERE stream = ?", stream)
      .toArray();
    const lost = (JSON.parse(row?.requests ?? "[]") as JsonValue[]).filter((id) => !answered.has(JSON.stringify(id)));
    const events = lost.map((id, at) => ({ n: n + 1 + at, data: JSON.stringify({ jsonrpc: "2.0", id, error }) }));
    for (const { n: number, data } of events) this.#write(stream, number, data);
    this.finish(stream, events.at(-1)?.n ?? n);
    return events;
  }

  /** The number of the newest event that is kept; undefined for a stream that has ended or is not kept. */
  newest(stream: string): number | undefined {
    return this.unfinished().find((known) => known.stream === stream)?.newest;
  }

  /** The events after number `n`, and whether the answer is complete; undefined for an answer that is not kept. */
  after(stream: string, n: number): { readonly events: Event[]; readonly complete: boolean } | undefined {
    const [row] = this.#sql
      .exec<{ last: number | null }>("SELECT last FROM streams WHERE stream = ?", stream)
      .toArray();
    if (!row) return undefined;
    const events: Event[] = [];
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

  /** Streams that were begun and not ended, and the number of the newest event. */
  unfinished(): { stream: string; newest: number }[] {
    if (!this.#begun) return [];
    return this.#sql
      .exec<{ stream: string; newest: number }>(`SELECT stream, ${NEWEST} AS newest FROM streams WHERE last IS NULL`)
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
