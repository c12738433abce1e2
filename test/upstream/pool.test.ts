// The way out inside workerd: at most five requests of one request wait for headers, and a deadline begins when there
// is room. The upstream holds requests until a test lets them go; the timers are the test's.
import { afterEach, describe, expect, inject, it, vi } from "vitest";
import { Outbound } from "../../src/upstream/safe-fetch.ts";

const LIMITS = { privateUpstreams: true, maxBodyBytes: 1000, maxResultBytes: 1000 } as const;
const place = (key: string): string => `${inject("held")}/${key}`;
const came = async (key: string, times: number) =>
  (await fetch(`${place(key)}/came/${times}`)).json<{ came: number; held: number }>();
const release = (key: string) => fetch(`${place(key)}/release`, { method: "PUT" });

afterEach(() => {
  vi.useRealTimers();
});

function asker(key: string) {
  const outbound = new Outbound(LIMITS);
  return async (timeout = 60_000): Promise<string> => {
    const reply = await outbound.fetch(`${place(key)}/held`, { method: "GET", headers: {}, timeout });
    return await reply.text();
  };
}

describe("of the requests made for one request", () => {
  it("five are on their way at once, and the next goes when one is answered", async () => {
    const ask = asker("five");
    const asked = Array.from({ length: 12 }, () => ask());
    for (let answered = 0; answered < 12; answered++) {
      const onTheWay = Math.min(5, 12 - answered);
      expect(await came("five", answered + onTheWay)).toEqual({ came: answered + onTheWay, held: onTheWay });
      await release("five");
      await Promise.race(asked);
    }
    expect(await Promise.all(asked)).toEqual(Array.from({ length: 12 }, () => "let go"));
  });

  it("none takes a place that was given to one who waited", async () => {
    const ask = asker("queue");
    const first = Array.from({ length: 6 }, () => ask());
    await came("queue", 5);
    const late = Promise.race(first).then(() => ask());
    await release("queue");
    expect(await came("queue", 6)).toEqual({ came: 6, held: 5 });
    for (let n = 0; n < 6; n++) await release("queue");
    await Promise.all([...first, late]);
  });

  it("each has all its time from the moment it goes out, however long it had to wait", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const ask = asker("time");
    const first = Array.from({ length: 5 }, () => ask());
    await came("time", 5);
    const outcome = ask(100).catch((error: { code: string }) => error.code);
    const told = vi.fn();
    void outcome.then(told);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(told).not.toHaveBeenCalled();
    await release("time");
    await came("time", 6);
    await vi.advanceTimersByTimeAsync(99);
    expect(told).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(await outcome).toBe("upstream_timeout");
    for (let n = 0; n < 5; n++) await release("time");
    await Promise.all(first);
  });

  it("one that fails makes room too", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const ask = asker("failing");
    const first = Array.from({ length: 5 }, () => ask(100).catch((error: { code: string }) => error.code));
    await came("failing", 5);
    const next = ask();
    await vi.advanceTimersByTimeAsync(100);
    expect(await Promise.all(first)).toEqual(Array.from({ length: 5 }, () => "upstream_timeout"));
    await came("failing", 6);
    for (let n = 0; n < 6; n++) await release("failing");
    expect(await next).toBe("let go");
  });

  it("those of another request are not counted", async () => {
    const [one, other] = [asker("one"), asker("other")];
    const asked = Array.from({ length: 5 }, () => [one(), other()]).flat();
    expect([await came("one", 5), await came("other", 5)]).toEqual([
      { came: 5, held: 5 },
      { came: 5, held: 5 },
    ]);
    for (let n = 0; n < 5; n++) await Promise.all([release("one"), release("other")]);
    await Promise.all(asked);
  });
});

it("sends no body over the limit", async () => {
  const sending = new Outbound(LIMITS).fetch(`${place("body")}/held`, {
    method: "POST",
    headers: {},
    body: "x".repeat(1001),
    timeout: 1000,
  });
  await expect(sending).rejects.toMatchObject({ code: "payload_too_large" });
  expect((await came("body", 0)).came).toBe(0);
});
