// The Sync object: one per upstream. It holds the one stream on which an upstream tells of changes, while listeners need
// it or the administrator keeps the upstream live; otherwise it looks now and then, by alarm. Held streams pin the
// object; the alarm wakes it after an eviction.
import { DurableObject } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { catalogVersion, confirm } from "../catalog/stamp.ts";
import { targetOf } from "../catalog/target.ts";
import { Context } from "../context.ts";
import { tables } from "../db/client.ts";
import type { UpstreamRow } from "../db/tables/upstreams.ts";
import type { Bindings } from "../env.ts";
import { echoed } from "../lib/close-code.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import { listen, type Need } from "../upstream/listen.ts";
import { Recent } from "./recent.ts";
import { type News, united } from "./relay.ts";
import { refreshOnSignal, surroundingsOf } from "./sync.ts";

/** Milliseconds between two looks after a held stream; without any alarm the platform lets an idle object go. */
const HEARTBEAT = 30_000;
/** A stream that broke is opened again after 1 s, then twice that, up to a minute. */
const FIRST_RETRY = 1_000;
const LAST_RETRY = 60_000;
const DAY = 24 * 3600_000;
/** What a line needed counts for so long after it closed: most often another one takes over. */
const LINGER = 3_000;
/** What was told before the new stream began may still be on its way over the old one. */
const ON_THE_WAY = 500;

/** In the storage while a stream is held. */
const HOLDS = "holds";

/** What a stream is needed for, and the upstream as it is; both as JSON. */
interface Wanted {
  readonly need: string;
  readonly place: string;
}

const isSame = (one: Wanted, other: Wanted | undefined): boolean =>
  one.need === other?.need && one.place === other.place;

/** A stream that is open, or being opened; `before` ends when it has begun. */
interface Held extends Wanted {
  readonly stop: AbortController;
  before: Held | undefined;
  listening: boolean;
  ended: boolean;
}

export class Sync extends DurableObject<Bindings> {
  readonly #context = new Context(this.env, this.ctx);
  #held: Held | undefined;
  #failures = 0;
  #retryAt = 0;
  /** What the upstream offers no stream for. */
  #refused: Wanted | undefined;
  #turn: Promise<void> = Promise.resolve();
  /** Needs of lines that have closed, and until when they count. */
  #left: { readonly need: Need; readonly until: number }[] = [];
  readonly #recent = new Recent();
  /** Somebody has to assume that everything changed. */
  #behind = false;
  /** What the upstream offers may have changed since the last look at it began. */
  #outdated = false;
  #looking: Promise<void> | undefined;

  /** A line of an isolate that has listeners; `after` when it takes over from one that heard so much. */
  override async fetch(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url);
    const after = searchParams.get("after");
    await this.#know(searchParams.get("upstream") ?? "");
    const [theirs, ours] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
    this.ctx.acceptWebSocket(ours);
    ours.serializeAttachment({ lists: false, uris: [] } satisfies Need);
    const missed = after === null ? [] : this.#recent.after(Number(after));
    for (const text of missed ?? []) ours.send(text);
    if (missed === undefined) this.#behind = true; // made good when it has said what it needs
    if (this.#held?.listening) ours.send(this.#listeningFor(this.#held));
    return new Response(null, { status: 101, webSocket: theirs });
  }

  /** The upstream was added, changed or removed: what is held may no longer be what is wanted. */
  async changed(upstreamId: string): Promise<void> {
    await this.#know(upstreamId);
    this.#retryAt = 0;
    this.#refused = undefined;
    await this.#adjust();
  }

  async #know(upstreamId: string): Promise<void> {
    if ((await this.ctx.storage.get("upstream")) !== upstreamId) await this.ctx.storage.put("upstream", upstreamId);
  }

  override async webSocketMessage(line: WebSocket, text: string | ArrayBuffer): Promise<void> {
    line.serializeAttachment(JSON.parse(String(text)) as Need);
    await this.#adjust();
    await this.#catchUp();
  }

  override async webSocketClose(line: WebSocket, code: number): Promise<void> {
    line.close(echoed(code));
    this.#left.push({ need: line.deserializeAttachment() as Need, until: Date.now() + LINGER });
    this.ctx.waitUntil(scheduler.wait(LINGER).then(() => this.#adjust()));
  }

  override async alarm(): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now() + LAST_RETRY); // should the database be down: it looks again
    await this.#adjust();
    await this.#poll();
  }

  /** Brings what is held in line with what is needed; one adjustment at a time. */
  #adjust(): Promise<void> {
    this.#turn = this.#turn
      .then(() => this.#adjustNow())
      .catch(async (error: unknown) => {
        this.#warn("not adjusted", error);
        await this.ctx.storage.setAlarm(Date.now() + HEARTBEAT);
      });
    return this.#turn;
  }

  async #adjustNow(): Promise<void> {
    const row = await this.#row();
    const wanted = row?.enabled ? this.#wantedOf(row) : undefined;
    const differs = wanted?.need !== this.#held?.need || wanted?.place !== this.#held?.place;
    if (!wanted) await this.#letGo();
    else if (row && differs && Date.now() >= this.#retryAt && !isSame(wanted, this.#refused))
      await this.#hold(row, wanted);
    await this.#schedule(row);
  }

  #wantedOf(row: UpstreamRow): Wanted | undefined {
    const need = this.#needOf(row);
    if (!need.lists && need.uris.length === 0) return undefined;
    return { need: JSON.stringify(need), place: JSON.stringify(targetOf(row)) };
  }

  #needOf({ live }: UpstreamRow): Need {
    const lines = this.ctx.getWebSockets().filter((line) => line.readyState === WebSocket.OPEN);
    this.#left = this.#left.filter(({ until }) => until > Date.now());
    const needs = [...lines.map((line) => line.deserializeAttachment() as Need), ...this.#left.map(({ need }) => need)];
    return united(live ? [...needs, { lists: true, uris: [] }] : needs);
  }

  /** Opens a stream; the one before goes on until it has begun. */
  async #hold(row: UpstreamRow, wanted: Wanted): Promise<void> {
    // Who held one when the object was put away has missed what was told since.
    if (!this.#held && (await this.ctx.storage.get(HOLDS))) this.#behind = true;
    const held: Held = { ...wanted, stop: new AbortController(), before: this.#held, listening: false, ended: false };
    this.#held = held;
    this.ctx.waitUntil(this.#hear(row, held));
  }

  async #letGo(): Promise<void> {
    const held = this.#held;
    this.#held = undefined;
    if (held) stopAll(held);
    await this.ctx.storage.delete(HOLDS);
  }

  async #hear(row: UpstreamRow, held: Held): Promise<void> {
    try {
      const around = { ...surroundingsOf(this.#context), signal: held.stop.signal };
      if (this.#failures > 0) this.#behind = true;
      for await (const message of listen(targetOf(row), JSON.parse(held.need) as Need, around)) {
        if (held.listening) this.#told(row.id, message);
        else await this.#begun(held);
      }
      if (!held.stop.signal.aborted) this.#refused = held; // it offers no such stream: polling has to do
    } catch (error) {
      if (held.stop.signal.aborted) return;
      this.#warn("listening broke off", error);
      this.#retryAt = Date.now() + Math.min(LAST_RETRY, FIRST_RETRY * 2 ** this.#failures++);
    } finally {
      held.ended = true;
      if (this.#held === held) {
        this.#held = held.before?.ended === false ? held.before : undefined;
        await this.#schedule(row);
      }
    }
  }

  /** The first message says that from now on nothing is missed. */
  async #begun(held: Held): Promise<void> {
    await this.ctx.storage.put(HOLDS, true);
    this.#failures = 0;
    held.listening = true;
    const { before } = held;
    if (before) this.ctx.waitUntil(scheduler.wait(ON_THE_WAY).then(() => stopAll(before)));
    else this.#recent.beginAnew();
    held.before = undefined;
    this.#send(this.#listeningFor(held));
    await this.#catchUp();
  }

  #listeningFor({ need }: Held): string {
    return JSON.stringify({ listening: JSON.parse(need), number: this.#recent.last } satisfies News);
  }

  #told(upstreamId: string, { method, params }: JsonObject): void {
    if (method === "notifications/resources/updated" && isObject(params)) this.#tell({ updated: params });
    else if (String(method).endsWith("/list_changed")) this.ctx.waitUntil(this.#refresh(upstreamId));
  }

  /** After a gap: what changed meanwhile was told to nobody. */
  async #catchUp(): Promise<void> {
    if (!this.#behind || !this.#held?.listening) return;
    this.#behind = false;
    const { lists, uris } = JSON.parse(this.#held.need) as Need;
    for (const uri of uris) this.#tell({ updated: { uri } });
    const row = await this.#row();
    if (lists && row) await this.#refresh(row.id);
  }

  /** Looks at the upstream. However often it says meanwhile that something changed, it is looked at once more. */
  #refresh(upstreamId: string): Promise<void> {
    this.#outdated = true;
    this.#looking ??= this.#lookWhileOutdated(upstreamId).finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #lookWhileOutdated(upstreamId: string): Promise<void> {
    while (this.#outdated) {
      this.#outdated = false;
      await refreshOnSignal(this.#context, upstreamId);
      await confirm(this.#context.store);
      this.#tell({ version: catalogVersion() });
    }
  }

  #tell(news: { updated: JsonObject } | { version: number }): void {
    this.#send(this.#recent.add((number) => JSON.stringify({ ...news, number } satisfies News)));
  }

  #send(text: string): void {
    for (const line of this.ctx.getWebSockets()) if (line.readyState === WebSocket.OPEN) line.send(text);
  }

  /** Looks at the upstream when its latest look is too old. */
  async #poll(): Promise<void> {
    const row = await this.#row();
    if (row?.enabled && (await this.#dueAt(row)) <= Date.now()) {
      await this.ctx.storage.put("looked", Date.now());
      await this.#refresh(row.id);
    }
    await this.#schedule(await this.#row());
  }

  /** When to look again. A look that failed counts as one: what is down is asked no more often. */
  async #dueAt({ lastRefreshAt, eraFoundAt }: UpstreamRow): Promise<number> {
    const { refreshInterval = DAY } = this.#context.config; // what an upstream speaks is looked at daily in any case
    const looked = (await this.ctx.storage.get<number>("looked")) ?? 0;
    return Math.max(looked, Date.parse(lastRefreshAt ?? eraFoundAt)) + refreshInterval;
  }

  /** The next alarm: to look at the upstream, after the stream that is held, or to open one again. */
  async #schedule(row: UpstreamRow | undefined): Promise<void> {
    if (!row?.enabled) return await this.ctx.storage.deleteAlarm();
    const now = Date.now();
    const look = Math.max(now + FIRST_RETRY, await this.#dueAt(row));
    const heartbeat = this.#held ? now + HEARTBEAT : look;
    const retry = this.#retryAt > now ? this.#retryAt + Math.random() * FIRST_RETRY : look;
    await this.ctx.storage.setAlarm(Math.min(look, heartbeat, retry));
  }

  async #row(): Promise<UpstreamRow | undefined> {
    const id = await this.ctx.storage.get<string>("upstream");
    const { db } = this.#context.desk;
    const [row] = id ? await db.select().from(tables.upstreams).where(eq(tables.upstreams.id, id)) : [];
    return row;
  }

  #warn(event: string, error: unknown): void {
    console.warn({ event, upstream: this.ctx.id.name ?? "", reason: String(error) });
  }
}

function stopAll(held: Held): void {
  held.stop.abort();
  if (held.before) stopAll(held.before);
}
