import { describe, expect, it } from "vitest";
import type { JsonValue } from "../../src/lib/json.ts";
import { isWrapped, wrappedSchema } from "../../src/lib/object-result.ts";

describe("isWrapped", () => {
  it.each<[JsonValue | undefined, boolean]>([
    [undefined, false],
    [{ type: "object" }, false],
    [{ type: "array" }, true],
    [{ type: ["object", "null"] }, true],
    [{ anyOf: [{ type: "object" }] }, true],
    [{}, true],
    [true, false],
  ])("of %j is %s", (schema, expected) => {
    expect(isWrapped(schema)).toBe(expected);
  });
});

describe("wrappedSchema", () => {
  const inner = (schema: { [key: string]: JsonValue }): JsonValue =>
    (wrappedSchema(schema).properties as Record<string, JsonValue>).result ?? null;

  it("requires an object with the content under `result`, in the dialect the schema names", () => {
    const $schema = "https://json-schema.org/draft/2020-12/schema";
    expect(wrappedSchema({ $schema, type: "array" })).toEqual({
      $schema,
      type: "object",
      properties: { result: { $schema, type: "array" } },
      required: ["result"],
    });
    expect(wrappedSchema({ type: "null" })).not.toHaveProperty("$schema");
  });

  it.each([
    ["#", "#/properties/result"],
    ["#/$defs/a", "#/properties/result/$defs/a"],
    ["#anchor", "#anchor"],
    ["https://a.example/s#/$defs/a", "https://a.example/s#/$defs/a"],
  ])("leads the reference %s to %s", ($ref, expected) => {
    expect(inner({ anyOf: [{ items: { $ref } }, { $dynamicRef: $ref }] })).toEqual({
      anyOf: [{ items: { $ref: expected } }, { $dynamicRef: expected }],
    });
  });

  it("tells a keyword from a property of that name, and a reference from data that looks like one", () => {
    const looksLike = { $ref: "#/x" };
    const schema = {
      properties: { enum: looksLike, $ref: looksLike },
      const: looksLike,
      examples: [looksLike],
      default: looksLike,
    };
    const leads = { $ref: "#/properties/result/x" };
    expect(inner(schema)).toEqual({ ...schema, properties: { enum: leads, $ref: leads } });
  });

  it("leaves parts alone that are documents of their own", () => {
    const document = { $id: "https://a.example/s", items: { $ref: "#/$defs/a" } };
    const anchor = { $id: "#a", items: { $ref: "#/$defs/a" } };
    expect(inner({ oneOf: [document, anchor] })).toEqual({
      oneOf: [document, { $id: "#a", items: { $ref: "#/properties/result/$defs/a" } }],
    });
  });
});
