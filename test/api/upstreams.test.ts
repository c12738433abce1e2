// /gateways: upstream MCP servers as the REST API adds, tests, changes and removes them.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ToolRead } from "../../src/schemas/tools.ts";
import { type ProbeResult, type RefreshResult, type UpstreamRead, upstreamRead } from "../../src/schemas/upstreams.ts";
import { addUser, as } from "../auth/users.ts";
import { fails, hangs, html, malformedTool, refuses, unauthorized } from "../fakes/faults.ts";
import { plainTool } from "../fakes/plain-mcp.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { approveAll } from "../rest.ts";
import { type Example, type Failure, keepsTheRules, outcome } from "./entity.ts";
import { listsByTheRules } from "./listing.ts";
import { callTool, toolNames } from "./mcp.ts";
import { upstreams } from "./upstreams.ts";

let gateway: Gateway;
const { server, closeAll } = upstreams();
beforeAll(async () => {
  gateway = await startGateway({ UPSTREAM_CONNECT_TIMEOUT: "1" });
});
afterAll(() => Promise.all([gateway.dispose(), closeAll()]));

const example: Example = {
  path: "/gateways",
  wrapper: "gateway",
  singular: "Gateway",
  read: upstreamRead,
  unique: "name",
  make: (name) => ({ name, url: "builtin:sample", authType: "none" }),
};

describe("a gateway", () => {
  keepsTheRules(example, () => gateway);
});

describe("a list of gateways", () => {
  listsByTheRules(example, () => gateway);
});

const post = <Body = UpstreamRead>(body: object, path = "/gateways") => gateway.api<Body>("POST", path, body);
const add = async (name: string, url: string, more: object = {}) => {
  const answer = await post({ name, url, ...more });
  expect(outcome(answer)).toBe(201);
  return answer.body;
};
const toolsOf = async (id: string) => (await gateway.api<ToolRead[]>("GET", `/tools?gateway_id=${id}&limit=0`)).body;

describe("adding a gateway", () => {
  test("ten at once that offer the same tools all get in, with slugs and tool names of their own", async () => {
    const names = ["A b", "a-b", "a_b", "A  B", "ab!", "AB", "(ab)", "a.b", "한국", "日本"];
    const answers = await Promise.all(names.map((name) => post({ name, url: "builtin:sample" })));
    expect(answers.map(outcome)).toEqual(Array(10).fill(201));
    expect(new Set(answers.map(({ body }) => body.slug)).size).toBe(10);
    for (const { body } of answers) {
      expect(body.slug).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect((await toolsOf(body.id)).map((tool) => tool.originalName).sort()).toEqual([
        "convert_time",
        "echo",
        "get_current_time",
        "slow",
      ]);
    }
    const { body: all } = await gateway.api<ToolRead[]>("GET", "/tools?limit=0");
    const places = all.map(({ name, visibility, teamId, ownerEmail }) =>
      JSON.stringify([name, visibility, ...(visibility === "public" ? [] : [teamId, ownerEmail])]),
    );
    expect(new Set(places).size).toBe(all.length);
  });

  test.each([
    ["nobody listens", () => server(refuses), 502, "upstream_refused", "connect"],
    ["a web page answers", () => server(html), 502, "upstream_nonsense", "initialize"],
    ["a proxy answers 503", () => server(fails(503)), 502, "upstream_status", "initialize"],
    ["nothing is answered in time", () => server(hangs("request")), 504, "upstream_timeout", "connect"],
    [
      "the list is never answered",
      () => server({ ...hangs("request"), on: ["tools/list"] }),
      504,
      "upstream_timeout",
      "list",
    ],
    [
      "credentials are wanted",
      () => server(unauthorized('Bearer realm="theirs"')),
      424,
      "upstream_auth_required",
      "connect",
    ],
  ] as const)(
    "when %s, the answer tells which, where and how far it came, and nothing is stored",
    async (_, start, status, code, stage) => {
      const { url } = await start();
      const before = await gateway.sql("SELECT (SELECT count(*) FROM upstreams) u, (SELECT count(*) FROM tools) t");
      for (const path of ["/gateways", "/gateways/test"]) {
        const answer = await post<Failure>({ name: "broken", url: `${url}?key=s3cret` }, path);
        expect(answer).toMatchObject({
          status,
          body: { code, upstream: "broken", url, stage, request_id: answer.headers.get("x-correlation-id") },
        });
        expect(JSON.stringify(answer.body)).not.toContain("s3cret");
        if (status === 424) expect(answer.body).toMatchObject({ challenge: 'Bearer realm="theirs"' });
      }
      expect(await gateway.sql("SELECT (SELECT count(*) FROM upstreams) u, (SELECT count(*) FROM tools) t")).toEqual(
        before,
      );
    },
  );

  test("one bad definition is reported and does not sink the rest", async () => {
    const { url } = await server(malformedTool("schema is of another type"));
    const { id, skippedTools, validationErrors, toolCount } = await add("one bad", url);
    expect([skippedTools, toolCount]).toEqual([["second"], 2]);
    expect(validationErrors).toEqual([
      { kind: "tools", name: "second", reason: expect.stringContaining("inputSchema") },
    ]);
    expect((await toolsOf(id)).map((tool) => tool.originalName)).toEqual(["first", "third"]);
  });

  test("a URL that carries a password is refused without repeating it", async () => {
    const { url } = await server();
    const withPassword = url.replace("//", "//user:s3cret-pass@");
    const answer = await post<Failure>({ name: "with password", url: withPassword });
    expect(answer.status).toBe(422);
    expect(JSON.stringify(answer.body)).not.toContain("s3cret-pass");
  });

  test("a transport may be chosen; one nobody knows is refused", async () => {
    const { url } = await server();
    expect(await add("chosen", url, { transport: "STREAMABLEHTTP" })).toMatchObject({
      transport: "STREAMABLEHTTP",
      era: "session",
      transportSetting: "auto",
    });
    expect(await add("era", url, { transport: "session" })).toMatchObject({ transportSetting: "session" });
    expect((await post({ name: "wrong", url, transport: "carrier-pigeon" })).status).toBe(422);
    expect((await post({ name: "sse", url, transport: "SSE" })).status).toBe(502);
  });
});

describe("a connection test", () => {
  test("shows what would be found and stores nothing", async () => {
    const { url } = await server();
    const rows = () =>
      gateway.sql(
        "SELECT (SELECT count(*) FROM upstreams), (SELECT count(*) FROM tools), (SELECT count(*) FROM audit)",
      );
    const before = await rows();
    const { status, body } = await post<ProbeResult>({ url }, "/gateways/test");
    expect(status).toBe(200);
    expect(body).toMatchObject({
      success: true,
      era: "session",
      serverName: "plain",
      serverVersion: "1.0.0",
      componentCounts: { tools: 3, prompts: 0 },
    });
    expect(body.tools.map((tool) => tool.name)).toEqual(["first", "second", "third"]);
    expect(await rows()).toEqual(before);
  });
});

describe("what a gateway offers", () => {
  test("a refresh counts what came, changed and went; ids, texts of ours and names in virtual servers stay", async () => {
    let offered = [plainTool("stays"), plainTool("changes"), plainTool("goes")];
    const { url } = await server({
      kind: "rewrites",
      on: ["tools/list"],
      rewrite: (answer) => ({ ...answer, result: { tools: offered } }),
    });
    const { id } = await add("changing", url);
    const before = await toolsOf(id);
    const bundle = await gateway.api<{ id: string }>("POST", "/servers", {
      name: "of changing",
      associatedTools: before.map((tool) => tool.id),
    });
    const stays = before.find((tool) => tool.name === "stays");
    await gateway.api("PUT", `/tools/${stays?.id}`, { description: "Ours" });

    offered = [
      { ...plainTool("stays"), title: "Still" },
      { ...plainTool("changes"), description: "Anew" },
      plainTool("comes"),
    ];
    const { status, body } = await gateway.api<RefreshResult>("POST", `/gateways/${id}/tools/refresh`);
    expect([status, body.toolsAdded, body.toolsUpdated, body.toolsRemoved, body.validationErrors]).toEqual([
      200,
      1,
      2,
      1,
      [],
    ]);
    const after = await toolsOf(id);
    expect(after.map((tool) => [tool.name, tool.description, tool.available])).toEqual([
      ["changes", "Anew", true],
      ["comes", "The comes tool", true],
      ["goes", "The goes tool", false],
      ["stays", "Ours", true],
    ]);
    expect(after.find((tool) => tool.name === "stays")?.id).toBe(stays?.id);
    await approveAll(gateway.api, id);
    expect(await toolNames(gateway, bundle.body.id)).toEqual(["changes", "stays"]);
    expect((await gateway.api<RefreshResult>("POST", `/gateways/${id}/tools/refresh`)).body).toMatchObject({
      toolsAdded: 0,
      toolsUpdated: 0,
      toolsRemoved: 0,
    });
  });

  test("what is no longer offered is kept out of sight, and comes back under its id, name and alias", async () => {
    let tools: object[] | undefined = [plainTool("one"), plainTool("two")];
    const { url } = await server({
      kind: "rewrites",
      on: ["tools/list"],
      rewrite: ({ result: _, ...answer }) =>
        tools ? { ...answer, result: { tools } } : { ...answer, error: { code: -32601, message: "No such method" } },
    });
    const { id } = await add("moody", url);
    const before = await toolsOf(id);
    const [one, two] = before;
    const bundle = await gateway.api<{ id: string }>("POST", "/servers", {
      name: "of moody",
      associatedTools: [two?.id, one?.id],
      aliases: { [one?.id ?? ""]: "uno" },
    });
    const refreshed = async (now: object[] | undefined) => {
      tools = now;
      const { body } = await gateway.api<RefreshResult>("POST", `/gateways/${id}/tools/refresh`);
      const { body: row } = await gateway.api<UpstreamRead>("GET", `/gateways/${id}`);
      return [body.toolsAdded, body.toolsUpdated, body.toolsRemoved, row.toolCount];
    };
    const shown = () => toolNames(gateway, bundle.body.id);

    expect(await refreshed(undefined)).toEqual([0, 0, 2, 0]);
    expect((await toolsOf(id)).map((tool) => [tool.id, tool.available])).toEqual(
      before.map((tool) => [tool.id, false]),
    );
    expect(await shown()).toEqual([]);
    await expect(callTool(gateway, "one")).rejects.toThrow("Unknown tool");
    expect(await refreshed([])).toEqual([0, 0, 0, 0]);

    expect(await refreshed([{ ...plainTool("one"), description: "Anew" }])).toEqual([1, 0, 0, 1]);
    expect(await shown()).toEqual([]);
    await approveAll(gateway.api, id);
    expect(await shown()).toEqual(["uno"]);
    expect((await gateway.api("DELETE", `/tools/${two?.id}`)).status).toBe(200);
    expect((await toolsOf(id)).map((tool) => [tool.id, tool.name, tool.description, tool.available])).toEqual([
      [one?.id, "one", "Anew", true],
    ]);
  });

  test("a refresh that fails leaves the tools and remembers why", async () => {
    const upstream = await server();
    const { id } = await add("falling", upstream.url);
    await upstream.close();
    expect((await gateway.api("POST", `/gateways/${id}/tools/refresh`)).status).toBe(502);
    expect((await gateway.api("GET", `/gateways/${id}`)).body).toMatchObject({
      reachable: false,
      status: "down",
      lastError: expect.stringContaining("reached"),
    });
    expect(await toolsOf(id)).toHaveLength(3);
  });

  test("disabled, it vanishes from every list and its tools can't be called; enabled, all is back", async () => {
    const { url } = await server();
    const { id } = await add("sleeping", url);
    const tools = await toolsOf(id);
    const bundle = await gateway.api<{ id: string }>("POST", "/servers", {
      name: "of sleeping",
      associatedTools: tools.map((tool) => tool.id),
    });
    await gateway.api("POST", `/gateways/${id}/state?activate=false`);
    expect(await toolNames(gateway, bundle.body.id)).toEqual([]);
    await expect(callTool(gateway, tools[0]?.name ?? "")).rejects.toThrow("Unknown tool");
    await gateway.api("POST", `/gateways/${id}/state?activate=true`);
    expect(await toolNames(gateway, bundle.body.id)).toEqual(["first", "second", "third"]);
  });

  test("made private, it hides what it offers too; of two changes the last counts", async () => {
    const { url } = await server();
    const { id } = await add("shy", url);
    const stranger = await as(gateway, await addUser(gateway, "stranger@example.com"));
    const seen = async () =>
      (await gateway.api<ToolRead[]>("GET", `/tools?gateway_id=${id}`, undefined, stranger)).body;
    expect(await seen()).toHaveLength(3);
    await gateway.api("PUT", `/gateways/${id}`, { visibility: "private" });
    expect(await seen()).toEqual([]);
    expect((await toolsOf(id)).map((tool) => tool.visibility)).toEqual(["private", "private", "private"]);
    await gateway.api("PUT", `/gateways/${id}`, { visibility: "public" });
    expect(await seen()).toHaveLength(3);
  });

  test("deleted, it takes its tools with it, from virtual servers too; nothing is left behind", async () => {
    const { url } = await server();
    const { id } = await add("leaving", url);
    const bundle = await gateway.api<{ id: string }>("POST", "/servers", {
      name: "of leaving",
      associatedTools: (await toolsOf(id)).map((tool) => tool.id),
    });
    await gateway.api("DELETE", `/gateways/${id}`);
    expect(await toolNames(gateway, bundle.body.id)).toEqual([]);
    expect((await gateway.api("GET", `/servers/${bundle.body.id}`)).body).toMatchObject({ associatedToolIds: [] });
    for (const table of ["tools", "prompts", "resources"])
      expect(await gateway.sql(`SELECT id FROM ${table} WHERE upstream_id = ?`, id)).toEqual([]);
    expect(await gateway.sql("SELECT * FROM server_tools WHERE server_id = ?", bundle.body.id)).toEqual([]);
  });
});

describe("a stream that is kept", () => {
  const kept = async (id: string) => (await gateway.api<UpstreamRead>("GET", `/gateways/${id}`)).body.keepLive;

  test("is not, until an admin asks for it; then until they ask no more", async () => {
    const { id, keepLive } = await add("not kept", "builtin:sample");
    expect(keepLive).toBe(false);
    expect(await kept((await add("kept from the start", "builtin:sample", { keep_live: true })).id)).toBe(true);
    for (const wish of [true, false]) {
      expect((await gateway.api("PUT", `/gateways/${id}`, { keepLive: wish })).status).toBe(200);
      expect(await kept(id)).toBe(wish);
    }
  });

  test("needs no new look at the server", async () => {
    const upstream = await server();
    const { id } = await add("kept without a look", upstream.url);
    const before = (await gateway.api<UpstreamRead>("GET", `/gateways/${id}`)).body;
    const answer = await gateway.api<UpstreamRead>("PUT", `/gateways/${id}`, { keep_live: true });
    expect(answer.body).toMatchObject({ keepLive: true, lastRefreshAt: before.lastRefreshAt });
  });
});
