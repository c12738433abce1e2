// The approximate limits: a sliding minute in the isolate's memory.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { GatewayError } from "../../src/errors.ts";
import { ANONYMOUS } from "../../src/identity/caller.ts";
import { countAddress, countUser } from "../../src/policy/rate-limits.ts";

const MINUTE = 60_000;
const BEGIN = Math.ceil(Date.now() / MINUTE) * MINUTE;
let hour = 0;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: BEGIN + 3600_000 * ++hour });
});
afterEach(() => {
  vi.useRealTimers();
});

const asking = (rates: { perAddress: number; perUser: number }, address = "192.0.2.1", id = "ann@example.com") => ({
  config: { rates },
  clientAddress: address,
  caller: { kind: "user", id } as const,
});
const refusalOf = (work: () => void): GatewayError | undefined => {
  try {
    work();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof GatewayError) return thrown;
    throw thrown;
  }
};
/** How many of so many requests are let through. */
const through = (count: number, work: () => void): number =>
  Array.from({ length: count }, () => refusalOf(work)).filter((refusal) => refusal === undefined).length;
const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);

describe("a minute", () => {
  const five = asking({ perAddress: 5, perUser: 0 });

  it("holds so many requests of an address, and the refusal says what and when", () => {
    expect(through(9, () => countAddress(five))).toBe(5);
    const refusal = refusalOf(() => countAddress(five));
    expect([refusal?.code, refusal?.status]).toEqual(["too_many_requests", 429]);
    expect(refusal?.headers).toMatchObject({ "x-ratelimit-limit": "5", "x-ratelimit-remaining": "0" });
    expect(Number(refusal?.headers["x-ratelimit-reset"])).toBeGreaterThan(Date.now() / 1000);
  });

  it("slides: what was used up at its end is not there again when the next one begins", () => {
    pass(MINUTE - 1000);
    expect(through(9, () => countAddress(five))).toBe(5);
    pass(2000);
    expect(through(9, () => countAddress(five))).toBe(0);
    pass(MINUTE / 2);
    expect(through(9, () => countAddress(five))).toBe(2);
    pass(2 * MINUTE);
    expect(through(9, () => countAddress(five))).toBe(5);
  });

  it.each([0, 7_000, 31_000, 59_000])(
    "has room when Retry-After has passed, and not before (%i ms into it)",
    (into) => {
      pass(into);
      through(9, () => countAddress(five));
      const wait = Number(refusalOf(() => countAddress(five))?.headers["retry-after"]) * 1000;
      pass(wait - 1500);
      expect(through(1, () => countAddress(five))).toBe(0);
      pass(1500);
      expect(through(1, () => countAddress(five))).toBe(1);
    },
  );

  it("is each address's own, and an IPv6 /64 has one", () => {
    expect(through(9, () => countAddress(five))).toBe(5);
    expect(through(9, () => countAddress({ ...five, clientAddress: "192.0.2.2" }))).toBe(5);
    expect(through(3, () => countAddress({ ...five, clientAddress: "2001:db8::1" }))).toBe(3);
    expect(through(9, () => countAddress({ ...five, clientAddress: "2001:db8::2" }))).toBe(2);
  });

  it("is each user's own, wherever it calls from; who is nobody counts for the address alone", () => {
    const rates = { perAddress: 0, perUser: 3 };
    expect(through(2, () => countUser(asking(rates, "192.0.2.1")))).toBe(2);
    expect(through(9, () => countUser(asking(rates, "192.0.2.2")))).toBe(1);
    expect(through(9, () => countUser(asking(rates, "192.0.2.2", "bob@example.com")))).toBe(3);
    expect(through(9, () => countUser({ ...asking(rates), caller: ANONYMOUS }))).toBe(9);
  });

  it("is not counted where there is no limit", () => {
    const off = asking({ perAddress: 0, perUser: 0 });
    expect(through(100, () => countAddress(off)) + through(100, () => countUser(off))).toBe(200);
  });
});
