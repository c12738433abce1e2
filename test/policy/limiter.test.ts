// Exact limits: one object counts for all, so that those who ask at once get exactly what there is.
import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { GatewayError } from "../../src/errors.ts";
import {
  attemptLogin,
  failedLogins,
  loginSucceeded,
  loginUnchecked,
  take,
  takeForAddress,
  unlock,
} from "../../src/policy/limiter.ts";
import { bindings } from "../inside.ts";

const RULES = { failures: 5, lock: 3600 };
const somebody = () => `${crypto.randomUUID()}@example.com`;
const outcome = (work: Promise<unknown>) =>
  work.then(
    () => "let through",
    (reason: unknown) => (reason instanceof GatewayError ? reason.code : String(reason)),
  );
const times = (count: number, work: (index: number) => Promise<unknown>) =>
  Promise.all(Array.from({ length: count }, (_, index) => outcome(work(index))));
const throughOf = (outcomes: string[]) => outcomes.filter((one) => one === "let through").length;

describe("take", () => {
  it("lets exactly so many through, however many ask at once, and says when to come back", async () => {
    const key = crypto.randomUUID();
    const all = await Promise.all(Array.from({ length: 30 }, () => take(env, key, [{ per: 3600, most: 10 }])));
    const allowed = all.filter((one) => one.allowed);
    expect(allowed.map((one) => one.remaining).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (const one of all.filter((other) => !other.allowed)) {
      expect(one.remaining).toBe(0);
      expect(one.retryAfter).toBeGreaterThan(3500);
      expect(one.retryAfter).toBeLessThanOrEqual(3660);
    }
  });

  it("holds to each of several rules, and counts nothing that one of them refuses", async () => {
    const key = crypto.randomUUID();
    const rules = [
      { per: 3600, most: 3 },
      { per: 86_400, most: 5 },
    ];
    for (let i = 0; i < 6; i++) await take(env, key, rules);
    expect(await take(env, key, [{ per: 86_400, most: 5 }])).toMatchObject({ allowed: true, remaining: 1 });
  });

  it("counts each key for itself", async () => {
    const [one, other] = [crypto.randomUUID(), crypto.randomUUID()];
    expect((await take(env, one, [{ per: 60, most: 1 }])).allowed).toBe(true);
    expect((await take(env, one, [{ per: 60, most: 1 }])).allowed).toBe(false);
    expect((await take(env, other, [{ per: 60, most: 1 }])).allowed).toBe(true);
  });

  it("of an address counts its IPv6 /64 as one", async () => {
    const what = crypto.randomUUID();
    const from = (address: string) => outcome(takeForAddress(env, what, address, { per: 60, most: 1 }));
    expect(await from("2001:db8:1:2::1")).toBe("let through");
    expect(await from("2001:db8:1:2:ffff::9")).toBe("too_many_requests");
    expect(await from("2001:db8:1:3::1")).toBe("let through");
    expect(await from("192.0.2.1")).toBe("let through");
    expect(await from("192.0.2.2")).toBe("let through");
    expect(await from("::ffff:192.0.2.1")).toBe("too_many_requests");
  });

  it("lets nothing through when it can't be counted", async () => {
    const broken = { getByName: () => ({ take: () => Promise.reject(new Error("gone")) }) };
    const without = bindings({ LIMITER: broken });
    expect(await outcome(take(without, "x", [{ per: 60, most: 1 }]))).toBe("unavailable");
  });
});

describe("attempts to log in", () => {
  it("at the same time can't exceed the rule: of 20 wrong ones 5 are checked", async () => {
    const email = somebody();
    let checked = 0;
    const outcomes = await times(20, async () => {
      await attemptLogin(env, email, "192.0.2.1", RULES);
      checked++; // here the password would be looked at, and found wrong
    });
    expect([checked, throughOf(outcomes)]).toEqual([5, 5]);
    expect(outcomes.filter((one) => one === "too_many_requests")).toHaveLength(15);
  });

  it("from one address lock out that address, and nobody else", async () => {
    const email = somebody();
    await times(6, () => attemptLogin(env, email, "192.0.2.1", RULES));
    expect(await outcome(attemptLogin(env, email, "192.0.2.1", RULES))).toBe("too_many_requests");
    expect(await outcome(attemptLogin(env, email, "192.0.2.2", RULES))).toBe("let through");
    expect(await outcome(attemptLogin(env, somebody(), "192.0.2.1", RULES))).toBe("let through");
  });

  it("say when to come back: after the lock at the latest", async () => {
    const email = somebody();
    await times(5, () => attemptLogin(env, email, "192.0.2.1", RULES));
    const refusal = await attemptLogin(env, email, "192.0.2.1", RULES).catch((thrown: GatewayError) => thrown);
    const seconds = Number((refusal as GatewayError).headers["retry-after"]);
    expect(seconds).toBeGreaterThan(3500);
    expect(seconds).toBeLessThanOrEqual(3600);
  });

  it("begin anew after one that was right", async () => {
    const email = somebody();
    await times(4, () => attemptLogin(env, email, "192.0.2.1", RULES));
    await loginSucceeded(env, email, "192.0.2.1");
    expect(throughOf(await times(9, () => attemptLogin(env, email, "192.0.2.1", RULES)))).toBe(5);
  });

  it("that came to nothing don't count", async () => {
    const email = somebody();
    for (let i = 0; i < 9; i++) {
      await attemptLogin(env, email, "192.0.2.1", RULES);
      await loginUnchecked(env, email, "192.0.2.1");
    }
    expect(await failedLogins(env, email, RULES)).toEqual({ failed: 0, lockedUntil: null });
    expect(throughOf(await times(9, () => attemptLogin(env, email, "192.0.2.1", RULES)))).toBe(5);
    await loginUnchecked(env, email, "192.0.2.1");
    expect(throughOf(await times(9, () => attemptLogin(env, email, "192.0.2.1", RULES)))).toBe(1);
  });

  it("that were right at one address help no other", async () => {
    const email = somebody();
    await times(5, () => attemptLogin(env, email, "192.0.2.1", RULES));
    await loginSucceeded(env, email, "192.0.2.9");
    expect(await outcome(attemptLogin(env, email, "192.0.2.1", RULES))).toBe("too_many_requests");
  });

  it("from many addresses slow each other down, but never whoever logged in from there before", async () => {
    const email = somebody();
    await attemptLogin(env, email, "198.51.100.7", RULES);
    await loginSucceeded(env, email, "198.51.100.7");
    const guesses = await times(200, (index) => attemptLogin(env, email, `192.0.2.${index}`, RULES));
    expect(throughOf(guesses)).toBeGreaterThanOrEqual(49);
    expect(throughOf(guesses)).toBeLessThanOrEqual(52);
    const refusal = await attemptLogin(env, email, "203.0.113.1", RULES).catch((thrown: GatewayError) => thrown);
    expect(Number((refusal as GatewayError).headers["retry-after"])).toBeLessThanOrEqual(10);
    expect(await outcome(attemptLogin(env, email, "198.51.100.7", RULES))).toBe("let through");
  });

  it("are shown: how many failed, and until when some address is locked out; unlocking forgets them", async () => {
    const email = somebody();
    expect(await failedLogins(env, email, RULES)).toEqual({ failed: 0, lockedUntil: null });
    await times(3, () => attemptLogin(env, email, "192.0.2.1", RULES));
    expect(await failedLogins(env, email, RULES)).toEqual({ failed: 3, lockedUntil: null });
    await times(3, () => attemptLogin(env, email, "192.0.2.1", RULES));
    const { failed, lockedUntil } = await failedLogins(env, email.toUpperCase(), RULES);
    expect(failed).toBe(5);
    expect((lockedUntil ?? 0) - Date.now()).toBeGreaterThan(3_500_000);
    await unlock(env, email);
    expect(await failedLogins(env, email, RULES)).toEqual({ failed: 0, lockedUntil: null });
    expect(await outcome(attemptLogin(env, email, "192.0.2.1", RULES))).toBe("let through");
  });
});

describe("an object", () => {
  const rowsOf = (stub: DurableObjectStub) =>
    runInDurableObject(stub, (_object, { storage }) => [...storage.kv.list()].length);

  it("remembers what it counted when it was put away", async () => {
    const key = crypto.randomUUID();
    await take(env, key, [{ per: 3600, most: 1 }]);
    await abortAllDurableObjects();
    expect((await take(env, key, [{ per: 3600, most: 1 }])).allowed).toBe(false);
  });

  it("keeps nothing when nothing in it counts any longer, and nothing of being asked", async () => {
    const key = crypto.randomUUID();
    const stub = env.LIMITER.getByName(key);
    await failedLogins(env, key, RULES);
    expect(await rowsOf(stub)).toBe(0);
    await take(env, key, [{ per: 1, most: 1 }]);
    expect(await rowsOf(stub)).toBe(1);
    await expect.poll(async () => (await take(env, key, [{ per: 1, most: 1 }])).allowed, { timeout: 5_000 }).toBe(true);
    await expect
      .poll(
        async () => {
          await runDurableObjectAlarm(stub);
          return await rowsOf(stub);
        },
        { timeout: 5_000 },
      )
      .toBe(0);
    expect((await take(env, key, [{ per: 3600, most: 1 }])).allowed).toBe(true);
    await runDurableObjectAlarm(stub);
    expect(await rowsOf(stub)).toBe(1);
    expect((await take(env, key, [{ per: 3600, most: 1 }])).allowed).toBe(false);
  });
});
