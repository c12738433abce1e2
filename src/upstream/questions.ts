// Whether a client can be asked what a server asks (MCP client/sampling, client/elicitation, client/roots): only what it
// declared. A server that asks for more all the same is answered in the client's stead.
import { isObject, type JsonObject } from "../lib/json.ts";
import { tryParse } from "./read-answer.ts";
import type { AskableClient, Question } from "./upstream.ts";

/** The client's question for a server's request; undefined when it did not declare that it can be asked this. */
export const questionFor = (client: AskableClient | undefined, request: JsonObject): Question | undefined =>
  client && isDeclared(client.capabilities, request) ? client.ask(request) : undefined;

/** What the client is told when a server no longer wants to know something (basic/utilities/cancellation). */
export function withdrawnBy(client: AskableClient | undefined, text: string): string {
  const message = text.includes('"notifications/cancelled"') ? tryParse(text) : undefined;
  if (!isObject(message) || message.method !== "notifications/cancelled") return text;
  return client?.withdraw?.(message) ?? text;
}

/** Whether a request asks the user to open a URL. */
export const wantsUrl = ({ method, params }: JsonObject): boolean =>
  method === "elicitation/create" && isObject(params) && params.mode === "url";

/** Whether a client with these capabilities can be asked this. */
export function isDeclared({ sampling, roots, elicitation }: JsonObject, request: JsonObject): boolean {
  switch (request.method) {
    case "ping":
      return false; // the gateway's own to answer
    case "sampling/createMessage":
      return isObject(sampling);
    case "roots/list":
      return isObject(roots);
    case "elicitation/create": {
      if (!isObject(elicitation)) return false;
      const { form, url } = elicitation;
      return wantsUrl(request) ? isObject(url) : isObject(form) || url === undefined; // an empty object declares forms
    }
    default:
      return true;
  }
}
