// How fresh an isolate is: when it looks at the stamp, and when changes made here and elsewhere are seen.
// A copy of the modules is an isolate of its own; the clock is the test's.
import { afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from "vitest";
import type { Counted } from "../counting.ts";
import { coldIsolate, type Inside } from "../inside.ts";
import { initialize, modern, session } from "../wire.ts";

const BEGIN = Date.parse("2026-11-01T12:00:00Z");
const at = (seconds: number) => vi.setSystemTime(BEGIN + seconds * 1000);
const upstream = (key: string): string => `${inject("verbatim")}/${key}/modern`;

let sample = "";

beforeAll(async () => {
  sample = (await (await coldIsolate()).bundle("sample", "builtin:sample")).path;
});
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: BEGIN });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Names of the tools an isolate lists. */
async function names({ post }: Inside, path: string): Promise<string[]> {
  const { text } = await post(path, modern(1, "tools/list"));
  return (JSON.parse(text) as { result: { tools: { name: string }[] } }).result.tools.map(({ name }) => name);
}

/** Keys of the compiled views of a virtual server. */
async function viewsOf({ bindings }: Pick<Counted, "bindings">, serverId: string): Promise<string[]> {
  const { keys } = await bindings.VIEWS.list();
  return keys.map(({ name }) => name).filter((name) => name.includes(serverId));
}

describe("the stamp", () => {
  const list = modern(1, "tools/list");

  it("is not looked at for five seconds", async () => {
    const { operations, post } = await coldIsolate();
    await post(sample, list);
    operations.length = 0;
    at(4.999);
    await post(sample, list);
    expect(operations).toEqual([]);
  });

  it("is looked at once, beside the answers, from five seconds on", async () => {
    const { operations, post, begin, hold } = await coldIsolate();
    await post(sample, list);
    operations.length = 0;
    at(5);
    const held = hold();
    const first = await begin("POST", sample, list.body, list.headers);
    const second = await begin("POST", sample, list.body, list.headers);
    await held.reached;
    expect([first.response.status, second.response.status, operations]).toEqual([200, 200, ["DB.batch"]]);
    held.release();
    await Promise.all([first.settled(), second.settled()]);
    at(9);
    await post(sample, list);
    expect(operations).toEqual(["DB.batch"]);
  });

  it("is waited for once it is ten seconds old", async () => {
    const { post, hold } = await coldIsolate();
    await post(sample, list);
    at(10);
    const order: string[] = [];
    const held = hold();
    const answers = [1, 2].map((id) => post(sample, modern(id, "tools/list")).finally(() => order.push("answered")));
    await held.reached;
    await scheduler.wait(0);
    order.push("released");
    held.release();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200]);
    expect(order).toEqual(["released", "answered", "answered"]);
  });

  it("that can't be read does not hurt a warm request; once it is ten seconds old, all get 503 until it can", async () => {
    const { post, hold } = await coldIsolate();
    await post(sample, list);
    const whileBroken = async (seconds: number) => {
      at(seconds);
      const held = hold();
      void held.reached.then(() => held.release(new Error("D1_ERROR: Network connection lost")));
      return await post(sample, list);
    };
    expect((await whileBroken(6)).status).toBe(200);
    const { status, text } = await whileBroken(11);
    expect([status, JSON.parse(text)]).toMatchObject([503, { error: { data: { code: "unavailable" } } }]);
    expect((await post(sample, list)).status).toBe(200);
  });
});

describe("a change", () => {
  it("is seen at once by the isolate that made it, and by another within ten seconds", async () => {
    const [one, other] = [await coldIsolate(), await coldIsolate()];
    const { path, serverId } = await one.bundle("changing", upstream("changing"));
    const before = await names(one, path);
    expect(await names(other, path)).toEqual(before);
    const { associatedToolIds } = await one.api<{ associatedToolIds: string[] }>("GET", `/servers/${serverId}`);
    await one.api("PUT", `/servers/${serverId}`, { associatedTools: associatedToolIds.slice(0, 1) });
    expect(await names(one, path)).toEqual(before.slice(0, 1));
    at(10);
    expect(await names(other, path)).toEqual(before.slice(0, 1));
  });

  it("made elsewhere is seen after the check that a request at five seconds began", async () => {
    const [one, other] = [await coldIsolate(), await coldIsolate()];
    const { path, serverId } = await one.bundle("emptied", upstream("emptied"));
    await names(other, path);
    await one.api("PUT", `/servers/${serverId}`, { associatedTools: [] });
    at(5);
    expect(await names(other, path)).toHaveLength(3);
    expect(await names(other, path)).toEqual([]);
  });

  it("that ends a session is known here at once, and to another isolate within ten seconds", async () => {
    const [one, other] = [await coldIsolate(), await coldIsolate()];
    const begun = await one.post(sample, initialize());
    const sessionId = begun.headers.get("mcp-session-id") ?? "";
    const ping = session(1, "ping", {}, sessionId);
    expect((await other.post(sample, ping)).status).toBe(200);
    expect((await one.request("DELETE", sample, undefined, { "mcp-session-id": sessionId })).status).toBe(204);
    expect((await one.post(sample, ping)).status).toBe(404);
    at(10);
    expect((await other.post(sample, ping)).status).toBe(404);
  });
});

describe("a compiled view", () => {
  it("is taken from KV by a second cold isolate, which compiles nothing", async () => {
    const one = await coldIsolate();
    const { path, serverId } = await one.bundle("shared", upstream("shared"));
    const compiled = await names(one, path);
    expect(one.operations).toContain("VIEWS.put");
    const keys = await viewsOf(one, serverId);
    const stored = (await one.bindings.VIEWS.get(keys[0] ?? "")) ?? "";
    await one.bindings.VIEWS.put(keys[0] ?? "", stored.replaceAll("bytewise", "from-kv"));

    const other = await coldIsolate();
    expect((await names(other, path)).sort()).toEqual(["from-kv", "json", "sse"]);
    expect(other.operations.filter((operation) => operation.startsWith("VIEWS"))).toEqual(["VIEWS.get"]);
    expect(keys).toHaveLength(1);
    expect(compiled).toContain("bytewise");
  });

  it("of another version is never used: each change makes a new one under a key of its own", async () => {
    const { api, bundle, bindings, post } = await coldIsolate();
    const { path, serverId } = await bundle("versions", upstream("versions"));
    for (const name of ["first", "second"]) {
      await api("PUT", `/servers/${serverId}`, { name });
      await post(path, modern(1, "tools/list"));
    }
    expect(new Set(await viewsOf({ bindings }, serverId)).size).toBe(2);
  });
});
