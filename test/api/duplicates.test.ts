// /tools/duplicates: what is listed as being there more than once, and what "use this one" changes.
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { addUser, as } from "../auth/users.ts";
import { type Gateway, startGateway } from "../harness.ts";

let gateway: Gateway;
beforeEach(async () => {
  await gateway?.dispose();
  gateway = await startGateway();
});
afterAll(() => gateway.dispose());

interface Group {
  readonly why: string[];
  readonly similarity: number;
  readonly tools: { id: string; name: string; gatewayName: string | null; usedIn: { name: string }[]; url: string }[];
}
type Listed = { groups: Group[]; nextCursor: string | null; total: number };
interface Resolved {
  readonly dryRun: boolean;
  readonly servers: { name: string; as: string; replaced: { name: string }[]; gone: string[]; allowed: boolean }[];
  readonly disabled: { name: string; allowed: boolean }[];
  readonly narrower: boolean;
}
const duplicates = async (query = "", headers?: Record<string, string>) =>
  (await gateway.api<Listed>("GET", `/v1/tools/duplicates${query}`, undefined, headers)).body;
const resolve = (body: object, headers?: Record<string, string>) =>
  gateway.api<Resolved>("POST", "/tools/duplicates/resolve", body, headers);
const make = async (noun: string, body: object, headers?: Record<string, string>) =>
  (await gateway.api<{ id: string }>("POST", `/${noun}`, body, headers)).body.id;
const URL = "http://127.0.0.1:9/weather";
const tool = (name: string, more: object = {}) => make("tools", { name, url: `${URL}/${name}`, ...more });
const server = (name: string, associatedTools: string[], more: object = {}) =>
  make("servers", { name, associatedTools, ...more });
const held = async (id: string) =>
  (await gateway.api<{ tools: { id: string; name: string }[]; version: number }>("GET", `/servers/${id}`)).body;
const WEATHER = {
  description: "Get the current weather and a short forecast for a city of the world",
  inputSchema: { type: "object", properties: { city: { type: "string" } } },
};

describe("duplicates", () => {
  test("are listed across upstreams, with why, how alike, and where they are used", async () => {
    for (const name of ["first", "second"]) await make("gateways", { name, url: "builtin:sample" });
    const one = await tool("forecast", WEATHER);
    await tool("meteo", { ...WEATHER, url: `${URL}?key=secret` });
    await tool("climate", { url: `${URL}?key=secret`, description: "Something else" });
    await server("desk", [one]);
    const { groups, total } = await duplicates();
    expect(total).toBe(groups.length);
    expect(groups[0]).toMatchObject({
      why: ["url", "similar"],
      tools: [{ name: "forecast", usedIn: [{ name: "desk" }] }, { name: "meteo" }, { name: "climate" }],
    });
    const echo = groups.find(({ tools }) => tools.some(({ name }) => name === "echo"));
    expect(echo).toMatchObject({ why: ["name", "url", "similar"], similarity: 1 });
    expect(echo?.tools.map(({ gatewayName }) => gatewayName).sort()).toEqual(["first", "second"]);
    expect((await duplicates("?q=meteo")).total).toBe(1);
    expect((await duplicates("?q=METEO&why=name")).total).toBe(0);
    expect((await duplicates("?q=second")).total).toBe(total - 1);
  });

  test("come a page at a time", async () => {
    for (const name of ["first", "second"]) await make("gateways", { name, url: "builtin:sample" });
    const { groups, total } = await duplicates();
    expect(total).toBeGreaterThan(2);
    const page = await duplicates("?limit=2");
    expect([page.groups, page.total]).toEqual([groups.slice(0, 2), total]);
    expect((await duplicates(`?limit=200&cursor=${page.nextCursor}`)).groups).toEqual(groups.slice(2));
    expect((await gateway.api("GET", "/tools/duplicates?cursor=x")).body).toMatchObject({ field: "cursor" });
  });

  test("are those a caller may see, and no tool that can't be called", async () => {
    const ids = [await tool("one", WEATHER), await tool("two", { ...WEATHER, visibility: "private" })];
    const reader = await as(gateway, await addUser(gateway, "reader@example.com"));
    expect((await duplicates()).total).toBe(1);
    expect((await duplicates("", reader)).total).toBe(0);
    await gateway.api("POST", `/tools/${ids[1]}/state?activate=false`);
    expect((await duplicates()).total).toBe(0);
  });
});

describe("use this one", () => {
  test("takes the place of the others under the names clients know, and nothing is doubled", async () => {
    const [kept, other, third, apart] = [
      await tool("kept"),
      await tool("other"),
      await tool("third"),
      await tool("apart"),
    ];
    const without = await server("without it", [apart, other, third], { aliases: { [other]: "weather" } });
    const beside = await server("beside it", [other, kept], { aliases: { [other]: "weather" } });
    const untouched = await server("untouched", [apart]);
    const preview = { keep: kept, replace: [other, third], dryRun: true };
    const { body: told } = await resolve(preview);
    expect(told).toEqual({
      dryRun: true,
      keep: { id: kept, name: "kept" },
      servers: [
        {
          id: beside,
          name: "beside it",
          as: "kept",
          replaced: [{ id: other, name: "weather" }],
          gone: ["weather"],
          allowed: true,
        },
        {
          id: without,
          name: "without it",
          as: "weather",
          replaced: [
            { id: other, name: "weather" },
            { id: third, name: "third" },
          ],
          gone: ["third"],
          allowed: true,
        },
      ],
      disabled: [],
      narrower: false,
    });
    await gateway.sql(
      "UPDATE tools SET hash = 'of its definition', approved_hash = 'of its definition' WHERE id = ?",
      kept,
    );
    const before = await held(without);
    expect(before.tools.map(({ name }) => name)).toEqual(["apart", "weather", "third"]);
    expect((await resolve({ ...preview, dryRun: false })).body).toEqual({ ...told, dryRun: false });
    expect((await held(without)).tools).toMatchObject([{ name: "apart" }, { id: kept, name: "weather" }]);
    expect((await held(beside)).tools).toMatchObject([{ id: kept, name: "kept" }]);
    expect((await held(without)).version).toBe(before.version + 1);
    expect((await held(untouched)).version).toBe(1);
    const pinned = "SELECT hash FROM server_tools WHERE tool_id = ? AND server_id = ?";
    expect(await gateway.sql(pinned, kept, without)).toEqual([{ hash: "of its definition" }]);
    expect((await resolve(preview)).body.servers).toEqual([]);
  });

  test("disables the others when asked, in the same audited change", async () => {
    const [kept, other] = [await tool("kept"), await tool("other")];
    await server("desk", [other]);
    expect((await resolve({ keep: kept, replace: [other], disable: true })).body.disabled).toEqual([
      { id: other, name: "other", allowed: true },
    ]);
    expect((await gateway.api("GET", `/tools/${other}`)).body).toMatchObject({ enabled: false, version: 2 });
    const { body } = await gateway.api<{ entries: object[] }>("GET", "/audit?action=tool.replace");
    expect(JSON.stringify(body)).toContain('"disabled":["other"]');
    const again = await resolve({ keep: other, replace: [kept] });
    expect([again.status, again.body]).toMatchObject([409, { field: "keep" }]);
  });

  test("needs the right to change each virtual server and, to disable, each tool", async () => {
    const [kept, other] = [await tool("kept"), await tool("other")];
    await server("desk", [other]);
    await server("hidden", [other], { visibility: "private" });
    const reader = await as(gateway, await addUser(gateway, "reader@example.com"));
    const mine = await make("servers", { name: "mine", associatedTools: [other] }, reader);
    const wish = { keep: kept, replace: [other], disable: true };
    const { body } = await resolve({ ...wish, dryRun: true }, reader);
    expect(body.servers).toMatchObject([
      { name: "desk", allowed: false },
      { name: "mine", allowed: true },
    ]);
    expect(body.disabled).toMatchObject([{ allowed: false }]);
    expect((await resolve(wish, reader)).status).toBe(403);
    expect((await held(mine)).tools).toMatchObject([{ id: other }]);
  });

  test("tells when fewer people see the tool that is kept", async () => {
    const [kept, other] = [await tool("kept", { visibility: "private" }), await tool("other")];
    await server("desk", [other]);
    expect((await resolve({ keep: kept, replace: [other], dryRun: true })).body.narrower).toBe(true);
    expect((await resolve({ keep: other, replace: [kept], dryRun: true })).body.narrower).toBe(false);
  });

  test("refuses tools nobody sees and a tool in its own place, naming the field", async () => {
    const [kept, other] = [await tool("kept"), await tool("other", { visibility: "private" })];
    const reader = await as(gateway, await addUser(gateway, "reader@example.com"));
    expect(await resolve({ keep: kept, replace: [other] }, reader)).toMatchObject({
      status: 422,
      body: { field: "replace" },
    });
    expect(await resolve({ keep: other, replace: [kept] }, reader)).toMatchObject({
      status: 422,
      body: { field: "keep" },
    });
    expect(await resolve({ keep: kept, replace: [kept] })).toMatchObject({
      status: 422,
      body: { detail: [{ loc: ["body", "replace"] }] },
    });
    expect((await resolve({ keep: kept, replace: [] })).status).toBe(422);
  });
});
