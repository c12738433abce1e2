import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalNumber } from "../../src/lib/json-number.ts";

describe("canonicalNumber", () => {
  it.each([
    ["1.5", "1.50", "15e-1", "0.15E+1", "0.015e02"],
    ["100", "1e2", "1E+2", "100.000", "1000e-1"],
    ["0", "-0", "0.000", "0e999", "-0.0e-5"],
    ["-7", "-7.0", "-0.7e1", "-70e-1"],
    ["100000000000000000000", "1e20", "100000000000000000000.0"],
  ])("gives %s and its other spellings one form", (...spellings) => {
    expect(new Set(spellings.map(canonicalNumber)).size).toBe(1);
  });

  it.each([
    ["9007199254740993", "9007199254740992"],
    ["0.1", "0.10000000000000000001"],
    ["1e400", "Infinity"],
    ["1e-400", "0"],
    ["1", "-1"],
    ["10", "1"],
    ["1e2", "1e3"],
  ])("tells %s from %s", (one, other) => {
    expect(canonicalNumber(one)).not.toBe(canonicalNumber(other));
  });

  it("agrees with itself on every finite double, however it is written", () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(finite, fc.integer({ min: 20, max: 60 }), (value, places) => {
        expect(canonicalNumber(value.toExponential())).toBe(canonicalNumber(String(value)));
        expect(Number(canonicalNumber(value.toExponential(places)))).toBe(value === 0 ? 0 : value);
      }),
    );
  });
});
