// REST tools in use: how a tool call becomes an HTTP request, and its answer a tool result.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ToolRead } from "../../src/schemas/tools.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { type Failure, outcome } from "./entity.ts";
import { callTool, rpc, type ToolResult } from "./mcp.ts";
import { type RestApi, startRestApi } from "./rest-api.ts";

let gateway: Gateway;
let service: RestApi;
let count = 0;

beforeAll(async () => {
  [gateway, service] = await Promise.all([startGateway({ MAX_RESULT_BYTES: "100000" }), startRestApi()]);
});
afterAll(() => Promise.all([gateway.dispose(), service.close()]));
beforeEach(() => {
  service.reply = {};
});

/** Adds a REST tool; `path` is appended to the API's URL. */
async function tool(requestType: string, path: string, more: Record<string, unknown> = {}): Promise<ToolRead> {
  const answer = await gateway.api<ToolRead>("POST", "/tools", {
    name: `rest_${++count}`,
    url: service.url + path,
    requestType,
    ...more,
  });
  expect(outcome(answer)).toBe(201);
  return answer.body;
}

const call = async (requestType: string, path: string, args: object, more = {}) =>
  await callTool(gateway, (await tool(requestType, path, more)).name, args);

describe("the request of a REST tool", () => {
  test.each(["POST", "PUT", "PATCH"])("%s carries the arguments as a JSON body", async (method) => {
    const args = { text: "ü\u0000 \"'", list: [1, [2]], nested: { a: null }, yes: true };
    await call(method, "/things", args);
    expect(service.last()).toMatchObject({ method, path: "/things", body: JSON.stringify(args) });
    expect(service.last().headers["content-type"]).toBe("application/json");
  });

  test.each(["GET", "DELETE"])(
    "%s carries them in the query, lists repeated, objects as JSON, and no body",
    async (method) => {
      await call(method, "/things?fixed=1", {
        q: "a&b=c d/ü",
        list: ["x", 2],
        object: { a: 1 },
        no: false,
        nothing: null,
        fixed: "2",
      });
      const { method: used, path, body, headers } = service.last();
      expect([used, body, headers["content-type"]]).toEqual([method, "", undefined]);
      const url = new URL(path, service.url);
      expect(url.pathname).toBe("/things");
      expect([...url.searchParams]).toEqual([
        ["fixed", "1"],
        ["q", "a&b=c d/ü"],
        ["list", "x"],
        ["list", "2"],
        ["object", '{"a":1}'],
        ["no", "false"],
      ]);
    },
  );

  test("a {param} is one encoded segment of the path, whatever is in it, and leaves the body", async () => {
    const { name } = await tool("POST", "/users/{id}/files/{file}.txt?v={version}");
    const send = async (id: unknown) => {
      await callTool(gateway, name, { id, file: "a", version: "..", rest: 1 });
      return service.last().path;
    };
    expect(await send("42")).toBe("/users/42/files/a.txt?v=..");
    expect(await send("a/b")).toBe("/users/a%2Fb/files/a.txt?v=..");
    expect(await send("../../admin")).toBe("/users/..%2F..%2Fadmin/files/a.txt?v=..");
    expect(await send("%2e%2e")).toBe("/users/%252e%252e/files/a.txt?v=..");
    expect(await send("x?admin=1#y")).toBe("/users/x%3Fadmin%3D1%23y/files/a.txt?v=..");
    expect(await send("한국 ü")).toBe(`/users/${encodeURIComponent("한국 ü")}/files/a.txt?v=..`);
    expect(await send(7)).toBe("/users/7/files/a.txt?v=..");
    expect(service.last().body).toBe('{"rest":1}');
  });

  test("a {param} that would lead to another path is refused by name, and nothing is sent", async () => {
    const { name } = await tool("GET", "/users/{id}{more}/secrets");
    const before = service.received.length;
    for (const args of [
      { id: "..", more: "" },
      { id: ".", more: "." },
      { id: "", more: "" },
      { more: "x" },
      { id: null, more: "" },
      { id: ["a"], more: "" },
    ]) {
      const { error } = await rpc(gateway, "tools/call", { name, arguments: args });
      expect(error, JSON.stringify(args)).toMatchObject({ code: -32602, message: expect.stringContaining("id") });
    }
    expect(service.received.length).toBe(before);
  });

  test("numbers beyond a double keep their digits, in path, query, body and answer", async () => {
    const big = "1234567890123456789";
    service.reply = { body: `{"id":${big}}` };
    const ask = async (method: string, path: string) => {
      const { name } = await tool(method, path);
      const params = `{"name":"${name}","arguments":{"id":${big},"n":${big}}}`;
      const text = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`;
      const headers = { authorization: `Bearer ${await gateway.token()}`, "content-type": "application/json" };
      return await (await fetch(`${gateway.url}/rpc`, { method: "POST", headers, body: text })).text();
    };
    expect(await ask("POST", "/things/{id}")).toContain(`"structuredContent":{"id":${big}}`);
    expect(service.last()).toMatchObject({ path: `/things/${big}`, body: `{"n":${big}}` });
    await ask("GET", "/things");
    expect(service.last().path).toBe(`/things?id=${big}&n=${big}`);
  });

  test("the caller's own credential and cookies never reach the API", async () => {
    const { name } = await tool("POST", "/mirror");
    const token = await gateway.token();
    await gateway.api(
      "POST",
      "/rpc",
      { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: {} } },
      {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        cookie: "a=b",
        "x-forwarded-user": "root",
      },
    );
    expect(JSON.stringify(service.last())).not.toContain(token);
    expect(Object.keys(service.last().headers)).not.toEqual(expect.arrayContaining(["cookie"]));
    expect(service.last().headers).not.toHaveProperty("authorization");
    expect(service.last().headers).not.toHaveProperty("x-forwarded-user");
  });
});

describe("the answer of a REST tool", () => {
  const answered = async (reply: RestApi["reply"], more = {}): Promise<ToolResult> => {
    const { name } = await tool("POST", "/answer", more);
    service.reply = reply;
    return await callTool(gateway, name);
  };
  const text = (value: string) => [{ type: "text", text: value }];

  test("a JSON object is given as text and as structured content", async () => {
    expect(await answered({ body: '{"a":[1]}' })).toEqual({
      content: text('{"a":[1]}'),
      structuredContent: { a: [1] },
    });
  });

  test("other JSON, broken JSON and other types are given as text", async () => {
    expect(await answered({ body: "[1,2]" })).toEqual({ content: text("[1,2]") });
    expect(await answered({ body: '{"a":' })).toEqual({ content: text('{"a":') });
    expect(await answered({ headers: { "content-type": "text/html" }, body: "<p>ü</p>" })).toEqual({
      content: text("<p>ü</p>"),
    });
  });

  test("an empty answer says so", async () => {
    expect((await answered({ status: 204 })).content[0]?.text).toContain("No Content");
    expect((await answered({ body: "" })).isError).toBeUndefined();
  });

  test.each([400, 401, 404, 429, 500, 503])(
    "status %i is a tool error that says the status and what the API said",
    async (status) => {
      const result = await answered({ status, body: '{"error":"no such thing"}' });
      expect(result).toMatchObject({ isError: true, structuredContent: { status_code: status } });
      expect(result.content[0]?.text).toContain(`${status}: {"error":"no such thing"}`);
    },
  );

  test("a long refusal is cut", async () => {
    const result = await answered({ status: 500, body: "x".repeat(50_000) });
    expect(result.content[0]?.text.length).toBeLessThan(2_200);
    expect(result.content[0]?.text).toContain("50000 characters");
  });

  test("an API that does not answer in the tool's time, is away, or says too much fails naming tool and URL", async () => {
    const failing = async (reply: RestApi["reply"], more: Record<string, unknown>) => {
      const { name } = await tool("POST", "/slow?key=s3cret", more);
      service.reply = reply;
      const { error } = await rpc(gateway, "tools/call", { name, arguments: {} });
      expect(error?.data).toMatchObject({ upstream: name, stage: "call" });
      expect(JSON.stringify(error)).not.toContain("s3cret");
      return `${error?.data?.code}: ${error?.message}`;
    };
    expect(await failing({ hang: true }, { timeoutMs: 300 })).toMatch(/upstream_timeout.*0\.3 s/);
    expect(await failing({}, { url: "http://127.0.0.1:9/x" })).toMatch(/upstream_refused/);
    expect(await failing({ body: "x".repeat(200_000) }, {})).toMatch(/upstream_too_large/);
    expect(await failing({ status: 302, headers: { location: "http://127.0.0.1:9/" } }, {})).toMatch(
      /upstream_nonsense/,
    );
  });

  test("a redirect within the API is followed", async () => {
    service.reply = ({ path }) =>
      path === "/old" ? { status: 302, headers: { location: "/new" } } : { body: '{"at":"new"}' };
    expect((await call("GET", "/old", {})).structuredContent).toEqual({ at: "new" });
  });
});

describe("arguments that are mapped", () => {
  test("go to the query and to headers, and the others to the body", async () => {
    await call(
      "POST",
      "/things",
      { page: 2, tags: ["a", "b"], trace: "t-1", name: "x" },
      { query_mapping: { page: "p", tags: "tag" }, header_mapping: { trace: "X-Trace" } },
    );
    expect(service.last()).toMatchObject({ path: "/things?p=2&tag=a&tag=b", body: '{"name":"x"}' });
    expect(service.last().headers["x-trace"]).toBe("t-1");
  });

  test("are the only ones that a request without a body takes", async () => {
    await call("GET", "/things", { page: 2, secret: "s" }, { queryMapping: { page: "p" } });
    expect(service.last().path).toBe("/things?p=2");
  });

  test.each([["a\r\nx-evil: 1"], ["ü"], [{ a: 1 }]])("can't leave their header: %j", async (trace) => {
    const { name } = await tool("GET", "/things", { headerMapping: { trace: "x-trace" } });
    const before = service.received.length;
    const { error } = await rpc(gateway, "tools/call", { name, arguments: { trace } });
    expect(error).toMatchObject({ code: -32602, message: expect.stringContaining("trace") });
    expect(service.received.length).toBe(before);
  });

  test.each(["authorization", "Cookie", "Host", "content-length", "x-forwarded-for", "bad name"])(
    "can't fill the header %s",
    async (header) => {
      const { status, body } = await gateway.api<Failure>("POST", "/tools", {
        name: "refused",
        url: service.url,
        header_mapping: { arg: header },
      });
      expect([status, JSON.stringify(body.detail)]).toEqual([422, expect.stringContaining("headerMapping")]);
    },
  );
});

describe("a body", () => {
  test("can be a form", async () => {
    await call("POST", "/f", { a: "1&b=2", list: ["x", "y"], o: { k: 1 } }, { bodyType: "form" });
    expect(service.last().headers["content-type"]).toBe("application/x-www-form-urlencoded");
    expect([...new URLSearchParams(service.last().body)]).toEqual([
      ["a", "1&b=2"],
      ["list", "x"],
      ["list", "y"],
      ["o", '{"k":1}'],
    ]);
  });

  test("can be multipart, out of whose parts no argument leads", async () => {
    const { name } = await tool("POST", "/m", { bodyType: "multipart" });
    await callTool(gateway, name, { "a b": "1\r\n--x", n: 5 });
    const { headers, body } = service.last();
    const form = await new Response(body, { headers: { "content-type": headers["content-type"] ?? "" } }).formData();
    expect([...form]).toEqual([
      ["a b", "1\r\n--x"],
      ["n", "5"],
    ]);
    const { error } = await rpc(gateway, "tools/call", { name, arguments: { 'a"\r\nx: y\r\n': "1" } });
    expect(error).toMatchObject({ code: -32602, message: expect.stringContaining("part") });
  });

  test("can be one argument as a whole", async () => {
    await call("POST", "/{id}", { id: 7, items: [1, 2] }, { bodyArgument: "items" });
    expect(service.last()).toMatchObject({ path: "/7", body: "[1,2]" });
    await call("PUT", "/t", { words: "plain ü" }, { bodyArgument: "words", bodyType: "text" });
    expect(service.last()).toMatchObject({ body: "plain ü" });
  });
});

describe("what a REST tool presents", () => {
  const secret = () => service.last().headers.authorization;

  test.each([
    [{ auth_type: "bearer", auth_token: "t0k" }, { authorization: "Bearer t0k" }, ""],
    [{ auth: { auth_type: "basic", username: "x" } }, undefined, ""],
    [{ auth_type: "basic", auth_username: "ü", auth_password: "p:w" }, { authorization: "Basic w7w6cDp3" }, ""],
    [{ auth_type: "authheaders", auth_headers: [{ key: "X-Key", value: "k" }] }, { "x-key": "k" }, ""],
    [{ auth_type: "query_param", auth_query_param_key: "key", auth_query_param_value: "v&w" }, {}, "?q=1&key=v%26w"],
  ])("%j", async (auth, headers, query) => {
    const given = { name: `auth_${++count}`, url: `${service.url}/a`, requestType: "GET", ...auth };
    const answer = await gateway.api<ToolRead>("POST", "/tools", given);
    if (headers === undefined) return expect(answer.status).toBe(422);
    expect(JSON.stringify(answer.body)).not.toMatch(/t0k|w7w6|"k"|v&w/);
    await callTool(gateway, answer.body.name, { q: 1 });
    expect(service.last().headers).toMatchObject(headers);
    expect(service.last().path).toBe(`/a${query || "?q=1"}`);
  });

  test("changes apart from its headers, and goes to no other host unasked", async () => {
    const { id, name } = await tool("GET", "/a", {
      headers: { "x-own": "1" },
      authType: "bearer",
      authToken: "first",
    });
    const put = (change: object) => gateway.api<Failure & { field?: string }>("PUT", `/tools/${id}`, change);
    const sent = async () => {
      await callTool(gateway, name, {});
      return [secret(), service.last().headers["x-own"]];
    };
    expect(await sent()).toEqual(["Bearer first", "1"]);
    expect(outcome(await put({ authType: "bearer", authToken: "second" }))).toBe(200);
    expect(await sent()).toEqual(["Bearer second", "1"]);
    expect(outcome(await put({ headers: { "x-own": "2" } }))).toBe(200);
    expect(await sent()).toEqual(["Bearer second", "2"]);
    expect(outcome(await put({ headers: { "x-own": "*****" }, description: "d" }))).toBe(200);
    expect(await sent()).toEqual(["Bearer second", "2"]);
    const moved = await put({ url: "http://localhost:9/a", headers: null });
    expect([moved.status, moved.body.field]).toEqual([422, "authType"]);
    expect(outcome(await put({ authType: "none", headers: null }))).toBe(200);
    expect(await sent()).toEqual([undefined, undefined]);
  });

  test("base_url and path_template are its URL", async () => {
    const answer = await gateway.api<ToolRead>("POST", "/tools", {
      tool: { name: "split", base_url: `${service.url}/`, path_template: "/v1/{id}", request_type: "HEAD" },
    });
    expect(outcome(answer)).toBe(201);
    expect(answer.body).toMatchObject({ url: `${service.url}/v1/{id}`, requestType: "HEAD", authType: "none" });
    await callTool(gateway, "split", { id: "7", more: 1 });
    expect(service.last()).toMatchObject({ method: "HEAD", path: "/v1/7?more=1" });
  });
});

describe("a filter", () => {
  const BODY = '{"items":[{"id":1,"name":"a"},{"id":2,"name":"b"}],"total":2,"note":"n"}';
  const result = async (more: object) => {
    service.reply = { body: BODY };
    const answer = await call("GET", "/items", {}, more);
    return [(answer.content[0] as { text: string }).text, answer.structuredContent];
  };
  const jsonpath = (expression: string) => ({ responseFilter: { language: "jsonpath", expression } });
  const jsonata = (expression: string) => ({ responseFilter: { language: "jsonata", expression } });

  test.each([
    [jsonpath("$.items[*].name"), '["a","b"]', undefined],
    [jsonpath("$.items[0]"), '{"id":1,"name":"a"}', { id: 1, name: "a" }],
    [jsonpath("$.note"), "n", undefined],
    [jsonpath("$.missing"), "null", undefined],
    [jsonata("{'n': $count(items), 'ids': items.id}"), '{"n":2,"ids":[1,2]}', { n: 2, ids: [1, 2] }],
    [{ jsonpath_filter: "$.total" }, "2", undefined],
    [{ jsonpath_filter: ".items[].id" }, "[1,2]", undefined],
    [{ jsonpath_filter: ".items | .[1].name" }, "b", undefined],
    [{ jsonpath_filter: "." }, BODY, JSON.parse(BODY)],
  ])("%j gives what it names", async (more, text, structured) => {
    expect(await result(more)).toEqual([text, structured]);
  });

  test.each([jsonpath("$["), jsonata("{{")])(
    "that can't be read is refused when the tool is saved: %j",
    async (filter) => {
      const { status, body } = await gateway.api<Failure>("POST", "/tools", { name: "x", url: service.url, ...filter });
      expect([status, JSON.stringify(body)]).toEqual([422, expect.stringContaining("responseFilter")]);
    },
  );

  test.each([
    [jsonpath("$.a"), "<html>"],
    [jsonata("a + 'x'"), '{"a":1}'],
    [jsonata("($f := function($n) { $f($n + 1) }; $f(0))"), "{}"],
  ])("that fails on an answer says so: %j", async (filter, body) => {
    service.reply = { body };
    const { name } = await tool("GET", "/", filter);
    const { error } = await rpc(gateway, "tools/call", { name, arguments: {} });
    expect(error).toMatchObject({ data: { code: "upstream_nonsense", upstream: name } });
  });

  test("in jq that is more than a path leaves the tool disabled, with the reason, until it has another", async () => {
    const made = await tool("GET", "/", { jsonpath_filter: ".items | map(.id)" });
    expect(made).toMatchObject({ enabled: false, problem: expect.stringContaining("map(.id)") });
    const on = await gateway.api<Failure>("POST", `/tools/${made.id}/state?activate=true`);
    expect([on.status, JSON.stringify(on.body)]).toEqual([409, expect.stringContaining("JSONata")]);
    expect(outcome(await gateway.api("PUT", `/tools/${made.id}`, jsonata("items.id")))).toBe(200);
    expect(outcome(await gateway.api("POST", `/tools/${made.id}/state?activate=true`))).toBe(200);
    service.reply = { body: BODY };
    expect((await callTool(gateway, made.name, {})).content).toEqual([{ type: "text", text: "[1,2]" }]);
  });
});

describe("the URL of a REST tool", () => {
  test.each([
    ["ftp://example.com/", "http"],
    ["not a url", "URL"],
    ["http://{host}/x", "host"],
    ["https://api.{tenant}.example.com/", "host"],
    ["https://user:pass@example.com/", "credentials"],
  ])("%s is refused when the tool is saved", async (url, why) => {
    const { status, body } = await gateway.api<Failure>("POST", "/tools", { name: "refused", url });
    expect([status, JSON.stringify(body.detail)]).toEqual([
      422,
      expect.stringMatching(new RegExp(`url.*${why}|${why}.*url`, "i")),
    ]);
  });
});
