// The `scopes` claim narrows a token. A narrowing that can't be read, or that this gateway does not hold to, makes the
// token void and says so; one that is empty narrows nothing.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ADMIN, type Gateway, startGateway } from "../harness.ts";
import { bearer, forge, INITIALIZE } from "./forge.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ TEST_ADDRESS_HEADER: "x-test-address" });
  await gateway.api("POST", "/servers", { id: "one", name: "one" });
});
afterAll(() => gateway.dispose());

interface Refusal {
  readonly code: string;
  readonly detail: string;
  readonly permission?: string;
}
const scoped = async (scopes: unknown) => bearer(await forge(gateway, { sub: ADMIN, scopes }));
const ask = async (scopes: unknown, method: string, path: string, body?: object) =>
  await gateway.api<Refusal>(method, path, body, await scoped(scopes));

describe("a token whose scopes can't be held to is void", () => {
  test.each<[string, unknown, string]>([
    ["scopes that are a list", ["tools.read"], "its scopes can't be read"],
    ["scopes that are a text", "tools.read", "its scopes can't be read"],
    ["permissions that are a text", { permissions: "tools.read" }, "scopes.permissions can't be read"],
    ["permissions that are an object", { permissions: { "tools.read": true } }, "scopes.permissions can't be read"],
    ["permissions that are null", { permissions: null }, "scopes.permissions can't be read"],
    ["permissions that are no texts", { permissions: ["tools.read", 7] }, "scopes.permissions can't be read"],
    ["a server_id that is a list", { server_id: ["one"] }, "scopes.server_id can't be read"],
    ["a server_id that is a number", { server_id: 1 }, "scopes.server_id can't be read"],
    ["a server_id that is empty", { server_id: "" }, "scopes.server_id can't be read"],
    ["addresses that are no list", { ip_restrictions: "10.0.0.0/8" }, "scopes.ip_restrictions can't be read"],
    ["an address that is none", { ip_restrictions: ["10.0.0.0/40"] }, "scopes.ip_restrictions can't be read"],
    ["hours that are a text", { time_restrictions: "09:00-17:00" }, "scopes.time_restrictions can't be read"],
    ["a day that is none", { time_restrictions: { days: ["Someday"] } }, "scopes.time_restrictions can't be read"],
    [
      "a time zone that is none",
      { time_restrictions: { timezone: "Moon/Sea" } },
      "scopes.time_restrictions can't be read",
    ],
    ["hours by other names", { time_restrictions: { from: "09:00" } }, "scopes.time_restrictions can't be read"],
    ["a number of calls", { usage_limits: 5 }, "scopes.usage_limits can't be read"],
    ["no calls at all", { usage_limits: { requests_per_day: 0 } }, "scopes.usage_limits can't be read"],
    ["limits by other names", { usage_limits: { per_minute: 5 } }, "scopes.usage_limits can't be read"],
    ["limits of a token without an id", { usage_limits: { requests_per_day: 5 } }, "need a jti"],
    ["a switch nobody knows", { read_only: false }, "scopes.read_only is not held to"],
    [
      "a restriction beside what is fine",
      { server_id: "one", permissions: ["tools.read"], read_only: true },
      "scopes.read_only is not held to",
    ],
  ])("%s: 401 with the reason, at every door", async (_what, scopes, reason) => {
    const rest = await ask(scopes, "GET", "/tools");
    expect([rest.status, rest.body]).toEqual([
      401,
      expect.objectContaining({ code: "unauthorized", detail: expect.stringContaining(reason) }),
    ]);
    expect(rest.headers.get("www-authenticate")).toMatch(/^Bearer .*error="invalid_token"/);
    for (const path of ["/mcp", "/rpc", "/servers/one/mcp"]) {
      const { status, body } = await gateway.api("POST", path, INITIALIZE, await scoped(scopes));
      expect([status, JSON.stringify(body)], path).toEqual([401, expect.stringContaining(reason)]);
    }
  });
});

describe("a token that is narrowed to nothing in particular may do what its user may", () => {
  test.each<[string, unknown]>([
    ["null", null],
    ["nothing", {}],
    ["an empty list of permissions", { permissions: [] }],
    ["no virtual server", { server_id: null, permissions: [] }],
    [
      "restrictions that are empty, as ContextForge writes them",
      { server_id: null, permissions: [], ip_restrictions: [], time_restrictions: {}, usage_limits: {} },
    ],
    ["every permission", { permissions: ["*"] }],
  ])("%s", async (what, scopes) => {
    expect((await ask(scopes, "GET", "/tools")).status).toBe(200);
    expect((await ask(scopes, "POST", "/servers", { name: `made with ${what}` })).status).toBe(201);
    expect((await ask(scopes, "POST", "/mcp", INITIALIZE)).status).toBe(200);
  });
});

describe("a token narrowed to permissions", () => {
  const TOOL = { name: "made_up", url: "http://127.0.0.1:9/", integrationType: "REST", requestType: "GET" };

  test.each([["tools.read"], ["tools.*"]])("of %s may list tools and nothing of another noun", async (permission) => {
    const scopes = { permissions: [permission] };
    expect((await ask(scopes, "GET", "/tools")).status).toBe(200);
    for (const [path, needed] of [
      ["/servers", "servers.read"],
      ["/gateways", "gateways.read"],
    ] as const) {
      const { status, body } = await ask(scopes, "GET", path);
      expect([status, body]).toEqual([
        403,
        expect.objectContaining({ code: "insufficient_scope", permission: needed }),
      ]);
    }
  });

  test("of tools.read may not make a tool, though its user may", async () => {
    const refused = await ask({ permissions: ["tools.read"] }, "POST", "/tools", TOOL);
    expect([refused.status, refused.body]).toEqual([
      403,
      expect.objectContaining({ code: "insufficient_scope", permission: "tools.create" }),
    ]);
    expect(refused.headers.get("www-authenticate")).toBe('Bearer error="insufficient_scope", scope="tools.create"');
    expect((await gateway.api<unknown[]>("GET", "/tools?q=made_up")).body).toEqual([]);
    expect((await ask({ permissions: ["tools.create"] }, "POST", "/tools", TOOL)).status).toBe(201);
  });

  test("of tools.read may use no MCP endpoint, one of servers.use may", async () => {
    for (const path of ["/mcp", "/servers/one/mcp"]) {
      expect((await ask({ permissions: ["tools.read"] }, "POST", path, INITIALIZE)).status, path).toBe(403);
      expect((await ask({ permissions: ["servers.use"] }, "POST", path, INITIALIZE)).status, path).toBe(200);
    }
  });
});

describe("a token narrowed to places, hours and numbers is held to them at every door", () => {
  const from = async (address: string, scopes: object, jti: string = crypto.randomUUID()) => {
    const headers = { ...bearer(await forge(gateway, { sub: ADMIN, scopes, jti })), "x-test-address": address };
    return async () => [
      (await gateway.api("GET", "/tools", undefined, headers)).status,
      (await gateway.api("POST", "/rpc", { ...INITIALIZE, method: "ping", params: {} }, headers)).status,
      (await gateway.api("POST", "/servers/one/mcp", INITIALIZE, headers)).status,
    ];
  };
  const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

  test("addresses", async () => {
    const scopes = { ip_restrictions: ["10.1.0.0/16", "2001:db8::/32"] };
    for (const address of ["10.1.2.3", "2001:db8::7"])
      expect(await (await from(address, scopes))(), address).toEqual([200, 200, 200]);
    for (const address of ["10.2.0.1", "127.0.0.1", "2001:db9::7"])
      expect(await (await from(address, scopes))(), address).toEqual([403, 403, 403]);
  });

  test("days", async () => {
    const today = new Date().getUTCDay();
    const near = [DAYS[(today + 6) % 7], DAYS[today], DAYS[(today + 1) % 7]];
    expect(await (await from("10.1.2.3", { time_restrictions: { days: near } }))()).toEqual([200, 200, 200]);
    const others = DAYS.filter((day) => !near.includes(day));
    expect(await (await from("10.1.2.3", { time_restrictions: { days: others } }))()).toEqual([403, 403, 403]);
  });

  test("numbers of requests, counted for each token by its id", async () => {
    const scopes = { usage_limits: { requests_per_hour: 3 } };
    const one = await from("10.1.2.3", scopes, "counted-one");
    expect([await one(), await one()]).toEqual([
      [200, 200, 200],
      [429, 429, 429],
    ]);
    expect(await (await from("10.1.2.3", scopes, "counted-two"))()).toEqual([200, 200, 200]);
  });
});
