// Sessions as real clients live them (SDK v1): begun in each revision, ended, gone on with after a restart; progress,
// logs and cancellation inside them.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LoggingMessageNotificationSchema, McpError } from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startModernEverything } from "../fakes/everything/modern.ts";
import { startSessionEverything } from "../fakes/everything/session.ts";
import type { Running } from "../fakes/http.ts";
import { eventStream, on, type Script, startScripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { connectSession, rawSession } from "../peers.ts";
import { initialize, send } from "../wire.ts";

const VERSIONS = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];
const UPSTREAMS = ["session", "modern"] as const;

let gateway: Gateway;
let token: string;
let running: Record<(typeof UPSTREAMS)[number], Running>;
const urls = { session: "", modern: "" };

beforeAll(async () => {
  const [started, session, modern] = await Promise.all([
    startGateway(),
    startSessionEverything(),
    startModernEverything(),
  ]);
  gateway = started;
  running = { session, modern };
  token = await gateway.token();
  for (const era of UPSTREAMS) urls[era] = (await gateway.bundle(`${era} everything`, running[era].url)).url;
});
afterAll(() => Promise.all([gateway.dispose(), running.session.close(), running.modern.close()]));

async function connect(url: string, wish?: Parameters<typeof connectSession>[2]) {
  const connected = await connectSession(url, token, wish);
  onTestFinished(() => connected.client.close());
  return connected;
}

describe("initialize", () => {
  it.each(VERSIONS)("is answered in %s when that is asked for", async (offer) => {
    const { client, transport } = await connect(urls.session, { offer });
    expect(transport.protocolVersion).toBe(offer);
    expect((await client.listTools()).tools.length).toBeGreaterThan(20);
  });

  it.each(["2099-01-01", "2026-07-28", "nonsense"])(
    "is answered in the newest of its era when %s is asked for",
    async (version) => {
      const { answer } = await send(urls.session, initialize(version), { authorization: `Bearer ${token}` });
      expect(answer?.result?.protocolVersion).toBe("2025-11-25");
    },
  );

  it("says who is here and what can be done, from the view", async () => {
    const { client } = await connect(urls.session);
    expect(client.getServerVersion()).toMatchObject({ name: "Causeway", title: "session everything" });
    expect(client.getServerCapabilities()).toMatchObject({
      tools: {},
      prompts: {},
      resources: { subscribe: true },
      completions: {},
      logging: {},
    });
    expect(client.getInstructions()).toBe("Holds one of everything.");
  });

  it("gives a sealed id: visible ASCII, short, and telling nothing", async () => {
    const ids = await Promise.all([1, 2].map(async () => (await connect(urls.session)).transport.sessionId ?? ""));
    for (const id of ids) {
      expect(id).toMatch(/^[\x21-\x7e]{40,1000}$/);
      const decoded = Buffer.from(id.split(".").at(-1) ?? "", "base64url").toString("latin1");
      expect(id + decoded).not.toMatch(/session peer|2025-11-25|admin@example.com/);
    }
    expect(new Set(ids).size).toBe(2);
  });
});

it("ends with DELETE: the client's next request is 404", async () => {
  const { client, transport } = await connect(urls.session);
  await client.ping();
  const sessionId = transport.sessionId ?? "";
  await transport.terminateSession();
  const again = await connect(urls.session, { sessionId, version: "2025-11-25" });
  await expect(again.client.ping()).rejects.toMatchObject({ code: 404 });
});

it("goes on after the gateway was restarted, with its session upstream", async () => {
  const directory = await mkdtemp(join(tmpdir(), "causeway-"));
  const secrets = { JWT_SECRET_KEY: "j".repeat(40), AUTH_ENCRYPTION_SECRET: "s".repeat(40) };
  const before = await startGateway(secrets, directory);
  const { url } = await before.bundle("everything", running.session.url);
  const bearer = await before.token();
  const { client, transport } = await connectSession(url, bearer);
  const logs: unknown[] = [];
  await client.setLoggingLevel("error");
  await client.callTool({ name: "test_simple_text" });
  await before.dispose();

  const after = await startGateway(secrets, directory);
  onTestFinished(async () => {
    await after.dispose();
    await rm(directory, { recursive: true });
  });
  const moved = url.replace(before.url, after.url);
  const wish = { sessionId: transport.sessionId ?? "", version: transport.protocolVersion ?? "" };
  const { client: again } = await connectSession(moved, bearer, wish);
  again.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void logs.push(params.data));
  const { content } = await again.callTool({ name: "test_tool_with_logging" });
  expect(content).toEqual([{ type: "text", text: "Logged three messages." }]);
  expect(logs).toEqual([]); // the level was set in the session upstream that the client had before
});

describe.each(UPSTREAMS)("with a %s upstream", (era) => {
  it("progress arrives in order, before the answer", async () => {
    const { client } = await connect(urls[era]);
    const seen: unknown[] = [];
    const { content } = await client.callTool({ name: "test_tool_with_progress" }, undefined, {
      onprogress: ({ progress, total }) => seen.push([progress, total]),
    });
    expect(seen).toEqual([
      [0, 100],
      [50, 100],
      [100, 100],
    ]);
    expect(content).toEqual([{ type: "text", text: "Reported progress." }]);
  });

  it("an error of a tool and an error of the protocol stay what they are", async () => {
    const { client } = await connect(urls[era]);
    expect(await client.callTool({ name: "test_error_handling" })).toMatchObject({ isError: true });
    const missing = client.readResource({ uri: "test://no-such" });
    await expect(missing).rejects.toBeInstanceOf(McpError);
    await expect(missing).rejects.toMatchObject({ code: -32002, data: { uri: "test://no-such" } });
  });
});

it("logs arrive, down to the level the client asked for", async () => {
  const { client } = await connect(urls.session);
  const logs: unknown[] = [];
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void logs.push(params.data));
  await client.setLoggingLevel("info");
  await client.callTool({ name: "test_tool_with_logging" });
  expect(logs).toEqual(["Tool execution started", "Tool processing data", "Tool execution completed"]);
  await client.setLoggingLevel("error");
  await client.callTool({ name: "test_tool_with_logging" });
  expect(logs).toHaveLength(3);
  await expect(rawSession(client)("logging/setLevel", { level: "loud" })).rejects.toMatchObject({ code: -32602 });
});

describe("a client's cancellation", () => {
  const silent: Script = on("tools/call", () => {});
  const talking: Script = on("tools/call", (_message, outgoing) => eventStream(outgoing)());

  it.each([
    ["that says nothing", silent],
    ["whose stream has begun", talking],
  ])("reaches a session upstream %s, naming the request", async (_what, script) => {
    const upstream = await startScripted(script);
    onTestFinished(upstream.close);
    const { url } = await gateway.bundle(`cancelled ${_what}`, upstream.url);
    const { client } = await connect(url);
    const leaving = new AbortController();
    const calling = client.callTool({ name: "first" }, undefined, { signal: leaving.signal });
    const [call] = await upstream.hears("tools/call");
    leaving.abort("enough");
    await expect(calling).rejects.toThrow("enough");
    const [cancelled] = await upstream.hears("notifications/cancelled");
    expect(cancelled?.message?.params).toMatchObject({ requestId: call?.message?.id });
    expect(await call?.ended).toBe("broken off");
    expect(await client.ping()).toEqual({});
  });

  it.each([
    ["that says nothing", silent],
    ["whose stream has begun", talking],
  ])("closes the request to a 2026-07-28 upstream %s", async (_what, script) => {
    const upstream = await startScripted(script, "modern");
    onTestFinished(upstream.close);
    const { url } = await gateway.bundle(`left ${_what}`, upstream.url);
    const { client } = await connect(url);
    const leaving = new AbortController();
    const calling = client.callTool({ name: "first" }, undefined, { signal: leaving.signal });
    const [call] = await upstream.hears("tools/call");
    leaving.abort("enough");
    await expect(calling).rejects.toThrow("enough");
    expect(await call?.ended).toBe("broken off");
  });

  it("of a request of another session changes nothing", async () => {
    const release = Promise.withResolvers<void>();
    const held = on("tools/call", async (message, outgoing) => {
      await release.promise;
      outgoing.writeHead(200, { "content-type": "application/json" });
      outgoing.end(JSON.stringify({ jsonrpc: "2.0", id: message.id, result: { content: [] } }));
    });
    const upstream = await startScripted(held);
    onTestFinished(upstream.close);
    const { url } = await gateway.bundle("not theirs", upstream.url);
    const [one, other] = [await connect(url), await connect(url)];
    const calling = one.client.callTool({ name: "first" });
    const [call] = await upstream.hears("tools/call");
    await other.client.notification({
      method: "notifications/cancelled",
      params: { requestId: call?.message?.id ?? "" },
    });
    await other.client.ping();
    release.resolve();
    expect(await calling).toEqual({ content: [] });
  });
});
