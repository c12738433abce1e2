import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isObject, isRawNumber, JsonError, type JsonValue, parseStrict, stringify } from "../../src/lib/json.ts";

function refusal(text: string, limits?: { depth?: number }): { reason: string; key: string | undefined } {
  try {
    parseStrict(text, limits);
  } catch (error) {
    if (error instanceof JsonError) return { reason: error.reason, key: error.key };
    throw error;
  }
  throw new Error(`accepted: ${text.slice(0, 80)}`);
}

const TRICKY = [
  "a",
  "",
  ":",
  '"',
  "\\",
  '":',
  "{",
  "}",
  '{"a":1}',
  ",",
  "[",
  "\\u0061",
  "__proto__",
  "é",
  "\n",
  "1e400",
];
const trickyText = fc.oneof(
  fc.constantFrom(...TRICKY),
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom(...'":\\{}[],a0 ') }),
);
/** JSON texts, as trees whose objects have any keys that strangers think of. */
const document = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.oneof(
      trickyText,
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
    ),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(trickyText, tie("value"), { maxKeys: 4 }),
  ),
})).value;
const space = fc.constantFrom<string | number>(0, 1, "\t", "\n");

describe("parseStrict", () => {
  it("reads what JSON.parse reads, compact or spread out", () => {
    fc.assert(
      fc.property(document, space, (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(parseStrict(text)).toEqual(JSON.parse(text));
        expect(stringify(parseStrict(text))).toBe(stringify(JSON.parse(text)));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    "",
    " ",
    "{",
    '{"a":1',
    "[1,]",
    '{"a":1,}',
    "{'a':1}",
    "01",
    "1.",
    "NaN",
    '"\n"',
    '"a',
    "1 2",
    "\ufeff{}",
    "]",
    '"\\',
  ])("refuses %j as bad syntax", (text) => {
    expect(refusal(text).reason).toBe("syntax");
  });

  it("refuses every text that JSON.parse refuses", () => {
    const almost = fc.string({ unit: fc.constantFrom(...'{}[]:,"\\ae10.- '), maxLength: 12 });
    fc.assert(
      fc.property(almost, (text) => {
        try {
          JSON.parse(text);
        } catch {
          expect(refusal(text).reason).toBe("syntax");
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("duplicate keys", () => {
  it.each([
    ['{"a":1,"a":2}', "a"],
    ['{"a":1,"a":1}', "a"],
    ['{"a":1,"\\u0061":2}', "a"],
    ['{"\\u0061":1,"b":0,"a":2}', "a"],
    ['{"":1,"":2}', ""],
    ['{"a":{"a":1},"b":[{"c":1},{"d":{"e":1 , "e" :2}}]}', "e"],
    ['[[[{"x":[],"x":{}}]]]', "x"],
    ['{"__proto__":1,"__proto__":2}', "__proto__"],
    ['{"a:":1,"a:":2}', "a:"],
    ['{"a\\"":1,"a\\u0022":2}', 'a"'],
    ['{"/":1,"\\/":2}', "/"],
    ['{"1":1,"1":2}', "1"],
    ['{"\\\\":1,"\\\\":2}', "\\"],
    ['{"x":"{\\"a\\":1}","y":0,"x":1}', "x"],
    ['{"a":{"b":1,"c":2},"a":{}}', "a"],
    ['{"n":12345678901234567890,"n":1}', "n"],
  ])("are refused in %s", (text, key) => {
    expect(refusal(text)).toEqual({ reason: "duplicate-key", key });
  });

  it("are found wherever they are planted, however they are spelled", () => {
    const spell = (key: string, escaped: boolean) =>
      escaped
        ? `"${[...Array(key.length).keys()].map((i) => `\\u${key.charCodeAt(i).toString(16).padStart(4, "0")}`).join("")}"`
        : JSON.stringify(key);
    const wrap = (inner: string, path: (string | null)[]) =>
      path.reduce<string>(
        (text, key) => (key === null ? `[0,${text},"x"]` : `{${JSON.stringify(key)}:${text}}`),
        inner,
      );
    fc.assert(
      fc.property(
        trickyText,
        fc.array(fc.option(trickyText), { maxLength: 10 }),
        document,
        document,
        fc.boolean(),
        fc.boolean(),
        (key, path, first, second, escapeFirst, escapeSecond) => {
          const body = `{${spell(key, escapeFirst)}:${JSON.stringify(first)},${spell(key, escapeSecond)}:${JSON.stringify(second)}}`;
          expect(refusal(wrap(body, path))).toEqual({ reason: "duplicate-key", key });
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("may be alike in different objects", () => {
    expect(parseStrict('[{"a":1},{"a":{"a":[{"a":2}]}}]')).toEqual([{ a: 1 }, { a: { a: [{ a: 2 }] } }]);
  });
});

describe("depth", () => {
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

  it("of 64 is read and of 65 refused", () => {
    expect(stringify(parseStrict(nested(64)))).toBe(nested(64));
    expect(refusal(nested(65)).reason).toBe("depth");
    expect(refusal(`${'{"a":'.repeat(65)}1${"}".repeat(65)}`).reason).toBe("depth");
  });

  it("can be limited by the caller", () => {
    expect(parseStrict("[1]", { depth: 1 })).toEqual([1]);
    expect(refusal("[[1]]", { depth: 1 }).reason).toBe("depth");
    expect(refusal("{}", { depth: 0 }).reason).toBe("depth");
  });

  it("does not count what stands side by side, nor brackets inside strings", () => {
    expect(parseStrict(`[${Array(500).fill("[]").join(",")}]`)).toHaveLength(500);
    expect(parseStrict(JSON.stringify("[{".repeat(500)))).toBe("[{".repeat(500));
  });

  it("is found before anything is built from a bomb", () => {
    expect(refusal("[".repeat(4_000_000)).reason).toBe("depth");
  });
});

describe("numbers", () => {
  it.each([
    "9007199254740993",
    "-9007199254740993",
    "12345678901234567890",
    "0.1000000000000000055511151231257827",
    "1e400",
    "-1E+400",
    "1e-400",
    "123456789.123456789123456789",
  ])("keep their text where a double would change %s", (number) => {
    const body = `{"jsonrpc":"2.0","params":{"deep":[1,{"n":${number}}],"s":"12345678901234567890"}}`;
    expect(stringify(parseStrict(body))).toBe(body);
    expect(stringify(parseStrict(number))).toBe(number);
  });

  it.each([
    ["9007199254740991", 9007199254740991],
    ["9007199254740992", 9007199254740992],
    ["100000000000000000000", 1e20],
    ["1.0000000000000000000", 1],
    ["1e2", 100],
    ["1.5E-7", 1.5e-7],
    ["1700000000000", 1700000000000],
    ["0.1", 0.1],
    ["0e500", 0],
  ])("stay numbers where a double holds %s", (text, value) => {
    expect(parseStrict(`[${text}]`)).toEqual([value]);
  });

  it("mean the same after being read and written", () => {
    const digits = (min: number, max: number) => fc.stringMatching(new RegExp(`^[0-9]{${min},${max}}$`));
    const number = fc
      .tuple(
        fc.constantFrom("", "-"),
        digits(0, 25),
        fc.option(digits(1, 25)),
        fc.option(fc.integer({ min: -420, max: 420 })),
      )
      .map(([sign, whole, fraction, exponent]) => {
        const integer = whole.replace(/^0+(?=.)/, "") || "0";
        return `${sign}${integer}${fraction === null ? "" : `.${fraction}`}${exponent === null ? "" : `e${exponent}`}`;
      });
    const scaled = (text: string) => {
      const [mantissa = "", exponent = "0"] = text.split("e");
      const [whole = "", fraction = ""] = mantissa.split(".");
      return BigInt(whole + fraction) * 10n ** BigInt(Number(exponent) - fraction.length + 1000);
    };
    fc.assert(
      fc.property(number, (text) => {
        expect(scaled(stringify(parseStrict(text)))).toBe(scaled(text));
      }),
      { numRuns: 1000 },
    );
  });

  it("of a million digits do not stall the reader", () => {
    const long = `1${"0".repeat(500_000)}1${"0".repeat(500_000)}`;
    expect(stringify(parseStrict(long))).toBe(long);
  });
});

describe("keys that reach for the prototype", () => {
  const body = '{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}},"n":12345678901234567890}';

  it.each([body, body.replace(/,"n":\d+/, "")])("are plain data in %s", (text) => {
    const value = parseStrict(text);
    expect(isObject(value)).toBe(true);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.hasOwn(value as object, "__proto__")).toBe(true);
    expect((value as { admin?: unknown }).admin).toBeUndefined();
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
    expect(stringify(value)).toBe(text);
  });
});

describe("isObject", () => {
  it("takes objects only", () => {
    expect(isObject({})).toBe(true);
    expect(isObject(parseStrict('{"rawJSON":"1"}'))).toBe(true);
    for (const other of [null, undefined, [], "x", 1, true, parseStrict("12345678901234567890")]) {
      expect(isObject(other)).toBe(false);
    }
  });

  it("does not let a stranger forge a number that kept its text", () => {
    const forged = '{"rawJSON":"{}"}';
    expect(stringify(parseStrict(forged))).toBe(forged);
    expect(isRawNumber(parseStrict(forged))).toBe(false);
    expect(isRawNumber(parseStrict("12345678901234567890"))).toBe(true);
  });
});
