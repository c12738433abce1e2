// The recorder: what reaches the table, what happens when it can't, and that nothing counts twice.
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Exchange } from "../../src/gateway/exchange.ts";
import { callsIn } from "../../src/observability/segments.ts";
import type { Call } from "../../src/schemas/calls.ts";
import { aCall } from "../calls.ts";
import { bindings, coldIsolate } from "../inside.ts";
import { modern } from "../wire.ts";

const { DB } = bindings();

interface Stored {
  readonly id: number;
  readonly calls: number;
  readonly errors: number;
  readonly flushes: number;
  readonly lines: string;
}
const stored = async () => (await DB.prepare("SELECT * FROM call_segments ORDER BY id").all<Stored>()).results;
const storedCalls = async (): Promise<Call[]> =>
  (await Promise.all((await stored()).map(({ lines }) => callsIn(lines)))).flat();

/** A recorder as a new isolate has it. `d1`: what it writes to. */
async function recorder(d1: D1Database = DB) {
  vi.resetModules();
  const { record, writeCalls } = await import("../../src/observability/recorder.ts");
  const pending: Promise<unknown>[] = [];
  const sink = { d1, waitUntil: (work: Promise<unknown>) => void pending.push(work) };
  return {
    record: (call: Call) => record(sink, call),
    write: () => writeCalls(sink),
    settled: () => Promise.all(pending),
    pending,
  };
}

/** A database whose first writes wait for these; `began` is called as each begins. */
function slow(waits: (Promise<void> | undefined)[], began: () => void): D1Database {
  const statement = (inner: D1PreparedStatement): D1PreparedStatement =>
    new Proxy(inner, {
      get(target, key) {
        if (key === "bind") return (...values: unknown[]) => statement(target.bind(...values));
        const value = Reflect.get(target, key);
        if (key !== "run") return typeof value === "function" ? value.bind(target) : value;
        return async () => {
          began();
          await waits.shift();
          return await target.run();
        };
      },
    });
  return new Proxy(DB, {
    get: (target, key) =>
      key === "prepare" ? (sql: string) => statement(target.prepare(sql)) : Reflect.get(target, key),
  });
}

/** A database that fails as often as told: before it has done the work, or after. */
function failing(times: number, when: "before" | "after"): D1Database {
  const statement = (inner: D1PreparedStatement): D1PreparedStatement =>
    new Proxy(inner, {
      get(target, key) {
        if (key === "bind") return (...values: unknown[]) => statement(target.bind(...values));
        if (key !== "run") return Reflect.get(target, key);
        return async () => {
          const fails = times-- > 0;
          if (fails && when === "before") throw new Error("D1_ERROR: Network connection lost.");
          const result = await target.run();
          if (fails) throw new Error("D1_ERROR: Network connection lost.");
          return result;
        };
      },
    });
  return new Proxy(DB, {
    get: (target, key) =>
      key === "prepare" ? (sql: string) => statement(target.prepare(sql)) : Reflect.get(target, key),
  });
}

beforeEach(async () => {
  await DB.prepare("DELETE FROM call_segments").run();
});

describe("calls", () => {
  it("reach the table together, within a second, in the order in which they were answered", async () => {
    const { record, settled, pending } = await recorder();
    const calls = Array.from({ length: 5 }, (_, at) => aCall({ id: `c${at}`, outcome: at === 3 ? "timeout" : "ok" }));
    for (const call of calls) record(call);
    expect(pending).toHaveLength(1);
    expect(await stored()).toEqual([]);
    await settled();
    expect(await storedCalls()).toEqual(calls);
    expect(await stored()).toMatchObject([{ calls: 5, errors: 1, flushes: 1 }]);
  });

  it("of the same minute are added to the same row", async () => {
    const { record, write } = await recorder();
    for (const id of ["a", "b", "c"]) {
      record(aCall({ id }));
      await write();
    }
    expect((await storedCalls()).map(({ id }) => id)).toEqual(["a", "b", "c"]);
    expect(await stored()).toMatchObject([{ calls: 3, flushes: 3 }]);
  });

  it.each(["before", "after"] as const)("count once when the database fails %s it has written", async (when) => {
    const { record, write } = await recorder(failing(2, when));
    record(aCall({ id: "a" }));
    await write();
    record(aCall({ id: "b" }));
    await write();
    await write();
    expect((await storedCalls()).map(({ id }) => id)).toEqual(["a", "b"]);
    expect((await stored()).reduce((sum, { calls }) => sum + calls, 0)).toBe(2);
  });

  it("are not lost to a writer that was given up and comes back while another fails", async () => {
    const late = Promise.withResolvers<void>();
    const fate = Promise.withResolvers<void>();
    const writes = [0, 1, 2].map(() => Promise.withResolvers<void>());
    let began = 0;
    const { record, write } = await recorder(
      slow([late.promise, undefined, fate.promise], () => writes[began++]?.resolve()),
    );
    record(aCall({ id: "a" }));
    const first = write();
    await writes[0]?.promise;
    const now = Date.now();
    const clock = vi.spyOn(Date, "now").mockImplementation(() => now + 6_000);
    record(aCall({ id: "b" }));
    const second = write();
    await writes[2]?.promise;
    late.resolve();
    await first;
    fate.reject(new Error("D1_ERROR: Network connection lost."));
    await second;
    await write();
    clock.mockRestore();
    expect((await storedCalls()).map(({ id }) => id)).toEqual(["a", "b"]);
  });

  it("go into another row when theirs was closed", async () => {
    const { record, write } = await recorder();
    record(aCall({ id: "a" }));
    await write();
    await DB.prepare("UPDATE call_segments SET counted = 1").run();
    record(aCall({ id: "b" }));
    await write();
    const rows = await stored();
    expect(rows.map(({ calls }) => calls)).toEqual([1, 1]);
    expect((await storedCalls()).map(({ id }) => id).sort()).toEqual(["a", "b"]);
  });

  it("that can't be written for long are kept up to a bound, and nothing fails", async () => {
    const { record, write } = await recorder(failing(Number.POSITIVE_INFINITY, "before"));
    for (let n = 0; n < 25_000; n++) record(aCall({ id: String(n) }));
    await expect(write()).resolves.toBeUndefined();
    expect(await stored()).toEqual([]);
  });
});

describe("a call through the gateway", () => {
  it("touches no storage before its answer, and is one write of many behind it", async () => {
    const isolate = await coldIsolate({ DB_METRICS_RECORDING_ENABLED: "true" });
    const { path, serverId, gatewayId } = await isolate.bundle("recorded", "builtin:sample");
    const call = (id: number, name = "echo") => modern(id, "tools/call", { name, arguments: { message: "hi" } });
    await isolate.post(path, call(0));
    await DB.prepare("DELETE FROM call_segments").run();
    isolate.operations.length = 0;
    const begun = [];
    for (const [id, name] of [
      [1, "echo"],
      [2, "echo"],
      [3, "nothing"],
    ] as const) {
      const { body, headers } = call(id, name);
      const answer = await isolate.begin("POST", path, body, headers);
      await answer.response.text();
      begun.push(answer);
    }
    expect(isolate.operations).toEqual([]);
    for (const { settled } of begun) await settled();
    expect(isolate.operations).toEqual(["DB.run"]);
    const [first, , unknown] = await storedCalls();
    expect(first).toMatchObject({
      method: "tools/call",
      kind: "tool",
      name: "echo",
      server: serverId,
      upstream: gatewayId,
      user: "admin@example.com",
      client: "wire 1",
      protocol: "2026-07-28",
      outcome: "ok",
    });
    expect(unknown).toMatchObject({ name: "nothing", target: "", outcome: "rpc_error", error: "-32602" });
  });
});

/** An exchange as far as recording looks at it. */
const exchange = (signal: AbortSignal, id: string, sink: object): Exchange =>
  ({
    era: "modern",
    method: "tools/call",
    params: {},
    headers: new Headers(),
    view: { data: { server: null }, tools: new Map(), uris: { toUpstream: () => undefined } },
    context: { config: { recording: { calls: true } }, requestId: id, caller: { id: "ada" }, store: sink },
    timing: { began: Date.now(), upstream: 0 },
    signal,
  }) as unknown as Exchange;

describe("what somebody else made too long", { timeout: 30_000 }, () => {
  /** Text that does not compress. */
  const noise = (characters: number): string => {
    const piece = () => crypto.getRandomValues(new Uint8Array(Math.min(characters, 60_000))).toBase64();
    let text = "";
    while (text.length < characters) text += piece();
    return text.slice(0, characters);
  };
  /** D1 takes no row of more than two million bytes; the one of these tests takes more. */
  const sizes = async () => (await stored()).map((row) => JSON.stringify(row).length);

  it.each([
    ["the name of a tool", { method: "tools/call", params: { name: noise(3_000_000) } }, {}],
    ["the URI of a resource", { method: "resources/subscribe", params: { uri: noise(3_000_000) } }, {}],
    ["a method", { method: noise(3_000_000) }, {}],
    ["the code of an upstream's error", {}, { error: { code: noise(3_000_000), message: { no: "text" } } }],
  ])("is cut, were it %s, so that all calls fit into their row", async (_, asked, answered) => {
    vi.resetModules();
    const { recorded } = await import("../../src/gateway/recording.ts");
    const { writeCalls } = await import("../../src/observability/recorder.ts");
    const sink = { d1: DB, waitUntil: () => {} };
    const plain = exchange(new AbortController().signal, "one", sink);
    const text = JSON.stringify({ jsonrpc: "2.0", id: 1, ...answered });
    await recorded({ ...plain, ...asked } as Exchange, () => ({ kind: "message", text }));
    await recorded(plain, () => ({ kind: "message", text: "{}" }));
    await writeCalls(sink);
    expect(await storedCalls()).toHaveLength(2);
    for (const size of await sizes()) expect(size).toBeLessThan(10_000);
  });

  it("still fits, as long as it may be, when an isolate has as many such calls as it writes at once", async () => {
    const { record, write } = await recorder();
    for (let n = 0; n < 5_000; n++)
      record(
        aCall({ name: noise(300), method: noise(100), client: noise(100), error: noise(40), message: noise(200) }),
      );
    await write();
    expect(await storedCalls()).toHaveLength(5_000);
    for (const size of await sizes()) expect(size).toBeLessThan(1_900_000);
  });
});

describe("a streamed answer", () => {
  it("that its client leaves in the middle, or that breaks off since it has gone, is recorded as cancelled", async () => {
    vi.resetModules();
    const { recorded } = await import("../../src/gateway/recording.ts");
    const { writeCalls } = await import("../../src/observability/recorder.ts");
    const sink = { d1: DB, waitUntil: () => {} };
    const gone = new AbortController();
    async function* messages(fails: boolean) {
      yield "{}";
      if (fails) throw new Error("broken off");
      yield "{}";
    }
    const run = async (id: string, take: number, fails = false) => {
      const answer = await recorded(exchange(gone.signal, id, sink), () => ({
        kind: "stream",
        messages: messages(fails),
      }));
      if (answer.kind !== "stream") throw new Error("not a stream");
      for (let taken = 0; taken < take; taken++) await answer.messages.next().catch(() => {});
      await answer.messages.return();
    };
    await run("whole", 3);
    await run("left", 1);
    await run("broken", 2, true);
    gone.abort();
    await run("broken-for-that", 2, true);
    await writeCalls(sink);
    const outcomes = Object.fromEntries((await storedCalls()).map(({ id, outcome }) => [id, outcome]));
    expect(outcomes).toEqual({
      whole: "ok",
      left: "cancelled",
      broken: "gateway_error",
      "broken-for-that": "cancelled",
    });
  });
});
