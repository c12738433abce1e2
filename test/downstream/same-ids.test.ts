// Fifty clients of both eras that all count 1, 2, 3 … and use the same progress tokens, at the same time, at upstreams
// of every kind: each gets its own answers and its own progress, and nothing else.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSessionEverything } from "../fakes/everything/session.ts";
import type { Running } from "../fakes/http.ts";
import { startSseServer } from "../fakes/mcp-sse.ts";
import { eventStream, on, resultFor, startScripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { callerOf, type Received } from "../wire.ts";

const CLIENTS = 50;
const CALLS = 4;
const TOKEN = "same";

let gateway: Gateway;
let token: string;
let upstreams: Running[];
const urls = { session: "", keeping: "", modern: "", sse: "", builtin: "builtin:sample" };
const KINDS = Object.keys(urls) as (keyof typeof urls)[];

/** Waits for some others to come, so that many are under way at once, then reports progress and answers what was asked. */
function crowd(size: number) {
  let waiting: (() => void)[] = [];
  return on("tools/call", async (message, outgoing) => {
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      if (waiting.length < size) return;
      for (const go of waiting.reverse()) go(); // the last to ask is the first to be answered
      waiting = [];
    });
    const { arguments: args, _meta } = message.params as {
      arguments: { text: string };
      _meta?: { progressToken?: unknown };
    };
    const progress = { progressToken: _meta?.progressToken, progress: 1, message: args.text };
    eventStream(outgoing)(
      { jsonrpc: "2.0", method: "notifications/progress", params: progress },
      resultFor(message, args.text),
    );
    outgoing.end();
  });
}

beforeAll(async () => {
  gateway = await startGateway();
  token = await gateway.token();
  const [session, modern, keeping, sse] = await Promise.all([
    startScripted(crowd(CLIENTS / 2)),
    startScripted(crowd(CLIENTS / 2), "modern"),
    startSessionEverything(),
    startSseServer(),
  ]);
  upstreams = [session, modern, keeping, sse];
  Object.assign(urls, { session: session.url, modern: modern.url, keeping: keeping.url, sse: sse.url });
  for (const kind of KINDS) urls[kind] = (await gateway.bundle(kind, urls[kind])).url;
});
afterAll(async () => {
  await gateway.dispose();
  await Promise.all(upstreams.map(({ close }) => close()));
});

/** What each kind of upstream has that gives back a text. */
const echo = (kind: keyof typeof urls, text: string): Record<string, unknown> => {
  if (kind === "keeping") return { name: "json_schema_2020_12_tool", arguments: { name: text, phone: "1" } };
  if (kind === "builtin" || kind === "sse") return { name: "echo", arguments: { message: text } };
  return { name: "first", arguments: { text } };
};

const texts = ({ answer }: Received): string => JSON.stringify(answer?.result?.content);

describe.each(["session", "modern"] as const)("%s clients", (era) => {
  it.each(KINDS)("of a %s upstream get their own answers", async (kind) => {
    const askers = await Promise.all(Array.from({ length: CLIENTS }, () => callerOf(era, urls[kind], token)));
    const asked = askers.flatMap((ask, client) =>
      Array.from({ length: CALLS }, async (_, n) => {
        const text = `client ${client} call ${n}`;
        const params = { ...echo(kind, text), _meta: { progressToken: TOKEN } };
        return { text, id: n + 1, received: await ask(n + 1, "tools/call", params) };
      }),
    );
    const answers = await Promise.all(asked);
    const mixedUp = answers.filter(
      ({ id, text, received }) => received.answer?.id !== id || !texts(received).includes(text),
    );
    expect(mixedUp.map(({ text, received }) => [text, received.answer])).toEqual([]);
    expect(answers).toHaveLength(CLIENTS * CALLS);
  });
});

it.each(["session", "modern"] as const)(
  "progress of a %s upstream comes to the client it is for, under the client's own token",
  async (kind) => {
    const eras = Array.from({ length: CLIENTS }, (_, n) => (n % 2 === 0 ? "session" : "modern"));
    const askers = await Promise.all(eras.map((era) => callerOf(era as "session" | "modern", urls[kind], token)));
    const answers = await Promise.all(
      askers.map((ask, client) =>
        ask(1, "tools/call", {
          name: "first",
          arguments: { text: `client ${client}` },
          _meta: { progressToken: TOKEN },
        }),
      ),
    );
    const wrong = answers.filter(({ messages }, client) => {
      const [progress, answer, ...more] = messages;
      const { progressToken, message } = progress?.params ?? {};
      return progressToken !== TOKEN || message !== `client ${client}` || answer?.id !== 1 || more.length > 0;
    });
    expect(wrong.map(({ messages }) => messages)).toEqual([]);
  },
);

it.each(["session", "modern"] as const)(
  "%s clients that call a slow tool of one session upstream at once all get answer and progress",
  async (era) => {
    const askers = await Promise.all(Array.from({ length: CLIENTS }, () => callerOf(era, urls.keeping, token)));
    const params = { name: "test_tool_with_progress", _meta: { progressToken: TOKEN } };
    const answers = await Promise.all(askers.map((ask) => ask(1, "tools/call", params)));
    const told = answers.map(({ messages }) =>
      messages.map(({ id, params }) => id ?? [params?.progressToken, params?.progress]),
    );
    expect(told).toEqual(Array.from({ length: CLIENTS }, () => [[TOKEN, 0], [TOKEN, 50], [TOKEN, 100], 1]));
  },
);

it("ids that are equal as texts stay apart by their type, and big ones keep their digits", async () => {
  const ask = await callerOf("modern", urls.builtin, token);
  const answers = await Promise.all(
    [1, "1", 9007199254740991, "a\u00e9\n"].map((id) => ask(id, "tools/call", echo("builtin", String(id)))),
  );
  expect(answers.map(({ answer }) => answer?.id)).toEqual([1, "1", 9007199254740991, "a\u00e9\n"]);
});
