// Who waits for the next change of the catalog leaves nothing behind when it has come.
import { expect, it } from "vitest";
import { catalogVersion, somethingChanged, took } from "../../src/catalog/stamp.ts";

it("a signal that outlives many changes keeps no listener of those that have come", async () => {
  took("catalog", catalogVersion() + 1);
  const { signal } = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...what: Parameters<typeof addEventListener>) => {
    listeners++;
    addEventListener.apply(signal, what);
  };
  signal.removeEventListener = (...what: Parameters<typeof removeEventListener>) => {
    listeners--;
    removeEventListener.apply(signal, what);
  };
  for (let change = 0; change < 3; change++) {
    const changed = somethingChanged(signal);
    expect(listeners).toBe(1);
    took("catalog", catalogVersion() + 1);
    await changed;
  }
  expect(listeners).toBe(0);
});
