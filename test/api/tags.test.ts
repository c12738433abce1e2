// /tags: what is tagged, counted and looked up across all nouns.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addUser, as } from "../auth/users.ts";
import { type Gateway, startGateway } from "../harness.ts";

let gateway: Gateway;
const ids: Record<string, string> = {};
beforeAll(async () => {
  gateway = await startGateway();
  const make = async (noun: string, body: Record<string, unknown>) => {
    ids[noun] = String((await gateway.api("POST", `/${noun}`, body)).body.id);
  };
  await make("tools", { name: "t", url: "http://127.0.0.1:9/", tags: ["Shared", "a/b ü"], description: "A tool" });
  await make("prompts", { name: "p", template: "x", tags: ["shared"] });
  await make("resources", { name: "r", uri: "memo://r", content: "x", tags: ["shared"] });
  await make("gateways", { name: "g", url: "builtin:sample", tags: ["shared"] });
  await make("servers", { name: "s", tags: ["shared", "private-tag"], visibility: "private" });
});
afterAll(() => gateway.dispose());

interface Tag {
  readonly name: string;
  readonly stats: Record<string, number>;
  readonly entities: { id: string; name: string; type: string; description: string | null }[];
}
const tags = async (query = "", headers?: Record<string, string>) =>
  (await gateway.api<Tag[]>("GET", `/tags${query}`, undefined, headers)).body;

describe("tags", () => {
  test("are listed by name, each with how often every noun has it", async () => {
    const found = await tags();
    expect(found.map(({ name }) => name)).toEqual(["a/b ü", "private-tag", "shared"]);
    expect(found.find(({ name }) => name === "shared")).toEqual({
      name: "shared",
      stats: { tools: 1, prompts: 1, resources: 1, gateways: 1, servers: 1, total: 5 },
      entities: [],
    });
  });

  test("show their entities when asked, of the chosen nouns only", async () => {
    const [shared] = (await tags("?include_entities=true&entity_types=tools, prompts")).filter(
      ({ name }) => name === "shared",
    );
    expect(shared?.entities).toEqual([
      { id: ids.tools, name: "t", type: "tools", description: "A tool" },
      { id: ids.prompts, name: "p", type: "prompts", description: null },
    ]);
    expect(shared?.stats.total).toBe(2);
  });

  test("lead to everything that has them, whatever their case and letters", async () => {
    const having = async (tag: string, query = "") =>
      (await gateway.api<Tag["entities"]>("GET", `/tags/${encodeURIComponent(tag)}/entities${query}`)).body.map(
        ({ id }) => id,
      );
    expect((await having("Shared")).sort()).toEqual(Object.values(ids).sort());
    expect(await having("shared", "?entity_types=servers")).toEqual([ids.servers]);
    expect(await having("a/b ü")).toEqual([ids.tools]);
    expect(await having("nothing has this")).toEqual([]);
  });

  test("of what a user may not see are not told", async () => {
    const user = await as(gateway, await addUser(gateway, "reader@example.com"));
    expect((await tags("", user)).map(({ name, stats }) => [name, stats.total])).toEqual([
      ["a/b ü", 1],
      ["shared", 4],
    ]);
  });

  test("follow what happens to the entities", async () => {
    await gateway.api("PUT", `/tools/${ids.tools}`, { tags: ["renamed"] });
    await gateway.api("DELETE", `/prompts/${ids.prompts}`);
    expect((await tags()).map(({ name, stats }) => [name, stats.total])).toEqual([
      ["private-tag", 1],
      ["renamed", 1],
      ["shared", 3],
    ]);
  });

  test("that are too long, too many or empty are refused by field; doubles count once", async () => {
    const put = (given: unknown) =>
      gateway.api<{ tags: { id: string }[] }>("PUT", `/tools/${ids.tools}`, { tags: given });
    for (const given of [["x".repeat(51)], [""], [7], Array.from({ length: 51 }, (_, n) => `t${n}`)])
      expect((await put(given)).status).toBe(422);
    expect((await put(["One", "one", " one "])).body.tags.map(({ id }) => id)).toEqual(["one"]);
    expect((await put([])).body.tags).toEqual([]);
  });

  test("an entity type nobody knows is refused by field", async () => {
    expect((await gateway.api("GET", "/tags?entity_types=tools,spoons")).status).toBe(422);
  });
});
