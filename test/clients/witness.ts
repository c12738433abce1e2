// Stands between one client and the gateway, passes everything on as it is, and notes which revisions the client named
// (MCP-Protocol-Version), so that a client that is told to speak an era is seen to do so.
import { type IncomingMessage, request, type ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { answering, listen, type Running } from "../fakes/http.ts";

export interface Witness extends Running {
  /** Revisions seen, in the order they were first named. */
  readonly revisions: ReadonlySet<string>;
}

/** Starts a witness in front of a URL; its own URL has the same path. */
export async function startWitness(behind: string): Promise<Witness> {
  const { host, hostname, port, pathname } = new URL(behind);
  const revisions = new Set<string>();
  const pass = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const revision = incoming.headers["mcp-protocol-version"];
    if (typeof revision === "string") revisions.add(revision);
    const headers = { ...incoming.headers, host };
    const onward = request({ hostname, port, path: incoming.url, method: incoming.method, headers });
    outgoing.once("close", () => onward.destroy());
    const answered = new Promise<IncomingMessage>((resolve, reject) =>
      onward.once("response", resolve).once("error", reject),
    );
    await pipeline(incoming, onward, { end: true });
    const answer = await answered;
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    outgoing.flushHeaders();
    await pipeline(answer, outgoing);
  };
  const running = await listen(answering(pass), pathname, {});
  return { ...running, revisions };
}
