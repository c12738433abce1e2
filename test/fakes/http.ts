// Loopback HTTP servers for the fakes: listening, closing, and the bridge from node:http to web-standard handlers.
// Every fake listens on 127.0.0.1, on a random port unless told otherwise, and closes with all its connections.

import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream as WebReadable } from "node:stream/web";
import { parseArgs } from "node:util";
import {
  hostHeaderValidationResponse,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  originValidationResponse,
} from "@modelcontextprotocol/server";

/** A fake that listens: the URL a client is given, and the way to end it with everything it holds. */
export interface Running {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Where to listen; port 0, the default, takes any free one. */
export interface Listening {
  readonly port?: number;
}

/** A web-standard request handler. */
export type Handler = (request: Request) => Promise<Response>;

/** Listens on 127.0.0.1 and resolves once connections are accepted; `path` completes the URL it reports. */
export async function listen(listener: RequestListener, path: string, { port = 0 }: Listening = {}): Promise<Running> {
  const server = createServer(listener);
  // Not closed while the gateway may use it: a fake that stands still for a while would close it with a request inside.
  server.keepAliveTimeout = 600_000;
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has an address and a port");

  const close = async (): Promise<void> => {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { url: `http://127.0.0.1:${address.port}${path}`, close };
}

/** A listener that may fail: what it throws is reported and breaks the connection, unless the client has gone first. */
export function answering(
  answer: (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>,
): RequestListener {
  return (incoming, outgoing) => {
    answer(incoming, outgoing).catch((cause: unknown) => {
      if (!outgoing.destroyed) console.error("a fake failed to answer:", cause);
      outgoing.destroy();
    });
  };
}

/** Serves a web-standard handler from node:http; a client that goes away aborts the request and cancels the body. */
export function webListener(handle: Handler): RequestListener {
  return answering(async (incoming, outgoing) => {
    const gone = new AbortController();
    outgoing.once("close", () => gone.abort());
    const response = await handle(await webRequest(incoming, gone.signal));
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.flushHeaders();
    if (response.body === null) outgoing.end();
    else await pipeline(Readable.fromWeb(response.body as WebReadable), outgoing);
  });
}

/** Refuses a Host or Origin that is not this machine, as the specification asks of servers on localhost. */
export function localOnly(handle: Handler): Handler {
  return async (request) =>
    hostHeaderValidationResponse(request, localhostAllowedHostnames()) ??
    originValidationResponse(request, localhostAllowedOrigins()) ??
    handle(request);
}

/** Reads a request body to its end. */
export async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Runs a fake from the command line (`--port`) until it is interrupted. */
export async function standalone(start: (listening: Listening) => Promise<Running>): Promise<void> {
  const { values } = parseArgs({ options: { port: { type: "string", default: "0" } } });
  const running = await start({ port: Number(values.port) });
  console.log(running.url);
  const stop = (): void => void running.close();
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
}

async function webRequest(incoming: IncomingMessage, signal: AbortSignal): Promise<Request> {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headersDistinct)) {
    for (const one of value ?? []) headers.append(name, one);
  }
  const body = incoming.method === "GET" || incoming.method === "HEAD" ? undefined : await readBody(incoming);
  return new Request(new URL(incoming.url ?? "/", "http://127.0.0.1"), {
    method: incoming.method ?? "GET",
    headers,
    signal,
    ...(body === undefined ? {} : { body: new Uint8Array(body) }),
  });
}
