import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBase64url, textFromBase64url, textToBase64url, toBase64url } from "../../src/lib/base64url.ts";

describe("base64url", () => {
  it.each([
    ["", ""],
    ["f", "Zg"],
    ["fo", "Zm8"],
    ["foo", "Zm9v"],
    ["foob", "Zm9vYg"],
    ["fooba", "Zm9vYmE"],
    ["foobar", "Zm9vYmFy"],
  ])("writes the RFC 4648 vector %j as %j and reads it back", (text, encoded) => {
    expect(textToBase64url(text)).toBe(encoded);
    expect(textFromBase64url(encoded)).toBe(text);
  });

  it("uses the URL alphabet", () => {
    expect(toBase64url(new Uint8Array([0xfb, 0xff, 0xfe]))).toBe("-__-");
  });

  it("brings any bytes and any text back unchanged", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(fromBase64url(toBase64url(bytes))).toEqual(bytes);
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(textFromBase64url(textToBase64url(text))).toBe(text);
      }),
    );
  });

  it("keeps a leading byte order mark", () => {
    expect(textFromBase64url(textToBase64url("\ufeffx"))).toBe("\ufeffx");
  });

  it.each([
    ["padding", "Zg=="],
    ["the plain alphabet", "+/+/"],
    ["white space", "Zm9v\n"],
    ["inner white space", "Zm 9v"],
    ["an impossible length", "Zm9vY"],
    ["stray bits behind the last byte", "Zh"],
    ["a letter outside ASCII", "Zm9\u00e9"],
    ["NUL", "Zm9\0"],
  ])("refuses %s", (_what, encoded) => {
    expect(fromBase64url(encoded)).toBeUndefined();
    expect(textFromBase64url(encoded)).toBeUndefined();
  });

  it("refuses bytes that are not UTF-8 as text", () => {
    expect(textFromBase64url(toBase64url(new Uint8Array([0xff, 0xfe])))).toBeUndefined();
  });

  it("gives every accepted text one spelling", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_-]{0,6}=?$/), (text) => {
        const bytes = fromBase64url(text);
        if (bytes !== undefined) expect(toBase64url(bytes)).toBe(text);
      }),
    );
  });
});
