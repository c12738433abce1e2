import { describe, expect, it } from "vitest";
import { diff, withRenames } from "../../src/catalog/diff.ts";

const row = (key: string, body: string, available = true) => ({
  id: `id of ${key}`,
  key,
  mark: key + body,
  available,
  body,
});
const item = (key: string, body: string) => ({ key, mark: key + body, body });
const renamed = (stored: ReturnType<typeof row>[], offered: ReturnType<typeof item>[]) => {
  const { added, updated, returned, removed } = withRenames(diff(stored, offered), ({ body }) => body);
  const keys = (list: readonly { key: string }[]) => list.map(({ key }) => key);
  return {
    ...{ added: keys(added), removed: keys(removed), returned: keys(returned.map(({ item }) => item)) },
    updated: updated.map((pair) => [pair.row.key, pair.item.key]),
  };
};

describe("what only has another name", () => {
  it("keeps its row, several at once", () => {
    expect(
      renamed([row("a", "1"), row("b", "2"), row("c", "3")], [item("c", "3"), item("y", "2"), item("x", "1")]),
    ).toEqual({
      added: [],
      removed: [],
      returned: [],
      updated: [
        ["a", "x"],
        ["b", "y"],
      ],
    });
  });

  it.each([
    ["two came that are like it", [row("a", "1")], [item("x", "1"), item("y", "1")]],
    ["two are gone that are like it", [row("a", "1"), row("b", "1")], [item("x", "1")]],
    ["it is another in something else too", [row("a", "1")], [item("x", "2")]],
    ["it was gone before", [row("a", "1", false)], [item("x", "1")]],
  ])("is new where %s", (_what, stored, offered) => {
    const { updated, added } = renamed(stored, offered);
    expect([updated, added]).toEqual([[], offered.map(({ key }) => key)]);
  });

  it("is what came back under a name that was known, as that", () => {
    expect(renamed([row("a", "1"), row("b", "1", false)], [item("b", "1")])).toMatchObject({
      ...{ updated: [], returned: ["b"], removed: ["a"] },
    });
  });
});
