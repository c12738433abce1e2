// Listening to an upstream for changes of its lists and resources, in its era's way: subscriptions/listen of 2026-07-28;
// a session of one's own with resources/subscribe and the GET stream (2025-03-26 … 2025-11-25 server/resources,
// basic/transports); the one stream of 2024-11-05.
import { GatewayError } from "../errors.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import { modern, ownMeta } from "./modern.ts";
import { asUpstreamFailure, isResponse, RpcFailure, resultOf, tryParse } from "./read-answer.ts";
import { end, open, replyTo, requestIn, session } from "./session.ts";
import { openStanding } from "./session-stream.ts";
import { oneSession } from "./sessions.ts";
import { hear } from "./sse.ts";
import { type Surroundings, shownUrl, type Target } from "./upstream.ts";

/** What somebody wants to hear of. */
export interface Need {
  /** Changes of the lists of tools, prompts and resources. */
  readonly lists: boolean;
  /** Resources of whose updates to tell, by the upstream's own URIs. */
  readonly uris: readonly string[];
}

/** A need as subscriptions/listen puts it (2026-07-28 basic/utilities/subscriptions): of what the server can tell. */
interface Filter {
  toolsListChanged?: true;
  promptsListChanged?: true;
  resourcesListChanged?: true;
  resourceSubscriptions?: string[];
}

/** Texts of messages. The first, undefined where the era has no word for it, says that from now on nothing is missed. */
type Heard = AsyncGenerator<string | undefined, void, void>;

const LISTENERS: Readonly<Record<Target["era"], (target: Target, filter: Filter, around: Surroundings) => Heard>> = {
  modern: hearModern,
  session: hearSession,
  sse: (target, filter, around) => hear(target, filter.resourceSubscriptions ?? [], around),
  async *builtin() {},
};

const ACKNOWLEDGED = "notifications/subscriptions/acknowledged";
const TOLD: ReadonlySet<unknown> = new Set([
  "notifications/tools/list_changed",
  "notifications/prompts/list_changed",
  "notifications/resources/list_changed",
  "notifications/resources/updated",
]);

/**
 * Notifications of changed lists and updated resources, until `around.signal` aborts. The first one yielded is
 * notifications/subscriptions/acknowledged: from then on nothing is missed. Ends at once, without it, where there is
 * nothing to be heard. @throws GatewayError naming the upstream when it can't be listened to any more; who listens
 * again has to assume that everything changed meanwhile.
 */
export async function* listen(
  target: Target,
  need: Need,
  around: Surroundings,
): AsyncGenerator<JsonObject, void, void> {
  const filter = filterOf(need, target.capabilities);
  if (Object.keys(filter).length === 0) return;
  let acknowledged = false;
  try {
    for await (const text of LISTENERS[target.era](target, filter, around)) {
      const message = text === undefined ? undefined : tryParse(text);
      if (!acknowledged) {
        acknowledged = true;
        yield { jsonrpc: "2.0", method: ACKNOWLEDGED, params: { notifications: { ...filter } } };
      }
      if (isObject(message) && TOLD.has(message.method)) yield message;
    }
  } catch (error) {
    if (!around.signal.aborted) throw named(target, error);
  }
  if (acknowledged && !around.signal.aborted)
    throw named(target, new GatewayError("upstream_refused", "The upstream no longer tells of changes"));
}

const named = (target: Target, error: unknown): GatewayError =>
  asUpstreamFailure(error).with({ upstream: target.name, url: shownUrl(target.url), stage: "listen" });

function filterOf({ lists, uris }: Need, capabilities: JsonObject): Filter {
  const can = (name: string, what: string): boolean => {
    const capability = capabilities[name];
    return isObject(capability) && capability[what] === true;
  };
  return {
    ...(lists && can("tools", "listChanged") ? { toolsListChanged: true } : {}),
    ...(lists && can("prompts", "listChanged") ? { promptsListChanged: true } : {}),
    ...(lists && can("resources", "listChanged") ? { resourcesListChanged: true } : {}),
    ...(uris.length > 0 && can("resources", "subscribe") ? { resourceSubscriptions: [...uris] } : {}),
  };
}

async function* hearModern(target: Target, filter: Filter, around: Surroundings): Heard {
  const params = { notifications: { ...filter }, _meta: ownMeta(around) };
  const answer = await modern.send(target, { id: "listen", method: "subscriptions/listen", params }, around);
  if (answer.kind !== "stream") return;
  for await (const text of answer.messages) if (!isResponse(text)) yield text;
}

async function* hearSession(target: Target, filter: Filter, around: Surroundings): Heard {
  const { session: own } = await open(target, around);
  const over = new AbortController();
  const within = { ...around, signal: AbortSignal.any([around.signal, over.signal]), sessions: oneSession(own) };
  try {
    const messages = await openStanding(target, own, within);
    if (!messages || messages === "taken") return;
    await Promise.all((filter.resourceSubscriptions ?? []).map((uri) => subscribe(target, uri, within)));
    yield undefined;
    for await (const text of messages) {
      const request = requestIn(text);
      if (request) void replyTo(request, undefined, target, own, around);
      else yield text;
    }
  } finally {
    over.abort();
    around.background(end(target, own, around).catch(() => {}));
  }
}

/** Subscribes to a resource. One that is refused does not keep the others from being heard of. */
async function subscribe(target: Target, uri: string, around: Surroundings): Promise<void> {
  const request = { id: `subscribe ${uri}`, method: "resources/subscribe", params: { uri } };
  try {
    await resultOf(await session.send(target, request, around));
  } catch (error) {
    if (!(error instanceof RpcFailure)) throw error;
    console.warn({ event: "subscription refused", upstream: target.name, uri, reason: error.message });
  }
}
