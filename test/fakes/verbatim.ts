// An upstream whose every byte a test dictates and sees: results are sent as the text that was put there, requests are
// kept as the text that came in. Controlled over HTTP, so that tests inside workerd can use it too.
// Under /{key}: PUT /tools and PUT /result set texts, GET /request shows the last tools/call and GET /headers the last
// request's headers; GET /echo/… repeats its path; POST /session, /keeping (session ids) and /modern speak MCP. Tools `json`, `sse` and `bytewise` answer the same result by different transport.

import type { IncomingMessage, ServerResponse } from "node:http";
import { setImmediate as turn } from "node:timers/promises";
import { answering, type Listening, listen, type Running, readBody } from "./http.ts";
import { answerTo, type Era, type Message, plainTool } from "./plain-mcp.ts";

/** What one test has set and seen. */
interface Place {
  tools: string;
  result: string;
  request: string;
  headers: string;
}

const TOOLS = JSON.stringify(["json", "sse", "bytewise"].map(plainTool));

/** Starts the server; its URL has no path: add `/{key}/session` or `/{key}/modern`. */
export function startVerbatim(listening: Listening = {}): Promise<Running> {
  const places = new Map<string, Place>();
  const placeOf = (key: string): Place => {
    const place = places.get(key) ?? { tools: TOOLS, result: "{}", request: "", headers: "{}" };
    places.set(key, place);
    return place;
  };
  const route = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const [, key = "", what = "", ...rest] = (incoming.url ?? "").split("/");
    const place = placeOf(key);
    const body = (await readBody(incoming)).toString();
    if (incoming.method === "PUT" && (what === "tools" || what === "result")) {
      place[what] = body;
      outgoing.writeHead(204).end();
    } else if (incoming.method === "GET" && (what === "request" || what === "headers")) {
      outgoing.writeHead(200, { "content-type": "application/json" }).end(place[what]);
    } else if (incoming.method === "GET" && what === "echo") {
      outgoing.writeHead(200, { "content-type": "text/plain" }).end(rest.join("/"));
    } else if (incoming.method === "POST" && (what === "session" || what === "keeping" || what === "modern")) {
      place.headers = JSON.stringify(incoming.headers);
      if (what === "keeping") outgoing.setHeader("mcp-session-id", "the-one");
      await speak(place, what === "modern" ? "modern" : "session", body, outgoing);
    } else {
      outgoing.writeHead(404).end();
    }
  };
  return listen(answering(route), "", listening);
}

async function speak(place: Place, era: Era, body: string, outgoing: ServerResponse): Promise<void> {
  const message = JSON.parse(body) as Message;
  const { method, params } = message;
  const respond = (result: string): string => `{"jsonrpc":"2.0","id":${JSON.stringify(message.id)},"result":${result}}`;
  if (method === "tools/call") {
    place.request = body;
    await send(String(params?.name), respond(place.result), outgoing);
  } else if (method === "tools/list") {
    const modern = era === "modern" ? '"resultType":"complete","ttlMs":0,"cacheScope":"private",' : "";
    await send("json", respond(`{${modern}"tools":${place.tools}}`), outgoing);
  } else {
    const answer = answerTo(message, era);
    if (answer === undefined) outgoing.writeHead(202).end();
    else outgoing.writeHead(answer.status, { "content-type": "application/json" }).end(JSON.stringify(answer.message));
  }
}

async function send(how: string, text: string, outgoing: ServerResponse): Promise<void> {
  const bytes = Buffer.from(how === "json" ? text : `: hello\r\nevent: message\r\nid: 7\r\ndata: ${text}\r\n\r\n`);
  if (how !== "bytewise") {
    const type = how === "json" ? "application/json" : "text/event-stream";
    outgoing.writeHead(200, { "content-type": type, ...(how === "json" ? { "content-length": bytes.length } : {}) });
    outgoing.end(bytes);
    return;
  }
  outgoing.writeHead(200, { "content-type": "text/event-stream" });
  outgoing.socket?.setNoDelay(true);
  for (const byte of bytes) {
    outgoing.write(Uint8Array.of(byte));
    await turn();
  }
  outgoing.end();
}
