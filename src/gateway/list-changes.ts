// Lists that change while somebody listens (MCP server/tools, prompts, resources: list_changed). The stamps' own
// signal tells of changes, of the catalog and of who may do what; a quiet stream looks again by itself, at its own right
// to be there too.
import { confirm, somethingChanged } from "../catalog/stamp.ts";
import type { ListKind, View } from "../catalog/view.ts";
import type { Context } from "../context.ts";
import { type Caller, sightOf } from "../identity/caller.ts";
import { standing } from "../identity/standing.ts";
import { can } from "../policy/can.ts";
import { restriction } from "../policy/restrictions.ts";
import type { Exchange } from "./exchange.ts";

/** The lists a client can hear of: the filter's name of 2026-07-28, the notification, the parts of a view. */
export const LISTS = [
  { filter: "toolsListChanged", method: "notifications/tools/list_changed", kinds: ["tools"] },
  { filter: "promptsListChanged", method: "notifications/prompts/list_changed", kinds: ["prompts"] },
  { filter: "resourcesListChanged", method: "notifications/resources/list_changed", kinds: ["resources", "templates"] },
] as const satisfies readonly { filter: string; method: string; kinds: readonly ListKind[] }[];

export type Lists = readonly (typeof LISTS)[number][];

/** Milliseconds after which a quiet stream looks whether anything changed elsewhere. */
export const LOOK_AGAIN = 8_000;

/** Who listens, and what to do for them. */
export interface Watch {
  readonly context: Context;
  readonly view: View;
  readonly era: Exchange["era"];
  readonly lists: Lists;
  readonly signal: AbortSignal;
  /** A list is another than the listener last heard of. */
  changed(method: string): void;
  /** Called whenever the watch has looked, with what the listener sees now. */
  looked?(view: View): void;
  /** Whether the listener may stay, besides what the policy says. */
  stands?(): boolean;
  /** The listener may no longer listen, or nobody knows whether. */
  over(): void;
}

/** Watches until the signal aborts. */
export function watchLists(watch: Watch): void {
  let { view } = watch;
  const look = async (): Promise<void> => {
    const next = await permittedView(watch);
    if (watch.signal.aborted) return;
    if (!next || watch.stands?.() === false) return watch.over();
    const changed = watch.lists.filter((list) => list.kinds.some((kind) => differs(watch.era, view, next, kind)));
    view = next;
    for (const { method } of changed) watch.changed(method);
    watch.looked?.(next);
  };
  const onChange = () => void look().catch(() => watch.over());
  const timer = setInterval(onChange, LOOK_AGAIN);
  watch.signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  void watchStamps(watch.signal, onChange);
}

const differs = (era: Exchange["era"], before: View, after: View, kind: ListKind): boolean =>
  before !== after && before.lists[era][kind].join() !== after.lists[era][kind].join();

/** The caller of a request that has lasted for a while; undefined when it may be served no longer. Confirms the stamp: an idle isolate hears of nothing else. */
export async function callerNow(context: Context): Promise<Caller | undefined> {
  const { store, clientAddress } = context;
  await confirm(store, LOOK_AGAIN / 2);
  const caller = await standing(store, context.caller, context.bootstrapAdmin);
  if (!caller || restriction({ caller, clientAddress })) return undefined;
  context.caller = caller;
  return caller;
}

/** What a caller who has been here for a while may see now; undefined when it may no longer listen. */
export async function permittedView({ context, view }: Pick<Watch, "context" | "view">): Promise<View | undefined> {
  const caller = await callerNow(context);
  if (!caller) return undefined;
  const { server } = view.data;
  const next = await context.view(server ? { serverId: server.id } : { sight: sightOf(caller) });
  return next && can(caller, "servers.use", next.target) === "yes" ? next : undefined;
}

async function watchStamps(signal: AbortSignal, onChange: () => void): Promise<void> {
  while (!signal.aborted) {
    await somethingChanged(signal);
    if (!signal.aborted) onChange();
  }
}
