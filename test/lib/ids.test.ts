import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newId, randomToken, slugify } from "../../src/lib/ids.ts";

describe("newId", () => {
  it("is 32 hexadecimal digits of a version 4 UUID, new every time", () => {
    const ids = Array.from({ length: 1000 }, newId);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
    expect(new Set(ids).size).toBe(1000);
  });
});

describe("randomToken", () => {
  it("is base64url of as many bytes as asked, 32 unless told, new every time", () => {
    expect(randomToken()).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(randomToken(16)).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(new Set(Array.from({ length: 1000 }, () => randomToken(8))).size).toBe(1000);
  });
});

describe("slugify gives ContextForge's slug", () => {
  it.each([
    ["Hello World", "hello-world"],
    ["Test-Case_123", "test-case-123"],
    ["Caf\u00e9 & Restaurant", "cafe-restaurant"],
    ["user@example.com", "user-example-com"],
    ["Don't Stop", "dont-stop"],
    ["It's Working", "its-working"],
    ["", ""],
    ["   ", ""],
    ["---test---", "test"],
    ["__x__", "x"],
    ["Multiple   Spaces", "multiple-spaces"],
    ["Na\u00efve r\u00e9sum\u00e9", "naive-resume"],
    ["Z\u00fcrich", "zurich"],
    ["fast_time", "fast-time"],
    ["get_system_time", "get-system-time"],
    ["clock_tool", "clock-tool"],
    ["Stra\u00dfe \u00c6r\u00f8", "strasse-aero"],
    ["\ud55c\uad6d\uc5b4", ""],
    ["\u65e5\u672c tool", "-tool"],
    ["tool \u65e5\u672c", "tool-"],
    ["re\u0301sume\u0301", "re-sume"],
    ["a'b'c", "ab-c"],
    ["'quoted'", "quoted"],
    ["don\u2019t", "don-t"],
    ["\ufb01le \u00bd x\u00b2", "file-12-x2"],
    ["\u0130stanbul", "i-stanbul"],
    ["a.b/c:d", "a-b-c-d"],
    ["step \u2474", "step-(1)"],
    ["\u1d2c", "A"],
  ])("of %j: %j", (text, slug) => {
    expect(slugify(text)).toBe(slug);
  });

  it.each([
    ["--", "get--system--time"],
    ["_", "get_system_time"],
    [".", "get.system.time"],
  ])("with the separator %j", (separator, slug) => {
    expect(slugify(" get_system-Time ", separator)).toBe(slug);
  });

  it("takes a separator as text, not as a replacement pattern", () => {
    expect(slugify("a b", "$&")).toBe("a$&b");
  });

  it("is printable ASCII, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(slugify(text)).toMatch(/^[ -~]*$/);
      }),
    );
  });
});
