import { describe, expect, it } from "vitest";
import { jsonPathOf } from "../../src/lib/jq-path.ts";

describe("a jq program", () => {
  it.each([
    [".", "$"],
    [".a", '$["a"]'],
    [".a.b[0].c", '$["a"]["b"][0]["c"]'],
    [".a[]", '$["a"][*]'],
    [".[]", "$[*]"],
    [".[2:4]", "$[2:4]"],
    ['.["x y"]?', '$["x y"]'],
    ['."x.y".z?', '$["x.y"]["z"]'],
    [".a | .b[] | .c", '$["a"]["b"][*]["c"]'],
    [".a[-1]", '$["a"][-1]'],
  ])("%s that is a path is %s", (program, path) => {
    expect(jsonPathOf(program)).toBe(path);
  });

  it.each([
    "map(.a)",
    ".a + 1",
    ".a, .b",
    "{a: .b}",
    ".[] | select(.x)",
    ".a as $x | $x",
    "",
    "length",
    ".a..b",
    '.["a" + "b"]',
    ".a b",
  ])("%s that is more is not guessed at", (program) => {
    expect(jsonPathOf(program)).toBeUndefined();
  });
});
