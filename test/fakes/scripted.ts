// An upstream that says exactly what a test scripts: healthy as plain-mcp.ts is, except where the script takes over.
// For answers in pieces, held back, or said twice. Records what it saw.

import { EventEmitter, once } from "node:events";
import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { answering, listen, type Running, readBody } from "./http.ts";
import { answerTo, type Era, type Message } from "./plain-mcp.ts";

/** A request that reached the server. `message` is absent when the body is none. */
export interface Heard {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly message: Message | undefined;
  /** Resolves when the exchange is over: answered to the end, or broken off by either side. */
  readonly ended: Promise<"answered" | "broken off">;
}

/** Answers a request itself, or leaves it to the healthy server by giving false. */
export type Script = (heard: Heard, outgoing: ServerResponse) => boolean | Promise<boolean>;

export interface Scripted extends Running {
  readonly heard: readonly Heard[];
  /** Resolves with the first `times` requests of a JSON-RPC method once they have come. */
  readonly hears: (method: string, times?: number) => Promise<readonly Heard[]>;
}

/** Starts the server; its URL ends in /mcp. */
export async function startScripted(script: Script, era: Era = "session", port = 0): Promise<Scripted> {
  const heard: Heard[] = [];
  const arrivals = new EventEmitter().setMaxListeners(0);
  const listener = answering(async (incoming, outgoing) => {
    const ended = new Promise<"answered" | "broken off">((resolve) => {
      outgoing.once("close", () => resolve(outgoing.writableFinished ? "answered" : "broken off"));
    });
    const text = (await readBody(incoming)).toString();
    const message = text.startsWith("{") ? (JSON.parse(text) as Message) : undefined;
    const request = {
      method: incoming.method ?? "",
      path: incoming.url ?? "",
      headers: incoming.headers,
      message,
      ended,
    };
    heard.push(request);
    arrivals.emit("arrival");
    if (await script(request, outgoing)) return;
    const answer = message?.method === undefined ? undefined : answerTo(message, era);
    if (answer)
      outgoing.writeHead(answer.status, { "content-type": "application/json" }).end(JSON.stringify(answer.message));
    else outgoing.writeHead(message === undefined ? 405 : 202).end();
  });
  const hears: Scripted["hears"] = async (method, times = 1) => {
    for (;;) {
      const found = heard.filter(({ message }) => message?.method === method);
      if (found.length >= times) return found;
      await once(arrivals, "arrival");
    }
  };
  return { ...(await listen(listener, "/mcp", { port })), heard, hears };
}

/** A script for one JSON-RPC method. */
export const on =
  (method: string, answer: (message: Message, outgoing: ServerResponse, heard: Heard) => unknown): Script =>
  async (heard, outgoing) => {
    if (heard.message?.method !== method) return false;
    await answer(heard.message, outgoing, heard);
    return true;
  };

/** Begins an event stream, and gives the way to write messages into it. */
export function eventStream(outgoing: ServerResponse): (...messages: object[]) => void {
  outgoing.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
  return (...messages) => {
    for (const message of messages) outgoing.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
  };
}

/** A right answer to a tools/call. */
export const resultFor = ({ id }: Message, text: string): object => ({
  jsonrpc: "2.0",
  id,
  result: { resultType: "complete", content: [{ type: "text", text }] },
});
