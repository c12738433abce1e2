// Listening to an upstream inside workerd: what it tells without being asked, in the way of its era, over as many
// connections as it takes, until nobody wants to hear it. The servers are the official SDK's, and one that is directed.
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { describe, expect, inject, it, onTestFinished } from "vitest";
import type { Target } from "../../src/catalog/target.ts";
import type { JsonObject } from "../../src/lib/json.ts";
import { connectorOf } from "../../src/upstream/connect.ts";
import { listen, type Need } from "../../src/upstream/listen.ts";
import { ownMeta } from "../../src/upstream/modern.ts";
import { Outbound } from "../../src/upstream/safe-fetch.ts";
import { open } from "../../src/upstream/session.ts";
import { standing, tellsOfLoss } from "../../src/upstream/session-stream.ts";
import { oneSession } from "../../src/upstream/sessions.ts";
import type { Surroundings } from "../../src/upstream/upstream.ts";
import type { Told } from "../fakes/directed.ts";

const LIMITS = { privateUpstreams: true, maxBodyBytes: 100_000, maxResultBytes: 100_000 } as const;
const LISTS: Need = { lists: true, uris: [] };
const ACKNOWLEDGED = { method: "notifications/subscriptions/acknowledged" };
const changed = (noun: string) => ({ jsonrpc: "2.0", method: `notifications/${noun}/list_changed` });
const updated = (uri: string) => ({ jsonrpc: "2.0", method: "notifications/resources/updated", params: { uri } });

const CAPABILITIES = { tools: { listChanged: true }, prompts: { listChanged: true }, resources: { subscribe: true } };
const targetOf = (era: Target["era"], url: string, capabilities: JsonObject = CAPABILITIES): Target => ({
  id: "id",
  name: "the upstream",
  url,
  era,
  protocolVersion: era === "modern" ? "2026-07-28" : "2025-11-25",
  sessionful: era === "session",
  capabilities,
  sealed: null,
});

/** What listening needs; `stop` aborts it, `settled` resolves when its background work is done. */
function surroundings() {
  const execution = createExecutionContext();
  const over = new AbortController();
  onTestFinished(() => over.abort());
  const around: Surroundings = {
    outbound: new Outbound(LIMITS),
    secrets: [],
    principal: "gateway",
    clientInfo: { name: "test", version: "1" },
    timeout: 5_000,
    signal: over.signal,
    background: (work) => execution.waitUntil(work),
    sessions: oneSession({ protocolVersion: "2025-11-25" }),
  };
  return { around, stop: () => over.abort(), settled: () => waitOnExecutionContext(execution) };
}

/** Somebody who listens; `next` is what is told next, `end` what becomes of it when nothing more is. */
function listening(target: Target, need: Need) {
  const { around, ...rest } = surroundings();
  const told = listen(target, need, around);
  const next = async () => (await told.next()).value;
  const end = () => told.next().then(({ done }) => (done ? "over" : "more"));
  return { ...rest, next, end };
}

/** A place of the directed server for one test. */
function directed(key: string) {
  const at = (path: string, init?: RequestInit) => fetch(`${inject("directed")}/${key}/${path}`, init);
  const put = (path: string, body = "") => at(path, { method: "PUT", body });
  return {
    mcp: `${inject("directed")}/${key}/mcp`,
    sse: `${inject("directed")}/${key}/sse`,
    say: (...events: string[]) => put("say", events.join("")),
    put,
    heard: async (count: number): Promise<Told[]> => await (await at(`heard/${count}`)).json(),
  };
}

const event = (message: object, id?: string): string =>
  `${id === undefined ? "" : `id: ${id}\n`}data: ${JSON.stringify(message)}\n\n`;

describe.each(["session", "modern"] as const)("the official SDK's server of the %s era", (era) => {
  it("is heard telling of lists and of the resources that were asked for", async () => {
    const target = targetOf(era, inject("everything")[era]);
    const { around } = surroundings();
    const own = era === "session" ? await open(target, around) : undefined;
    const sessions = oneSession(own?.session ?? { protocolVersion: "" });
    const trigger = (what: string) => {
      const params = { name: `test_trigger_${what}_change`, arguments: {}, ...(own ? {} : { _meta: ownMeta(around) }) };
      return connectorOf(era).send(target, { id: what, method: "tools/call", params }, { ...around, sessions });
    };
    const { next, end, stop, settled } = listening(target, { lists: true, uris: ["test://watched-resource"] });
    const others = listening(target, LISTS);
    expect(await next()).toMatchObject(ACKNOWLEDGED);
    expect(await others.next()).toMatchObject(ACKNOWLEDGED);
    await trigger("resource");
    expect(await next()).toMatchObject(updated("test://watched-resource"));
    await trigger("tool");
    expect(await next()).toMatchObject(changed("tools"));
    expect(await others.next()).toMatchObject(changed("tools"));
    await trigger("prompt");
    expect(await next()).toMatchObject(changed("prompts"));
    const over = end();
    stop();
    expect(await over).toBe("over");
    await settled();
  });
});

describe("a server of sessions", () => {
  it("is listened to in a session of its own, which ends with the listening", async () => {
    const { mcp, say, heard } = directed("own session");
    const { next, end, stop, settled } = listening(targetOf("session", mcp), { lists: true, uris: ["a://1", "b://2"] });
    expect(await next()).toMatchObject(ACKNOWLEDGED);
    await say(event(changed("tools")), event(updated("b://2")));
    expect([await next(), await next()]).toEqual([changed("tools"), updated("b://2")]);
    const over = end();
    stop();
    expect(await over).toBe("over");
    await settled();
    const sessionId = "session of own%20session";
    expect(await heard(6)).toMatchObject([
      { method: "POST", message: { method: "initialize", params: { capabilities: {} } } },
      { method: "POST", message: { method: "notifications/initialized" }, sessionId },
      { method: "GET", sessionId },
      { method: "POST", message: { method: "resources/subscribe", params: { uri: "a://1" } }, sessionId },
      { method: "POST", message: { method: "resources/subscribe", params: { uri: "b://2" } }, sessionId },
      { method: "DELETE", sessionId },
    ]);
  });

  it("is heard on over new connections, each thing once", async () => {
    const { mcp, say, put, heard } = directed("reconnecting");
    const { next } = listening(targetOf("session", mcp), LISTS);
    expect(await next()).toMatchObject(ACKNOWLEDGED);
    await say("retry: 60\n", event(changed("tools"), "one"));
    expect(await next()).toEqual(changed("tools"));
    await put("break");
    const later = next();
    await say("id: two\ndata:\n\n");
    await put("end");
    await say(event(changed("prompts"), "three"));
    expect(await later).toEqual(changed("prompts"));
    const gets = (await heard(5)).filter(({ method }) => method === "GET");
    expect(gets.map(({ lastEventId }) => lastEventId)).toEqual([undefined, "one", "two"]);
  });

  it("that gives its events no ids is heard on as well", async () => {
    const { mcp, say, put } = directed("without ids");
    const { next } = listening(targetOf("session", mcp), LISTS);
    expect(await next()).toMatchObject(ACKNOWLEDGED);
    await say("retry: 60\n", event(changed("tools")));
    expect(await next()).toEqual(changed("tools"));
    const later = next();
    await put("end");
    await say(event(changed("prompts")));
    expect(await later).toEqual(changed("prompts"));
  });

  it("that asks something meanwhile is answered: ping, and no to the rest", async () => {
    const { mcp, say, heard } = directed("asking");
    const { next } = listening(targetOf("session", mcp), LISTS);
    expect(await next()).toMatchObject(ACKNOWLEDGED);
    await say(
      event({ jsonrpc: "2.0", id: 7, method: "ping" }),
      event({ jsonrpc: "2.0", id: "s", method: "sampling/createMessage", params: {} }),
      event(changed("tools")),
    );
    expect(await next()).toEqual(changed("tools"));
    const replies = (await heard(5)).slice(3).map(({ message }) => message);
    expect(replies).toContainEqual({ jsonrpc: "2.0", id: 7, result: {} });
    expect(replies).toContainEqual({ jsonrpc: "2.0", id: "s", error: expect.objectContaining({ code: -32601 }) });
  });

  it.each([405, 404, 406, 400])("that answers %i to who would listen is not listened to", async (status) => {
    const { mcp, put } = directed(`offers none ${status}`);
    await put(`answer/${status}`);
    const sessionless = { ...(await open(targetOf("session", mcp), surroundings().around)).session };
    if (status === 404) delete (sessionless as { id?: string }).id;
    const told = standing(targetOf("session", mcp), sessionless, surroundings().around);
    expect((await told.next()).done).toBe(true);
  });

  it("whose stream another has is heard when that one has left", async () => {
    const { mcp, put, say, heard } = directed("taken");
    const { around } = surroundings();
    const target = targetOf("session", mcp);
    const { session } = await open(target, around);
    await put("answer/409");
    const first = standing(target, session, around).next();
    await heard(3);
    await put("answer/200");
    await say(event(changed("tools")));
    expect(await first).toEqual({ done: false, value: JSON.stringify(changed("tools")) });
  });

  it("that knows the session no more says so, at first or later", async () => {
    const { mcp, put, say } = directed("forgetting");
    const { around } = surroundings();
    const target = targetOf("session", mcp);
    const { session } = await open(target, around);
    const told = standing(target, session, around);
    const first = told.next();
    await say("retry: 60\n", event(changed("tools")));
    expect(await first).toEqual({ done: false, value: JSON.stringify(changed("tools")) });
    const later = told.next().catch((error: unknown) => error);
    await put("answer/404");
    await put("end");
    expect(tellsOfLoss(await later)).toBe(true);
    const anew = standing(target, session, around).next();
    expect(tellsOfLoss(await anew.catch((error: unknown) => error))).toBe(true);
  });

  it.each([500, 401])("that answers %i fails by name", async (status) => {
    const { mcp, put } = directed(`fails ${status}`);
    await put(`answer/${status}`);
    const { next } = listening(targetOf("session", mcp), LISTS);
    await expect(next()).rejects.toMatchObject({ details: { upstream: "the upstream", url: mcp, stage: "listen" } });
  });
});

describe("a server of 2024-11-05", () => {
  it("is heard on its one stream, and fails by name when that ends", async () => {
    const { sse, say, put, heard } = directed("old");
    const { next } = listening(targetOf("sse", sse), { lists: true, uris: ["a://1"] });
    expect(await next()).toMatchObject(ACKNOWLEDGED);
    await say(event({ jsonrpc: "2.0", id: 7, method: "ping" }), event(updated("a://1")), event(changed("prompts")));
    expect([await next(), await next()]).toEqual([updated("a://1"), changed("prompts")]);
    expect((await heard(5)).map(({ message }) => message ?? "GET")).toMatchObject([
      "GET",
      { method: "initialize" },
      { method: "notifications/initialized" },
      { method: "resources/subscribe", params: { uri: "a://1" } },
      { id: 7, result: {} },
    ]);
    const last = next().catch((error: unknown) => error);
    await put("end");
    expect(await last).toMatchObject({ code: "upstream_refused", details: { stage: "listen" } });
  });

  it("is left when nobody wants to hear it", async () => {
    const { sse } = directed("left");
    const { next, end, stop } = listening(targetOf("sse", sse), LISTS);
    expect(await next()).toMatchObject(ACKNOWLEDGED);
    const over = end();
    stop();
    expect(await over).toBe("over");
  });
});

it.each<[string, Target, Need]>([
  ["is built in", targetOf("builtin", "builtin:sample"), LISTS],
  [
    "declares nothing of it",
    targetOf("session", "http://127.0.0.1:9/", { tools: {}, resources: {} }),
    { lists: true, uris: ["a://1"] },
  ],
  ["is not asked for anything", targetOf("modern", "http://127.0.0.1:9/"), { lists: false, uris: [] }],
])("an upstream that %s is not called", async (_what, target, need) => {
  expect(await listening(target, need).end()).toBe("over");
});
