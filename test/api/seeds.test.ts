// The calls that ContextForge's users have in their notes, as written, with a bearer token.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ServerRead } from "../../src/schemas/servers.ts";
import type { ToolRead } from "../../src/schemas/tools.ts";
import type { UpstreamRead } from "../../src/schemas/upstreams.ts";
import type { Running } from "../fakes/http.ts";
import { startSseServer } from "../fakes/mcp-sse.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { callTool, type RpcAnswer, rpc, type ToolResult, withClient } from "./mcp.ts";
import { type RestApi, startRestApi } from "./rest-api.ts";

let gateway: Gateway;
let clock: RestApi;
let git: Running;

beforeAll(async () => {
  [gateway, clock, git] = await Promise.all([
    startGateway(),
    startRestApi({ body: '{"time":"09:30"}' }),
    startSseServer(),
  ]);
});
afterAll(() => Promise.all([gateway.dispose(), clock.close(), git.close()]));

const portOf = (url: string) => new URL(url).port;

describe("the quick start's calls", () => {
  let tool: ToolRead;
  let gatewayId: string;

  test("POST /tools registers clock_tool as a REST tool that is called by POST", async () => {
    const answer = await gateway.api<ToolRead>("POST", "/tools", {
      name: "clock_tool",
      url: `http://localhost:${portOf(clock.url)}/rpc`,
      description: "Returns current time",
      input_schema: { type: "object", properties: { timezone: { type: "string" } }, required: [] },
    });
    expect(answer.status).toBe(201);
    tool = answer.body;
    expect(tool).toMatchObject({
      name: "clock_tool",
      description: "Returns current time",
      integrationType: "REST",
      requestType: "POST",
      inputSchema: { type: "object", properties: { timezone: { type: "string" } }, required: [] },
      enabled: true,
    });
  });

  test("the clock tool answers through /rpc, and its API gets the arguments", async () => {
    const result = await callTool(gateway, "clock_tool", { timezone: "Europe/Berlin" });
    expect(result.structuredContent).toEqual({ time: "09:30" });
    expect(clock.last()).toMatchObject({ method: "POST", path: "/rpc", body: '{"timezone":"Europe/Berlin"}' });
  });

  test("the clock tool answers an MCP client", async () => {
    const result = await withClient(`${gateway.url}/mcp`, await gateway.token(), (client) =>
      client.callTool({ name: "clock_tool", arguments: { timezone: "Asia/Seoul" } }),
    );
    expect(result.content).toEqual([{ type: "text", text: '{"time":"09:30"}' }]);
    expect(clock.last().body).toBe('{"timezone":"Asia/Seoul"}');
  });

  test("ContextForge's computed name clock-tool leads to the same tool", async () => {
    const before = clock.received.length;
    expect((await callTool(gateway, "clock-tool")).structuredContent).toEqual({ time: "09:30" });
    expect(clock.received.length).toBe(before + 1);
  });

  test("/rpc takes the tool's name as the method, as ContextForge does", async () => {
    const { result } = await rpc<ToolResult>(gateway, "clock_tool", { timezone: "UTC" });
    expect(result.structuredContent).toEqual({ time: "09:30" });
    expect(clock.last().body).toBe('{"timezone":"UTC"}');
  });

  test("GET /tools is a bare array with the tool in it", async () => {
    const { status, body } = await gateway.api<ToolRead[]>("GET", "/tools");
    expect(status).toBe(200);
    expect(body.map(({ id, name }) => ({ id, name }))).toEqual([{ id: tool.id, name: "clock_tool" }]);
  });

  test("GET /version names the application, its protocol and its database", async () => {
    const { status, body } = await gateway.api<Record<string, unknown>>("GET", "/version");
    expect(status).toBe(200);
    expect(body).toMatchObject({
      app: { name: "Causeway", mcp_protocol_version: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) },
      database: { dialect: "sqlite", reachable: true },
    });
  });

  test("POST /gateways finds out by itself that git_server speaks HTTP+SSE, and takes its tools", async () => {
    const answer = await gateway.api<UpstreamRead>("POST", "/gateways", {
      name: "git_server",
      url: `http://localhost:${portOf(git.url)}/sse`,
    });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      name: "git_server",
      slug: "git-server",
      transport: "SSE",
      toolCount: 2,
      reachable: true,
    });
    gatewayId = answer.body.id;
    const { body: tools } = await gateway.api<ToolRead[]>("GET", `/tools?gateway_id=${gatewayId}`);
    expect(tools.map((row) => row.name)).toEqual(["echo", "slow"]);
  });

  test("a tool of git_server is called by its own name and by ContextForge's git-server-echo", async () => {
    for (const name of ["echo", "git-server-echo"]) {
      expect((await callTool(gateway, name, { message: name })).content[0]?.text).toBe(name);
    }
  });

  test("POST /servers bundles chosen tools by their ids", async () => {
    const { body: tools } = await gateway.api<ToolRead[]>("GET", "/tools");
    const [clockTool, echo] = ["clock_tool", "echo"].map((name) => tools.find((row) => row.name === name)?.id ?? "");
    const answer = await gateway.api<ServerRead>("POST", "/servers", {
      name: "development_tools",
      description: "Development and Git tools",
      associatedTools: [clockTool, echo],
    });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      associatedToolIds: [clockTool, echo],
      associatedTools: ["clock_tool", "echo"],
    });
    const names = await withClient(answer.body.mcpUrl, await gateway.token(), async (client) =>
      (await client.listTools()).tools.map((row) => row.name),
    );
    expect(names).toEqual(["clock_tool", "echo"]);
  });

  test("ids that name no tool are refused by name, and no server is made", async () => {
    const answer = await gateway.api<{ detail: string }>("POST", "/servers", {
      name: "half",
      associatedTools: ["tool-id-1", "tool-id-2"],
    });
    expect(answer.status).toBe(422);
    expect(answer.body.detail).toContain("tool-id-1, tool-id-2");
    const { body } = await gateway.api<ServerRead[]>("GET", "/servers");
    expect(body.map((row) => row.name)).toEqual(["development_tools"]);
  });

  test("without a credential each of these calls is refused and nothing changes", async () => {
    const calls = [
      ["POST", "/tools", { name: "x", url: "http://localhost:1/" }],
      ["GET", "/tools"],
      ["GET", "/version"],
      ["POST", "/gateways", { name: "x", url: git.url }],
      ["POST", "/servers", { name: "x" }],
    ] as const;
    for (const [method, path, body] of calls) {
      const answer = await gateway.api(method, path, body, { "content-type": "application/json" });
      expect(answer.status, `${method} ${path}`).toBe(401);
      expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer/);
    }
    const { body: names } = await gateway.api<ToolRead[]>("GET", "/tools");
    expect(names.some((row) => row.name === "x")).toBe(false);
  });

  test("a wrong answer id never comes: /rpc answers with the id it was asked with", async () => {
    const ask = (id: unknown) =>
      gateway.api<RpcAnswer<unknown>>("POST", "/rpc", { jsonrpc: "2.0", id, method: "ping" });
    for (const id of [1, "one", 0, "7"]) expect((await ask(id)).body.id).toBe(id);
  });
});
