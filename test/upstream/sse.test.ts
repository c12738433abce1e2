// HTTP+SSE of 2024-11-05 where it goes wrong: streams that say nothing, nonsense or the wrong thing, break, or are left
// (basic/transports, "HTTP with SSE"). The healthy ones are in test/downstream/crossing.test.ts.
import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { answerTo, type Message } from "../fakes/plain-mcp.ts";
import { resultFor, type Scripted, startScripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { connectSession } from "../peers.ts";
import { callerOf, leavable, modern } from "../wire.ts";

let gateway: Gateway;
let patient: Gateway;
let token: string;
beforeAll(async () => {
  const JWT_SECRET_KEY = "the-same-for-both-gateways-of-this-file";
  [gateway, patient] = await Promise.all([
    startGateway({ JWT_SECRET_KEY, UPSTREAM_CONNECT_TIMEOUT: "1", TOOL_TIMEOUT: "1" }),
    startGateway({ JWT_SECRET_KEY }),
  ]);
  token = await gateway.token();
});
afterAll(() => Promise.all([gateway.dispose(), patient.dispose()]));

/** One client's stream. */
interface Stream {
  say(...messages: object[]): void;
  readonly outgoing: ServerResponse;
}

/**
 * A server of 2024-11-05, healthy except for what `onMessage` takes over; `first` replaces its endpoint event. A message
 * gets its 202 when `read` resolves, where that gives anything.
 */
async function startSse(
  onMessage: (message: Message, stream: Stream) => boolean,
  first?: string,
  read: (message: Message) => Promise<void> | undefined = () => undefined,
): Promise<Scripted> {
  const streams = new Map<string, Stream>();
  const upstream = await startScripted(({ method, path, message }, outgoing) => {
    if (method === "GET") {
      const id = String(streams.size);
      const say = (...messages: object[]): void => {
        for (const one of messages) outgoing.write(`event: message\ndata: ${JSON.stringify(one)}\n\n`);
      };
      streams.set(id, { say, outgoing });
      outgoing.writeHead(200, { "content-type": "text/event-stream" });
      outgoing.write(first ?? `event: endpoint\ndata: /message?id=${id}\n\n`);
      return true;
    }
    const stream = streams.get(new URL(path, "http://upstream").searchParams.get("id") ?? "");
    if (!stream || !message) return outgoing.writeHead(404).end() !== undefined;
    const accept = () => outgoing.writeHead(202).end();
    const reading = read(message);
    if (reading) void reading.then(accept);
    else accept();
    if (onMessage(message, stream)) return true;
    const negotiated = { ...message, params: { ...message.params, protocolVersion: "2024-11-05" } };
    const answer = answerTo(negotiated, "session");
    if (answer) stream.say(answer.message);
    return true;
  });
  onTestFinished(upstream.close);
  return upstream;
}

/** The stream that the tools/call belongs to: others may have been opened since, to listen. */
const streamOfCall = ({ heard }: Scripted) => {
  const call = heard.find(({ message }) => message?.method === "tools/call");
  const id = Number(new URL(call?.path ?? "/", "http://upstream").searchParams.get("id"));
  return heard.filter(({ method }) => method === "GET")[id];
};

const probe = (url: string) => gateway.api("POST", "/gateways/test", { name: "sse", url, transport: "sse" });
const told = (upstream: Scripted, more: object) => ({ upstream: "sse", url: upstream.url, ...more });

describe("an upstream of HTTP+SSE is refused by name when its stream", () => {
  it.each<[string, string | undefined, (message: Message, stream: Stream) => boolean, number, object]>([
    ["says nothing", ": hello\n\n", () => false, 504, { code: "upstream_timeout", stage: "connect" }],
    [
      "begins with something else",
      "event: message\ndata: {}\n\n",
      () => false,
      502,
      { code: "upstream_nonsense", stage: "initialize" },
    ],
    [
      "has no answer to initialize",
      undefined,
      ({ method }) => method === "initialize",
      504,
      { code: "upstream_timeout" },
    ],
    [
      "ends before the answer",
      undefined,
      ({ method }, { outgoing }) => method === "initialize" && outgoing.end() !== undefined,
      502,
      { code: "upstream_refused" },
    ],
    [
      "breaks before the answer",
      undefined,
      ({ method }, { outgoing }) => method === "initialize" && outgoing.destroy() !== undefined,
      502,
      { code: "upstream_refused" },
    ],
    [
      "brings what is no message",
      undefined,
      ({ method }, { outgoing }) => method === "initialize" && outgoing.write("data: {not JSON\n\n"),
      502,
      { code: "upstream_nonsense" },
    ],
    [
      "brings an error",
      undefined,
      ({ method, id }, { say }) => {
        if (method !== "initialize") return false;
        say({ jsonrpc: "2.0", id, error: { code: -32000, message: "Not today" } });
        return true;
      },
      502,
      { code: "upstream_nonsense", detail: expect.stringContaining("Not today") },
    ],
  ])("%s", async (_what, first, onMessage, status, more) => {
    const upstream = await startSse(onMessage, first);
    const refused = await probe(upstream.url);
    expect([refused.status, refused.body]).toMatchObject([status, told(upstream, more)]);
    expect(await upstream.heard[0]?.ended).toMatch(/^(broken off|answered)$/);
  });

  it("is refused, with the challenge", async () => {
    const upstream = await startScripted((_heard, outgoing) => {
      outgoing.writeHead(401, { "www-authenticate": 'Bearer realm="there"' }).end();
      return true;
    });
    onTestFinished(upstream.close);
    const refused = await probe(upstream.url);
    expect([refused.status, refused.body]).toMatchObject([
      424,
      { code: "upstream_auth_required", challenge: 'Bearer realm="there"' },
    ]);
  });
});

let count = 0;

/** A virtual server over an upstream that is healthy until a tool is called. */
async function bundled(onCall: (message: Message, stream: Stream) => void, at = gateway) {
  const upstream = await startSse((message, stream) => {
    if (message.method !== "tools/call") return false;
    onCall(message, stream);
    return true;
  });
  const name = `sse ${++count}`;
  return { upstream, name, ...(await at.bundle(name, upstream.url)) };
}

describe.each(["session", "modern"] as const)("a %s client's call", (era) => {
  it.each<[string, (message: Message, stream: Stream) => void, string]>([
    ["of which nothing is heard", () => {}, "upstream_timeout"],
    ["whose stream ends", (_message, { outgoing }) => void outgoing.end(), "upstream_refused"],
    ["whose stream breaks", (_message, { outgoing }) => void outgoing.destroy(), "upstream_refused"],
    [
      "that is answered with nonsense",
      (_message, { outgoing }) => void outgoing.write("data: [\n\n"),
      "upstream_nonsense",
    ],
  ])("%s fails by name", async (_what, onCall, code) => {
    const { url, upstream, name } = await bundled(onCall);
    const ask = await callerOf(era, url, token);
    const { answer } = await ask("mine", "tools/call", { name: "first", arguments: {} });
    expect(answer).toMatchObject({
      id: "mine",
      error: { code: -32603, data: { code, upstream: name, url: upstream.url, stage: "call" } },
    });
  });

  it("gets its own answer from a stream that brings others' too, after its server's ping was answered", async () => {
    let call: Message | undefined;
    const upstream = await startSse((message, { say }) => {
      if (message.method === "tools/call") {
        call = message;
        say(resultFor({ ...message, id: "another" }, "not yours"), { jsonrpc: "2.0", id: "p", method: "ping" });
      } else if (message.id === "p" && call) {
        say(resultFor(call, JSON.stringify(message)));
      } else return false;
      return true;
    });
    const { url } = await gateway.bundle(`pinging ${era}`, upstream.url);
    const ask = await callerOf(era, url, token);
    const { messages } = await ask(1, "tools/call", { name: "first", arguments: {} });
    expect(messages).toMatchObject([
      { id: 1, result: { content: [{ text: '{"jsonrpc":"2.0","id":"p","result":{}}' }] } },
    ]);
  });

  it("leaves no stream open when it is answered", async () => {
    const { url, upstream } = await bundled((message, { say }) => say(resultFor(message, "done")));
    const ask = await callerOf(era, url, token);
    await ask(1, "tools/call", { name: "first", arguments: {} });
    await Promise.all(upstream.heard.filter(({ method }) => method === "GET").map(({ ended }) => ended));
  });
});

it("closes the stream of a session client's call that is cancelled", async () => {
  const { url, upstream } = await bundled(() => {}, patient);
  const { client } = await connectSession(url, token);
  onTestFinished(() => client.close());
  const leaving = new AbortController();
  const calling = client.callTool({ name: "first" }, undefined, { signal: leaving.signal });
  await upstream.hears("tools/call");
  leaving.abort("enough");
  await expect(calling).rejects.toThrow("enough");
  expect(await streamOfCall(upstream)?.ended).toBe("broken off");
});

it("closes the stream of a 2026-07-28 client that left", async () => {
  const { url, upstream } = await bundled(() => {}, patient);
  const leave = leavable(url, modern(1, "tools/call", { name: "first" }), { authorization: `Bearer ${token}` });
  await upstream.hears("tools/call");
  leave.now();
  expect(await streamOfCall(upstream)?.ended).toBe("broken off");
});

it.each(["session", "modern"] as const)(
  "a busy server takes its time to hear that a %s client's call is over, and its stream stays open until it has",
  async (era) => {
    const heard = Promise.withResolvers<void>();
    const never = new Promise<void>(() => {});
    const slow: Record<string, Promise<void>> = { "tools/call": never, "notifications/cancelled": heard.promise };
    const upstream = await startSse(
      ({ method }) => method === "tools/call",
      undefined,
      ({ method }) => slow[method],
    );
    const { url } = await patient.bundle(`busy ${era}`, upstream.url);
    const leaving = new AbortController();
    if (era === "session") {
      const { client } = await connectSession(url, token);
      onTestFinished(() => client.close());
      client.callTool({ name: "first" }, undefined, { signal: leaving.signal }).catch(() => {});
    } else {
      const leave = leavable(url, modern(1, "tools/call", { name: "first" }), { authorization: `Bearer ${token}` });
      leaving.signal.addEventListener("abort", () => leave.now());
    }
    const [call] = await upstream.hears("tools/call");
    const stream = streamOfCall(upstream);
    let open = true;
    const ended = stream?.ended.then((how) => {
      open = false;
      return how;
    });
    leaving.abort();
    const [told] = await upstream.hears("notifications/cancelled");
    expect(told?.message?.params?.requestId).toBe(call?.message?.id);
    expect((await patient.api("GET", "/gateways")).status).toBe(200); // time in which it could close
    expect(open).toBe(true);
    heard.resolve();
    expect(await ended).toBe("broken off");
  },
);
