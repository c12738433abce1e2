import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contextForgeName, gaveWay } from "../../src/catalog/names.ts";
import { claim, claimUri } from "../../src/schemas/naming.ts";

describe("claim", () => {
  it("gives the first holder the name it wants", () => {
    const taken = new Set<string>();
    expect(claim(taken, "search", "github")).toBe("search");
    expect(taken).toEqual(new Set(["search"]));
  });

  it("puts the upstream's slug before a name that is taken", () => {
    expect(claim(new Set(["search"]), "search", "jira")).toBe("jira__search");
  });

  it("counts on when that is taken too", () => {
    const taken = new Set(["search", "jira__search"]);
    expect(claim(taken, "search", "jira")).toBe("jira__search_2");
    expect(claim(taken, "search", "jira")).toBe("jira__search_3");
  });

  it("never gives a name twice, whatever is wanted by whomever", () => {
    const name = fc.constantFrom("a", "b", "s__a", "s__a_2", "t__a");
    const slug = fc.constantFrom("s", "t");
    fc.assert(
      fc.property(fc.array(fc.tuple(name, slug), { maxLength: 40 }), (wishes) => {
        const taken = new Set<string>();
        const given = wishes.map(([wanted, from]) => claim(taken, wanted, from));
        expect(new Set(given).size).toBe(wishes.length);
        expect(taken).toEqual(new Set(given));
      }),
    );
  });
});

describe("claimUri", () => {
  it("gives the first holder its URI, a later one the same with the mark of its server, and counts on", () => {
    const taken = new Set<string>();
    expect(claimUri(taken, "ui://app", "weather")).toBe("ui://app");
    expect(claimUri(taken, "ui://app", "maps")).toBe("ui://maps--app");
    expect(claimUri(taken, "ui://maps--app", "other")).toBe("ui://other--maps--app");
    expect(claimUri(taken, "ui://app", "maps")).toBe("ui://maps.2--app");
    expect(taken.size).toBe(4);
  });
});

describe("gaveWay", () => {
  it("knows every name that was given in place of a taken one, and no other", () => {
    const taken = new Set<string>();
    const given = Array.from({ length: 12 }, () => claim(taken, "echo_3", "slug"));
    expect(given.at(-1)).toBe("slug__echo_3_11");
    expect(given.map((name) => gaveWay(name, "echo_3"))).toEqual([false, ...Array(11).fill(true)]);
    expect(["my_echo", "echo_3_2", "slug__echo", "slug__echo_4"].filter((name) => gaveWay(name, "echo_3"))).toEqual([]);
  });
});

describe("contextForgeName", () => {
  it.each([
    ["fast-time", "get_system_time", "fast-time-get-system-time"],
    ["everything", "Echo Tool", "everything-echo-tool"],
    [null, "clock_tool", "clock-tool"],
  ])("of %s and %s is %s", (slug, name, expected) => {
    expect(contextForgeName(slug, name)).toBe(expected);
  });
});
