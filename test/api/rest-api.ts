// A small REST API on this machine that REST tools call: it records what reached it and answers as told.
import type { IncomingHttpHeaders } from "node:http";
import { answering, listen, type Running, readBody } from "../fakes/http.ts";

/** A request that reached the API. `path` is as it came over the wire, query included. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** How to answer; 200 with JSON unless told otherwise. `hang`: never. */
export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly hang?: true;
}

export interface RestApi extends Running {
  readonly received: Received[];
  /** How the next requests are answered. */
  reply: Reply | ((request: Received) => Reply);
  /** The latest request. Throws when none came. */
  last(): Received;
}

/** Starts the API; its URL has no path. */
export async function startRestApi(reply: RestApi["reply"] = {}): Promise<RestApi> {
  const received: Received[] = [];
  const running = await listen(
    answering(async (incoming, outgoing) => {
      const { method = "", url: path = "", headers } = incoming;
      const request = { method, path, headers, body: (await readBody(incoming)).toString() };
      received.push(request);
      const wanted = typeof api.reply === "function" ? api.reply(request) : api.reply;
      const { status = 200, headers: extra = {}, body = '{"ok":true}', hang } = wanted;
      if (hang) return;
      outgoing.writeHead(status, { "content-type": "application/json", ...extra });
      outgoing.end(status === 204 ? undefined : body);
    }),
    "",
  );
  const last = (): Received => {
    const found = received.at(-1);
    if (!found) throw new Error("nothing reached the API");
    return found;
  };
  const api: RestApi = { ...running, received, reply, last };
  return api;
}
