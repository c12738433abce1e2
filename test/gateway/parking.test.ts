// Calls that wait in an object, inside workerd: how many operations they take, and what becomes of them in time. The
// object's alarm is run by the test, and the clock is the test's.
import { listDurableObjectIds, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, inject, it, vi } from "vitest";
import { serve } from "../../src/app.ts";
import { isObject, type JsonObject } from "../../src/lib/json.ts";
import { counted } from "../counting.ts";
import type { Told } from "../fakes/directed.ts";
import { type Answered, bindings, gatewayOf } from "../inside.ts";
import { envelope, modern } from "../wire.ts";

const MINUTE = 60_000;
const QUESTION = { jsonrpc: "2.0", id: "q", method: "roots/list", params: { _meta: { progressToken: "patience" } } };
const LOST = { code: -32603, data: { code: "exchange_lost" } };
const INVALID = { code: -32602 };

let keys = 0;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const later = (ms: number) => vi.setSystemTime(Date.now() + ms);

/** A gateway with a server that a test directs, of sessions that have no streams of their own, or of 2024-11-05. */
async function directed(door: "mcp" | "sse" = "mcp") {
  const key = `parking-${++keys}`;
  const at = (path: string, init?: RequestInit) => fetch(`${inject("directed")}/${key}/${path}`, init);
  if (door === "mcp") await at("answer/405", { method: "PUT" });
  const watched = counted(bindings());
  const isolate = { ...gatewayOf(serve, watched.bindings), ...watched };
  const { path } = await isolate.bundle(key, `${inject("directed")}/${key}/${door}`);
  const heard = async (count = 0): Promise<Told[]> => await (await at(`heard/${count}`)).json();
  const hears = async (method: string, times = 1): Promise<readonly NonNullable<Told["message"]>[]> => {
    for (let count = 0; ; ) {
      const all = await heard(count);
      const found = all.flatMap(({ message }) => (message?.method === method ? [message] : []));
      if (found.length >= times) return found;
      count = all.length + 1;
    }
  };
  const say = (message: object) => at("say", { method: "PUT", body: `data: ${JSON.stringify(message)}\n\n` });
  const call = (name: string, capabilities: object, more: object = {}) =>
    isolate.post(path, modern(1, "tools/call", { name, arguments: {}, ...more, _meta: envelope(capabilities) }));
  /** The call's answer once the server has asked. */
  const parked = async () => {
    const answering = call("second", { roots: {} });
    await hears("tools/call");
    await say(QUESTION);
    return resultIn(await answering);
  };
  const retry = (requestState: unknown, roots: unknown[] = []) =>
    call("second", { roots: {} }, { requestState, inputResponses: { g1: { roots } } });
  return { ...isolate, heard, hears, say, call, parked, retry };
}

function messageIn({ text }: Answered): JsonObject {
  const data = text.startsWith("{") ? text : (text.split("data: ").at(-1) ?? "");
  return JSON.parse(data) as JsonObject;
}

function resultIn(answered: Answered): JsonObject {
  const { result } = messageIn(answered);
  if (!isObject(result)) throw new Error(answered.text);
  return result;
}

/** The object that has rows of calls, or of sessions; afresh, since one that was lost is not found by an old stub. */
async function holder(of: "parked" | "upstream" = "parked") {
  for (const id of await listDurableObjectIds(env.SESSION)) {
    const stub = env.SESSION.get(id);
    if ((await rowsOf(stub, of)).length > 0) return stub;
  }
  throw new Error(`no object has ${of}`);
}

type Stub = Awaited<ReturnType<typeof holder>>;

const rowsOf = (stub: DurableObjectStub, of = "parked"): Promise<string[]> =>
  runInDurableObject(stub as Stub, async (_object, { storage }) => [
    ...(await storage.list({ prefix: `${of}:` })).keys(),
  ]);

/** Lets go of every call that a test has left. */
afterEach(async () => {
  for (const id of await listDurableObjectIds(env.SESSION))
    await runInDurableObject(env.SESSION.get(id) as Stub, async (_object, { storage }) => await storage.deleteAll());
});

describe("objects", () => {
  const onObjects = (operations: readonly string[]) => operations.filter((name) => name.startsWith("SESSION"));

  it("are not used for a client that can't be asked", async () => {
    const { call, operations } = await directed();
    await call("first", {});
    await call("first", { extensions: { "x.y/z": {} } });
    expect(onObjects(operations)).toEqual([]);
  });

  it("are not used at a server that keeps no sessions, which can't ask", async () => {
    const watched = counted(bindings());
    const { bundle, post } = gatewayOf(serve, watched.bindings);
    await fetch(`${inject("verbatim")}/parking/result`, { method: "PUT", body: '{"content":[]}' });
    const { path } = await bundle("sessionless", `${inject("verbatim")}/parking/session`);
    const params = { name: "json", arguments: {}, _meta: envelope({ roots: {} }) };
    expect(resultIn(await post(path, modern(1, "tools/call", params)))).toMatchObject({ resultType: "complete" });
    expect(onObjects(watched.operations)).toEqual([]);
  });

  it("are used once for a call that asks nothing, and nothing else is", async () => {
    const { call, operations } = await directed();
    await call("first", { roots: {} });
    operations.splice(0);
    await call("first", { roots: {} });
    expect(operations).toEqual(["SESSION.fetch"]);
  });

  it("are used once more for each retry", async () => {
    const { parked, retry, operations, say, hears } = await directed();
    const { requestState } = await parked();
    operations.splice(0);
    const answering = retry(requestState);
    const [asked] = await hears("tools/call");
    await say({ jsonrpc: "2.0", id: asked?.id, result: { content: [] } });
    expect(resultIn(await answering)).toMatchObject({ resultType: "complete", content: [] });
    expect(operations).toEqual(["SESSION.fetch"]);
  });
});

describe("a call that waits", () => {
  it("keeps its server patient, where that said how", async () => {
    const { parked, hears } = await directed();
    await parked();
    const stub = await holder();
    const progress: unknown[] = [];
    for (const times of [1, 2]) {
      later(20_000);
      expect(await runDurableObjectAlarm(stub)).toBe(true);
      const told = (await hears("notifications/progress", times)).at(-1)?.params;
      expect(told).toMatchObject({ progressToken: "patience" });
      progress.push(told?.progress);
    }
    expect(Number(progress[1])).toBeGreaterThan(Number(progress[0]));
  });

  it("is cancelled upstream when nobody has come back in time, and forgotten", async () => {
    const { parked, hears, retry, heard } = await directed();
    const { requestState } = await parked();
    const stub = await holder();
    later(11 * MINUTE);
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    const [asked] = await hears("tools/call");
    const [cancelled] = await hears("notifications/cancelled");
    expect(cancelled?.params).toEqual({ requestId: asked?.id });
    expect(await rowsOf(stub)).toEqual([]);
    const before = (await heard()).length;
    expect(messageIn(await retry(requestState)).error).toMatchObject(INVALID);
    expect(await heard()).toHaveLength(before);
  });

  it("is cancelled at a server of 2024-11-05 when nobody has come back in time", async () => {
    const { parked, hears } = await directed("sse");
    await parked();
    later(11 * MINUTE);
    expect(await runDurableObjectAlarm(await holder())).toBe(true);
    const [asked] = await hears("tools/call");
    expect((await hears("notifications/cancelled"))[0]?.params).toEqual({ requestId: asked?.id });
  });

  it("goes on at a server of 2024-11-05 when the client is back", async () => {
    const { parked, retry, heard, say, hears } = await directed("sse");
    const { requestState } = await parked();
    const answering = retry(requestState, [{ uri: "file:///work" }]);
    const [asked] = await hears("tools/call");
    for (let count = 1; !(await heard(count)).some(({ message }) => message?.id === "q"); count++);
    await say({ jsonrpc: "2.0", id: asked?.id, result: { content: [] } });
    expect(resultIn(await answering)).toMatchObject({ resultType: "complete", content: [] });
    const reply = (await heard()).find(({ message }) => message?.id === "q")?.message;
    expect(reply).toMatchObject({ result: { roots: [{ uri: "file:///work" }] } });
  });

  it("is not gone back to after its time, whether or not anybody has looked", async () => {
    const { parked, retry, heard } = await directed();
    const { requestState } = await parked();
    later(10 * MINUTE + 1);
    const before = (await heard()).length;
    expect(messageIn(await retry(requestState)).error).toMatchObject(INVALID);
    expect(await heard()).toHaveLength(before);
  });

  it("is cancelled upstream by what was stored of it, when its object has lost it", async () => {
    const { parked, hears, retry } = await directed();
    const { requestState } = await parked();
    const lost = await holder();
    await runInDurableObject(lost, (_object, state) => state.abort("lost")).catch(() => {});
    const stub = await holder();
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    const [asked] = await hears("tools/call");
    expect((await hears("notifications/cancelled"))[0]?.params).toEqual({ requestId: asked?.id });
    expect(messageIn(await retry(requestState)).error).toMatchObject(LOST);
    expect(messageIn(await retry(requestState)).error).toMatchObject(INVALID);
    expect(await hears("notifications/cancelled")).toHaveLength(1);
    later(11 * MINUTE);
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    expect(await rowsOf(stub)).toEqual([]);
  });
});

it("a call under way outlives the day after which its object would end; then the session upstream is over too", async () => {
  const { call, hears, say, heard } = await directed();
  const answering = call("second", { roots: {} });
  const [asked] = await hears("tools/call");
  const stub = await holder("upstream");
  later(25 * 60 * MINUTE);
  expect(await runDurableObjectAlarm(stub)).toBe(true);
  await say({ jsonrpc: "2.0", id: asked?.id, result: { content: [] } });
  expect(resultIn(await answering)).toMatchObject({ content: [] });
  const ended = async () => (await heard()).filter(({ method }) => method === "DELETE").length;
  const before = await ended();
  expect(await runDurableObjectAlarm(stub)).toBe(true);
  expect(await ended()).toBe(before + 1);
});
