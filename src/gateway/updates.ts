// Resource updates for one listener (MCP server/resources, "Subscriptions"): at each upstream of its view the gateway
// hears what the listener needs, in that upstream's own URIs.
import type { UpstreamData, View } from "../catalog/view.ts";
import type { Context } from "../context.ts";
import { Hearing } from "../federation/relay.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import type { Need } from "../upstream/listen.ts";
import type { Lists } from "./list-changes.ts";
import { uriForClients } from "./uris.ts";

const LISTENS_WITHIN = 1_500;

export class Hearings {
  readonly #context: Context;
  readonly #lists: Lists;
  readonly #tell: (params: JsonObject) => void;
  readonly #hearings = new Map<string, { hearing: Hearing; need: string }>();
  #uris: ReadonlySet<string> = new Set();
  #view: View | undefined;

  /** `tell` gets the params of notifications/resources/updated. */
  constructor(context: Context, lists: Lists, tell: (params: JsonObject) => void) {
    this.#context = context;
    this.#lists = lists;
    this.#tell = tell;
  }

  /** Hears what `view` and these subscriptions need from now on; called again, it also shows that the listener lives. */
  follow(view: View, uris: readonly string[]): void {
    this.#uris = new Set(uris);
    this.#view = view;
    const needs = new Map(view.data.upstreams.map((upstream) => [upstream.id, this.#needOf(view, upstream, uris)]));
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
    await Promise.race([Promise.all([...this.#hearings.values()].map(({ hearing }) => hearing.ready())), late]);
  }

  close(): void {
    for (const [id, { hearing }] of this.#hearings) this.#drop(id, hearing);
  }

  #drop(id: string, hearing: Hearing): void {
    hearing.close();
    this.#hearings.delete(id);
  }

  #want(id: string, need: Need): void {
    const text = JSON.stringify(need);
    const known = this.#hearings.get(id);
    if (known?.need === text) return;
    if (known) known.hearing.want(need);
    const { env, store } = this.#context;
    const hearing = known?.hearing ?? new Hearing({ env, store }, id, need, (params) => this.#hear(id, params));
    this.#hearings.set(id, { hearing, need: text });
  }

  #needOf(view: View, upstream: UpstreamData, uris: readonly string[]): Need {
    const { capabilities } = upstream;
    return {
      lists: this.#lists.some(({ kinds: [kind] }) => declares(capabilities[kind], "listChanged")),
      uris: declares(capabilities.resources, "subscribe") ? uris.flatMap((uri) => ownUri(view, uri, upstream)) : [],
    };
  }

  #hear(upstreamId: string, params: JsonObject): void {
    const shown = this.#view ? uriForClients(this.#view, upstreamId, params) : params;
    if (this.#uris.has(String(shown.uri))) this.#tell(shown);
  }
}

const declares = (capability: unknown, feature: string): boolean =>
  isObject(capability as JsonObject) && (capability as JsonObject)[feature] === true;

/** A client's URI as this upstream knows it, if it is there; what nobody lists may be anywhere. */
function ownUri(view: View, uri: string, upstream: UpstreamData): string[] {
  const place = view.uris.toUpstream(uri);
  if (place === undefined) return [uri];
  return place.upstreamId === upstream.id ? [place.uri] : [];
}
