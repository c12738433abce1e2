// A server of sessions that a test directs while its streams are open, over HTTP, so that tests inside workerd can do so.
// It speaks Streamable HTTP at /{key}/mcp and HTTP+SSE at /{key}/sse. Its tool `second` is answered on a stream that the
// test writes. PUT /{key}/say writes its body into the newest stream, once there is one; PUT /{key}/end ends it, PUT /{key}/break resets it; PUT /{key}/answer/{status} is what
// further GETs get (200 a stream again). GET /{key}/heard/{n} answers with what was heard once that are n requests.

import { EventEmitter, once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { answering, type Listening, listen, type Running, readBody } from "./http.ts";
import { answerTo, type Message } from "./plain-mcp.ts";

/** A request as `heard` tells it. */
export interface Told {
  readonly method: string;
  readonly sessionId?: string;
  readonly lastEventId?: string;
  readonly message?: Message;
}

interface Place {
  readonly heard: Told[];
  stream: ServerResponse | undefined;
  /** Streams of HTTP+SSE, each with an address of its own. */
  readonly connections: ServerResponse[];
  status: number;
}

const CAPABILITIES = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
};

/** Starts the server; its URL has no path. */
export function startDirected(listening: Listening = {}): Promise<Running> {
  const places = new Map<string, Place>();
  const news = new EventEmitter().setMaxListeners(0);
  const until = async <T>(found: () => T | undefined): Promise<T> => {
    for (;;) {
      const it = found();
      if (it !== undefined) return it;
      await once(news, "news");
    }
  };
  const direct = async (place: Place, what: string, more: string, body: string): Promise<void> => {
    if (what === "answer") place.status = Number(more);
    const stream = what === "answer" ? undefined : await until(() => place.stream);
    if (what === "say") stream?.write(body);
    if (what === "end" || what === "break") place.stream = undefined;
    if (what === "end") stream?.end();
    if (what === "break") stream?.destroy();
  };
  const route = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const [, key = "", what = "", more = "0"] = (incoming.url ?? "").split("/");
    const place = places.get(key) ?? { heard: [], stream: undefined, connections: [], status: 200 };
    places.set(key, place);
    const body = (await readBody(incoming)).toString();
    if (incoming.method === "PUT") {
      await direct(place, what, more, body);
      outgoing.writeHead(204).end();
    } else if (what === "heard") {
      const told = await until(() => (place.heard.length >= Number(more) ? place.heard : undefined));
      outgoing.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(told));
    } else {
      speak(place, key, incoming, body, outgoing);
      news.emit("news");
    }
  };
  return listen(answering(route), "", listening);
}

function speak(place: Place, key: string, incoming: IncomingMessage, body: string, outgoing: ServerResponse): void {
  const { method = "", headers, url = "" } = incoming;
  const message = body === "" ? undefined : (JSON.parse(body) as Message);
  place.heard.push({
    method,
    sessionId: headers["mcp-session-id"],
    lastEventId: headers["last-event-id"],
    message,
  } as Told);
  if (method === "GET") {
    open(place, key, url.endsWith("/sse"), outgoing);
    return;
  }
  if (url.endsWith("/sse")) {
    outgoing.writeHead(405).end();
    return;
  }
  const directed = message?.method === "tools/call" && message.params?.name === "second";
  if (directed && url.endsWith("/mcp")) {
    outgoing.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
    place.stream = outgoing;
    return;
  }
  const answer = message && answerTo(message, "session")?.message;
  const { protocolVersion } = (message?.params ?? {}) as { protocolVersion?: string };
  const said =
    message?.method === "initialize"
      ? { ...answer, result: { ...answer?.result, protocolVersion, capabilities: CAPABILITIES } }
      : message?.method === "resources/subscribe"
        ? { jsonrpc: "2.0", id: message.id, result: {} }
        : answer;
  const [, connection] = /\/message\/(\d+)$/.exec(url) ?? [];
  if (connection !== undefined) {
    outgoing.writeHead(202).end();
    if (said && !directed)
      place.connections[Number(connection)]?.write(`event: message\ndata: ${JSON.stringify(said)}\n\n`);
  } else if (said) {
    outgoing.writeHead(200, { "content-type": "application/json", "mcp-session-id": `session of ${key}` });
    outgoing.end(JSON.stringify(said));
  } else outgoing.writeHead(method === "DELETE" ? 200 : 202).end();
}

function open(place: Place, key: string, sse: boolean, outgoing: ServerResponse): void {
  if (place.status !== 200) {
    outgoing.writeHead(place.status).end();
    return;
  }
  outgoing.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
  if (sse) outgoing.write(`event: endpoint\ndata: /${key}/message/${place.connections.push(outgoing) - 1}\n\n`);
  place.stream = outgoing;
}
