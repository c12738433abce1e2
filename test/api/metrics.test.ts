// /metrics: what a driver did through the gateway and counted itself is what they say, to the call; everybody is told of
// what they see.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { AuditEntry } from "../../src/schemas/audit.ts";
import type { Aggregate, MetricsAnswer, TopPerformer, UsageList } from "../../src/schemas/metrics.ts";
import type { ToolRead } from "../../src/schemas/tools.ts";
import { addTeam } from "../auth/teams.ts";
import { addUser, as } from "../auth/users.ts";
import { ADMIN, type Gateway, startGateway } from "../harness.ts";
import { modern } from "../wire.ts";

const RED = "red@example.com";
const BLUE = "blue@example.com";

let gateway: Gateway;
const silent = createServer(() => {}); // never answers
beforeAll(async () => {
  gateway = await startGateway({ TOOL_TIMEOUT: "1" });
  await new Promise<void>((listening) => silent.listen(0, "127.0.0.1", listening));
  for (const email of [RED, BLUE]) await addUser(gateway, email);
  await addTeam(gateway, "red", { [RED]: "owner" });
  await addTeam(gateway, "blue", { [BLUE]: "owner" });
});
afterAll(async () => {
  await gateway.dispose();
  silent.closeAllConnections();
  silent.close();
});

/** A virtual server of a team's (or public), with the sample tools and one that never answers. */
async function aServer(name: string, teamId?: string) {
  const place = teamId === undefined ? {} : { teamId, visibility: "team" };
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
  const slow = await gateway.api<ToolRead>("POST", "/tools", { name: `slow_${name}`, url, ...place });
  const upstream = await gateway.api<{ id: string }>("POST", "/gateways", { name, url: "builtin:sample", ...place });
  const tools = await gateway.api<ToolRead[]>("GET", `/tools?limit=0&gateway_id=${upstream.body.id}`);
  const ids = tools.body.map(({ id }) => id);
  const server = await gateway.api<{ id: string }>("POST", "/servers", {
    name,
    associatedTools: [...ids, slow.body.id],
    ...place,
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
    }, 10_000);
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

describe("ContextForge's metrics", () => {
  const read = async <Body>(path: string, email: string = ADMIN) =>
    (await gateway.api<Body>("GET", path, undefined, await as(gateway, email))).body;

  test("are the driver's counts, of kinds, of entities and of the most called", async () => {
    const before = await read<Aggregate>("/metrics");
    const server = await aServer("ranked");
    for (let n = 0; n < 6; n++) await call(server.id, "echo", { message: "hi" });
    for (let n = 0; n < 2; n++) await call(server.id, "get_current_time", { timezone: "Moon/Sea" });
    await call(server.id, "get_current_time", { timezone: "Europe/Berlin" });
    const after = await vi.waitFor(async () => {
      const { tools } = await read<Aggregate>("/metrics");
      expect(tools.totalExecutions - before.tools.totalExecutions).toBe(9);
      return tools;
    }, 10_000);
    expect(after.failedExecutions - before.tools.failedExecutions).toBe(2);
    expect(after.successfulExecutions + after.failedExecutions).toBe(after.totalExecutions);
    expect(after.failureRate).toBeCloseTo(after.failedExecutions / after.totalExecutions);
    expect(after.avgResponseTime).toBeLessThan(60);
    expect(Date.now() - Date.parse(after.lastExecutionTime ?? "")).toBeLessThan(60_000);

    const top = await read<{ topPerformers: { servers: TopPerformer[] } }>("/admin/metrics?limit=100");
    expect(top.topPerformers.servers.find(({ id }) => id === server.id)).toMatchObject({
      name: "ranked",
      executionCount: 9,
      successRate: (100 * 7) / 9,
    });
    const csv = await fetch(`${gateway.url}/admin/metrics?format=csv&entity_type=servers`, {
      headers: await as(gateway, ADMIN),
    });
    const lines = (await csv.text()).split("\r\n");
    expect(lines[0]).toBe("Rank,Name,Executions,Avg Response Time,Success Rate,Last Used");
    expect(lines.some((line) => /^\d+,ranked,9,/.test(line))).toBe(true);

    await vi.waitFor(
      async () =>
        expect(await read(`/tools/${server.echo}`)).toMatchObject({
          executionCount: 6,
          metrics: { totalExecutions: 6, failedExecutions: 0 },
        }),
      8_000,
    );
    for (const path of [`/servers/${server.id}`, `/gateways/${server.upstream}`])
      expect(await read(path)).toMatchObject({ metrics: { totalExecutions: 9, failedExecutions: 2 } });
    expect(await read(`/tools/${server.slow}`)).toMatchObject({
      executionCount: 0,
      metrics: { totalExecutions: 0, lastExecutionTime: null, minResponseTime: null },
    });

    const text = await (await fetch(`${gateway.url}/metrics/prometheus`, { headers: await as(gateway, ADMIN) })).text();
    expect(text).toContain('causeway_calls_total{kind="tool",target="echo",server="ranked",outcome="ok"} 6\n');
    expect(text).toContain('causeway_upstream_duration_seconds_count{gateway="ranked"} 9\n');
  });

  test("are forgotten when they are reset, which the trail tells", async () => {
    const [kept, reset] = [await aServer("kept"), await aServer("reset")];
    for (const { id } of [kept, reset]) await call(id, "echo", { message: "hi" });
    await vi.waitFor(async () => expect((await metrics(`server=${reset.id}`)).total.calls).toBe(1), 10_000);
    const forget = (query: string, email: string = ADMIN) =>
      as(gateway, email).then((headers) => gateway.api("POST", `/metrics/reset${query}`, undefined, headers));
    expect((await forget(`?entity=tool&entity_id=${reset.echo}`, RED)).status).toBe(403);
    expect((await forget("?entity=nonsense")).status).toBe(422);
    expect(await forget(`?entity=tool&entity_id=${reset.echo}`)).toMatchObject({
      status: 200,
      body: { status: "success" },
    });
    expect((await metrics(`server=${reset.id}`)).total.calls).toBe(0);
    expect((await metrics(`server=${kept.id}`)).total.calls).toBe(1);
    expect(await read(`/tools/${reset.echo}`)).toMatchObject({ executionCount: 0 });
    expect((await forget("")).status).toBe(200);
    expect((await read<Aggregate>("/metrics")).tools).toMatchObject({ totalExecutions: 0, lastExecutionTime: null });
    const { entries } = await read<{ entries: AuditEntry[] }>("/audit?action=metrics.reset");
    expect(entries.map(({ target_type, target_id }) => [target_type, target_id])).toEqual([
      ["metrics", "all"],
      ["tool", reset.echo],
    ]);
  });
});

describe("two teams", () => {
  test("are each told of their own and of what is public, and of nobody by name", async () => {
    const [red, blue, open] = [
      await aServer("reds", "red"),
      await aServer("blues", "blue"),
      await aServer("everybodys"),
    ];
    const hi = { message: "hi" };
    for (let n = 0; n < 3; n++) await call(red.id, "echo", hi, RED);
    for (let n = 0; n < 2; n++) await call(blue.id, "echo", hi, BLUE);
    for (const email of [RED, BLUE, BLUE]) await call(open.id, "echo", hi, email);
    await vi.waitFor(
      async () =>
        expect((await metrics("group_by=user")).groups).toMatchObject([
          { key: BLUE, calls: 4 },
          { key: RED, calls: 4 },
        ]),
      10_000,
    );
    const by = async (dimension: string, email: string) =>
      Object.fromEntries(
        (await metrics(`group_by=${dimension}`, email)).groups.map(({ name, calls }) => [name, calls]),
      );
    expect(await by("server", RED)).toEqual({ reds: 3, everybodys: 3 });
    expect(await by("server", BLUE)).toEqual({ blues: 2, everybodys: 3 });
    expect(await by("user", RED)).toEqual({ [RED]: 4, others: 2 });
    expect(await by("user", BLUE)).toEqual({ [BLUE]: 4, others: 1 });
    expect((await metrics(`user=${BLUE}`, RED)).total.calls).toBe(0);
    expect((await metrics(`server=${blue.id}`, RED)).total.calls).toBe(0);

    const used = async (query: string, email: string) =>
      (
        await gateway.api<UsageList>("GET", `/metrics/usage?limit=500&${query}`, undefined, await as(gateway, email))
      ).body.usage.map(({ name, calls }) => [name, calls]);
    expect(await used("kind=server", RED)).toEqual([
      ["everybodys", 3],
      ["reds", 3],
    ]);
    expect(await used("kind=server&tab=unused&q=blues", RED)).toEqual([]);
    expect((await used("kind=gateway", BLUE)).toSorted()).toEqual([
      ["blues", 2],
      ["everybodys", 3],
    ]);
    for (const path of [
      "/metrics/prometheus",
      "/admin/metrics",
      "/metrics/usage?format=csv",
      "/metrics/query?format=csv",
    ]) {
      const text = await (await fetch(gateway.url + path, { headers: await as(gateway, RED) })).text();
      for (const foreign of [BLUE, "blues", blue.id, blue.echo]) expect(text, path).not.toContain(foreign);
    }
  });
});

describe("tools that nobody uses", () => {
  test("are found, page by page, and disabled at once, as far as they may be changed", async () => {
    const server = await aServer("idle");
    await call(server.id, "echo", { message: "hi" });
    const unused = async (query: string) =>
      (await gateway.api<UsageList>("GET", `/metrics/usage?tab=unused&${query}`)).body;
    const all = await vi.waitFor(async () => {
      const { usage } = await unused("limit=500");
      expect(usage.some(({ id }) => id === server.echo)).toBe(false);
      return usage.map(({ id }) => id);
    }, 10_000);
    expect(all).toContain(server.slow);
    const paged: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: UsageList = await unused(`limit=3${cursor && `&cursor=${cursor}`}`);
      paged.push(...page.usage.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(paged).toEqual(all);

    const mine = await gateway.api<ToolRead>(
      "POST",
      "/tools",
      { name: "reds_own", url: "http://127.0.0.1:9/", visibility: "private" },
      await as(gateway, RED),
    );
    const disable = async (ids: string[], email: string = ADMIN) =>
      (await gateway.api<{ results: unknown }>("POST", "/tools/disable", { ids }, await as(gateway, email))).body
        .results;
    expect(await disable([mine.body.id, server.slow, "absent", mine.body.id], RED)).toEqual([
      { id: mine.body.id, name: "reds_own", outcome: "disabled" },
      { id: server.slow, name: "slow_idle", outcome: "forbidden" },
      { id: "absent", name: null, outcome: "not_found" },
    ]);
    expect(await disable([server.slow, server.echo])).toMatchObject([{ outcome: "disabled" }, { outcome: "disabled" }]);
    expect(await disable([server.slow])).toMatchObject([{ outcome: "unchanged" }]);
    expect((await gateway.api("GET", `/tools/${server.slow}`)).body).toMatchObject({ enabled: false, version: 2 });
    expect((await unused("q=slow_idle")).usage).toEqual([]);
    expect(await call(server.id, "echo", { message: "hi" })).toContain('"error"');
  });
});

describe("a range", () => {
  test("that is none, or has too many steps, is refused by name of the field", async () => {
    for (const [query, field] of [
      ["since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z", "since"],
      ["since=2026-01-01T00:00:00Z&until=2026-01-03T00:00:00Z&step=minute", "step"],
    ]) {
      const { status, body } = await gateway.api<{ field: string }>("GET", `/metrics/query?${query}`);
      expect([status, body.field]).toEqual([422, field]);
    }
    expect((await gateway.api("GET", "/metrics/usage?cursor=made-up")).status).toBe(422);
  });

  test("has a step that fits it", async () => {
    const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
    for (const [hours, step] of [
      [1, "minute"],
      [24, "hour"],
      [7 * 24, "hour"],
      [30 * 24, "day"],
    ] as const)
      expect((await metrics(`since=${ago(hours)}`)).step).toBe(step);
    expect((await metrics(`since=${ago(100)}&until=${ago(99)}`)).step).toBe("hour"); // those of minutes are gone
  });
});
