// Batches of 2025-03-26 (basic, "Batching") beyond what session-refusals.test.ts has: what is more than one message comes
// as an event stream, in which calls tell of progress and ask the client, and which can be resumed; and a batch has an end.
import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { eventStream, resultFor, type Script, type Scripted, startScripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { openStream } from "../streams.ts";
import { message, type Received, send, session } from "../wire.ts";

const VERSION = "2025-03-26";
const TEXT = 'two\nlines, "quoted"\n\ndata: and what looks like an event';
const PROGRESS = {
  jsonrpc: "2.0",
  method: "notifications/progress",
  params: { progressToken: "t", progress: 1, message: "line\n\ndata: x" },
};

/** A message as an event, pretty-printed, each of its lines in a field of its own (WHATWG HTML, 9.2.6). */
function writePretty(outgoing: ServerResponse, value: object): void {
  const lines = JSON.stringify(value, null, 2).split("\n");
  outgoing.write(`event: message\nid: 7\n${lines.map((line) => `data: ${line}`).join("\n")}\n\n`);
}

/** A question of the upstream, and who waits for the reply. */
const QUESTION = { jsonrpc: "2.0", id: "asked", method: "elicitation/create", params: { message: "Well?" } };
let replied = Promise.withResolvers<unknown>();
/** Calls that are held back, by their text, until somebody answers them. */
const heldBack = new Map<unknown, () => void>();

/** What the upstream does with a call is what the call says. */
const script: Script = async ({ message: heard }, outgoing) => {
  const { id, result } = (heard ?? {}) as { id?: unknown; result?: unknown };
  if (id === QUESTION.id) replied.resolve(result);
  if (heard?.method !== "tools/call") return false;
  const { text } = (heard.params?.arguments ?? {}) as { text?: string };
  const answer = () => outgoing.end(`data: ${JSON.stringify(resultFor(heard, text ?? ""))}\n\n`);
  if (text === "pretty") {
    outgoing.writeHead(200, { "content-type": "text/event-stream" });
    writePretty(outgoing, PROGRESS);
    writePretty(outgoing, resultFor(heard, TEXT));
    outgoing.end();
    return true;
  }
  if (text === "plain") return false;
  const tell = eventStream(outgoing);
  if (text === "ask") {
    tell(QUESTION);
    await replied.promise;
    answer();
  } else {
    tell(PROGRESS);
    heldBack.set(text, answer);
  }
  return true;
};

let gateway: Gateway;
let upstream: Scripted;
let url: string;
let headers: Record<string, string>;
let batch: (parts: readonly unknown[]) => Promise<Received>;
const wire = (parts: readonly unknown[]) => JSON.stringify(parts);

beforeAll(async () => {
  [gateway, upstream] = await Promise.all([startGateway(), startScripted(script)]);
  ({ url } = await gateway.bundle("pretty", upstream.url));
  const bearer = { authorization: `Bearer ${await gateway.token()}` };
  const begin = session(0, "initialize", {
    protocolVersion: VERSION,
    capabilities: { elicitation: {} },
    clientInfo: {},
  });
  const begun = await send(url, begin, bearer);
  headers = { ...session(0, "ping", {}, begun.headers.get("mcp-session-id") ?? "", VERSION).headers, ...bearer };
  batch = (parts) => send(url, { headers, body: wire(parts) });
});
afterAll(() => Promise.all([gateway.dispose(), upstream.close()]));

const call = (id: unknown, text: string) =>
  JSON.parse(message(id, "tools/call", { name: "first", arguments: { text } })) as object;
const pings = (many: number) => Array.from({ length: many }, (_, id) => JSON.parse(message(id, "ping")) as object);
const answered = (id: unknown, text: string) => ({ jsonrpc: "2.0", id, result: { content: [{ type: "text", text }] } });
const pong = (id: unknown) => ({ jsonrpc: "2.0", id, result: {} });

/** A batch whose answers are read as they come. */
async function streamed(parts: readonly unknown[]) {
  const stream = await openStream(url, { method: "POST", headers, body: wire(parts) });
  onTestFinished(() => stream.drop());
  return stream;
}

it("what is answered by one message each comes as an array", async () => {
  const { status, headers: given, text } = await batch([call("a", "plain"), ...pings(1)]);
  expect([status, given.get("content-type")]).toEqual([200, "application/json"]);
  expect((JSON.parse(text) as { id: unknown }[]).map(({ id }) => id)).toEqual(["a", 0]);
});

it("what is more comes as a stream of messages, pretty-printed over several lines as they were", async () => {
  const { status, headers: given, messages } = await batch([call(1, "pretty"), ...pings(1), call("two", "pretty")]);
  expect([status, given.get("content-type")]).toEqual([200, "text/event-stream"]);
  expect(messages).toHaveLength(5);
  expect(messages.filter(({ id }) => id === undefined)).toEqual([PROGRESS, PROGRESS]);
  for (const id of [1, "two"]) expect(messages.find((one) => one.id === id)).toMatchObject(answered(id, TEXT));
  expect(messages.find((one) => one.id === 0)).toEqual(pong(0));
});

it("a call of a batch asks the client, and gets its reply, also in a batch", async () => {
  replied = Promise.withResolvers();
  const stream = await streamed([call("asks", "ask"), ...pings(1)]);
  const [first, second] = [await stream.nextMessage(), await stream.nextMessage()];
  const asked = [first, second].find((one) => one?.method === QUESTION.method);
  expect([first, second]).toContainEqual(pong(0));
  expect(asked).toMatchObject({ params: QUESTION.params });
  const result = { action: "accept", content: { yes: true } };
  expect((await batch([{ jsonrpc: "2.0", id: asked?.id, result }])).status).toBe(202);
  expect(await replied.promise).toEqual(result);
  expect(await stream.nextMessage()).toMatchObject(answered("asks", "ask"));
  expect(await stream.nextMessage()).toBeUndefined();
});

it("a cancellation in a batch reaches a call of an earlier one, which is not answered; the others are", async () => {
  const stream = await streamed([call("goes", "goes"), call("stays", "stays")]);
  expect([await stream.nextMessage(), await stream.nextMessage()]).toEqual([PROGRESS, PROGRESS]);
  const cancel = JSON.parse(message(undefined, "notifications/cancelled", { requestId: "goes" })) as object;
  expect(await batch([cancel, ...pings(1)]).then(({ text }) => JSON.parse(text) as unknown)).toEqual([pong(0)]);
  await upstream.hears("notifications/cancelled");
  heldBack.get("stays")?.();
  expect(await stream.nextMessage()).toMatchObject(answered("stays", "stays"));
  expect(await stream.nextMessage()).toBeUndefined();
});

it("a stream that dropped is resumed, with the answers to all requests", async () => {
  const stream = await streamed([call("long", "long"), ...pings(2)]);
  await stream.next();
  stream.drop();
  const rest = await openStream(url, {
    headers: { ...headers, accept: "text/event-stream", "last-event-id": String(stream.lastId) },
  });
  onTestFinished(() => rest.drop());
  await expect.poll(() => heldBack.has("long")).toBe(true);
  heldBack.get("long")?.();
  const got: unknown[] = [];
  for (let one = await rest.nextMessage(); one; one = await rest.nextMessage()) got.push(one.id);
  expect(got).toContain("long");
});

it("100 messages are answered, 101 are refused as one and nothing of them is done", async () => {
  const whole = await batch(pings(100));
  expect(whole.status).toBe(200);
  expect((JSON.parse(whole.text) as { id: unknown }[]).map(({ id }) => id)).toEqual(pings(100).map((_, id) => id));
  const before = upstream.heard.length;
  const { status, answer } = await batch([...pings(100), call("the 101st", "plain")]);
  expect([status, answer?.id, answer?.error?.code]).toEqual([400, null, -32600]);
  expect(answer?.error?.message).toContain("100");
  expect(upstream.heard).toHaveLength(before);
});
