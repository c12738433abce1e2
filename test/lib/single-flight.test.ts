// Work that several need at once.
import { expect, test } from "vitest";
import { SingleFlight } from "../../src/lib/single-flight.ts";

const keep = () => {};

test("work asked for twice at the same time is done once, and both get its outcome", async () => {
  const flights = new SingleFlight<number>();
  const gate = Promise.withResolvers<void>();
  let done = 0;
  const work = async () => {
    await gate.promise;
    return ++done;
  };
  const both = Promise.all([flights.run("a", keep, work), flights.run("a", keep, work)]);
  gate.resolve();
  expect(await both).toEqual([1, 1]);
});

test("another key is other work, and work that is over is done anew", async () => {
  const flights = new SingleFlight<string>();
  expect(await Promise.all([flights.run("a", keep, async () => "a"), flights.run("b", keep, async () => "b")])).toEqual(
    ["a", "b"],
  );
  expect(await flights.run("a", keep, async () => "again")).toBe("again");
});

test("a failure reaches everybody who joined, and is not remembered", async () => {
  const flights = new SingleFlight<string>();
  const fails = () => Promise.reject(new Error("no"));
  const joined = [flights.run("a", keep, fails), flights.run("a", keep, fails)];
  for (const one of joined) await expect(one).rejects.toThrow("no");
  expect(await flights.run("a", keep, async () => "fine")).toBe("fine");
});

test("who joined work that never ends does it itself", async () => {
  const flights = new SingleFlight<string>(1);
  void flights.run("a", keep, () => new Promise<string>(() => {}));
  expect(await flights.run("a", keep, async () => "mine")).toBe("mine");
});

test("work that is begun is under way once, and its failure is nobody's who did not ask", async () => {
  const flights = new SingleFlight<string>();
  const kept: Promise<unknown>[] = [];
  let begun = 0;
  const fails = () => {
    begun++;
    return Promise.reject(new Error("no"));
  };
  flights.begin("a", (work) => kept.push(work), fails);
  flights.begin("a", (work) => kept.push(work), fails);
  await Promise.all(kept);
  expect(begun).toBe(1);
  expect(await flights.run("a", keep, async () => "fine")).toBe("fine");
});
