// An answer that an upstream packs into an event stream though it is one message (MCP 2025-11-25 and 2026-07-28
// basic/transports: servers may always stream): clients get it as the one message it is.
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startModernEverything } from "../fakes/everything/modern.ts";
import { startSessionEverything } from "../fakes/everything/session.ts";
import { eventStream, on, resultFor, startScripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { callerOf, messagesIn, modern } from "../wire.ts";

const ERAS = ["session", "modern"] as const;
const PAIRS = ERAS.flatMap((client) => ERAS.map((upstream) => ({ client, upstream })));
const JSON_TYPE = "application/json";
const STREAM_TYPE = "text/event-stream";

let gateway: Gateway;
let token: string;
beforeAll(async () => {
  gateway = await startGateway();
  token = await gateway.token();
});
afterAll(() => gateway.dispose());

let count = 0;
async function urlOf(running: { url: string; close: () => Promise<void> }): Promise<string> {
  onTestFinished(running.close);
  return (await gateway.bundle(`packing ${++count}`, running.url)).url;
}

const typeOf = ({ headers }: { headers: Headers }) => headers.get("content-type")?.split(";")[0];
const progress = { jsonrpc: "2.0", method: "notifications/progress", params: { progressToken: "p", progress: 1 } };
const CALL = { name: "first", arguments: {} };

describe.each(PAIRS)("a $client client's call of a $upstream upstream that answers with an event stream", (pair) => {
  it.each<[string, string]>([
    ["of the response alone", ""],
    ["of the response after comments", ":\n\n: hello\n\n"],
    ["of the response after an event without data", "id: 1\nretry: 10\ndata:\n\n"],
  ])("%s comes in one piece", async (_what, before) => {
    const script = on("tools/call", (message, outgoing) => {
      const say = eventStream(outgoing);
      outgoing.write(before);
      say(resultFor(message, "whole"));
    });
    const ask = await callerOf(pair.client, await urlOf(await startScripted(script, pair.upstream)), token);
    const answer = await ask("mine", "tools/call", CALL);
    expect([typeOf(answer), answer.answer]).toMatchObject([
      JSON_TYPE,
      { id: "mine", result: { content: [{ text: "whole" }] } },
    ]);
  });

  it("of more than that comes as a stream", async () => {
    const script = on("tools/call", (message, outgoing) =>
      eventStream(outgoing)(progress, resultFor(message, "at last")),
    );
    const ask = await callerOf(pair.client, await urlOf(await startScripted(script, pair.upstream)), token);
    const answer = await ask("mine", "tools/call", { ...CALL, _meta: { progressToken: "p" } });
    expect([typeOf(answer), answer.messages]).toMatchObject([
      STREAM_TYPE,
      [{ method: progress.method }, { id: "mine" }],
    ]);
  });
});

it.each([
  ["session", startSessionEverything],
  ["modern", startModernEverything],
] as const)("a plain call of the official SDK's %s server comes in one piece", async (_era, start) => {
  const ask = await callerOf("modern", await urlOf(await start()), token);
  expect(typeOf(await ask(1, "tools/call", { name: "test_simple_text" }))).toBe(JSON_TYPE);
});

it.each(ERAS)("an answer that a %s upstream keeps back begins as a stream meanwhile", async (era) => {
  const begun = Promise.withResolvers<void>();
  const script = on("tools/call", async (message, outgoing) => {
    const say = eventStream(outgoing);
    await begun.promise;
    say(resultFor(message, "at last"));
  });
  const url = await urlOf(await startScripted(script, era));
  const { headers, body } = modern("mine", "tools/call", CALL);
  const response = await fetch(url, {
    method: "POST",
    headers: { ...headers, authorization: `Bearer ${token}` },
    body,
  });
  begun.resolve();
  expect(typeOf(response)).toBe(STREAM_TYPE);
  const texts = messagesIn(STREAM_TYPE, await response.text());
  expect(texts.map((text) => JSON.parse(text))).toMatchObject([
    { id: "mine", result: { content: [{ text: "at last" }] } },
  ]);
});
