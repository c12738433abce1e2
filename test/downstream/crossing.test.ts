// Clients of one era at upstreams of another: the same tools, prompts, resources and completions, in the words of the
// client's revision.
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { PROTOCOL_META } from "../../src/lib/mcp.ts";
import { startModernEverything } from "../fakes/everything/modern.ts";
import { startSessionEverything } from "../fakes/everything/session.ts";
import type { Running } from "../fakes/http.ts";
import { startSseServer } from "../fakes/mcp-sse.ts";
import { on, startScripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { connectModern, connectSession, type Raw, rawModern, rawSession } from "../peers.ts";
import { callerOf, leavable, modern } from "../wire.ts";

let gateway: Gateway;
let token: string;
let upstreams: Record<"session" | "modern" | "sse", Running>;
const urls = { session: "", modern: "", sse: "" };

beforeAll(async () => {
  const [started, session, modern, sse] = await Promise.all([
    startGateway(),
    startSessionEverything(),
    startModernEverything(),
    startSseServer(),
  ]);
  gateway = started;
  upstreams = { session, modern, sse };
  token = await gateway.token();
  for (const era of ["session", "modern", "sse"] as const)
    urls[era] = (await gateway.bundle(era, upstreams[era].url)).url;
});
afterAll(() => Promise.all([gateway.dispose(), ...Object.values(upstreams).map(({ close }) => close())]));

/** A client at the gateway, and what it should see: a client of the upstream's own era straight at it. */
async function pair(
  client: "session" | "modern",
  upstream: "session" | "modern",
): Promise<{ through: Raw; straight: Raw }> {
  const connect = async (era: typeof client, url: string, bearer?: string): Promise<Raw> => {
    if (era === "modern") {
      const peer = await connectModern(url, bearer);
      onTestFinished(() => peer.close());
      return rawModern(peer);
    }
    const { client: peer } = await connectSession(url, bearer);
    onTestFinished(() => peer.close());
    return rawSession(peer);
  };
  return {
    through: await connect(client, urls[upstream], token),
    straight: await connect(upstream, upstreams[upstream].url),
  };
}

/** A result without what its era's envelope adds. */
function bare(result: Record<string, unknown>): unknown {
  const { resultType: _type, ttlMs: _ttl, cacheScope: _scope, _meta, ...rest } = result;
  const { [PROTOCOL_META.serverInfo]: _info, ...meta } = (_meta ?? {}) as Record<string, unknown>;
  return Object.keys(meta).length > 0 ? { ...rest, _meta: meta } : rest;
}

describe.each([
  ["session", "modern"],
  ["modern", "session"],
] as const)("a %s client at a %s upstream gets the same as without the gateway:", (client, upstream) => {
  it.each<[string, Record<string, unknown>]>([
    ["tools/call", { name: "test_simple_text" }],
    ["tools/call", { name: "test_multiple_content_types" }],
    ["tools/call", { name: "test_structured_content", arguments: { a: 2, b: 3 } }],
    ["tools/call", { name: "test_error_handling" }],
    ["prompts/get", { name: "test_prompt_with_arguments", arguments: { arg1: "1", arg2: "2" } }],
    ["resources/read", { uri: "test://static-binary" }],
    ["resources/read", { uri: "test://template/7/data" }],
    [
      "completion/complete",
      { ref: { type: "ref/prompt", name: "test_prompt_with_arguments" }, argument: { name: "arg1", value: "par" } },
    ],
  ])("%s %j", async (method, params) => {
    const { through, straight } = await pair(client, upstream);
    expect(bare(await through(method, params))).toEqual(bare(await straight(method, params)));
  });

  it.each([
    ["tools/list", "tools"],
    ["prompts/list", "prompts"],
    ["resources/list", "resources"],
    ["resources/templates/list", "resourceTemplates"],
  ])("%s", async (method, field) => {
    const { through, straight } = await pair(client, upstream);
    const sorted = (result: Record<string, unknown>) =>
      (result[field] as object[]).map((item) => JSON.stringify(item)).sort();
    expect(sorted(await through(method))).toEqual(sorted(await straight(method)));
  });
});

describe("on the wire", () => {
  it("a session client finds nothing of 2026-07-28 in its answers", async () => {
    const ask = await callerOf("session", urls.modern, token);
    for (const [method, params] of [
      ["tools/list", {}],
      ["tools/call", { name: "test_simple_text" }],
      ["resources/read", { uri: "test://static-text" }],
      ["prompts/get", { name: "test_simple_prompt" }],
    ] as const) {
      const { text, answer } = await ask(1, method, params);
      expect(answer).toMatchObject({ id: 1, result: {} });
      expect(text).not.toMatch(/resultType|ttlMs|cacheScope|io\.modelcontextprotocol/);
    }
  });

  it("a client of 2026-07-28 finds its envelope around answers of the session era", async () => {
    const ask = await callerOf("modern", urls.session, token);
    expect((await ask(1, "tools/call", { name: "test_simple_text" })).answer?.result).toMatchObject({
      resultType: "complete",
    });
    const read = (await ask(2, "resources/read", { uri: "test://static-text" })).answer?.result;
    expect(read).toMatchObject({ resultType: "complete", ttlMs: 0, cacheScope: "private" });
    const listed = (await ask(3, "tools/list")).answer?.result;
    expect(listed).toMatchObject({ resultType: "complete", ttlMs: expect.any(Number), cacheScope: "private" });
  });

  it("an upstream of the session era finds nothing of 2026-07-28 in requests, but what is the client's own", async () => {
    const upstream = await startScripted(() => false);
    onTestFinished(upstream.close);
    const { url } = await gateway.bundle("old", upstream.url);
    const ask = await callerOf("modern", url, token);
    await ask(1, "tools/call", { name: "first", arguments: {}, _meta: { traceparent: "00-1-2-01" } });
    const [call] = await upstream.hears("tools/call");
    expect(call?.message?.params).toEqual({ name: "first", arguments: {}, _meta: { traceparent: "00-1-2-01" } });
    expect(Object.keys(call?.headers ?? {}).filter((name) => /^mcp-(method|name|param)/.test(name))).toEqual([]);
  });

  it("an upstream of 2026-07-28 finds the envelope and its mirrors in a session client's request", async () => {
    const upstream = await startScripted(() => false, "modern");
    onTestFinished(upstream.close);
    const { url } = await gateway.bundle("new", upstream.url);
    const ask = await callerOf("session", url, token);
    await ask(1, "tools/call", { name: "first", arguments: {} });
    const [call] = await upstream.hears("tools/call");
    expect(call?.headers).toMatchObject({
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "tools/call",
      "mcp-name": "first",
    });
    expect(call?.message?.params?._meta).toEqual({
      [PROTOCOL_META.protocolVersion]: "2026-07-28",
      [PROTOCOL_META.clientInfo]: { name: "wire", version: "1" },
      [PROTOCOL_META.clientCapabilities]: {},
    });
  });

  it.each([
    ["session", "modern", -32002],
    ["modern", "session", -32602],
  ] as const)("to a %s client a resource that a %s upstream has not is %i", async (client, upstream, code) => {
    const ask = await callerOf(client, urls[upstream], token);
    const { status, answer } = await ask(1, "resources/read", { uri: "test://no-such" });
    expect([status, answer?.error]).toMatchObject([200, { code, data: { uri: "test://no-such" } }]);
  });

  it("structured content that is no object is wrapped for a session client, and so is its schema", async () => {
    const list = {
      name: "numbers",
      inputSchema: { type: "object" },
      outputSchema: { type: "array", items: { $ref: "#/$defs/n" }, $defs: { n: { type: "integer" } } },
    };
    const either = {
      name: "either",
      inputSchema: { type: "object" },
      outputSchema: { anyOf: [{ type: "object" }, { type: "null" }] },
    };
    const offers = on("tools/list", ({ id }, outgoing) => {
      const result = { resultType: "complete", ttlMs: 0, cacheScope: "private", tools: [list, either] };
      outgoing
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify({ jsonrpc: "2.0", id, result }));
    });
    const answers = on("tools/call", ({ id, params }, outgoing) => {
      const structuredContent = params?.name === "numbers" ? [1, 2] : { a: 1 };
      const result = { resultType: "complete", content: [{ type: "text", text: "-" }], structuredContent };
      outgoing
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify({ jsonrpc: "2.0", id, result }));
    });
    const upstream = await startScripted(
      async (...request) => (await offers(...request)) || (await answers(...request)),
      "modern",
    );
    onTestFinished(upstream.close);
    const { url } = await gateway.bundle("any value", upstream.url);
    const { client } = await connectSession(url, token);
    onTestFinished(() => client.close());
    const { tools } = await client.listTools();
    expect(tools).toHaveLength(2);
    expect((await client.callTool({ name: "numbers" })).structuredContent).toEqual({ result: [1, 2] });
    expect((await client.callTool({ name: "either" })).structuredContent).toEqual({ result: { a: 1 } });
    const newer = await connectModern(url, token);
    onTestFinished(() => newer.close());
    expect((await rawModern(newer)("tools/list")).tools).toEqual(expect.arrayContaining([list, either]));
    expect(await rawModern(newer)("tools/call", { name: "numbers" })).toMatchObject({ structuredContent: [1, 2] });
  });
});

describe.each(["session", "modern"] as const)("a %s client at an upstream of HTTP+SSE", (era) => {
  it("lists and calls its tools", async () => {
    const ask = await callerOf(era, urls.sse, token);
    const { answer } = await ask(1, "tools/list");
    expect(((answer?.result?.tools ?? []) as { name: string }[]).map(({ name }) => name).sort()).toEqual([
      "echo",
      "slow",
    ]);
    const { answer: called } = await ask(2, "tools/call", { name: "echo", arguments: { message: "caf\u00e9" } });
    expect(called).toMatchObject({ id: 2, result: { content: [{ type: "text", text: "caf\u00e9" }] } });
  });

  it("is told of progress, in order and before the answer", async () => {
    const ask = await callerOf(era, urls.sse, token);
    const { messages } = await ask("mine", "tools/call", {
      name: "slow",
      arguments: { steps: 3, pauseMs: 1 },
      _meta: { progressToken: 7 },
    });
    expect(messages.map(({ id, params }) => id ?? [params?.progressToken, params?.progress])).toEqual([
      [7, 1],
      [7, 2],
      [7, 3],
      "mine",
    ]);
  });
});

it("a client of 2026-07-28 that leaves cancels its request at an upstream of the session era", async () => {
  const upstream = await startScripted(on("tools/call", () => {}));
  onTestFinished(upstream.close);
  const { url } = await gateway.bundle("left behind", upstream.url);
  const leave = leavable(url, modern(1, "tools/call", { name: "first" }), { authorization: `Bearer ${token}` });
  const [call] = await upstream.hears("tools/call");
  leave.now();
  const [cancelled] = await upstream.hears("notifications/cancelled");
  expect(cancelled?.message?.params).toMatchObject({ requestId: call?.message?.id });
  expect(await call?.ended).toBe("broken off");
});
