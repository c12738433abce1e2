// Without a credential: which doors ask nobody, and that all others answer alike.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../harness.ts";
import { bearer, INITIALIZE, PING } from "./forge.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
  await gateway.api("POST", "/servers", { id: "closed", name: "closed" });
  await gateway.api("POST", "/servers", { id: "lobby", name: "lobby", open: true, visibility: "private" });
});
afterAll(() => gateway.dispose());

const JSON_ONLY = { "content-type": "application/json", accept: "application/json, text/event-stream" };
const ask = (method: string, path: string, body?: object) =>
  gateway.api<Record<string, unknown>>(method, path, body, JSON_ONLY);

describe("without a credential", () => {
  test("every documented call answers 401, at the root and under /v1, but health, readiness and the way in and out", async () => {
    const { body: document } = await gateway.api<{ paths: Record<string, Record<string, object>> }>(
      "GET",
      "/openapi.json",
    );
    const open: string[] = [];
    let asked = 0;
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const method of Object.keys(operations)) {
        for (const root of ["", "/v1"]) {
          const url = `${root}${path.replace(/\{\w+\}/g, "x")}`;
          const { status, headers } = await ask(method.toUpperCase(), url, /post|put/.test(method) ? PING : undefined);
          asked++;
          if (status !== 401) open.push(`${method} ${root}${path}`);
          else expect(headers.get("www-authenticate"), url).toMatch(/^Bearer/);
        }
      }
    }
    expect(asked).toBeGreaterThan(80);
    const wayIn = [
      ...["get /health", "get /ready", "post /auth/session", "delete /auth/session"],
      ...["post /auth/login", "post /auth/email/login", "post /auth/logout"],
      ...["get /auth/claim", "post /auth/claim", "post /auth/email/register", "post /auth/email/forgot-password"],
      ...["get /auth/email/reset-password/{token}", "post /auth/email/reset-password/{token}"],
    ];
    expect(open.sort()).toEqual([...wayIn, ...wayIn.map((name) => name.replace(" ", " /v1"))].sort());
  });

  test("MCP doors answer 401 alike, whether there is such a virtual server or not", async () => {
    const answers = [];
    for (const path of ["/mcp", "/rpc", "/servers/closed/mcp", "/servers/never-was/mcp", "/servers/%E0%A4%A/mcp"]) {
      const { status, headers, body } = await ask("POST", path, PING);
      expect([status, headers.get("www-authenticate")], path).toEqual([401, 'Bearer realm="Causeway"']);
      answers.push(JSON.stringify(body).replace(/"request_id":"\w+"/, ""));
    }
    expect(new Set(answers.slice(2)).size).toBe(1);
    expect((await ask("POST", "/rpc", { ...PING, params: { server_id: "closed" } })).status).toBe(401);
  });

  test("an open virtual server serves MCP, and shows nothing more", async () => {
    expect(await ask("POST", "/servers/lobby/mcp", INITIALIZE)).toMatchObject({
      status: 200,
      body: { result: { serverInfo: {} } },
    });
    expect(await ask("POST", "/rpc", { ...PING, params: { server_id: "lobby" } })).toMatchObject({
      status: 200,
      body: { result: {} },
    });
    expect((await ask("GET", "/servers/lobby")).status).toBe(401);
    expect((await ask("GET", "/servers/lobby/tools")).status).toBe(401);
    expect((await gateway.api("POST", "/servers/lobby/mcp", INITIALIZE, bearer("spoilt"))).status).toBe(401);
  });

  test("the dashboard's pages are shown, the same for every path, and nothing of the gateway is in them", async () => {
    const pages = await Promise.all(
      ["/ui", "/ui/", "/ui/tools", "/docs"].map(async (path) => (await fetch(gateway.url + path)).text()),
    );
    expect(new Set(pages).size).toBe(1);
    expect(pages[0]).toContain("<!doctype html>");
    expect(pages[0]).not.toMatch(/lobby|closed|admin@/);
  });

  test("the front door and a browser's visit to /admin lead to the dashboard", async () => {
    for (const path of ["/", "/admin"]) {
      const { status, headers } = await fetch(gateway.url + path, {
        redirect: "manual",
        headers: { accept: "text/html" },
      });
      expect([status, new URL(headers.get("location") ?? "", gateway.url).pathname], path).toEqual([302, "/ui/"]);
    }
  });
});

describe("a path", () => {
  test("that can't be decoded is just not there", async () => {
    const headers = bearer(await gateway.token());
    expect((await gateway.api("POST", "/servers/%E0%A4%A/mcp", PING, headers)).status).toBe(404);
    for (const path of ["/tools/%E0%A4%A", "/%", "/nothing"])
      expect((await gateway.api("GET", path)).status, path).toBe(404);
  });

  test("answers 405 to a method it does not have, and says which it has", async () => {
    for (const [method, path, allow] of [
      ["PATCH", "/tools/x", "GET, PUT, DELETE"],
      ["DELETE", "/tags", "GET"],
      ["PUT", "/v1/servers", "GET, POST"],
    ] as const) {
      const { status, headers, body } = await gateway.api(method, path);
      expect([status, headers.get("allow"), body]).toEqual([
        405,
        allow,
        expect.objectContaining({ code: "method_not_allowed" }),
      ]);
    }
  });

  test("under a switched-off admin API reads and serves, and changes nothing", async () => {
    const other = await startGateway({ MCPGATEWAY_ADMIN_API_ENABLED: "false" });
    for (const [method, path] of [
      ["POST", "/tools"],
      ["PUT", "/tools/x"],
      ["DELETE", "/tools/x"],
      ["POST", "/tools/x/state"],
      ["POST", "/gateways/test"],
    ] as const) {
      const { status, body } = await other.api(method, path, {});
      expect([status, body]).toEqual([
        403,
        expect.objectContaining({ detail: expect.stringContaining("MCPGATEWAY_ADMIN_API_ENABLED") }),
      ]);
    }
    expect((await other.api("GET", "/tools")).status).toBe(200);
    expect(await other.api("POST", "/rpc", PING)).toMatchObject({ status: 200, body: { result: {} } });
    await other.dispose();
  });

  test("of the dashboard is not there when the dashboard is switched off", async () => {
    const other = await startGateway({ MCPGATEWAY_UI_ENABLED: "false" });
    for (const path of ["/ui/", "/docs"]) expect((await other.api("GET", path)).status, path).toBe(404);
    await other.dispose();
  });
});
