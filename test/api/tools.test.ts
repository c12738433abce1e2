// /tools: REST tools of our own, and tools that come from upstreams.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ToolRead, toolRead } from "../../src/schemas/tools.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { type Example, type Failure, keepsTheRules, outcome } from "./entity.ts";
import { listsByTheRules } from "./listing.ts";
import { callTool, rpc, toolNames } from "./mcp.ts";
import { type RestApi, startRestApi } from "./rest-api.ts";
import { everythingKept } from "./stored.ts";

let gateway: Gateway;
let service: RestApi;
beforeAll(async () => {
  [gateway, service] = await Promise.all([startGateway(), startRestApi()]);
});
afterAll(() => Promise.all([gateway.dispose(), service.close()]));

const example: Example = {
  path: "/tools",
  wrapper: "tool",
  singular: "Tool",
  read: toolRead,
  unique: "name",
  make: (name) => ({ name, url: "http://127.0.0.1:9/x", requestType: "GET", inputSchema: { type: "object" } }),
};

describe("a tool", () => {
  keepsTheRules(example, () => gateway);
});

describe("a list of tools", () => {
  listsByTheRules(example, () => gateway);
});

const add = async (name: string, more: Record<string, unknown> = {}) => {
  const answer = await gateway.api<ToolRead>("POST", "/tools", { name, url: `${service.url}/x`, ...more });
  expect(outcome(answer)).toBe(201);
  return answer.body;
};
const change = (id: string, body: object) => gateway.api<ToolRead & Failure>("PUT", `/tools/${id}`, body);

describe("a REST tool's headers", () => {
  const SECRET = "s3cret-of-the-api";

  test("are sent with each call, and never come back: not from the API, not from D1, not from KV", async () => {
    const tool = await add("keyed", { headers: { "X-Api-Key": SECRET, "Content-Type": "application/vnd.api+json" } });
    await callTool(gateway, "keyed");
    expect(service.last().headers).toMatchObject({ "x-api-key": SECRET, "content-type": "application/vnd.api+json" });
    expect(tool.headers).toEqual({ "x-api-key": "*****", "content-type": "*****" });
    const kept = await everythingKept(gateway);
    expect(kept).toContain("keyed");
    expect(kept).not.toContain(SECRET);
  });

  test("sent back as they were shown stay as they are; given anew they are replaced; null takes them away", async () => {
    const { id, headers } = await add("rekeyed", { headers: { authorization: `Bearer ${SECRET}`, "x-other": "1" } });
    const sent = async () => {
      await callTool(gateway, "rekeyed");
      const { authorization, "x-other": other } = service.last().headers;
      return [authorization, other];
    };
    await change(id, { headers, description: "the same" });
    expect(await sent()).toEqual([`Bearer ${SECRET}`, "1"]);
    await change(id, { headers: { Authorization: "*****", "X-Other": "2" } });
    expect(await sent()).toEqual([`Bearer ${SECRET}`, "2"]);
    await change(id, { headers: { "x-other": "3" } });
    expect(await sent()).toEqual([undefined, "3"]);
    expect((await change(id, { headers: null })).body.headers).toBeNull();
    expect(await sent()).toEqual([undefined, undefined]);
  });

  test("do not follow the tool to another host", async () => {
    const { id, headers } = await add("moving", { headers: { "x-api-key": SECRET } });
    for (const body of [{ url: "http://127.0.0.1:9/x" }, { url: "http://127.0.0.1:9/x", headers }]) {
      expect(await change(id, body)).toMatchObject({ status: 422, body: { field: "headers" } });
    }
    expect((await change(id, { url: `${service.url}/elsewhere` })).status).toBe(200);
    await callTool(gateway, "moving");
    expect(service.last()).toMatchObject({ path: "/elsewhere", headers: { "x-api-key": SECRET } });
  });

  test.each([
    ["Host", "x"],
    ["Content-Length", "1"],
    ["bad name", "x"],
    ["x-a", "line\r\nbreak"],
  ])("%s: %s is refused", async (key, value) => {
    const answer = await gateway.api<Failure>("POST", "/tools", {
      name: "bad",
      url: service.url,
      headers: { [key]: value },
    });
    expect(answer).toMatchObject({ status: 422, body: { field: "headers" } });
  });
});

describe("an x-mcp-header annotation that can't be followed", () => {
  const schema = (property: object) => ({ type: "object", properties: { region: property } });
  test.each([
    ["no header name", schema({ type: "string", "x-mcp-header": "no name" })],
    ["an object", schema({ type: "object", "x-mcp-header": "Region" })],
    ["not at a property", { type: "object", "x-mcp-header": "Region" }],
  ])("is refused by field: %s", async (_, inputSchema) => {
    const { id } = await add(`annotated ${_}`.replaceAll(/\W/g, "_"), {
      inputSchema: schema({ type: "string", "x-mcp-header": "Region" }),
    });
    const refused = { status: 422, body: { detail: [{ loc: ["body", "inputSchema"] }] } };
    expect(await gateway.api("POST", "/tools", { name: "bad", url: service.url, inputSchema })).toMatchObject(refused);
    expect(await change(id, { inputSchema })).toMatchObject(refused);
  });
});

describe("changing a tool", () => {
  test("a REST tool takes a new method, address, schema and time; null takes the time away", async () => {
    const { id } = await add("flexible", { timeoutMs: 500 });
    const input_schema = { type: "object", properties: { a: {} } };
    const { body } = await change(id, {
      request_type: "GET",
      url: `${service.url}/y`,
      input_schema,
      annotations: { readOnlyHint: true },
    });
    expect(body).toMatchObject({
      requestType: "GET",
      url: `${service.url}/y`,
      inputSchema: input_schema,
      timeoutMs: 500,
      annotations: { readOnlyHint: true },
    });
    expect((await change(id, { timeoutMs: null, annotations: null })).body).toMatchObject({
      timeoutMs: null,
      annotations: null,
    });
    await callTool(gateway, "flexible", { a: 1 });
    expect(service.last()).toMatchObject({ method: "GET", path: "/y?a=1" });
  });

  test("what belongs to an upstream's tool can't be changed here; its texts, tags and state can", async () => {
    const { body: sample } = await gateway.api("POST", "/gateways", { name: "sample", url: "builtin:sample" });
    const { body: tools } = await gateway.api<ToolRead[]>("GET", `/tools?gateway_id=${sample.id}`);
    const echo = tools.find((tool) => tool.originalName === "echo");
    expect(tools.map((tool) => tool.gatewayId)).toEqual(tools.map(() => sample.id));
    for (const field of ["url", "requestType", "headers", "inputSchema", "outputSchema", "annotations", "timeoutMs"]) {
      const value = { url: service.url, requestType: "GET", timeoutMs: 500 }[field] ?? {};
      expect(await change(echo?.id ?? "", { [field]: value }), field).toMatchObject({ status: 422, body: { field } });
    }
    const { body } = await change(echo?.id ?? "", {
      description: "Says it again",
      displayName: "Parrot",
      tags: ["fun"],
    });
    expect(body).toMatchObject({
      description: "Says it again",
      originalDescription: echo?.description,
      title: "Parrot",
    });
    const { result } = await rpc<{ tools: object[] }>(gateway, "tools/list");
    expect(result.tools).toContainEqual(
      expect.objectContaining({ name: "echo", description: "Says it again", title: "Parrot" }),
    );
  });

  test("a new name is the one clients call; names given in virtual servers stay", async () => {
    const { id } = await add("before");
    const { body: server } = await gateway.api("POST", "/servers", { name: "keeps", associatedTools: [id] });
    expect((await change(id, { customName: "after" })).body).toMatchObject({
      name: "after",
      customName: "after",
      originalName: "before",
    });
    expect((await callTool(gateway, "after")).isError).toBeUndefined();
    expect(await toolNames(gateway, String(server.id))).toEqual(["before"]);
    await add("taken");
    expect(await change(id, { customName: "taken" })).toMatchObject({ status: 409, body: { field: "name" } });
  });

  test("a name with blanks, an empty one, one of 129 letters, or a schema that is no object's is refused by field", async () => {
    for (const [field, value] of [
      ["name", "a b"],
      ["name", ""],
      ["name", "x".repeat(129)],
      ["inputSchema", { type: "string" }],
      ["timeoutMs", 0],
    ]) {
      const body = { name: "fine", url: service.url, [String(field)]: value };
      const answer = await gateway.api<Failure>("POST", "/tools", body);
      expect([answer.status, JSON.stringify(answer.body.detail)], String(field)).toEqual([
        422,
        expect.stringContaining(`"${field}"`),
      ]);
    }
  });
});

describe("a tool that is gone", () => {
  test("a disabled one vanishes from lists and can't be called, and comes back under its name", async () => {
    const { id } = await add("sleeper");
    const { body: server } = await gateway.api("POST", "/servers", { name: "sleepers", associatedTools: [id] });
    await gateway.api("POST", `/tools/${id}/state?activate=false`);
    expect(await toolNames(gateway, String(server.id))).toEqual([]);
    await expect(callTool(gateway, "sleeper")).rejects.toThrow("Unknown tool");
    await gateway.api("POST", `/tools/${id}/state?activate=true`);
    expect(await toolNames(gateway, String(server.id))).toEqual(["sleeper"]);
    expect((await callTool(gateway, "sleeper")).isError).toBeUndefined();
  });

  test("a deleted one leaves its virtual servers, and its name is free again", async () => {
    const { id } = await add("mortal");
    const { body: server } = await gateway.api("POST", "/servers", { name: "mortals", associatedTools: [id] });
    const etag = (await gateway.api("GET", `/servers/${server.id}`)).headers.get("etag") ?? "";
    await gateway.api("DELETE", `/tools/${id}`);
    const headers = { authorization: `Bearer ${await gateway.token()}`, "if-none-match": etag };
    expect(await gateway.api("GET", `/servers/${server.id}`, undefined, headers)).toMatchObject({
      status: 200,
      body: { associatedToolIds: [] },
    });
    expect(await toolNames(gateway, String(server.id))).toEqual([]);
    expect((await add("mortal")).id).not.toBe(id);
  });
});
