// Upstreams nobody calls: one that is kept live tells of its changes over a stream that the gateway holds; the others are
// looked at from time to time, those that are down no more often. What an administrator changes is heeded at once.
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { ToolRead } from "../../src/schemas/tools.ts";
import type { UpstreamRead } from "../../src/schemas/upstreams.ts";
import { plainTool } from "../fakes/plain-mcp.ts";
import { eventStream, type Heard, type Script, startScripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";

const CHANGED = { jsonrpc: "2.0", method: "notifications/tools/list_changed" };
const PATIENCE = { timeout: 15_000 };

let count = 0;

/** An upstream of 2026-07-28 whose tools a test changes, and which can be down. */
async function startUpstream() {
  const state = { tools: [plainTool("first")], down: false };
  const streams: { tell: ReturnType<typeof eventStream>; heard: Heard }[] = [];
  const looks: number[] = [];
  const script: Script = (heard, outgoing) => {
    const { message } = heard;
    if (message?.method === "server/discover") looks.push(performance.now());
    if (state.down) {
      outgoing.writeHead(503).end();
      return true;
    }
    if (message?.method === "subscriptions/listen") {
      const tell = eventStream(outgoing);
      streams.push({ tell, heard });
      tell({ jsonrpc: "2.0", method: "notifications/subscriptions/acknowledged", params: { notifications: {} } });
      return true;
    }
    if (message?.method !== "tools/list") return false;
    const result = { resultType: "complete", ttlMs: 0, cacheScope: "private", tools: state.tools };
    outgoing.writeHead(200, { "content-type": "application/json" });
    outgoing.end(JSON.stringify({ jsonrpc: "2.0", id: message.id, result }));
    return true;
  };
  const running = await startScripted(script, "modern");
  onTestFinished(running.close);
  return Object.assign(state, running, { streams, looks, name: `upstream ${++count}` });
}
type Upstream = Awaited<ReturnType<typeof startUpstream>>;

const add = async (gateway: Gateway, { name, url }: Upstream, more: object = {}) => {
  const { status, body } = await gateway.api<UpstreamRead>("POST", "/gateways", { name, url, ...more });
  expect(status).toBe(201);
  return body.id;
};
const change = async (gateway: Gateway, id: string, body: object) =>
  expect((await gateway.api("PUT", `/gateways/${id}`, body)).status).toBe(200);
const toolsOf = async (gateway: Gateway, id: string) =>
  (await gateway.api<ToolRead[]>("GET", `/tools?gateway_id=${id}&limit=0`)).body.map((tool) => tool.originalName);

describe("an upstream that is kept live", () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.dispose());

  it("is heard while no client listens", async () => {
    const upstream = await startUpstream();
    const id = await add(gateway, upstream, { keepLive: true });
    await upstream.hears("subscriptions/listen");
    upstream.tools.push(plainTool("second"));
    upstream.streams[0]?.tell(CHANGED);
    await expect.poll(() => toolsOf(gateway, id), PATIENCE).toEqual(["first", "second"]);
  });

  it("is heard from when it is marked until it no longer is", async () => {
    const upstream = await startUpstream();
    const id = await add(gateway, upstream);
    await change(gateway, id, { keepLive: true });
    await upstream.hears("subscriptions/listen");
    await change(gateway, id, { keepLive: false });
    expect(await upstream.streams[0]?.heard.ended).toBe("broken off");
  });

  it.each([
    ["disabled", (id: string) => gateway.api("POST", `/gateways/${id}/state?activate=false`)],
    ["deleted", (id: string) => gateway.api("DELETE", `/gateways/${id}`)],
  ])("is let go when it is %s", async (_how, act) => {
    const upstream = await startUpstream();
    const id = await add(gateway, upstream, { keepLive: true });
    await upstream.hears("subscriptions/listen");
    expect((await act(id)).status).toBe(200);
    expect(await upstream.streams[0]?.heard.ended).toBe("broken off");
  });

  it("keeps its stream when something else about it is changed, and is heard where it has moved to", async () => {
    const [before, after] = await Promise.all([startUpstream(), startUpstream()]);
    const id = await add(gateway, before, { keepLive: true });
    await before.hears("subscriptions/listen");
    await change(gateway, id, { description: "Another" });
    await change(gateway, id, { url: after.url });
    await after.hears("subscriptions/listen");
    expect(await before.streams[0]?.heard.ended).toBe("broken off");
    expect(before.streams).toHaveLength(1);
  });
});

describe("an upstream that nobody listens to", () => {
  const EVERY = 2;
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway({ GATEWAY_AUTO_REFRESH_INTERVAL: String(EVERY) });
  });
  afterAll(() => gateway.dispose());

  it("is looked at from time to time", async () => {
    const upstream = await startUpstream();
    const id = await add(gateway, upstream);
    upstream.tools.push(plainTool("second"));
    await expect.poll(() => toolsOf(gateway, id), PATIENCE).toEqual(["first", "second"]);
    expect(upstream.streams).toEqual([]);
  });

  it("is looked at no more often while it is down, which is written down once", async () => {
    const upstream = await startUpstream();
    const id = await add(gateway, upstream);
    upstream.down = true;
    const before = upstream.looks.length;
    await expect.poll(() => upstream.looks.length, PATIENCE).toBeGreaterThanOrEqual(before + 3);
    const [first = 0, second = 0, third = 0] = upstream.looks.slice(before);
    expect(Math.min(second - first, third - second)).toBeGreaterThan(EVERY * 1000 - 100);
    const trail = (await gateway.sql("SELECT action FROM audit WHERE target_id = ?", id)) as { action: string }[];
    expect(trail.map(({ action }) => action)).toEqual(["gateway.create", "gateway.unreachable"]);
  });
});
