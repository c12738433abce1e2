// /search: one search over everything, ranked, each kind of record for those who may read it.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addUser, as } from "../auth/users.ts";
import { type Gateway, startGateway } from "../harness.ts";

let gateway: Gateway;
const ids: Record<string, string> = {};
beforeAll(async () => {
  gateway = await startGateway();
  const make = async (noun: string, body: Record<string, unknown>) => {
    const { status, body: made } = await gateway.api("POST", `/${noun}`, body);
    expect(status, JSON.stringify(made)).toBe(201);
    ids[String(body.name)] = String(made.id);
  };
  const tool = (name: string, more: Record<string, unknown> = {}) =>
    make("tools", { name, url: "http://127.0.0.1:9/", ...more });
  await tool("weather");
  await tool("weather_today");
  await tool("get_weather");
  await tool("seaweathering", { description: "Wears stones down" });
  await tool("umbrella", { tags: ["weather"] });
  await tool("raincoat", { description: "For bad weather" });
  await tool("percent", { description: "Gives 50%_off of 'it' \"quoted\" 🌦 \\ end" });
  await tool("hidden_weather", { visibility: "private" });
  await make("gateways", { name: "sample", url: "builtin:sample" });
  await make("prompts", { name: "weather_report", template: "x" });
  await make("resources", { name: "almanac", uri: "memo://weather/almanac", content: "x" });
  await make("servers", { name: "Weather desk" });
  await make("teams", { name: "Weather team" });
});
afterAll(() => gateway.dispose());

interface Found {
  readonly types: string[];
  readonly total: number;
  readonly results: {
    type: string;
    id: string;
    name: string;
    description: string | null;
    href: string | null;
    score: number;
    matched: string[];
    gateway: string | null;
  }[];
}
const search = async (query: Record<string, string>, headers?: Record<string, string>) =>
  (await gateway.api<Found>("GET", `/v1/search?${new URLSearchParams(query)}`, undefined, headers)).body;
const names = async (query: Record<string, string>, headers?: Record<string, string>) =>
  (await search(query, headers)).results.map(({ name }) => name);

describe("the search", () => {
  test("ranks the exact name first, then prefix, word, part, tag and description; ties by name", async () => {
    const { results } = await search({ q: "WEATHER", types: "tools" });
    expect(results.map(({ name, score, matched }) => [name, score, ...matched])).toEqual([
      ["weather", 100, "exact"],
      ["weather_today", 90, "prefix"],
      ["get_weather", 70, "word"],
      ["hidden_weather", 70, "word"],
      ["seaweathering", 50, "part"],
      ["umbrella", 30, "tag"],
      ["raincoat", 10, "description"],
    ]);
  });

  test("finds every kind of record, each with its page", async () => {
    const { results, types } = await search({ q: "weather" });
    const found = new Map(results.map((one) => [one.type, one]));
    expect(types).toEqual([
      "servers",
      "gateways",
      "tools",
      "prompts",
      "resources",
      "teams",
      "users",
      "roles",
      "tokens",
    ]);
    expect(found.get("servers")).toMatchObject({
      name: "Weather desk",
      href: `/ui/virtual-servers/${ids["Weather desk"]}`,
    });
    expect(found.get("teams")?.name).toBe("Weather team");
    expect(found.get("prompts")?.name).toBe("weather_report");
    expect(found.get("resources")).toMatchObject({ name: "almanac", matched: ["alias"] });
    expect(await names({ q: "builtin:sample" })).toEqual(["sample"]);
    expect(await names({ q: "auditor", types: "roles" })).toEqual(["auditor"]);
    expect(await names({ q: ids.umbrella ?? "" })).toEqual(["umbrella"]);
    const [echo] = (await search({ q: "echo", types: "tools" })).results;
    expect(echo).toMatchObject({ gateway: "sample", href: expect.stringMatching(/^\/ui\/tools\/[0-9a-f]{32}$/) });
  });

  test("wants all words of a query, in whatever field", async () => {
    expect(await names({ q: "stones sea" })).toEqual(["seaweathering"]);
    expect((await search({ q: "bad raincoat" })).results[0]).toMatchObject({
      score: 40,
      matched: ["word", "description"],
    });
    expect(await names({ q: "weather spoons" })).toEqual([]);
  });

  test("takes wildcards, quotes, backslashes and emoji for what they are", async () => {
    for (const q of ["%", "50%_off", "%_o", "'it'", '"quoted"', "🌦", "\\"])
      expect([q, ...(await names({ q }))]).toEqual([q, "percent"]);
    expect(await names({ q: "w%r" })).toEqual([]);
    expect(await names({ q: "x".repeat(200) })).toEqual([]);
  });

  test("gives at most so many of each kind, and says how many there are", async () => {
    const { results, total } = await search({ q: "weather", types: "tools,prompts", limit: "2" });
    expect(results.map(({ name }) => name)).toEqual(["weather", "weather_report", "weather_today"]);
    expect(total).toBe(8);
  });

  test("is narrowed by tag and upstream", async () => {
    expect(await names({ q: "weather", tags: "weather" })).toEqual(["umbrella"]);
    expect(await names({ q: "echo", gateway_id: ids.sample ?? "", entity_types: "tools" })).toEqual(["echo"]);
    expect(await names({ q: "weather", gateway_id: ids.sample ?? "" })).toEqual([]);
  });

  test("excerpts long descriptions around the word", async () => {
    const description = `${"Before. ".repeat(40)}needle ${"After. ".repeat(40)}`;
    await gateway.api("PUT", `/tools/${ids.umbrella}`, { description });
    const [hit] = (await search({ q: "needle" })).results;
    expect(hit?.description).toMatch(/^….*needle.*…$/);
    expect([...(hit?.description ?? "")].length).toBe(162);
  });

  test("refuses an empty query, and kinds nobody knows, naming the field", async () => {
    const refused = async (query: string) => {
      const { status, body } = await gateway.api<{ detail: { loc: string[] }[] }>("GET", `/search?${query}`);
      return [status, body.detail[0]?.loc[1]];
    };
    expect(await refused("q=")).toEqual([422, "q"]);
    expect(await refused("q=%20%20")).toEqual([422, "q"]);
    expect(await refused("")).toEqual([422, "q"]);
    expect(await refused(`q=${"x".repeat(201)}`)).toEqual([422, "q"]);
    expect(await refused("q=a&types=spoons")).toEqual([422, "types"]);
    expect(await refused("q=a&limit=51")).toEqual([422, "limit"]);
  });
});

describe("what a caller finds", () => {
  test("is what the caller may see, of kinds the caller may read", async () => {
    const reader = await as(gateway, await addUser(gateway, "reader@example.com"));
    const { results, types } = await search({ q: "weather" }, reader);
    expect(results.map(({ name }) => name)).not.toContain("hidden_weather");
    expect(results.map(({ name }) => name)).not.toContain("Weather team");
    expect(types).toEqual(["servers", "gateways", "tools", "prompts", "resources", "teams", "tokens"]);
    expect((await search({ q: "reader", types: "users" }, reader)).results).toEqual([]);
    expect(await names({ q: "reader", types: "users" })).toEqual(["reader@example.com"]);
  });

  test("of tokens are the caller's own, and none with an API token", async () => {
    const owner = await as(gateway, await addUser(gateway, "owner@example.com"));
    const made = await gateway.api<{ access_token: string }>("POST", "/tokens", { name: "needle token" }, owner);
    expect(await names({ q: "needle", types: "tokens" }, owner)).toEqual(["needle token"]);
    expect(await names({ q: "needle", types: "tokens" })).toEqual([]);
    const token = { authorization: `Bearer ${made.body.access_token}` };
    expect((await search({ q: "weather" }, token)).types).not.toContain("tokens");
    expect(await names({ q: "weather", types: "tools" }, token)).toContain("get_weather");
  });

  test("is nothing without a credential, and nothing with a token for other things", async () => {
    expect((await gateway.api("GET", "/search?q=a", undefined, {})).status).toBe(401);
    const narrow = { authorization: `Bearer ${await gateway.token({ serverId: ids["Weather desk"] ?? "" })}` };
    expect(await search({ q: "weather" }, narrow)).toMatchObject({ types: [], results: [], total: 0 });
  });
});

describe("the q of every list", () => {
  const LONG = "a text of more than the fifty bytes that a pattern may have, 100%_sure";
  test.for([
    ["/tools", { name: "long_tool", url: "http://127.0.0.1:9/", description: LONG }],
    ["/prompts", { name: "long_prompt", template: "x", description: LONG }],
    ["/resources", { name: "long resource", uri: "memo://long", content: "x", description: LONG }],
    ["/servers", { name: "long server", description: LONG }],
    ["/gateways", { name: "long gateway", url: "builtin:sample", description: LONG }],
    ["/tokens", { name: "long token", description: LONG }],
    ["/teams", { name: "A team of which the name is longer than fifty bytes of a pattern" }],
    ["/auth/email/admin/users", { email: "long@example.com", full_name: LONG }],
  ] as const)("takes a text of any length, for what it is: %s", async ([path, body]) => {
    const made = await gateway.api("POST", path, body);
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    const found = async (q: string) => {
      const list = await gateway.api("GET", `${path}?q=${encodeURIComponent(q)}`);
      expect(list.status, JSON.stringify(list.body)).toBe(200);
      return JSON.stringify(list.body).includes(String(Object.values(body)[0]));
    };
    const text = "name" in body && path === "/teams" ? body.name : LONG;
    expect(await found(text.toUpperCase())).toBe(true);
    expect(await found(text.replace("a", "_"))).toBe(false);
    expect((await gateway.api("GET", `/audit?q=${encodeURIComponent(LONG)}`)).status).toBe(200);
  });
});
