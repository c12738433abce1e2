// Batches of 2025-03-26 (basic, "Batching") beyond what session-refusals.test.ts has: answers that come as a stream are
// whole messages of the array, however their lines are broken; and a batch has an end.
import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, expect, it } from "vitest";
import { on, resultFor, type Scripted, startScripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { initialize, message, type Received, send, session } from "../wire.ts";

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

let gateway: Gateway;
let upstream: Scripted;
let batch: (parts: readonly unknown[]) => Promise<Received>;

beforeAll(async () => {
  [gateway, upstream] = await Promise.all([
    startGateway(),
    startScripted(
      on("tools/call", (request, outgoing) => {
        outgoing.writeHead(200, { "content-type": "text/event-stream" });
        writePretty(outgoing, PROGRESS);
        writePretty(outgoing, resultFor(request, TEXT));
        outgoing.end();
      }),
    ),
  ]);
  const { url } = await gateway.bundle("pretty", upstream.url);
  const bearer = { authorization: `Bearer ${await gateway.token()}` };
  const begun = await send(url, initialize(VERSION), bearer);
  const { headers } = session(0, "ping", {}, begun.headers.get("mcp-session-id") ?? "", VERSION);
  batch = (parts) => send(url, { headers, body: `[${parts.map((part) => JSON.stringify(part)).join(",")}]` }, bearer);
});
afterAll(() => Promise.all([gateway.dispose(), upstream.close()]));

const call = (id: unknown) => JSON.parse(message(id, "tools/call", { name: "first", arguments: {} })) as object;
const pings = (many: number) => Array.from({ length: many }, (_, id) => JSON.parse(message(id, "ping")) as object);

it("messages of a stream become members of the array, pretty-printed over several lines as they were", async () => {
  const { status, headers, text } = await batch([call(1), ...pings(1), call("two")]);
  expect([status, headers.get("content-type")]).toEqual([200, "application/json"]);
  const answers = JSON.parse(text) as { id?: unknown }[];
  const answered = (id: unknown) => ({ jsonrpc: "2.0", id, result: { content: [{ type: "text", text: TEXT }] } });
  expect(answers).toHaveLength(5);
  expect(answers.filter(({ id }) => id === undefined)).toEqual([PROGRESS, PROGRESS]);
  for (const id of [1, "two"]) expect(answers.find((answer) => answer.id === id)).toMatchObject(answered(id));
  expect(answers.find((answer) => answer.id === 0)).toEqual({ jsonrpc: "2.0", id: 0, result: {} });
});

it("100 messages are answered, 101 are refused as one and nothing of them is done", async () => {
  const whole = await batch(pings(100));
  expect(whole.status).toBe(200);
  expect((JSON.parse(whole.text) as { id: unknown }[]).map(({ id }) => id)).toEqual(pings(100).map((_, id) => id));
  const before = upstream.heard.length;
  const { status, answer } = await batch([...pings(100), call("the 101st")]);
  expect([status, answer?.id, answer?.error?.code]).toEqual([400, null, -32600]);
  expect(answer?.error?.message).toContain("100");
  expect(upstream.heard).toHaveLength(before);
});
