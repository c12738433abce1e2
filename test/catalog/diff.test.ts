import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diff, type Marked, type Stored } from "../../src/catalog/diff.ts";

const row = (key: string, mark = "{}", available = true): Stored => ({
  id: `id of ${key}`,
  key,
  mark,
  available,
});
const item = (key: string, mark = "{}"): Marked => ({ key, mark });

describe("diff", () => {
  it("finds nothing to do when both sides are the same", () => {
    expect(diff([row("a"), row("b")], [item("b"), item("a")])).toEqual({
      added: [],
      updated: [],
      returned: [],
      removed: [],
    });
  });

  it("tells what is new, what is different and what is gone, and keeps the row of what is different", () => {
    const found = diff(
      [row("stays"), row("changes", "old"), row("goes")],
      [item("comes"), item("changes", "new"), item("stays")],
    );
    expect(found).toEqual({
      added: [item("comes")],
      updated: [{ row: row("changes", "old"), item: item("changes", "new") }],
      returned: [],
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

  it("tells once that something is gone, and when it is back, changed or not", () => {
    const [same, other] = [row("same", "old", false), row("other", "old", false)];
    expect(diff([same, other], [])).toEqual({ added: [], updated: [], returned: [], removed: [] });
    expect(diff([same, other], [item("same", "old"), item("other", "new")])).toEqual({
      added: [],
      updated: [],
      returned: [
        { row: same, item: item("same", "old") },
        { row: other, item: item("other", "new") },
      ],
      removed: [],
    });
  });

  it("leads from any stored rows to exactly what is offered", () => {
    const side = fc.uniqueArray(
      fc.record({
        key: fc.constantFrom("a", "b", "c", "__proto__"),
        mark: fc.constantFrom("1", "2"),
        available: fc.boolean(),
      }),
      { selector: ({ key }) => key },
    );
    fc.assert(
      fc.property(side, side, (before, offered) => {
        const { added, updated, returned, removed } = diff(
          before.map(({ key, mark, available }) => row(key, mark, available)),
          offered.map(({ key, mark }) => item(key, mark)),
        );
        const after = new Map<string, string>(
          before.flatMap(({ key, mark, available }) => (available ? [[key, mark]] : [])),
        );
        for (const { key } of removed) expect(after.delete(key)).toBe(true);
        for (const { row: was, item: now } of updated) {
          expect(after.get(was.key)).toBe(was.mark);
          after.set(was.key, now.mark);
        }
        for (const { key, mark } of [...added, ...returned.map((one) => one.item)]) {
          expect(after.has(key)).toBe(false);
          after.set(key, mark);
        }
        expect(after).toEqual(new Map(offered.map(({ key, mark }) => [key, mark])));
      }),
    );
  });
});
