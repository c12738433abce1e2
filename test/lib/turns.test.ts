import { describe, expect, it, onTestFinished, vi } from "vitest";
import { Turns } from "../../src/lib/turns.ts";

const never = new Promise<never>(() => {});

describe("turns", () => {
  it("are taken one after the other, in the order in which they were asked for", async () => {
    const turns = new Turns();
    const seen: string[] = [];
    await Promise.all(
      [1, 2, 3].map((number) =>
        turns.run(async () => {
          seen.push(`${number} begins`);
          await new Promise((resolve) => setTimeout(resolve, 1));
          seen.push(`${number} ends`);
        }),
      ),
    );
    expect(seen).toEqual(["1 begins", "1 ends", "2 begins", "2 ends", "3 begins", "3 ends"]);
  });

  it("give what the work gave, and go on after work that failed", async () => {
    const turns = new Turns();
    const failed = turns.run(() => Promise.reject(new Error("this one")));
    const next = turns.run(async () => "the next");
    await expect(failed).rejects.toThrow("this one");
    expect(await next).toBe("the next");
    expect(await turns.run(async () => "a later one")).toBe("a later one");
  });

  it("are over for those who wait, when somebody vanished in the middle of his", async () => {
    const turns = new Turns(20);
    void turns.run(() => never);
    expect(await Promise.all([1, 2, 3].map((number) => turns.run(async () => number)))).toEqual([1, 2, 3]);
  });

  it("stay one at a time when several have lost patience with the same one", async () => {
    const turns = new Turns(20);
    void turns.run(() => never);
    let inside = 0;
    const most: number[] = [];
    await Promise.all(
      Array.from({ length: 5 }, () =>
        turns.run(async () => {
          most.push(++inside);
          await Promise.resolve();
          inside--;
        }),
      ),
    );
    expect(most).toEqual([1, 1, 1, 1, 1]);
  });

  it("pass over who comes late when called, and call again", async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const turns = new Turns(20);
    const [first, thirds] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const seen: string[] = [];
    const one = turns.run(() => first.promise);
    const two = turns.run(async () => void seen.push("two"));
    const one_ = one.then(() => {
      vi.setSystemTime(Date.now() + 30); // the second has been called, but its request gets to run only now
      return turns.run(async () => {
        seen.push("three");
        await thirds.promise;
      });
    });
    first.resolve();
    await vi.advanceTimersByTimeAsync(5);
    thirds.resolve();
    await vi.advanceTimersByTimeAsync(100);
    await Promise.all([one_, two]);
    expect(seen.toSorted()).toEqual(["three", "two"]);
  });
});
