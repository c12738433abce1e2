import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { textToBase64url } from "../../src/lib/base64url.ts";
import { decodeCursor, encodeCursor } from "../../src/lib/paginate.ts";

describe("a cursor", () => {
  it("comes back as it was, and fits a query string as it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (after) => {
        const text = encodeCursor({ after });
        expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(decodeCursor(text)).toEqual({ after });
      }),
    );
  });

  it.each([
    ["nothing", ""],
    ["no base64url", "a b"],
    ["no JSON", textToBase64url("after")],
    ["JSON that is no object", textToBase64url('"after"')],
    ["null", textToBase64url("null")],
    ["an object without after", textToBase64url("{}")],
    ["a number", textToBase64url('{"after":1}')],
    ["a number that keeps its text", textToBase64url('{"after":12345678901234567890}')],
    ["a list", textToBase64url('{"after":["x"]}')],
    ["a duplicate", textToBase64url('{"after":"x","after":"y"}')],
    ["more than was asked", textToBase64url('{"after":"x","limit":1}')],
    ["another spelling", textToBase64url('{ "after":"x"}')],
    ["deep JSON", textToBase64url("[".repeat(100_000))],
    ["padding", `${encodeCursor({ after: "x" })}=`],
  ])("made of %s is none", (_what, text) => {
    expect(decodeCursor(text)).toBeUndefined();
  });

  it("made up by a stranger is none, and never throws", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json().map(textToBase64url)), (text) => {
        const cursor = decodeCursor(text);
        if (cursor !== undefined) expect(encodeCursor(cursor)).toBe(text);
      }),
    );
  });
});
