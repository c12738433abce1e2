// Resource updates for one listener (MCP server/resources, "Subscriptions"): at each upstream of its view the gateway
// hears what the listener needs and may have, in that upstream's own URIs.
import type { UpstreamData, View } from "../catalog/view.ts";
import type { Context } from "../context.ts";
import { Hearing } from "../federation/relay.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import type { Need } from "../upstream/listen.ts";
import type { Lists } from "./list-changes.ts";
import { type Asked, reachable } from "./reach.ts";

const LISTENS_WITHIN = 1_500;

export class Hearings {
  readonly #context: Context;
  readonly #lists: Lists;
  readonly #tell: (params: JsonObject) => void;
  readonly #hearings = new Map<string, { hearing: Hearing; need: Need }>();
  /** The subscriptions, with where each leads in `#view`. */
  #places: ReadonlyMap<string, readonly Asked[]> = new Map();
  #view: View | undefined;
  #wanted: { readonly view: View; readonly uris: readonly string[] } | undefined;
  #looking: Promise<void> = Promise.resolve();
  #closed = false;

  /** `tell` gets the params of notifications/resources/updated. */
  constructor(context: Context, lists: Lists, tell: (params: JsonObject) => void) {
    this.#context = context;
    this.#lists = lists;
    this.#tell = tell;
  }

  /** Hears what `view` and these subscriptions need from now on; called again, it also shows that the listener lives. */
  follow(view: View, uris: readonly string[]): void {
    const before = this.#wanted;
    if (before?.view === view && before.uris === uris) {
      for (const { hearing } of this.#hearings.values()) hearing.beat();
      return;
    }
    const wanted = { view, uris };
    this.#wanted = wanted;
    this.#looking = this.#look(wanted).catch((error: unknown) => {
      if (this.#wanted === wanted) this.#wanted = before; // the next one looks again
      console.warn({ event: "subscriptions not looked up", reason: String(error) });
    });
  }

  /** Those of the subscriptions that lead somewhere; what is ours does, and never changes. */
  agreed(): string[] {
    const ours = (uri: string) => this.#view?.uris.toUpstream(uri)?.upstreamId === null;
    return [...this.#places].flatMap(([uri, places]) => (places.length > 0 || ours(uri) ? [uri] : []));
  }

  async #look(wanted: { readonly view: View; readonly uris: readonly string[] }): Promise<void> {
    const places = await reachable({ view: wanted.view, context: this.#context }, wanted.uris);
    if (this.#wanted !== wanted || this.#closed) return;
    this.#view = wanted.view;
    this.#places = places;
    this.#adjust();
  }

  #adjust(): void {
    const upstreams = this.#view?.data.upstreams ?? [];
    const needs = new Map(upstreams.map((upstream) => [upstream.id, this.#needOf(upstream)]));
    for (const [id, need] of needs) if (need.lists || need.uris.length > 0) this.#want(id, need);
    for (const [id, { hearing }] of this.#hearings) {
      const need = needs.get(id);
      if (need && (need.lists || need.uris.length > 0)) hearing.beat();
      else this.#drop(id, hearing);
    }
  }

  /** Resolves when every upstream is listened to, or after a while: one that is down keeps nobody from the others. */
  async ready(): Promise<void> {
    const late = scheduler.wait(LISTENS_WITHIN);
    await this.#looking;
    await Promise.race([Promise.all([...this.#hearings.values()].map(({ hearing }) => hearing.ready())), late]);
  }

  close(): void {
    this.#closed = true;
    for (const [id, { hearing }] of this.#hearings) this.#drop(id, hearing);
  }

  #drop(id: string, hearing: Hearing): void {
    hearing.close();
    this.#hearings.delete(id);
  }

  #want(id: string, need: Need): void {
    const known = this.#hearings.get(id);
    if (known && JSON.stringify(known.need) === JSON.stringify(need)) return;
    if (known) known.hearing.want(need);
    const { env, store } = this.#context;
    const hearing = known?.hearing ?? new Hearing({ env, store }, id, need, (params) => this.#hear(id, params));
    this.#hearings.set(id, { hearing, need });
  }

  #needOf({ id, capabilities }: UpstreamData): Need {
    const there = [...this.#places.values()].flat().filter(({ upstreamId }) => upstreamId === id);
    return {
      lists: this.#lists.some(({ kinds: [kind] }) => declares(capabilities[kind], "listChanged")),
      uris: declares(capabilities.resources, "subscribe") ? there.map(({ uri }) => uri) : [],
    };
  }

  /** What other listeners wanted to hear comes by here too. Each is told under the URI it asked for. */
  #hear(upstreamId: string, params: JsonObject): void {
    for (const [uri, places] of this.#places)
      if (places.some((place) => place.upstreamId === upstreamId && place.uri === params.uri))
        this.#tell({ ...params, uri });
  }
}

const declares = (capability: unknown, feature: string): boolean =>
  isObject(capability as JsonObject) && (capability as JsonObject)[feature] === true;
