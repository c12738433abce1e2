// GET of a session: what a client is told unasked, and how it gets the rest of an answer whose connection dropped
// (MCP 2025-11-25 basic/transports, "Listening for Messages from the Server", "Resumability and Redelivery").
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startModernEverything } from "../fakes/everything/modern.ts";
import { type Script, startScripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { openStream } from "../streams.ts";
import { initialize, receive, session } from "../wire.ts";

let gateway: Gateway;
let bearer: Record<string, string>;
let sample: { url: string; serverId: string };

beforeAll(async () => {
  gateway = await startGateway();
  bearer = { authorization: `Bearer ${await gateway.token()}` };
  sample = await gateway.bundle("sample", "builtin:sample");
});
afterAll(() => gateway.dispose());

/** A virtual server of an upstream that has something to tell each session. */
async function everything() {
  const upstream = await startModernEverything();
  onTestFinished(() => upstream.close());
  return await gateway.bundle(`everything ${crypto.randomUUID()}`, upstream.url, { open: true });
}

async function begin(url: string, version = "2025-11-25"): Promise<string> {
  const wire = initialize(version);
  const response = await fetch(url, { method: "POST", body: wire.body, headers: { ...wire.headers, ...bearer } });
  await response.body?.cancel();
  return response.headers.get("mcp-session-id") ?? "";
}

async function get(url: string, sessionId: string, lastEventId?: string) {
  const headers = {
    ...bearer,
    accept: "text/event-stream",
    "mcp-session-id": sessionId,
    ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }),
  };
  const stream = await openStream(url, { headers });
  onTestFinished(() => stream.drop());
  return stream;
}

async function post(url: string, sessionId: string, id: unknown, method: string, params = {}, version?: string) {
  const wire = session(id, method, params, sessionId, version);
  const stream = await openStream(url, { method: "POST", body: wire.body, headers: { ...wire.headers, ...bearer } });
  onTestFinished(() => stream.drop());
  return stream;
}

const slow = (seconds: number) => ({ name: "slow", arguments: { seconds }, _meta: { progressToken: "p" } });

describe("an answer whose connection dropped", () => {
  it("goes on, and its client gets the rest of it with Last-Event-ID, once and in order", async () => {
    const id = await begin(sample.url);
    const answer = await post(sample.url, id, 7, "tools/call", slow(4));
    expect(answer.headers.get("content-type")).toBe("text/event-stream");
    const first = await answer.nextMessage();
    expect(first).toMatchObject({ method: "notifications/progress", params: { progressToken: "p", progress: 1 } });
    answer.drop();
    const rest = await get(sample.url, id, answer.lastId);
    const progress: unknown[] = [];
    let message = await rest.nextMessage();
    for (; message?.method !== undefined; message = await rest.nextMessage())
      progress.push((message.params as { progress: number }).progress);
    expect(progress).toEqual([2, 3, 4]);
    expect(message).toMatchObject({ id: 7, result: {} });
    expect(await rest.next()).toBeUndefined();
  });

  it("can be had again from its beginning after it has ended", async () => {
    const id = await begin(sample.url);
    const answer = await post(sample.url, id, "a", "tools/call", slow(2));
    const priming = await answer.next();
    expect(priming).toMatchObject({ data: "" });
    const all: unknown[] = [];
    for (let message = await answer.nextMessage(); message; message = await answer.nextMessage()) all.push(message);
    expect(all.at(-1)).toMatchObject({ id: "a", result: {} });
    const again = await get(sample.url, id, priming?.id);
    for (const message of all) expect(await again.nextMessage()).toEqual(message);
    expect(await again.next()).toBeUndefined();
  });

  it("is nobody else's: another session gets nothing of it", async () => {
    const [mine, other] = [await begin(sample.url), await begin(sample.url)];
    const answer = await post(sample.url, mine, 1, "tools/call", slow(2));
    const priming = await answer.next();
    while (await answer.next());
    expect(await (await get(sample.url, other, priming?.id)).next()).toBeUndefined();
  });

  it.each(["2025-06-18", "2025-03-26"])("has no event without data for a client of %s", async (version) => {
    const id = await begin(sample.url, version);
    const answer = await post(sample.url, id, 1, "tools/call", slow(2), version);
    for (let event = await answer.next(); event; event = await answer.next()) expect(event.data).not.toBe("");
    expect(answer.lastId).toMatch(/_\d+$/);
  });
});

describe("an upstream that takes its time", () => {
  it("is waited for on a stream that has begun, and called once", async () => {
    const go = Promise.withResolvers<void>();
    const script: Script = async ({ message }, outgoing) => {
      if (message?.method !== "tools/call") return false;
      await go.promise;
      outgoing.writeHead(200, { "content-type": "application/json" });
      outgoing.end(JSON.stringify({ jsonrpc: "2.0", id: message.id, result: { content: [] } }));
      return true;
    };
    const upstream = await startScripted(script);
    onTestFinished(() => upstream.close());
    const { url } = await gateway.bundle("takes-its-time", upstream.url);
    const id = await begin(url);
    const answer = await post(url, id, 5, "tools/call", { name: "first", arguments: {} });
    const priming = await answer.next(); // the answer has begun before the upstream's
    expect(priming).toMatchObject({ data: "" });
    answer.drop();
    const rest = await get(url, id, answer.lastId);
    go.resolve();
    expect(await rest.nextMessage()).toMatchObject({ id: 5, result: { content: [] } });
    expect(await upstream.hears("tools/call")).toHaveLength(1);
  });

  it("in each of several rounds is waited for in each, and in nobody's way", async () => {
    const script: Script = async ({ message }, outgoing) => {
      if (message?.method !== "tools/call") return false;
      await setTimeout(2_500); // longer than it may take before an answer begins
      const again = message.params?.requestState === undefined;
      const result = again
        ? { resultType: "input_required", requestState: "s" }
        : { resultType: "complete", content: [] };
      outgoing.writeHead(200, { "content-type": "application/json" });
      outgoing.end(JSON.stringify({ jsonrpc: "2.0", id: message.id, result }));
      return true;
    };
    const upstream = await startScripted(script, "modern");
    onTestFinished(() => upstream.close());
    const { url } = await gateway.bundle("takes-its-time-twice", upstream.url);
    const answer = await post(url, await begin(url), 6, "tools/call", { name: "first", arguments: {} });
    await upstream.hears("tools/call", 2);
    expect(await answer.nextMessage()).toMatchObject({ id: 6, result: { content: [] } });
    expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
  });
});

describe("the stream of a session", () => {
  it("tells of a list that an administrator changed, and of no other", async () => {
    const { url, serverId } = sample;
    const stream = await get(url, await begin(url));
    expect(await stream.next()).toMatchObject({ data: "" });
    const { body } = await gateway.api<{ associatedToolIds: string[] }>("GET", `/servers/${serverId}`);
    await gateway.api("PUT", `/servers/${serverId}`, { associatedTools: body.associatedToolIds.slice(0, 2) });
    expect(await stream.nextMessage()).toEqual({ jsonrpc: "2.0", method: "notifications/tools/list_changed" });
    await gateway.api("PUT", `/servers/${serverId}`, { associatedTools: body.associatedToolIds });
  });

  it("that comes back after a change is told that lists may have changed", async () => {
    const id = await begin(sample.url);
    const before = await get(sample.url, id);
    await before.next();
    before.drop();
    await gateway.api("PUT", `/servers/${sample.serverId}`, { description: "another" });
    const after = await get(sample.url, id, before.lastId);
    const told = [await after.nextMessage(), await after.nextMessage(), await after.nextMessage()];
    expect(told.map((message) => message?.method)).toEqual([
      "notifications/tools/list_changed",
      "notifications/prompts/list_changed",
      "notifications/resources/list_changed",
    ]);
  });

  it("ends when the session does", async () => {
    const id = await begin(sample.url);
    const stream = await get(sample.url, id);
    await stream.next();
    await receive(fetch(sample.url, { method: "DELETE", headers: { ...bearer, "mcp-session-id": id } }));
    while (await stream.next());
    expect((await get(sample.url, id)).status).toBe(404);
  });

  it.each(["builtin:sample", "an upstream of its own"])(
    "gives way to a newer one of the same session: %s",
    async (at) => {
      const { url } = at === "builtin:sample" ? sample : await everything();
      const id = await begin(url);
      const older = await get(url, id);
      await older.next();
      const newer = await get(url, id);
      expect(newer.status).toBe(200);
      while (await older.next());
      expect(await newer.next()).toMatchObject({ data: "" });
    },
  );

  it("that comes back is told of the resources it subscribed to, which may have changed meanwhile", async () => {
    const { url } = await everything();
    const id = await begin(url);
    const uri = "test://watched-resource";
    const subscribed = await post(url, id, 1, "resources/subscribe", { uri });
    expect(subscribed.status).toBe(200);
    const before = await get(url, id);
    await before.next();
    before.drop();
    const after = await get(url, id, before.lastId);
    const told: unknown[] = [];
    do told.push(await after.nextMessage());
    while (!JSON.stringify(told).includes(uri));
    expect(told).toContainEqual({ jsonrpc: "2.0", method: "notifications/resources/updated", params: { uri } });
  });
});
