// A server that addresses each of its listeners by itself. At /session/mcp it speaks 2025-11-25 with session ids: the tool
// `whoami` answers with the caller's id, and PUT /session/say tells every open GET stream its own id as a log message. At
// /modern/mcp it speaks 2026-07-28: PUT /modern/say says of every URI subscribed to that it was updated. GET
// /session/held/{n} answers once n GET streams are open, GET /modern/held/{n} once n URIs are subscribed to on one stream.
import { randomUUID } from "node:crypto";
import { EventEmitter, once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { answering, type Listening, listen, type Running, readBody } from "./http.ts";
import { answerTo, type Message, plainTool } from "./plain-mcp.ts";

/** The template its resources are of. */
const TEMPLATE = { uriTemplate: "note://{name}", name: "note", mimeType: "text/plain" };

/** What both eras have; of lists it never tells that they changed. */
const CAPABILITIES = {
  session: { tools: {}, logging: {} },
  modern: { tools: {}, resources: { subscribe: true } },
};

interface Subscription {
  readonly id: unknown;
  readonly uris: readonly string[];
}

/** Starts the server; its URL has no path. */
export function startAddressing(listening: Listening = {}): Promise<Running> {
  const streams = new Map<string, ServerResponse>();
  const listeners = new Map<ServerResponse, Subscription>();
  const arrivals = new EventEmitter().setMaxListeners(0);
  const keep = <K, V>(held: Map<K, V>, key: K, value: V, stream: ServerResponse): void => {
    held.set(key, value);
    arrivals.emit("change");
    stream.once("close", () => {
      if (held.get(key) === value) held.delete(key);
      arrivals.emit("change");
    });
  };
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await once(arrivals, "change");
  };
  const route = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = (await readBody(incoming)).toString();
    const sessionId = String(incoming.headers["mcp-session-id"] ?? "");
    const [, path = "", wanted = ""] = /^(.*?)(?:\/(\d+))?$/.exec(incoming.url ?? "") ?? [];
    switch (`${incoming.method} ${path}`) {
      case "PUT /session/say":
        for (const [id, stream] of streams)
          tell(stream, "notifications/message", { level: "info", logger: "addressing", data: id });
        outgoing.writeHead(204).end();
        break;
      case "PUT /modern/say":
        for (const [stream, { id, uris }] of listeners)
          for (const uri of uris)
            tell(stream, "notifications/resources/updated", {
              uri,
              _meta: { "io.modelcontextprotocol/subscriptionId": id },
            });
        outgoing.writeHead(204).end();
        break;
      case "GET /session/held":
        await until(() => streams.size === Number(wanted));
        outgoing.writeHead(204).end();
        break;
      case "GET /modern/held":
        await until(() => listeners.size === 1 && [...listeners.values()][0]?.uris.length === Number(wanted));
        outgoing.writeHead(204).end();
        break;
      case "GET /session/mcp":
        outgoing.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
        keep(streams, sessionId, outgoing, outgoing);
        break;
      case "DELETE /session/mcp":
        streams.get(sessionId)?.end();
        outgoing.writeHead(204).end();
        break;
      case "POST /session/mcp":
        answer(outgoing, "session", JSON.parse(body) as Message, sessionId);
        break;
      case "POST /modern/mcp": {
        const message = JSON.parse(body) as Message;
        if (message.method === "subscriptions/listen") keep(listeners, outgoing, agree(outgoing, message), outgoing);
        else answer(outgoing, "modern", message, "");
        break;
      }
      default:
        outgoing.writeHead(405).end();
    }
  };
  return listen(answering(route), "", listening);
}

const write = (stream: ServerResponse, message: object): void =>
  void stream.write(`event: message\ndata: ${JSON.stringify({ jsonrpc: "2.0", ...message })}\n\n`);
const tell = (stream: ServerResponse, method: string, params: object): void => write(stream, { method, params });

/** Begins the stream of a subscription; gives what it is about. */
function agree(outgoing: ServerResponse, { id, params }: Message): Subscription {
  outgoing.writeHead(200, { "content-type": "text/event-stream" });
  const { notifications = {} } = (params ?? {}) as { notifications?: { resourceSubscriptions?: string[] } };
  tell(outgoing, "notifications/subscriptions/acknowledged", {
    notifications,
    _meta: { "io.modelcontextprotocol/subscriptionId": id },
  });
  return { id, uris: notifications.resourceSubscriptions ?? [] };
}

function answer(outgoing: ServerResponse, era: "session" | "modern", message: Message, sessionId: string): void {
  const plain = answerTo(message, era);
  if (!plain) {
    outgoing.writeHead(202).end();
    return;
  }
  const result = ownResult(era, message, sessionId);
  const whole = result
    ? { ...plain.message, error: undefined, result: { ...plain.message.result, ...result } }
    : plain.message;
  const opened = message.method === "initialize" ? { "mcp-session-id": randomUUID() } : {};
  outgoing.writeHead(result ? 200 : plain.status, { "content-type": "application/json", ...opened });
  outgoing.end(JSON.stringify(whole));
}

/** What differs from a plain server's answer. */
function ownResult(era: "session" | "modern", { method }: Message, sessionId: string): object | undefined {
  const envelope = era === "modern" ? { resultType: "complete", ttlMs: 0, cacheScope: "private" } : {};
  switch (method) {
    case "initialize":
    case "server/discover":
      return { capabilities: CAPABILITIES[era] };
    case "tools/list":
      return { tools: [plainTool("whoami")] };
    case "tools/call":
      return { content: [{ type: "text", text: sessionId }] };
    case "resources/list":
      return { ...envelope, resources: [] };
    case "resources/templates/list":
      return { ...envelope, resourceTemplates: [TEMPLATE] };
    default:
      return undefined;
  }
}
