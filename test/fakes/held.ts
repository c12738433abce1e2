// A server that holds its answers until it is told, to see what is under way at once. Controlled over HTTP, so that
// tests inside workerd can use it. Under /{key}: GET /held waits for its turn, PUT /release lets the oldest go, and
// GET /came/{n} answers once n requests have come, with how many came and how many are still held.

import { EventEmitter, once } from "node:events";
import { answering, type Listening, listen, type Running } from "./http.ts";

interface Place {
  readonly held: (() => void)[];
  came: number;
}

/** Starts the server; its URL has no path. */
export function startHeld(listening: Listening = {}): Promise<Running> {
  const places = new Map<string, Place>();
  const arrivals = new EventEmitter().setMaxListeners(0);
  const route = answering(async ({ method, url = "" }, outgoing) => {
    const [, key = "", what = "", times = "0"] = url.split("/");
    const place = places.get(key) ?? { held: [], came: 0 };
    places.set(key, place);
    if (method === "GET" && what === "held") {
      place.held.push(() => outgoing.writeHead(200).end("let go"));
      place.came++;
      arrivals.emit("arrival");
    } else if (method === "PUT" && what === "release") {
      place.held.shift()?.();
      outgoing.writeHead(204).end();
    } else if (method === "GET" && what === "came") {
      while (place.came < Number(times)) await once(arrivals, "arrival");
      const { came, held } = place;
      outgoing.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ came, held: held.length }));
    } else {
      outgoing.writeHead(404).end();
    }
  });
  return listen(route, "", listening);
}
