// One small server in every era, for what differs between the eras alone: at /{era}/{kind}/mcp, where `keeping` is the
// session era with session ids, and at /sse/{kind}/sse. `quiet` servers have nothing to tell unasked; `telling` ones
// declare changing lists, subscriptions and logs. Tools: `plain`, `progress` on an event stream, `ask` elicits.
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { answering, type Listening, listen, type Running, readBody } from "./http.ts";
import { answerTo, type Message, plainTool } from "./plain-mcp.ts";

const CAPABILITIES: Record<string, object> = {
  quiet: { tools: {} },
  telling: { tools: { listChanged: true }, resources: { subscribe: true }, logging: {} },
};
const COMPLETE = { resultType: "complete", content: [] };
const CACHING = { resultType: "complete", ttlMs: 0, cacheScope: "private" };
const RESULTS: Record<string, object> = {
  "tools/list": { ...CACHING, tools: ["plain", "progress", "ask"].map(plainTool) },
  "resources/list": { ...CACHING, resources: [{ name: "one", uri: "note://one" }] },
  "resources/templates/list": { ...CACHING, resourceTemplates: [] },
  "resources/subscribe": {},
  "logging/setLevel": {},
};
const requestedSchema = { type: "object", properties: { ok: { type: "boolean" } } };
const QUESTION = { method: "elicitation/create", params: { mode: "form", message: "Sure?", requestedSchema } };

/** Where messages go. */
type Say = (message: object) => void;

/** Starts the servers; their URL has no path. */
export function startLanes(listening: Listening = {}): Promise<Running> {
  /** Calls that wait for the answer to a question, by its id. */
  const waiting = new Map<unknown, () => void>();
  const streams = new Map<string, Say>();

  const speak = (message: Message, era: string, kind: string, say: Say): void => {
    const { id, method, params } = message;
    const respond = (result: object): void => say({ id, result });
    if (id === undefined) return;
    if (method === undefined) waiting.get(id)?.();
    else if (method === "subscriptions/listen") say(acknowledged(message));
    else if (method !== "tools/call") say(answerOf(message, era, kind));
    else if (params?.name === "progress") {
      say({ method: "notifications/progress", params: { progressToken: "p", progress: 1 } });
      respond(COMPLETE);
    } else if (params?.name !== "ask" || params.inputResponses) respond(COMPLETE);
    else if (era === "modern")
      respond({ resultType: "input_required", inputRequests: { sure: QUESTION }, requestState: "s" });
    else {
      const question = randomUUID();
      waiting.set(question, () => respond(COMPLETE));
      say({ ...QUESTION, id: question });
    }
  };
  const route = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const [, era = "", kind = "", door = "", stream = ""] = (incoming.url ?? "").split("/");
    const body = (await readBody(incoming)).toString();
    if (incoming.method === "GET" && (era !== "session" || kind === "telling")) {
      const id = randomUUID();
      streams.set(id, streamOn(outgoing));
      if (era === "sse") outgoing.write(`event: endpoint\ndata: /sse/${kind}/message/${id}\n\n`);
    } else if (incoming.method === "POST") {
      const message = JSON.parse(body) as Message;
      speak(
        message,
        era,
        kind,
        door === "message" ? accepting(outgoing, streams.get(stream)) : writer(outgoing, message, era),
      );
    } else outgoing.writeHead(incoming.method === "DELETE" ? 204 : 405).end();
  };
  return listen(answering(route), "", listening);
}

const eraOf = (era: string) => (era === "modern" ? "modern" : "session");

/** A plain server's answer, with what these servers have besides. */
function answerOf(message: Message, era: string, kind: string): object {
  const { id, method } = message;
  const plain = answerTo(message, eraOf(era))?.message ?? { id, result: undefined };
  const begins = method === "initialize" || method === "server/discover";
  const more = RESULTS[method] ?? (begins && plain.result ? { capabilities: CAPABILITIES[kind] } : undefined);
  return more ? { id, result: { ...plain.result, ...more } } : plain;
}

const acknowledged = ({ id, params }: Message): object => ({
  method: "notifications/subscriptions/acknowledged",
  params: { notifications: params?.notifications, _meta: { "io.modelcontextprotocol/subscriptionId": id } },
});

function streamOn(outgoing: ServerResponse): Say {
  outgoing.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
  return (message) =>
    void outgoing.write(`event: message\ndata: ${JSON.stringify({ jsonrpc: "2.0", ...message })}\n\n`);
}

/** Accepts a message whose answers go elsewhere. */
function accepting(outgoing: ServerResponse, elsewhere: Say = () => {}): Say {
  outgoing.writeHead(202).end();
  return elsewhere;
}

/** Writes the answer to a POST: one message as JSON, several as an event stream, which the response ends. */
function writer(outgoing: ServerResponse, message: Message, era: string): Say {
  if (message.id === undefined || message.method === undefined) return accepting(outgoing);
  let stream: Say | undefined;
  return (said) => {
    const last = "id" in said && !("method" in said);
    if (last && !stream) {
      const ids = era === "keeping" && message.method === "initialize" ? { "mcp-session-id": randomUUID() } : {};
      const status = answerTo(message, eraOf(era))?.status ?? 200;
      outgoing.writeHead(message.method in RESULTS ? 200 : status, { "content-type": "application/json", ...ids });
      outgoing.end(JSON.stringify({ jsonrpc: "2.0", ...said }));
      return;
    }
    stream ??= streamOn(outgoing);
    stream(said);
    if (last) outgoing.end();
  };
}
