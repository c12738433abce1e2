// Servers that ask on the standing stream of their session what they do not tie to a request, as the official SDK's do
// unless told to (MCP 2025-11-25 basic/transports, "Listening for Messages from the Server"): the client whose call is
// under way is asked, whether it listens itself or not.
import type { ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { eventStream, on, resultFor, type Scripted, startScripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { connectModern, connectSession } from "../peers.ts";
import { callerOf, initialize, type Message, messagesIn, send, session } from "../wire.ts";

let gateway: Gateway;
let token: string;
beforeAll(async () => {
  gateway = await startGateway({ TOOL_TIMEOUT: "1" });
  token = await gateway.token();
});
afterAll(() => gateway.dispose());

const QUESTION = {
  jsonrpc: "2.0",
  id: "q",
  method: "elicitation/create",
  params: { message: "?", requestedSchema: { type: "object", properties: {} } },
};
const NOTE = { jsonrpc: "2.0", method: "notifications/message", params: { level: "info", data: "on it" } };

/** How the server answers a call once it has its reply. */
const HOW = {
  "as JSON": (outgoing: ServerResponse, result: object) => {
    outgoing.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(result));
  },
  "as a stream": (outgoing: ServerResponse, result: object) => eventStream(outgoing)(result),
};

/** A server of sessions that asks on their standing streams alone, or answers those who want one with a status. */
async function startAsking(answer: (outgoing: ServerResponse, result: object) => void, status = 200) {
  const replies: unknown[] = [];
  const replied = Promise.withResolvers<void>();
  const streams = new Map<unknown, ServerResponse>();
  const called = new Set<unknown>();
  const calls = on("tools/call", async (message, outgoing, { headers }) => {
    const write = (one: object) => streams.get(headers["mcp-session-id"])?.write(`data: ${JSON.stringify(one)}\n\n`);
    if (status === 200) {
      write(NOTE);
      write(QUESTION);
      await replied.promise;
    }
    answer(outgoing, resultFor(message, "thanks"));
  });
  let opened = 0;
  const upstream = await startScripted((heard, outgoing) => {
    const { message, method, headers } = heard;
    const id = headers["mcp-session-id"];
    if (message?.method === "tools/call") called.add(id);
    if (message?.params?.name === "second") return false;
    if (message?.method === "initialize") outgoing.setHeader("mcp-session-id", `session-${++opened}`);
    if (method === "GET" && status !== 200) return outgoing.writeHead(status).end() !== undefined;
    if (method === "GET" && streams.has(id)) return outgoing.writeHead(409).end() !== undefined;
    if (method === "GET") {
      outgoing.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
      streams.set(id, outgoing);
      outgoing.once("close", () => streams.delete(id));
      return true;
    }
    if (message?.id === QUESTION.id) {
      replies.push(message);
      replied.resolve();
    }
    return calls(heard, outgoing);
  });
  onTestFinished(upstream.close);
  /** Whether somebody listens in a session that calls were made in. */
  const holds = () => [...called].some((id) => streams.has(id));
  return { ...upstream, replies, gets: () => getsOf(upstream).length, holds };
}
const getsOf = ({ heard }: Scripted) => heard.filter(({ method }) => method === "GET");

let count = 0;
const urlOf = async (upstream: Scripted) => (await gateway.bundle(`asking ${++count}`, upstream.url)).url;
const bearer = () => ({ authorization: `Bearer ${token}` });

/** A session client that holds no stream of its own; replies after a while to what it is asked in an answer. */
async function wireClient(url: string) {
  const begin = initialize();
  const asking = { ...begin, body: begin.body.replace('"capabilities":{}', '"capabilities":{"elicitation":{}}') };
  const sessionId = (await send(url, asking, bearer())).headers.get("mcp-session-id") ?? "";
  return async (): Promise<Message[]> => {
    const { headers, body } = session("mine", "tools/call", { name: "first", arguments: {} }, sessionId);
    const response = await fetch(url, { method: "POST", headers: { ...headers, ...bearer() }, body });
    const messages: Message[] = [];
    let text = "";
    for await (const chunk of response.body ?? []) {
      text += new TextDecoder().decode(chunk);
      for (const one of messagesIn(response.headers.get("content-type"), text).slice(messages.length)) {
        const message = JSON.parse(one) as Message;
        messages.push(message);
        if (message.method !== QUESTION.method) continue;
        await pause(1200); // longer than TOOL_TIMEOUT: no event tells that a timer did not go off
        const reply = { jsonrpc: "2.0", id: message.id, result: { action: "accept", content: {} } };
        await send(url, { headers: session(0, "ping", {}, sessionId).headers, body: JSON.stringify(reply) }, bearer());
      }
    }
    return messages;
  };
}

describe.each(Object.entries(HOW))("a server that asks beside its answer, which comes %s,", (_how, answer) => {
  it("gets the reply of a session client that holds no stream, however long that takes", async () => {
    const upstream = await startAsking(answer);
    const call = await wireClient(await urlOf(upstream));
    expect(await call()).toMatchObject([
      NOTE,
      { method: QUESTION.method, params: QUESTION.params },
      { id: "mine", result: { content: [{ text: "thanks" }] } },
    ]);
    expect(upstream.replies).toMatchObject([{ id: "q", result: { action: "accept" } }]);
  });

  it("gets the reply of a client of 2026-07-28", async () => {
    const upstream = await startAsking(answer);
    const client = await connectModern(await urlOf(upstream), token, { capabilities: { elicitation: { form: {} } } });
    onTestFinished(() => client.close());
    client.setRequestHandler("elicitation/create", () => ({ action: "accept", content: {} }));
    expect(await client.callTool({ name: "first" })).toMatchObject({ content: [{ text: "thanks" }] });
    expect(upstream.replies).toMatchObject([{ id: "q", result: { action: "accept" } }]);
  });
});

it("a call whose server asks on the stream that its client holds waits with the person who is asked", async () => {
  const upstream = await startAsking(HOW["as a stream"]);
  const { client } = await connectSession(await urlOf(upstream), token, { capabilities: { elicitation: {} } });
  onTestFinished(() => client.close());
  client.setRequestHandler(ElicitRequestSchema, async () => {
    await pause(1500); // longer than TOOL_TIMEOUT: no event tells that a timer did not go off
    return { action: "accept", content: {} };
  });
  await client.callTool({ name: "second" }); // opens the session; whoever listens after this call is the client
  await expect.poll(upstream.holds, { timeout: 5_000 }).toBe(true);
  expect(await client.callTool({ name: "first" })).toMatchObject({ content: [{ text: "thanks" }] });
  expect(upstream.replies).toMatchObject([{ id: "q", result: { action: "accept" } }]);
});

it("a server that has no such stream is asked for one once, not for every call", async () => {
  const upstream = await startAsking(HOW["as JSON"], 405);
  const call = await wireClient(await urlOf(upstream));
  for (let times = 0; times < 3; times++)
    expect(await call()).toMatchObject([{ id: "mine", result: { content: [{ text: "thanks" }] } }]);
  expect(upstream.gets()).toBe(1);
});

it.each([409, 500])("a server that answers %i to who wants the stream answers calls as ever", async (status) => {
  const upstream = await startAsking(HOW["as a stream"], status);
  const call = await wireClient(await urlOf(upstream));
  expect(await call()).toMatchObject([{ id: "mine", result: { content: [{ text: "thanks" }] } }]);
});

it("nobody listens for a client that can't be asked anything", async () => {
  const upstream = await startAsking(HOW["as JSON"], 405);
  for (const era of ["session", "modern"] as const) {
    const ask = await callerOf(era, await urlOf(upstream), token);
    expect((await ask(1, "tools/call", { name: "first", arguments: {} })).answer).toMatchObject({ id: 1, result: {} });
  }
  expect(upstream.gets()).toBe(0);
});
