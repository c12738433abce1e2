// Which tools are taken for duplicates, why, and how much comparing it takes.
import { describe, expect, it } from "vitest";
import { type Comparable, duplicatesAmong } from "../../src/catalog/duplicates.ts";

let made = 0;
const tool = (given: Partial<Comparable>): Comparable => ({
  id: `t${++made}`,
  source: `s${made}`,
  name: `tool_${made}`,
  address: `address ${made}`,
  description: null,
  inputSchema: {},
  ...given,
});
const args = (...names: string[]) => ({
  type: "object",
  properties: Object.fromEntries(names.map((name) => [name, { type: "string" }])),
});
const groups = (...tools: Comparable[]) => duplicatesAmong(tools).groups;
const WEATHER = "Get the current weather and a short forecast for a city of the world";

describe("tools", () => {
  it("of one name in two upstreams are duplicates, however they are written", () => {
    const [one, other] = [tool({ name: "search" }), tool({ name: "Search" })];
    expect(groups(one, tool({}), other)).toEqual([{ ids: [one.id, other.id], why: ["name"], similarity: 1 }]);
  });

  it("of one upstream are none of each other", () => {
    const same = { source: "s", description: WEATHER, inputSchema: args("city") };
    expect(groups(tool(same), tool(same))).toEqual([]);
  });

  it("that call the same address are duplicates", () => {
    const address = "GET https://api.example.com/x";
    expect(groups(tool({ address }), tool({ address }))).toMatchObject([{ why: ["url"] }]);
  });

  it("with nearly the same description and arguments are duplicates, and how alike they are is told", () => {
    const one = tool({ description: WEATHER, inputSchema: args("city_name", "units") });
    const other = tool({ description: `${WEATHER} today.`, inputSchema: args("cityName", "units") });
    const [group] = groups(one, other);
    expect(group).toMatchObject({ ids: [one.id, other.id], why: ["similar"] });
    expect(group?.similarity).toBeCloseTo(0.96, 2);
  });

  it("with the same description yet other arguments are not, nor the other way round", () => {
    expect(
      groups(
        tool({ description: WEATHER, inputSchema: args("a") }),
        tool({ description: WEATHER, inputSchema: args("b") }),
      ),
    ).toEqual([]);
    const lists = { inputSchema: args("owner", "repo") };
    expect(
      groups(
        tool({ ...lists, description: "List all open issues of a repository" }),
        tool({ ...lists, description: "Delete every branch that was merged long ago" }),
      ),
    ).toEqual([]);
  });

  it("that say next to nothing are not", () => {
    expect(groups(tool({}), tool({}))).toEqual([]);
    expect(groups(tool({ description: "Does it" }), tool({ description: "Does it" }))).toEqual([]);
  });

  it("of arguments that differ in type or deep inside differ so much", () => {
    const deep = (type: string) => ({
      properties: { filter: { type: "object", properties: { since: { type }, until: { type } } } },
    });
    const pair = (one: unknown, other: unknown) =>
      groups(tool({ description: WEATHER, inputSchema: one }), tool({ description: WEATHER, inputSchema: other }));
    expect(pair(deep("string"), deep("string"))).toHaveLength(1);
    expect(pair(deep("string"), deep("number"))).toHaveLength(0);
  });

  it("are in one group at most, which says all reasons", () => {
    const both = { description: WEATHER, inputSchema: args("city") };
    const [a, b, c] = [
      tool({ ...both, name: "weather" }),
      tool({ ...both, name: "forecast" }),
      tool({ name: "weather" }),
    ];
    expect(groups(a, b, c)).toMatchObject([{ ids: [a.id, b.id, c.id], why: ["name", "similar"] }]);
  });

  it("that one server offers in many variants stay apart, each beside its own twin", () => {
    const variants = (source: string, prefix: string) =>
      ["cities", "towns", "villages"].map((noun) =>
        tool({
          source,
          name: `${prefix}_${noun}`,
          description: `Lists the ten largest of all the known ${noun} of a country, by the people who live there`,
          inputSchema: args("country"),
        }),
      );
    const [ours, theirs] = [variants("ours", "list"), variants("theirs", "get")];
    expect(groups(...ours, ...theirs).map(({ ids }) => ids)).toEqual(ours.map(({ id }, at) => [id, theirs[at]?.id]));
    expect(groups(...ours, ...variants("others", "list")).map(({ ids }) => ids.length)).toEqual([2, 2, 2]);
  });

  it("with schemas that are none do no harm", () => {
    const odd = [null, true, { properties: null }, { properties: { a: true, b: { items: { items: {} } } } }];
    expect(groups(...odd.map((inputSchema) => tool({ inputSchema })))).toEqual([]);
  });
});

describe("two thousand tools", () => {
  const NOUNS = ["issue", "branch", "invoice", "ticket", "customer", "message", "report", "server", "user", "file"];
  const VERBS = ["Creates", "Lists", "Deletes", "Updates", "Archives"];
  /** Forty upstreams of fifty tools; the second twenty offer what the first do, in slightly other words. */
  const catalog = Array.from({ length: 2000 }, (_, n) => {
    const [upstream, at] = [Math.floor(n / 50), n % 50];
    const [noun, verb, topic] = [NOUNS[at % 10], VERBS[Math.floor(at / 10)], upstream % 20];
    return tool({
      source: `upstream ${upstream}`,
      name: `${upstream}_${at}`,
      description: `${verb} one ${noun} of the system number ${topic} and answers with its id ${upstream < 20 ? "" : "again"}`,
      inputSchema: args("id", `${noun}_${topic}`),
    });
  });

  it("are grouped with few comparisons", () => {
    const { groups, comparisons } = duplicatesAmong(catalog);
    expect(groups.filter(({ ids }) => ids.length >= 2).flatMap(({ ids }) => ids)).toHaveLength(2000);
    expect(comparisons).toBeLessThan(2000 * 65);
  });

  it("take few comparisons even when all say the same, or nearly", () => {
    const equal = catalog.map((one) => ({ ...one, description: WEATHER, inputSchema: args("city") }));
    const { groups, comparisons } = duplicatesAmong(equal);
    expect(new Set(groups.map(({ ids, similarity }) => `${ids.length} ${similarity}`))).toEqual(new Set(["40 1"]));
    expect(comparisons).toBeLessThan(2000 * 65);
    const numbered = catalog.map((one, n) => ({ ...one, description: `${n} item of ${n} in the list ${n}` }));
    expect(duplicatesAmong(numbered).comparisons).toBeLessThan(2000 * 65);
  });
});
