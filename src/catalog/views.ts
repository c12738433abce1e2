// The one door to compiled state. A view is looked for in this isolate's memory, then in KV under a key that names its
// version and never changes, then compiled from D1. A new catalog version empties the memory.
import { openDatabase } from "../db/client.ts";
import { SingleFlight } from "../lib/single-flight.ts";
import { compile, type Scope } from "./compile.ts";
import { catalogVersion, type Store } from "./stamp.ts";
import { View, type ViewData } from "./view.ts";

export type { Scope };

const MOST_VIEWS = 500;
const MOST_MISSES = 1_000;

/** Changes when `ViewData` does, or what is let into it, so that a new build does not read views of an older one. */
const FORMAT = 7;
const WEEK = 7 * 24 * 3600;

const memory = { version: 0, views: new Map<string, View>(), misses: new Set<string>() };
const loads = new SingleFlight<View | undefined>();

const keyOf = (scope: Scope): string =>
  "serverId" in scope ? `server:${scope.serverId}` : scope.sight === "everything" ? "all" : `all:${scope.sight.key}`;

/**
 * The view of a scope, at once when this isolate has it. Undefined when there is no such enabled virtual server.
 * The caller has confirmed the stamp (stamp.ts) before.
 */
export function viewOf(store: Store, scope: Scope, pageSize: number): View | undefined | Promise<View | undefined> {
  const version = catalogVersion();
  if (memory.version !== version) Object.assign(memory, { version, views: new Map(), misses: new Set() });
  const key = keyOf(scope);
  const view = memory.views.get(key);
  if (view || memory.misses.has(key)) return view;
  return loads.run(
    `${key}:${version}`,
    (work) => store.waitUntil(work),
    () => load(store, scope, key, version, pageSize),
  );
}

/** Whether this isolate has served a virtual server of this id since the catalog last changed. Costs nothing. */
export const isServed = (serverId: string): boolean => memory.views.has(keyOf({ serverId }));

async function load(
  store: Store,
  scope: Scope,
  key: string,
  version: number,
  pageSize: number,
): Promise<View | undefined> {
  const place = `view:${FORMAT}:${key}:${version}`;
  const stored = await store.kv.get<ViewData>(place, "json").catch(withoutCache);
  const data = stored ?? (await compile(openDatabase(store.d1), scope, key, version));
  const view = data && new View(data, pageSize);
  if (data && !stored)
    store.waitUntil(store.kv.put(place, JSON.stringify(data), { expirationTtl: WEEK }).catch(withoutCache));
  if (memory.version === version) remember(key, view);
  return view;
}

/** KV only saves work: without it views are compiled from D1, which is the truth. */
function withoutCache(error: unknown): null {
  console.warn({ event: "KV failed", reason: String(error) });
  return null;
}

function remember(key: string, view: View | undefined): void {
  const { views, misses } = memory;
  if (!view) {
    if (misses.size >= MOST_MISSES) misses.clear();
    misses.add(key);
    return;
  }
  if (views.size >= MOST_VIEWS) views.delete(views.keys().next().value ?? "");
  views.set(key, view);
}
