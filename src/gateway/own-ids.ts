// Requests of several clients on one session upstream: each gets an id and a progress token of the gateway's own there,
// and its answer and progress get the client's back (JSON-RPC 2.0 §4; MCP basic/utilities/progress). Without it, clients
// that all count 1, 2, 3 … would take each other's answers.
import { newId } from "../lib/ids.ts";
import { isObject, type JsonObject, type JsonValue, parseExact } from "../lib/json.ts";
import { responseText } from "../upstream/read-answer.ts";
import type { Answer, UpstreamRequest } from "../upstream/upstream.ts";

type Asked = Pick<UpstreamRequest, "id" | "params">;

/** A request as the shared session sees it, and the way back. */
export interface Disguise extends Asked {
  reveal(answer: Answer): Promise<Answer>;
}

/** `own` is what stands for the client's id and token there. */
export function disguise({ id, params }: Asked, own: string = newId()): Disguise {
  const meta = isObject(params._meta) ? params._meta : undefined;
  const token = meta?.progressToken;
  const back = (text: string): string => restored(text, own, id, token);
  return {
    id: own,
    params: token === undefined ? params : { ...params, _meta: { ...meta, progressToken: own } },
    async reveal(answer) {
      if (answer.kind === "stream") return { kind: "stream", messages: each(answer.messages, back) };
      if (answer.kind === "error" || answer.kind === "result") return answer;
      return { kind: "message", text: back(await responseText(answer)) };
    },
  };
}

async function* each(
  messages: AsyncGenerator<string, void, void>,
  change: (text: string) => string,
): AsyncGenerator<string, void, void> {
  for await (const text of messages) yield change(text);
}

/** A message with the client's id and token in it; cut in where servers put the id, so that results pass unread. */
function restored(text: string, own: string, id: JsonValue, token: JsonValue | undefined): string {
  const front = `{"jsonrpc":"2.0","id":"${own}",`;
  const end = `,"jsonrpc":"2.0","id":"${own}"}`;
  const theirs = `"jsonrpc":"2.0","id":${JSON.stringify(id)}`;
  if (text.startsWith(front)) return `{${theirs},${text.slice(front.length)}`;
  if (text.endsWith(end)) return `${text.slice(0, -end.length)},${theirs}}`;
  if (!text.includes(own)) return text;
  const message = parseExact(text) as JsonObject;
  if (message.id === own) return JSON.stringify({ ...message, id });
  if (!isObject(message.params) || message.params.progressToken !== own || token === undefined) return text;
  return JSON.stringify({ ...message, params: { ...message.params, progressToken: token } });
}
