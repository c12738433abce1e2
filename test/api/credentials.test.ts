// Credentials of gateways: presented to the upstream they were given for, and shown to nobody.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ToolRead } from "../../src/schemas/tools.ts";
import type { UpstreamRead } from "../../src/schemas/upstreams.ts";
import { unauthorized } from "../fakes/faults.ts";
import type { Faulty } from "../fakes/faulty.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { type Failure, outcome } from "./entity.ts";
import { callTool } from "./mcp.ts";
import { everythingKept } from "./stored.ts";
import { upstreams } from "./upstreams.ts";

let gateway: Gateway;
const { server, closeAll } = upstreams();
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => Promise.all([gateway.dispose(), closeAll()]));

const post = <Body = UpstreamRead>(body: object) => gateway.api<Body>("POST", "/gateways", body);
const add = async (name: string, url: string, more: object = {}) => {
  const answer = await post({ name, url, ...more });
  expect(outcome(answer)).toBe(201);
  return answer.body;
};

describe("credentials of a gateway", () => {
  const KINDS: [string, object, (seen: { headers: object; path: string }) => unknown, unknown][] = [
    [
      "basic",
      { auth_type: "basic", auth_username: "ü", auth_password: "s3cret-1" },
      ({ headers }) => headers,
      { authorization: `Basic ${Buffer.from("ü:s3cret-1").toString("base64")}` },
    ],
    [
      "bearer",
      { authType: "bearer", authToken: "s3cret-2" },
      ({ headers }) => headers,
      { authorization: "Bearer s3cret-2" },
    ],
    [
      "api_key",
      { authType: "api_key", authToken: "s3cret-3" },
      ({ headers }) => headers,
      { authorization: "Bearer s3cret-3" },
    ],
    [
      "authheaders, one",
      { authType: "authheaders", authHeaderKey: "X-Key", authHeaderValue: "s3cret-4" },
      ({ headers }) => headers,
      { "x-key": "s3cret-4" },
    ],
    [
      "authheaders, several",
      {
        authType: "authheaders",
        authHeaders: [
          { key: "X-A", value: "s3cret-5" },
          { key: "X-B", value: "s3cret-6" },
        ],
      },
      ({ headers }) => headers,
      { "x-a": "s3cret-5", "x-b": "s3cret-6" },
    ],
    [
      "query_param",
      { authType: "query_param", authQueryParamKey: "key", authQueryParamValue: "s3cret 7&" },
      ({ path }) => ({ path }),
      { path: "/mcp?key=s3cret+7%26" },
    ],
  ];

  test.each(KINDS)("%s are presented with every request", async (kind, fields, of, expected) => {
    const upstream = await server();
    const { id, authValue } = await add(`auth ${kind}`, upstream.url, fields);
    expect(authValue).toBe("*****");
    const { body: tools } = await gateway.api<ToolRead[]>("GET", `/tools?gateway_id=${id}`);
    await callTool(gateway, tools[0]?.name ?? "", { text: "x" });
    expect(upstream.requests.length).toBeGreaterThan(3);
    for (const request of upstream.requests) expect(of(request)).toMatchObject(expected as object);
  });

  test("that are incomplete or no header values are refused by field", async () => {
    const { url } = await server();
    const refused = async (fields: object) => {
      const { status, body } = await post<Failure & { field: string }>({ name: "incomplete", url, ...fields });
      return [status, body.field];
    };
    expect(await refused({ authType: "basic", authUsername: "u" })).toEqual([422, "authPassword"]);
    expect(await refused({ authType: "bearer" })).toEqual([422, "authToken"]);
    expect(await refused({ authType: "bearer", authToken: "two\nlines" })).toEqual([422, "authToken"]);
    expect(await refused({ authType: "authheaders", authHeaderKey: "Host", authHeaderValue: "x" })).toEqual([
      422,
      "authHeaders",
    ]);
  });

  const presentedBy: [string, object, object][] = [
    ["basic", { authUsername: "u", authPassword: "s3cret-8" }, { authorization: `Basic ${btoa("u:s3cret-8")}` }],
    ["bearer", { auth_token: "s3cret-9" }, { authorization: "Bearer s3cret-9" }],
    ["authheaders", { authHeaderKey: "X-Key", authHeaderValue: "s3cret-10" }, { "x-key": "s3cret-10" }],
  ];
  test.each(presentedBy)(
    "without a type mean %s by their fields, when added and when changed",
    async (kind, fields, sent) => {
      const [added, changed] = [await server(), await server()];
      expect(await add(`untyped ${kind}`, added.url, fields)).toMatchObject({ authType: kind, authValue: "*****" });
      const { id } = await add(`typed later ${kind}`, changed.url);
      expect((await gateway.api<UpstreamRead>("PUT", `/gateways/${id}`, fields)).body.authType).toBe(kind);
      for (const { requests } of [added, changed]) expect(requests.at(-1)?.headers).toMatchObject(sent);
    },
  );

  test.each([
    ["authToken", { authUsername: "u", authPassword: "p", authToken: "t" }],
    ["authToken", { authType: "basic", authUsername: "u", authPassword: "p", authToken: "t" }],
    ["authToken", { authType: "none", authToken: "t" }],
    ["authQueryParamKey", { authType: "api_key", authToken: "t", authQueryParamKey: "k" }],
    ["authPassword", { authUsername: "u" }],
  ])("that contradict each other or are half given are refused by field: %s", async (field, fields) => {
    const upstream = await server();
    const refused = { status: 422, body: { field } };
    expect(await post({ name: "contradictory", url: upstream.url, ...fields })).toMatchObject(refused);
    const { id } = await add(`kept ${JSON.stringify(fields)}`, upstream.url);
    expect(await gateway.api("PUT", `/gateways/${id}`, fields)).toMatchObject(refused);
  });

  test("stay when other things change, do not follow to another host, and can be replaced and taken away", async () => {
    const [first, second] = [await server(), await server()];
    const { id } = await add("moving", first.url, { authType: "bearer", authToken: "s3cret-one" });
    const change = (body: object) => gateway.api<UpstreamRead & Failure>("PUT", `/gateways/${id}`, body);
    const presented = ({ requests }: Faulty) => requests.at(-1)?.headers.authorization;

    expect((await change({ description: "new" })).status).toBe(200);
    expect((await change({ url: `${first.url}?v=2` })).status).toBe(200);
    expect(first.requests.at(-1)?.path).toBe("/mcp?v=2");
    expect(presented(first)).toBe("Bearer s3cret-one");
    expect(await change({ url: second.url })).toMatchObject({ status: 422, body: { field: "authType" } });
    expect(second.requests).toEqual([]);
    expect((await change({ url: second.url, authType: "bearer", authToken: "s3cret-two" })).status).toBe(200);
    expect(presented(second)).toBe("Bearer s3cret-two");
    expect((await change({ authType: "none" })).body).toMatchObject({ authType: "none", authValue: null });
    expect(presented(second)).toBeUndefined();
  });

  test("a change that the upstream refuses is not stored", async () => {
    const [good, bad] = [await server(), await server(unauthorized())];
    const { id, url } = await add("steady", good.url);
    expect((await gateway.api("PUT", `/gateways/${id}`, { url: bad.url, description: "half" })).status).toBe(424);
    expect((await gateway.api("GET", `/gateways/${id}`)).body).toMatchObject({ url, description: null, version: 1 });
  });

  test("are found in no row, no view and no answer", async () => {
    const kept = await everythingKept(gateway);
    for (const [kind] of KINDS) expect(kept).toContain(`auth ${kind}`);
    expect(kept).not.toMatch(/s3cret/);
  });
});
