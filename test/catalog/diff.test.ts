import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diff, type Offered, type Stored } from "../../src/catalog/diff.ts";

const row = (key: string, definition = "{}"): Stored => ({ id: `id of ${key}`, key, definition });
const item = (key: string, definition = "{}"): Offered => ({ key, definition });

describe("diff", () => {
  it("finds nothing to do when both sides are the same", () => {
    expect(diff([row("a"), row("b")], [item("b"), item("a")])).toEqual({ added: [], updated: [], removed: [] });
  });

  it("tells what is new, what is different and what is gone, and keeps the row of what is different", () => {
    const found = diff(
      [row("stays"), row("changes", "old"), row("goes")],
      [item("comes"), item("changes", "new"), item("stays")],
    );
    expect(found).toEqual({
      added: [item("comes")],
      updated: [{ row: row("changes", "old"), item: item("changes", "new") }],
      removed: [row("goes")],
    });
  });

  it("takes any difference of the text for a change", () => {
    expect(diff([row("a", '{"x":1}')], [item("a", '{"x": 1}')]).updated).toHaveLength(1);
  });

  it("removes everything when nothing is offered, and adds everything when nothing is stored", () => {
    expect(diff([row("a"), row("b")], []).removed).toEqual([row("a"), row("b")]);
    expect(diff([], [item("a"), item("b")]).added).toEqual([item("a"), item("b")]);
  });

  it("leads from any stored rows to exactly what is offered", () => {
    const side = fc.uniqueArray(
      fc.record({ key: fc.constantFrom("a", "b", "c", "__proto__"), definition: fc.constantFrom("1", "2") }),
      {
        selector: ({ key }) => key,
      },
    );
    fc.assert(
      fc.property(side, side, (before, offered) => {
        const { added, updated, removed } = diff(
          before.map(({ key, definition }) => row(key, definition)),
          offered,
        );
        const after = new Map<string, string>(before.map(({ key, definition }) => [key, definition]));
        for (const { key } of removed) expect(after.delete(key)).toBe(true);
        for (const { row: was, item: now } of updated) after.set(was.key, now.definition);
        for (const { key, definition } of added) {
          expect(after.has(key)).toBe(false);
          after.set(key, definition);
        }
        expect(after).toEqual(new Map(offered.map(({ key, definition }) => [key, definition])));
      }),
    );
  });
});
