// A bad upstream for failure tests: an MCP server that goes wrong as declared in faults.ts and records what it saw.
// It is written by hand, so that what it says is never better than meant.

import { EventEmitter, once } from "node:events";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Fault } from "./faults.ts";
import { answering, listen, type Running, readBody } from "./http.ts";
import { type Answer, answerTo, type Era, type Message } from "./plain-mcp.ts";

/** A request that reached the server. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Its JSON-RPC message, if the body is one. */
  readonly message: Message | undefined;
  /** Resolves when the exchange is over: answered to the end, or broken off by either side. */
  readonly ended: Promise<"answered" | "broken off">;
}

/** A faulty server that listens. */
export interface Faulty extends Running {
  /** All requests so far, in order. */
  readonly requests: readonly Seen[];
  /** Resolves with the first request of a JSON-RPC method, now or when it comes. */
  readonly seen: (method: string) => Promise<Seen>;
}

/** Starts a server with a fault, healthy otherwise; its URL ends in /mcp. */
export async function startFaulty(fault: Fault, era: Era = "session"): Promise<Faulty> {
  const requests: Seen[] = [];
  const arrivals = new EventEmitter();
  let left = fault.times ?? Number.POSITIVE_INFINITY;

  const answer = answering(async (incoming, outgoing) => {
    const request = await record(incoming, outgoing);
    requests.push(request);
    arrivals.emit("arrival");
    const { message } = request;
    const befalls =
      left > 0 && (fault.on === undefined || (message !== undefined && fault.on.includes(message.method)));
    if (befalls) {
      left -= 1;
      await goWrong(fault, message, era, outgoing);
    } else {
      send(outgoing, message && answerTo(message, era), message);
    }
  });
  const running = await listen(answer, "/mcp");
  if (fault.kind === "refuses") await running.close();

  const seen = async (method: string): Promise<Seen> => {
    for (;;) {
      const found = requests.find(({ message }) => message?.method === method);
      if (found !== undefined) return found;
      await once(arrivals, "arrival");
    }
  };
  const close = fault.kind === "refuses" ? async () => {} : running.close;
  return { url: running.url, close, requests, seen };
}

async function record(incoming: IncomingMessage, outgoing: ServerResponse): Promise<Seen> {
  const ended = new Promise<"answered" | "broken off">((resolve) => {
    outgoing.once("close", () => resolve(outgoing.writableFinished ? "answered" : "broken off"));
  });
  const body = (await readBody(incoming)).toString();
  const { method = "", url: path = "", headers } = incoming;
  return { method, path, headers, body, message: messageIn(body), ended };
}

function messageIn(body: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null && "method" in value ? (value as Message) : undefined;
  } catch {
    return undefined;
  }
}

/** A right answer; 202 to a notification, 405 to anything that is not a message. */
function send(outgoing: ServerResponse, answer: Answer | undefined, message: Message | undefined): void {
  if (answer === undefined) outgoing.writeHead(message === undefined ? 405 : 202).end();
  else outgoing.writeHead(answer.status, { "content-type": "application/json" }).end(JSON.stringify(answer.message));
}

async function goWrong(fault: Fault, message: Message | undefined, era: Era, outgoing: ServerResponse): Promise<void> {
  const answer = message && answerTo(message, era);
  const json = Buffer.from(JSON.stringify(answer?.message ?? {}));
  const begin = (headers: Record<string, string | number>, type = "application/json"): void => {
    outgoing.writeHead(answer?.status ?? 200, { "content-type": type, ...headers }).flushHeaders();
  };
  switch (fault.kind) {
    case "refuses":
      throw new Error("a closed port takes no requests");
    case "hangs":
      if (fault.after === "headers") begin({});
      return;
    case "answers":
      outgoing.writeHead(fault.status, fault.headers).end(fault.body);
      return;
    case "pads":
      begin({});
      outgoing.write(json);
      return pipeline(Readable.from(blanks(fault.bytes)), outgoing);
    case "mangles": {
      const bytes = fault.mangle(json);
      begin({ "content-length": bytes.length });
      outgoing.end(bytes);
      return;
    }
    case "rewrites":
      if (answer === undefined || message === undefined) send(outgoing, answer, message);
      else send(outgoing, { ...answer, message: fault.rewrite(answer.message, message) as Answer["message"] }, message);
      return;
    case "dies": {
      const stream = fault.in === "stream";
      begin(stream ? {} : { "content-length": json.length }, stream ? "text/event-stream" : undefined);
      const part = stream ? progressOf(message) : json.subarray(0, json.length / 2);
      outgoing.write(part, () => outgoing.destroy());
    }
  }
}

/** An event that reports half the way, if the request wants to know; else a comment. */
function progressOf(message: Message | undefined): string {
  const meta = message?.params?._meta;
  if (typeof meta !== "object" || meta === null || !("progressToken" in meta)) return ": on the way\n\n";
  const params = { progressToken: meta.progressToken, progress: 1, total: 2 };
  return `data: ${JSON.stringify({ jsonrpc: "2.0", method: "notifications/progress", params })}\n\n`;
}

/** White space, in pieces that are read one by one. */
function* blanks(bytes: number): Generator<Buffer> {
  const piece = Buffer.alloc(65_536, " ");
  for (let left = bytes; left > 0; left -= piece.length) yield piece.subarray(0, left);
}
