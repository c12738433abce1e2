import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mark, markerIn, markerOf, unmark } from "../../src/lib/marked-uri.ts";
import { expand, match } from "../../src/lib/uri-template.ts";

const FORMS = [
  ["ui://app/main", "ui://weather--app/main"],
  ["test://static", "test://weather--static"],
  ["file:///a/b", "file://weather--/a/b"],
  ["file:/a", "file:weather--/a"],
  ["urn:isbn:0451450523", "urn:weather--isbn:0451450523"],
  ["urn:x", "urn:weather--x"],
  ["mailto:a@b.example", "mailto:weather--a@b.example"],
  ["x://", "x://weather--"],
  ["a/b", "weather--a/b"],
  ["http://a.example", "http://a.example#weather"],
  ["https://a.example/b?c", "https://a.example/b?c#weather"],
  ["https://a.example/b#c", "https://a.example/b#weather--c"],
  ["https://a.example/b#", "https://a.example/b#weather--"],
] as const;

describe("a mark", () => {
  it.each(FORMS)("on %s gives %s, and comes off again", (uri, marked) => {
    expect(mark(uri, "weather")).toBe(marked);
    expect(unmark(marked)).toContainEqual({ marker: "weather", uri });
    expect(markerIn(marked, uri)).toBe("weather");
  });

  it("leaves a URI one, of the same scheme, and at the same place of the web", () => {
    for (const [uri, marked] of FORMS) {
      if (!uri.includes(":")) continue;
      expect(new URL(marked).protocol).toBe(new URL(uri).protocol);
      if (uri.startsWith("http")) expect(new URL(marked).origin).toBe(new URL(uri).origin);
    }
  });

  it.each(["plain", "a--b", "a---b", "xn--a", "2nd"])("of the server %s comes off every text it was put on", (slug) => {
    const marker = markerOf(slug);
    const piece = fc.constantFrom(
      "--",
      "-",
      ":",
      "//",
      "/",
      "#",
      "a",
      "b--",
      "http",
      "https:",
      "{x}",
      ".",
      "Z",
      "é",
      " ",
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(piece).map((pieces) => pieces.join("")),
      fc.webUrl(),
    );
    fc.assert(
      fc.property(text, (uri) => {
        const marked = mark(uri, marker);
        expect(marked).not.toBe(uri);
        const known = unmark(marked).find((one) => one.marker === marker);
        expect(known?.uri).toBe(uri);
        expect(unmark(marked)[0]).toEqual(known);
        expect(markerIn(marked, uri)).toBe(marker);
      }),
      { numRuns: 2_000 },
    );
  });

  it("of one server is never that of another, whatever their slugs and numbers", () => {
    const slug = fc.stringMatching(/^[a-z0-9]([ab-]{0,6}[a-z0-9])?$/);
    const number = fc.integer({ min: 1, max: 3 });
    fc.assert(
      fc.property(slug, number, slug, number, (one, m, other, n) => {
        expect(markerOf(one, m) === markerOf(other, n)).toBe(one === other && m === n);
        expect(markerOf(one, m)).toMatch(/^(?!.*--)[a-z0-9.-]*[a-z0-9]$/);
      }),
    );
  });

  it("is not seen where there is none", () => {
    expect(["ui://app/main", "a/b", "https://a.example/b", "urn:a"].flatMap(unmark)).toEqual([]);
    expect(markerIn("ui://app/main", "ui://app/main")).toBeUndefined();
    expect(markerIn("ui://weather--app/main", "ui://app/other")).toBeUndefined();
    expect(markerIn("say", "ui://app/main")).toBeUndefined();
  });
});

describe("a marked template", () => {
  it.each([
    ["note://{name}", { name: "a b" }],
    ["test://template/{id}/data", { id: "7" }],
    ["file:///{+path}", { path: "a/b" }],
    ["urn:x:{a}:{b}", { a: "1", b: "2" }],
    ["res://{+all}", { all: "x--y/z" }],
    ["res://h{/parts*}{?q}", { parts: "a", q: "b" }],
    ["{+uri}", { uri: "foo://bar" }],
    ["https://a.example/{page}", { page: "b" }],
    ["https://a.example/{page}{#part}", { page: "b", part: "c" }],
  ])("%s gives the marked forms of its URIs, and matches them", (template, values) => {
    const marked = mark(template, "weather");
    expect(markerIn(marked, template)).toBe("weather");
    const uri = expand(template, values);
    const given = expand(marked, values);
    expect(match(marked, given)).toEqual(values);
    expect(unmark(given)[0]).toEqual({ marker: "weather", uri });
    if (!template.startsWith("{")) expect(given).toBe(mark(uri, "weather"));
  });
});
