import { describe, expect, it } from "vitest";
import { canonical } from "../../src/lib/canonical-json.ts";
import { parseExact } from "../../src/lib/json.ts";
import { differences } from "../../src/lib/json-diff.ts";

describe("a canonical text", () => {
  it("is the same whatever the order of keys and the white space", () => {
    expect(canonical('{"b": [1, {"d": 1, "c": 2}], "a": null}')).toBe(canonical('{"a":null,"b":[1,{"c":2,"d":1}]}'));
  });

  it.each([
    ["the order of a list", "[1,2]", "[2,1]"],
    ["null and nothing", '{"a":null}', "{}"],
    ["a number and its text", "1", '"1"'],
    ["numbers that a double holds as one", "9007199254740993", "9007199254740992"],
    ["letters that look alike", '"é"', '"e\u0301"'],
    ["a key called __proto__", '{"__proto__":{"a":1}}', '{"__proto__":{"a":2}}'],
  ])("tells %s apart", (_what, one, other) => {
    expect(canonical(one)).not.toBe(canonical(other));
  });
});

describe("differences", () => {
  const between = (before: object, after: object) => differences(before as never, after as never);

  it("are told by field, objects looked into, lists whole", () => {
    expect(
      between(
        { a: { b: 1, c: [1], same: { x: 1, y: 2 } }, gone: null },
        { a: { c: [1, 2], b: 2, same: { y: 2, x: 1 } }, "odd key": "" },
      ),
    ).toEqual([
      { path: "a.c", before: [1], after: [1, 2] },
      { path: "a.b", before: 1, after: 2 },
      { path: '["odd key"]', after: "" },
      { path: "gone", before: null },
    ]);
  });

  it("see what a double does not, and keys that objects have by themselves", () => {
    const of = (text: string) => parseExact(`{"n":${text}}`) as never;
    expect(differences(of("9007199254740993"), of("9007199254740992"))).toHaveLength(1);
    expect(between({}, { constructor: 1, toString: 2 })).toHaveLength(2);
  });

  it("are none between equals", () => {
    expect(between({ a: [{ x: 1, y: 2 }] }, { a: [{ y: 2, x: 1 }] })).toEqual([]);
  });
});
