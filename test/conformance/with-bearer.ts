// A local proxy that adds an Authorization header: the conformance command has no option for one.
// What names the proxy itself (Host, Origin) is rewritten to the target; what names anyone else passes as it came.

import { request as forward } from "node:http";
import { pipeline } from "node:stream/promises";
import { listen, type Running } from "../fakes/http.ts";

/** Starts a proxy to an http: URL that presents a bearer token; its URL has the target's path. */
export async function withBearer(url: string, token: string): Promise<Running> {
  const target = new URL(url);
  const proxy = await listen((incoming, outgoing) => {
    const headers = { ...incoming.headers, authorization: `Bearer ${token}` };
    const here = new URL(proxy.url);
    if (headers.host === here.host) headers.host = target.host;
    if (headers.origin === here.origin) headers.origin = target.origin;
    const onward = forward(new URL(incoming.url ?? "/", target), { method: incoming.method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      outgoing.flushHeaders();
      pipeline(answer, outgoing).catch(() => outgoing.destroy());
    });
    onward.once("error", () => outgoing.destroy());
    outgoing.once("close", () => onward.destroy());
    incoming.pipe(onward);
  }, target.pathname + target.search);
  return proxy;
}
