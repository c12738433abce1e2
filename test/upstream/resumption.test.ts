// Answers over several connections: an upstream of the session era may end or lose the event stream of a call before it
// has answered, and is asked for the rest by the last event's id (MCP 2025-11-25 basic/transports, "Resumability and
// Redelivery"; SEP-1699).
import type { ServerResponse } from "node:http";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startSessionEverything } from "../fakes/everything/session.ts";
import type { Message } from "../fakes/plain-mcp.ts";
import { type Heard, resultFor, startScripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { connectSession } from "../peers.ts";
import { callerOf } from "../wire.ts";

const ERAS = ["session", "modern"] as const;

let gateway: Gateway;
let impatient: Gateway;
let token: string;
beforeAll(async () => {
  [gateway, impatient] = await Promise.all([startGateway(), startGateway({ TOOL_TIMEOUT: "1" })]);
  token = await gateway.token();
});
afterAll(() => Promise.all([gateway.dispose(), impatient.dispose()]));

/** What the upstream does with one connection of a call: the POST first, then each GET that goes on. */
type Part = (outgoing: ServerResponse, call: Message, say: (id: string, message: object) => void) => unknown;

const begin = (outgoing: ServerResponse): void => {
  outgoing.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
};
/** An event that names a place and says nothing. */
const prime = (outgoing: ServerResponse, id: string): void => {
  begin(outgoing);
  outgoing.write(`id: ${id}\nretry: 60\ndata:\n\n`);
};
const progress = (step: number): object => ({
  jsonrpc: "2.0",
  method: "notifications/progress",
  params: { progressToken: "p", progress: step },
});

/** A server whose calls take these parts; replies to what it asks are told to `onReply`. */
async function startParted(parts: readonly Part[], onReply: (message: unknown) => void = () => {}) {
  let call: Message | undefined;
  let at = 0;
  const upstream = await startScripted(async (heard: Heard, outgoing) => {
    const { method, message, headers } = heard;
    if (message?.method === "initialize") outgoing.setHeader("mcp-session-id", "the-session");
    if (method === "POST" && message && message.method === undefined) onReply(message);
    if (method === "POST" && message?.method === "tools/call") call = message;
    else if (method !== "GET" || headers["last-event-id"] === undefined) return false;
    const part = parts[at++];
    if (!part || !call) return false;
    const say = (id: string, one: object) => outgoing.write(`id: ${id}\ndata: ${JSON.stringify(one)}\n\n`);
    await part(outgoing, call, say);
    return true;
  });
  onTestFinished(upstream.close);
  const gets = () => upstream.heard.filter(({ method }) => method === "GET").map(({ headers }) => headers);
  return { ...upstream, gets };
}

let count = 0;
async function askerOf(era: (typeof ERAS)[number], url: string) {
  const bundle = await gateway.bundle(`parted ${++count}`, url);
  const ask = await callerOf(era, bundle.url, token);
  return { name: `parted ${count}`, ask, url: bundle.url };
}

const CALL = { name: "first", arguments: {}, _meta: { progressToken: "p" } };
const saying = (text: string) => ({ id: "mine", result: { content: [{ text }] } });

describe.each(ERAS)("a %s client gets its answer from an upstream", (era) => {
  it("that ends its stream and is polled, in the words of its session", async () => {
    const upstream = await startParted([
      (outgoing) => {
        prime(outgoing, "one");
        outgoing.end();
      },
      (outgoing) => {
        prime(outgoing, "two");
        outgoing.end();
      },
      (outgoing, call, say) => {
        begin(outgoing);
        say("three", resultFor(call, "at last"));
      },
    ]);
    const { ask } = await askerOf(era, upstream.url);
    expect((await ask("mine", "tools/call", CALL)).messages).toMatchObject([saying("at last")]);
    const common = {
      accept: "text/event-stream",
      "mcp-session-id": "the-session",
      "mcp-protocol-version": "2025-11-25",
    };
    expect(upstream.gets()).toMatchObject([
      { ...common, "last-event-id": "one" },
      { ...common, "last-event-id": "two" },
    ]);
    expect(await upstream.hears("tools/call")).toHaveLength(1);
  });

  it("whose connection breaks between its messages, each of them once", async () => {
    const upstream = await startParted([
      (outgoing, _call, say) => {
        begin(outgoing);
        outgoing.write("retry: 60\n");
        say("a", progress(1));
        say("b", progress(2));
        outgoing.write("id: c\ndata: {half a message", () => outgoing.destroy());
      },
      (outgoing) => {
        begin(outgoing);
        outgoing.write(": hello\n\n");
        outgoing.write(`id: c\ndata: ${JSON.stringify(progress(3))}\n\n`, () => outgoing.destroy());
      },
      (outgoing, call, say) => {
        begin(outgoing);
        say("d", progress(4));
        say("e", resultFor(call, "whole"));
        outgoing.end();
      },
    ]);
    const { ask } = await askerOf(era, upstream.url);
    expect((await ask("mine", "tools/call", CALL)).messages).toMatchObject([
      progress(1),
      progress(2),
      progress(3),
      progress(4),
      saying("whole"),
    ]);
    expect(upstream.gets().map((headers) => headers["last-event-id"])).toEqual(["b", "c"]);
  });

  it("that can't be reached for a moment", async () => {
    const upstream = await startParted([
      (outgoing) => {
        prime(outgoing, "one");
        outgoing.end();
      },
      (outgoing) => outgoing.writeHead(503).end(),
      (outgoing) => outgoing.destroy(),
      (outgoing, call, say) => {
        begin(outgoing);
        say("two", resultFor(call, "back again"));
      },
    ]);
    const { ask } = await askerOf(era, upstream.url);
    expect((await ask("mine", "tools/call", CALL)).messages).toMatchObject([saying("back again")]);
    expect(upstream.gets().map((headers) => headers["last-event-id"])).toEqual(["one", "one", "one"]);
  });

  it.each<[string, number, number]>([
    ["does not let it go on", 405, 1],
    ["no longer knows the session", 404, 1],
    ["stays down", 502, 3],
  ])("or is told that it %s", async (_what, status, attempts) => {
    const refuse: Part = (outgoing) => outgoing.writeHead(status).end();
    const upstream = await startParted([
      (outgoing) => {
        prime(outgoing, "one");
        outgoing.end();
      },
      ...Array.from({ length: attempts }, () => refuse),
    ]);
    const { ask, name } = await askerOf(era, upstream.url);
    expect((await ask("mine", "tools/call", CALL)).answer).toMatchObject({
      id: "mine",
      error: { code: -32603, data: { code: "upstream_refused", status, upstream: name, stage: "call" } },
    });
    expect(upstream.gets()).toHaveLength(attempts);
  });

  it("of the official SDK that drops its stream", async () => {
    const running = await startSessionEverything();
    onTestFinished(running.close);
    const { ask } = await askerOf(era, running.url);
    const call = { name: "test_reconnection", arguments: {} };
    expect((await ask("mine", "tools/call", call)).messages).toMatchObject([
      saying("Answered after the stream was dropped."),
    ]);
  });
});

it("what an upstream asks on a connection that goes on reaches the client, and the reply the upstream", async () => {
  const replied = Promise.withResolvers<unknown>();
  const upstream = await startParted(
    [
      (outgoing) => {
        prime(outgoing, "one");
        outgoing.end();
      },
      (outgoing, _call, say) => {
        begin(outgoing);
        const params = { message: "?", requestedSchema: { type: "object", properties: {} } };
        say("two", { jsonrpc: "2.0", id: "q", method: "elicitation/create", params });
        outgoing.end();
      },
      async (outgoing, call, say) => {
        begin(outgoing);
        await replied.promise;
        say("three", resultFor(call, "thanks"));
      },
    ],
    replied.resolve,
  );
  const { url } = await askerOf("session", upstream.url);
  const { client } = await connectSession(url, token, { capabilities: { elicitation: {} } });
  onTestFinished(() => client.close());
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: "accept", content: {} }));
  expect(await client.callTool({ name: "first" })).toMatchObject({ content: [{ text: "thanks" }] });
  expect(await replied.promise).toMatchObject({ id: "q", result: { action: "accept" } });
});

it("an upstream that never comes to an answer has the time of a call, polled or not", async () => {
  const upstream = await startParted([
    (outgoing) => {
      begin(outgoing);
      outgoing.write("id: one\nretry: 60000\ndata:\n\n");
      outgoing.end();
    },
  ]);
  const { url } = await impatient.bundle("slow", upstream.url);
  const ask = await callerOf("modern", url, await impatient.token());
  expect((await ask("mine", "tools/call", CALL)).answer).toMatchObject({
    id: "mine",
    error: { data: { code: "upstream_timeout", upstream: "slow" } },
  });
  expect(upstream.gets()).toEqual([]);
});
