// URIs in what an upstream says, as clients of a view know them (catalog/uris.ts): contents of resources, links and
// embedded resources in results of tools and prompts, notifications of updates, errors. And the way back in arguments.
// What an upstream says whose URIs are the same here passes unread.
import type { Uris } from "../catalog/uris.ts";
import type { View } from "../catalog/view.ts";
import { isObject, type JsonObject, type JsonValue } from "../lib/json.ts";
import { tryParse } from "../upstream/read-answer.ts";

/** A JSON-RPC message of an upstream for clients of this view; the same text when no URI in it differs. */
export function messageForClients({ uris }: View, upstreamId: string, text: string): string {
  if (!uris.rewrites(upstreamId) || !text.includes('"uri"')) return text;
  const message = tryParse(text);
  if (!isObject(message)) return text;
  const uri = uriIn(uris, upstreamId);
  const changed =
    message.method === "notifications/resources/updated"
      ? within("params", uri)(message)
      : inTurn(within("result", inResult(uri)), within("error", within("data", uri)))(message);
  return changed === message ? text : JSON.stringify(changed);
}

/** What goes with an update or an error (params, data), for clients of this view. */
export const uriForClients = <Value extends JsonValue>({ uris }: View, upstreamId: string, value: Value): Value =>
  uriIn(uris, upstreamId)(value) as Value;

/** Arguments for an upstream: whole values that are URIs which clients have from it become its own again. */
export function argumentsForUpstream({ uris }: View, upstreamId: string, params: JsonObject): JsonObject {
  if (!uris.rewrites(upstreamId)) return params;
  const back: Change = (value) => {
    if (isObject(value)) return Object.keys(value).reduce((object, key) => put(object, key, back), value);
    if (Array.isArray(value)) return each(back)(value);
    return typeof value === "string" ? returned(uris, upstreamId, value) : value;
  };
  return put(params, "arguments", back);
}

const URI = /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/;

function returned(uris: Uris, upstreamId: string, text: string): string {
  const place = URI.test(text) ? uris.toUpstream(text) : undefined;
  return place?.upstreamId === upstreamId ? place.uri : text;
}

/** Gives back the very value where it changes nothing. */
type Change = (value: JsonValue) => JsonValue;

const inTurn =
  (...changes: readonly Change[]): Change =>
  (value) =>
    changes.reduce((changed, change) => change(changed), value);

const within =
  (key: string, change: Change): Change =>
  (value) =>
    isObject(value) ? put(value, key, change) : value;

function put(object: JsonObject, key: string, change: Change): JsonObject {
  const before = object[key];
  const after = before === undefined ? before : change(before);
  return after === undefined || after === before ? object : { ...object, [key]: after };
}

/** Every item of a list; what is no list is one item. */
const each =
  (change: Change): Change =>
  (value) => {
    if (!Array.isArray(value)) return change(value);
    const changed = value.map(change);
    return changed.some((item, at) => item !== value[at]) ? changed : value;
  };

const uriIn = (uris: Uris, upstreamId: string): Change =>
  within("uri", (uri) => (typeof uri === "string" ? uris.toClient(uri, upstreamId) : uri));

/** ReadResourceResult, CallToolResult, GetPromptResult, and a task that holds one of them. */
function inResult(uri: Change): Change {
  const block: Change = (value) => {
    if (!isObject(value)) return value;
    return value.type === "resource_link"
      ? uri(value)
      : value.type === "resource"
        ? put(value, "resource", uri)
        : value;
  };
  const direct = inTurn(
    within("contents", each(uri)),
    within("content", each(block)),
    within("messages", each(within("content", each(block)))),
  );
  return inTurn(direct, within("result", direct));
}
