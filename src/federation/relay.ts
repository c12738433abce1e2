// What an upstream tells unasked, brought to every stream of this isolate that wants it. One of the streams holds the
// line to the upstream's Sync object for all of them; when it goes, the next takes over. A line belongs to the request
// that opened it, so the others only leave word.
import { heardOf, type Store } from "../catalog/stamp.ts";
import type { Bindings } from "../env.ts";
import type { JsonObject } from "../lib/json.ts";
import type { Need } from "../upstream/listen.ts";

/**
 * What the Sync object tells: params of notifications/resources/updated, the catalog's version after a refresh, or for
 * what it listens by now. Numbered, so that a line that takes over hears what the one before it did not.
 */
export type News = { readonly number: number } & (
  | { readonly updated: JsonObject }
  | { readonly version: number }
  | { readonly listening: Need }
);

/** Calls the Sync object answers (sync-object.ts). */
interface SyncObject {
  changed(upstreamId: string): Promise<void>;
}

/** Tells an upstream's object that the upstream was added, changed or removed; it finds out by itself a while later too. */
export function tellSync({ env, store }: { env: Bindings; store: Store }, upstreamId: string): void {
  const object = env.SYNC.getByName(upstreamId) as unknown as SyncObject;
  const told = object.changed(upstreamId);
  store.waitUntil(
    told.catch((error: unknown) =>
      console.warn({ event: "object not told", upstream: upstreamId, reason: String(error) }),
    ),
  );
}

/** Several needs as one, in a stable order. */
export const united = (needs: Iterable<Need>): Need => {
  const all = [...needs];
  return { lists: all.some(({ lists }) => lists), uris: [...new Set(all.flatMap(({ uris }) => uris))].sort() };
};

/** A holder that has not moved for so long has vanished with its request. Milliseconds; hearings move every 8 s. */
const VANISHED_AFTER = 20_000;
const REOPEN_AFTER = 1_000;

const NOTHING: Need = { lists: false, uris: [] };

const covers = (listening: Need, need: Need): boolean =>
  (listening.lists || !need.lists) && need.uris.every((uri) => listening.uris.includes(uri));

interface Relay {
  /** What the upstream is listened to for. */
  listening: Need;
  readonly hearings: Set<Hearing>;
  holder: Hearing | undefined;
  /** The number of the latest news. */
  heard: number | undefined;
}

const newRelay = (): Relay => ({ hearings: new Set(), holder: undefined, listening: NOTHING, heard: undefined });

const relays = new Map<string, Relay>();

/** One stream's ear at an upstream. Everything it does itself happens in the request that made it. */
export class Hearing {
  readonly #env: Bindings;
  readonly #store: Store;
  readonly #upstreamId: string;
  readonly #hear: (params: JsonObject) => void;
  readonly #relay: Relay;
  #need: Need;
  #told = "";
  #line: WebSocket | undefined;
  #movedAt = Date.now();
  #closed = false;
  #wake = () => {};
  #ready = () => {};
  #poked = false;

  /** `hear` gets params of notifications/resources/updated; of changed lists the catalog's own signal tells. */
  constructor(
    around: { env: Bindings; store: Store },
    upstreamId: string,
    need: Need,
    hear: (params: JsonObject) => void,
  ) {
    this.#env = around.env;
    this.#store = around.store;
    this.#upstreamId = upstreamId;
    this.#need = need;
    this.#hear = hear;
    this.#relay = relays.get(upstreamId) ?? newRelay();
    relays.set(upstreamId, this.#relay);
    this.#relay.hearings.add(this);
    void this.#serve();
    this.#relay.holder?.poke();
  }

  want(need: Need): void {
    this.#need = need;
    this.#relay.holder?.poke();
  }

  /** Called now and then by the stream: it is alive, and looks whether the holder is. */
  beat(): void {
    this.#movedAt = Date.now();
    const { holder } = this.#relay;
    if (holder && this.#movedAt - holder.#movedAt > VANISHED_AFTER) {
      this.#relay.hearings.delete(holder);
      this.#relay.holder = undefined;
    }
    if (!this.#relay.holder) this.poke();
  }

  /** Resolves when the upstream is listened to for what this one needs. */
  async ready(): Promise<void> {
    while (!this.#closed && !covers(this.#relay.listening, this.#need))
      await new Promise<void>((wake) => (this.#ready = wake));
  }

  poke(): void {
    this.#poked = true;
    this.#wake();
  }

  close(): void {
    this.#closed = true;
    this.#line?.close(1000, "over");
    this.#relay.hearings.delete(this);
    if (this.#relay.holder === this) this.#relay.holder = undefined;
    const [next] = this.#relay.hearings;
    (this.#relay.holder ?? next)?.poke();
    if (!next) relays.delete(this.#upstreamId);
    this.#ready();
    this.poke();
  }

  async #serve(): Promise<void> {
    while (!this.#closed) {
      this.#relay.holder ??= this;
      if (this.#relay.holder === this) await this.#hold().catch((error: unknown) => this.#failed(error));
      if (!this.#poked) await new Promise<void>((wake) => (this.#wake = wake));
      this.#poked = false;
    }
  }

  async #hold(): Promise<void> {
    const need = JSON.stringify(united([...this.#relay.hearings].map((hearing) => hearing.#need)));
    if (!this.#line) await this.#open();
    if (need !== this.#told) this.#line?.send(need);
    this.#told = need;
  }

  async #failed(error: unknown): Promise<void> {
    console.warn({ event: "no line to the upstream's object", upstream: this.#upstreamId, reason: String(error) });
    await scheduler.wait(REOPEN_AFTER);
    this.poke();
  }

  async #open(): Promise<void> {
    const { heard } = this.#relay;
    const after = heard === undefined ? "" : `&after=${heard}`;
    const address = `https://sync/line?upstream=${encodeURIComponent(this.#upstreamId)}${after}`;
    const object = this.#env.SYNC.getByName(this.#upstreamId);
    const { webSocket } = await object.fetch(address, { headers: { upgrade: "websocket" } });
    if (!webSocket) throw new Error("the object gave no line");
    webSocket.accept();
    webSocket.addEventListener("message", ({ data }) => this.#pass(JSON.parse(String(data)) as News));
    webSocket.addEventListener("close", () => {
      if (this.#line !== webSocket) return;
      this.#line = undefined;
      this.#told = "";
      this.#relay.listening = NOTHING;
      this.poke();
    });
    if (this.#closed) return webSocket.close(1000, "over");
    this.#line = webSocket;
  }

  #pass(news: News): void {
    this.#relay.heard = news.number;
    if ("version" in news) heardOf(this.#store, news.version);
    if ("listening" in news) this.#relay.listening = news.listening;
    for (const hearing of this.#relay.hearings) {
      if ("updated" in news) hearing.#hear(news.updated);
      if ("listening" in news) hearing.#ready();
    }
  }
}
