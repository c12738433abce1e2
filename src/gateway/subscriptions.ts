// subscriptions/listen of 2026-07-28: one stream that tells of changed lists and updated resources. Changes of the
// catalog come from this isolate's signal; what only upstreams know comes over a listen stream to each of them.
import { catalogChanged, confirm } from "../catalog/stamp.ts";
import type { ListKind, View } from "../catalog/view.ts";
import { refreshOnSignal } from "../federation/sync.ts";
import { sightOf } from "../identity/caller.ts";
import { stands } from "../identity/standing.ts";
import { isObject, type JsonObject, type JsonValue } from "../lib/json.ts";
import { PROTOCOL_META } from "../lib/mcp.ts";
import { can } from "../policy/can.ts";
import { send } from "../upstream/connect.ts";
import { type Answer, type Exchange, invalidParams } from "./exchange.ts";
import { surroundings } from "./forward.ts";
import { Mailbox } from "./mailbox.ts";

/** The lists a client can listen to: the filter's name, the notification, the parts of a view. */
const LISTS = [
  { filter: "toolsListChanged", method: "notifications/tools/list_changed", kinds: ["tools"] },
  {
    filter: "promptsListChanged",
    method: "notifications/prompts/list_changed",
    kinds: ["prompts"],
  },
  {
    filter: "resourcesListChanged",
    method: "notifications/resources/list_changed",
    kinds: ["resources", "templates"],
  },
] as const satisfies readonly { filter: string; method: string; kinds: readonly ListKind[] }[];

/** Milliseconds after which a quiet stream looks whether anything changed elsewhere, its own right to be there included. */
const LOOK_AGAIN = 8_000;

export async function listen(exchange: Exchange): Promise<Answer> {
  const asked = exchange.params.notifications;
  if (!isObject(asked)) return invalidParams("params.notifications must be an object");
  const wanted = LISTS.filter((list) => asked[list.filter] === true);
  const uris = Array.isArray(asked.resourceSubscriptions)
    ? asked.resourceSubscriptions.filter((uri) => typeof uri === "string")
    : [];
  const agreed: JsonObject = {
    ...Object.fromEntries(wanted.map((list) => [list.filter, true])),
    ...(uris.length > 0 ? { resourceSubscriptions: uris } : {}),
  };
  return { kind: "stream", messages: stream(exchange, agreed, wanted, uris) };
}

type Wanted = readonly (typeof LISTS)[number][];

async function* stream(
  exchange: Exchange,
  agreed: JsonObject,
  wanted: Wanted,
  uris: readonly string[],
): AsyncGenerator<string, void, void> {
  const tell = (method: string, params: JsonObject = {}): string =>
    JSON.stringify({
      jsonrpc: "2.0",
      method,
      params: { ...params, _meta: { [PROTOCOL_META.subscriptionId]: exchange.id } },
    });
  const post = new Mailbox<string>();
  const { context, signal } = exchange;
  signal.addEventListener("abort", () => post.close(), { once: true });
  let view = exchange.view;

  /** Tells of every wanted list that differs from what the client last heard of. */
  const compare = async (): Promise<void> => {
    const next = await permittedView(exchange);
    if (!next) return post.close();
    const changed = wanted.filter((list) => list.kinds.some((kind) => differs(view, next, kind)));
    view = next;
    for (const list of changed) post.put(tell(list.method));
  };
  const fromUpstream = async (upstreamId: string, message: JsonObject): Promise<void> => {
    if (wanted.some(({ method }) => method === message.method)) await refreshOnSignal(context, upstreamId);
    else if (message.method === "notifications/resources/updated" && isObject(message.params)) {
      const { _meta, ...params } = message.params;
      if (uris.includes(String(params.uri))) post.put(tell(message.method, params));
    }
  };

  yield tell("notifications/subscriptions/acknowledged", { notifications: agreed });
  const upstreams = exchange.view.data.upstreams.filter((upstream) => upstream.era === "modern");
  for (const { id } of upstreams) void listenUpstream(exchange, id, agreed, (message) => fromUpstream(id, message));
  const onChange = () => void compare().catch(() => post.close());
  const timer = setInterval(onChange, LOOK_AGAIN);
  void watchCatalog(signal, onChange);
  try {
    yield* post;
  } finally {
    clearInterval(timer);
  }
}

const differs = (before: View, after: View, kind: ListKind): boolean =>
  before.lists.modern[kind].join() !== after.lists.modern[kind].join();

/** What the listener may see now; undefined when it may no longer listen. Confirms the stamp: an idle isolate hears of nothing else. */
async function permittedView({ context, view }: Exchange): Promise<View | undefined> {
  const { store, caller, config } = context;
  await confirm(store, LOOK_AGAIN / 2);
  if (!(await stands(store, caller, config.adminEmail))) return undefined;
  const { server } = view.data;
  const next = await context.view(server ? { serverId: server.id } : { sight: sightOf(caller) });
  return next && can(caller, "servers.use", next.target) === "yes" ? next : undefined;
}

async function watchCatalog(signal: AbortSignal, onChange: () => void): Promise<void> {
  while (!signal.aborted) {
    await catalogChanged(signal);
    if (!signal.aborted) onChange();
  }
}

/** Hears an upstream out until the client leaves or the upstream ends; the catalog's own signal goes on either way. */
async function listenUpstream(
  exchange: Exchange,
  upstreamId: string,
  filter: JsonObject,
  hear: (message: JsonObject) => Promise<void>,
): Promise<void> {
  const target = exchange.view.upstreams.get(upstreamId);
  if (!target) return;
  const params = { ...exchange.params, notifications: filter };
  try {
    const answer = await send(
      target,
      { id: exchange.id, method: "subscriptions/listen", params },
      surroundings(exchange),
    );
    if (answer.kind !== "stream") return;
    for await (const text of answer.messages) {
      const message = JSON.parse(text) as JsonValue;
      if (isObject(message)) await hear(message);
    }
  } catch (error) {
    if (!exchange.signal.aborted)
      console.warn({
        event: "listen ended",
        upstream: target.name,
        reason: String(error),
        request_id: exchange.context.requestId,
      });
  }
}
