import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBase64url, toBase64url } from "../../src/lib/base64url.ts";
import { parseStrict, stringify } from "../../src/lib/json.ts";
import { sealer } from "../../src/lib/seal.ts";

const SECRET = "a secret of the test, long enough to be one";
const AAD = "upstreams:42:token";
const { seal, sealName, open } = sealer(SECRET, "credentials");
const parts = (sealed: string): [string, string, string] => {
  const [version = "", kid = "", payload = ""] = sealed.split(".");
  return [version, kid, payload];
};

describe("a sealed value", () => {
  it("opens to what was sealed", async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.string({ unit: "grapheme" }), async (random, aad) => {
        const value = parseStrict(JSON.stringify(random));
        expect(await open(await seal(value, aad), aad)).toEqual(value);
      }),
    );
  });

  it("keeps numbers that a double cannot hold", async () => {
    const text = '{"n":12345678901234567890}';
    expect(stringify((await open(await seal(parseStrict(text), AAD), AAD)) ?? null)).toBe(text);
  });

  it("keeps nesting beyond the limit for strangers", async () => {
    const text = "[".repeat(500) + "]".repeat(500);
    const value = parseStrict(text, { depth: 500 });
    expect(stringify((await open(await seal(value, AAD), AAD)) ?? null)).toBe(text);
  });

  it("is visible ASCII, in three parts, and shows nothing of the value", async () => {
    const sealed = await seal({ token: "swordfish" }, AAD);
    expect(sealed).toMatch(/^v1\.[A-Za-z0-9_-]{8}\.[A-Za-z0-9_-]+$/);
    const [, , payload] = parts(sealed);
    expect(new TextDecoder().decode(fromBase64url(payload))).not.toContain("swordfish");
  });

  it("looks different every time", async () => {
    const sealed = await Promise.all(Array.from({ length: 50 }, () => seal("same", AAD)));
    expect(new Set(sealed).size).toBe(50);
  });
});

describe("a sealed name", () => {
  it("opens to what was named, for the same aad alone", async () => {
    const name = await sealName({ task: "42" }, AAD);
    expect(await open(name, AAD)).toEqual({ task: "42" });
    expect(await open(name, "upstreams:43:token")).toBeUndefined();
  });

  it("is the same for the same value, and another in every part for another value or aad", async () => {
    const names = await Promise.all([
      sealName({ task: "42" }, AAD),
      sealName({ task: "42" }, AAD),
      sealName({ task: "43" }, AAD),
      sealName({ task: "42" }, "upstreams:43:token"),
    ]);
    expect(names[1]).toBe(names[0]);
    const nonces = names.map((name) => parts(name)[2].slice(0, 16));
    expect(new Set(nonces).size).toBe(3);
  });
});

describe("open", () => {
  it("gives nothing for another aad, purpose or secret", async () => {
    const sealed = await seal({ a: 1 }, AAD);
    expect(await open(sealed, AAD)).toEqual({ a: 1 });
    expect(await open(sealed, "upstreams:43:token")).toBeUndefined();
    expect(await open(sealed, "")).toBeUndefined();
    expect(await sealer(SECRET, "session").open(sealed, AAD)).toBeUndefined();
    expect(await sealer(`${SECRET}.`, "credentials").open(sealed, AAD)).toBeUndefined();
  });

  it("gives nothing when any single bit was changed", async () => {
    const [version, kid, payload] = parts(await seal({ a: 1 }, AAD));
    const bytes = fromBase64url(payload) ?? new Uint8Array();
    expect(bytes.length).toBeGreaterThan(28);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = bytes.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(await open(`${version}.${kid}.${toBase64url(changed)}`, AAD)).toBeUndefined();
    }
  });

  it("gives nothing when it was cut, extended or spelled otherwise", async () => {
    const sealed = await seal("x", AAD);
    const [version, kid, payload] = parts(sealed);
    for (let length = 0; length < sealed.length; length++) {
      expect(await open(sealed.slice(0, length), AAD)).toBeUndefined();
    }
    const others = [
      `${sealed}A`,
      `${sealed}=`,
      `${sealed}.`,
      `${sealed}.x`,
      ` ${sealed}`,
      `${sealed}\n`,
      `v2.${kid}.${payload}`,
      `${version}.${kid.toLowerCase()}x.${payload}`,
      `${version}..${payload}`,
      `${kid}.${payload}`,
      `${version}.${payload}.${kid}`,
    ];
    for (const other of others) expect(await open(other, AAD)).toBeUndefined();
  });

  it("gives nothing for garbage, and never throws", async () => {
    const [version, kid] = parts(await seal("x", AAD));
    const garbage = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.uint8Array({ maxLength: 60 }).map((bytes) => `${version}.${kid}.${toBase64url(bytes)}`),
      fc.string().map((text) => `${version}.${kid}.${text}`),
    );
    await fc.assert(
      fc.asyncProperty(garbage, async (text) => {
        expect(await open(text, AAD)).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });
});

describe("rotation", () => {
  it("opens what previous secrets sealed and seals with the current one", async () => {
    const before = await sealer("old secret", "p").seal("kept", AAD);
    const rotated = sealer(["new secret", "old secret", "older secret"], "p");
    expect(await rotated.open(before, AAD)).toBe("kept");
    const after = await rotated.seal("fresh", AAD);
    expect(await sealer("new secret", "p").open(after, AAD)).toBe("fresh");
    expect(await sealer("old secret", "p").open(after, AAD)).toBeUndefined();
  });

  it("gives nothing once the secret is retired", async () => {
    const before = await sealer("old secret", "p").seal("kept", AAD);
    expect(await sealer(["new secret"], "p").open(before, AAD)).toBeUndefined();
  });

  it("names the secret in every text, alike for every purpose and every sealer", async () => {
    const kid = async (secret: string, purpose: string) => parts(await sealer(secret, purpose).seal(1, AAD))[1];
    expect(await kid("one", "p")).toBe(await kid("one", "q"));
    expect(await kid("one", "p")).not.toBe(await kid("two", "p"));
  });
});

describe("sealer", () => {
  it.each([[""], [[]], [["", "x"]], [["x", ""]]])("refuses %j as secrets", (secrets) => {
    expect(() => sealer(secrets, "p")).toThrow("needs a secret");
  });
});
