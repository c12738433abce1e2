// /metrics: what a driver did through the gateway and counted itself is what they say, to the call; everybody is told of
// what they see.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { MetricsAnswer, UsageList } from "../../src/schemas/metrics.ts";
import type { ToolRead } from "../../src/schemas/tools.ts";
import { addUser, as } from "../auth/users.ts";
import { ADMIN, type Gateway, startGateway } from "../harness.ts";
import { modern } from "../wire.ts";

const RED = "red@example.com";

let gateway: Gateway;
const silent = createServer(() => {}); // never answers
beforeAll(async () => {
  gateway = await startGateway({ TOOL_TIMEOUT: "1" });
  await new Promise<void>((listening) => silent.listen(0, "127.0.0.1", listening));
  await addUser(gateway, RED);
});
afterAll(async () => {
  await gateway.dispose();
  silent.closeAllConnections();
  silent.close();
});

/** A virtual server with the sample tools and one that never answers. */
async function aServer(name: string) {
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
  const slow = await gateway.api<ToolRead>("POST", "/tools", { name: `slow_${name}`, url });
  const upstream = await gateway.api<{ id: string }>("POST", "/gateways", { name, url: "builtin:sample" });
  const tools = await gateway.api<ToolRead[]>("GET", `/tools?limit=0&gateway_id=${upstream.body.id}`);
  const ids = tools.body.map(({ id }) => id);
  const server = await gateway.api<{ id: string }>("POST", "/servers", {
    name,
    associatedTools: [...ids, slow.body.id],
  });
  expect([slow.status, upstream.status, server.status], JSON.stringify(server.body)).toEqual([201, 201, 201]);
  const echo = tools.body.find(({ originalName }) => originalName === "echo");
  return { id: server.body.id, upstream: upstream.body.id, slow: slow.body.id, echo: echo?.id ?? "" };
}

/** Calls a tool, or asks for something else, in somebody's name. */
async function ask(server: string, method: string, params: Record<string, unknown>, email: string = ADMIN) {
  const { headers, body } = modern(1, method, params);
  const response = await fetch(`${gateway.url}/servers/${server}/mcp`, {
    method: "POST",
    headers: { ...headers, ...(await as(gateway, email)) },
    body,
  });
  return await response.text();
}
const call = (server: string, name: string, args: object = {}, email?: string) =>
  ask(server, "tools/call", { name, arguments: args }, email);

const metrics = async (query: string, email: string = ADMIN) => {
  const { status, body } = await gateway.api<MetricsAnswer>(
    "GET",
    `/metrics/query?${query}`,
    undefined,
    await as(gateway, email),
  );
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
};
describe("what a driver counted", () => {
  test("is what the metrics say, by outcome, tool, user and client", async () => {
    const server = await aServer("driven");
    const times = async (n: number, what: () => Promise<unknown>) => {
      for (let done = 0; done < n; done++) await what();
    };
    await Promise.all([
      times(9, () => call(server.id, "echo", { message: "hi" })),
      times(4, () => call(server.id, "echo", { message: "hi" }, RED)),
      times(3, () => call(server.id, "get_current_time", { timezone: "Moon/Sea" })),
      times(2, () => call(server.id, "no_such_tool")),
      times(2, () => call(server.id, "slow_driven")),
      times(1, () => ask(server.id, "tools/list", {})),
    ]);
    const counted = { ok: 13, tool_error: 3, rpc_error: 2, timeout: 2 };
    const outcomes = await vi.waitFor(async () => {
      const answer = await metrics(`server=${server.id}&kind=tool&group_by=outcome`);
      expect(Object.fromEntries(answer.groups.map(({ key, calls }) => [key, calls]))).toEqual(counted);
      return answer;
    });
    const { ok: _, ...errorsByKind } = counted;
    expect(outcomes.total).toMatchObject({ calls: 20, errors: 7, errorsByKind, clients: 1 });
    expect(outcomes.previous).toMatchObject({ calls: 0, firstAt: null, averageMs: null });
    expect(outcomes.series.reduce((sum, { calls }) => sum + calls, 0)).toBe(20);
    expect(outcomes.step).toBe("hour");
    expect(outcomes.series).toHaveLength(25);

    const by = async (dimension: string, sort = "calls") =>
      (await metrics(`server=${server.id}&kind=tool&group_by=${dimension}&sort=${sort}`)).groups;
    const [most, ...others] = await by("target");
    expect(most).toMatchObject({ key: server.echo, name: "echo", kind: "tool", calls: 13, errors: 0 });
    expect(others.map(({ name, calls }) => [name, calls])).toEqual(
      expect.arrayContaining([
        ["get_current_time", 3],
        ["no target", 2],
        ["slow_driven", 2],
      ]),
    );
    const slowest = (await by("target", "p95"))[0];
    expect(slowest).toMatchObject({ name: "slow_driven", errorsByKind: { timeout: 2 } });
    expect(slowest?.upstream.p95).toBeGreaterThan(850);
    expect(slowest?.gateway.p95).toBeLessThan(500);
    expect((await by("user")).map(({ key, calls }) => [key, calls])).toEqual([
      [ADMIN, 16],
      [RED, 4],
    ]);
    expect((await by("client")).map(({ name }) => name)).toEqual(["wire 1"]);
    expect((await by("upstream")).map(({ name, calls }) => [name, calls])).toEqual([
      ["driven", 16],
      ["no gateway", 4],
    ]);
    const { body: used } = await gateway.api<UsageList>("GET", "/metrics/usage?tab=failing&q=slow_driven");
    expect(used.usage).toMatchObject([{ id: server.slow, calls: 2, errors: 2, everCalls: 2, gatewayId: null }]);
    expect((await metrics(`server=${server.id}&group_by=kind`)).groups.map(({ key, calls }) => [key, calls])).toEqual([
      ["tool", 20],
      ["other", 1],
    ]);
  });
});
