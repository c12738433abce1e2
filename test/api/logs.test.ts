// ContextForge's log calls: the request log in its words, for the same eyes.
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { parseEvents } from "../../src/lib/sse.ts";
import type { LogEntry, LogList, LogSearchAnswer, Trace } from "../../src/schemas/logs.ts";
import { addTeam } from "../auth/teams.ts";
import { addUser, as } from "../auth/users.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { modern } from "../wire.ts";

const ADMIN = "admin@example.com";
let gateway: Gateway;
/** Virtual servers: one that everybody sees, and one of a team. */
const places: Record<"open" | "red", { url: string; serverId: string; gatewayId: string }> = {} as never;

async function call(
  place: keyof typeof places,
  method: string,
  params: Record<string, unknown>,
  user: string,
  id: string,
) {
  const { body, headers } = modern(1, method, params);
  const own = { ...(await as(gateway, user)), "x-correlation-id": id };
  await (await fetch(places[place].url, { method: "POST", headers: { ...headers, ...own }, body })).text();
}
const echo = (place: keyof typeof places, user: string, id: string) =>
  call(place, "tools/call", { name: "echo", arguments: { message: "hi" } }, user, id);

beforeAll(async () => {
  gateway = await startGateway();
  for (const user of ["anna", "dora"]) await addUser(gateway, `${user}@example.com`);
  await addTeam(gateway, "red", { "anna@example.com": "owner" });
  const ofRed = { visibility: "team", teamId: "red" };
  places.open = await gateway.bundle("open", "builtin:sample");
  places.red = await gateway.bundle("red", "builtin:sample", ofRed, ofRed);
  await echo("open", "dora@example.com", "dora-echoes");
  await echo("red", "anna@example.com", "anna-echoes");
  await call("open", "tools/list", {}, "dora@example.com", "dora-lists");
  await call("open", "tools/call", { name: "nothing", arguments: {} }, "dora@example.com", "dora-fails");
});
afterAll(() => gateway.dispose());

const get = async <T>(path: string, user = ADMIN) =>
  await gateway.api<T>("GET", path, undefined, await as(gateway, user));
const logs = async (query = "", user = ADMIN) => (await get<LogList>(`/admin/logs${query}`, user)).body;
const ids = (entries: readonly { id: string }[]) => entries.map(({ id }) => id);
const all = ["dora-fails", "dora-lists", "anna-echoes", "dora-echoes"];

describe("/admin/logs", () => {
  test("has the calls that went through, newest first, with what they add up to", async () => {
    const { total, logs: entries, stats, searched_until } = await logs();
    expect([total, ids(entries)]).toEqual([4, all]);
    expect(entries.at(-1)).toMatchObject({
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      level: "info",
      logger: "tool_service",
      component: "tool_service",
      message: "tools/call echo",
      entity_type: "tool",
      entity_id: expect.stringMatching(/./),
      entity_name: "echo",
      request_id: "dora-echoes",
      data: { outcome: "ok", user: "dora@example.com", server_id: places.open.serverId },
    });
    expect(entries[0]).toMatchObject({ level: "warning", message: expect.stringMatching(/^tools\/call nothing: ./) });
    expect(entries[1]).toMatchObject({
      logger: "http_gateway",
      entity_type: "server",
      entity_id: places.open.serverId,
    });
    expect(stats).toMatchObject({ total_logs: 4, unique_requests: 4, level_distribution: { info: 3, warning: 1 } });
    expect(Date.parse(searched_until)).toBeLessThan(Date.now() - 86_400_000);
    expect((await gateway.api("GET", "/v1/admin/logs")).body).toMatchObject({ total: 4 });
  });

  test("is filtered, in ContextForge's words", async () => {
    const [first] = (await logs("?request_id=dora-echoes")).logs as [LogEntry];
    const last = (await logs("?request_id=dora-fails")).logs[0]?.timestamp ?? "";
    for (const [query, expected] of [
      ["?level=info", all],
      ["?level=WARNING", ["dora-fails"]],
      ["?level=critical", []],
      ["?component=tool_service", ["dora-fails", "anna-echoes", "dora-echoes"]],
      ["?component=gateway,prompt", ["dora-lists"]],
      ["?search=CALL+echo", ["anna-echoes", "dora-echoes"]],
      ["?search=anna@", ["anna-echoes"]],
      [`?entity_type=tool&entity_id=${first.entity_id}`, ["dora-echoes"]],
      [`?entity_id=${first.entity_id}`, ["dora-echoes"]],
      ["?entity_type=tool&component=http_gateway", []],
      [`?entity_type=server&entity_id=${places.red.serverId}`, ["anna-echoes"]],
      [`?entity_type=gateway&entity_id=${places.red.gatewayId}`, ["anna-echoes"]],
      [`?end_time=${first.timestamp.replace("Z", "%2B00:00")}`, ["dora-echoes"]],
      [`?start_time=${last.replace("Z", "")}`, ["dora-fails"]],
    ] as const)
      expect(ids((await logs(query)).logs), query).toEqual(expected);
  });

  test("comes from either end, in pages; what does not fit is told by its field", async () => {
    expect(ids((await logs("?order=asc&limit=2")).logs)).toEqual(["dora-echoes", "anna-echoes"]);
    expect(ids((await logs("?limit=2&offset=1")).logs)).toEqual(all.slice(1, 3));
    expect(await logs("?offset=10000")).toMatchObject({ total: 4, logs: [] });
    for (const [query, field] of [
      ["offset=10001", "offset"],
      ["limit=1001", "limit"],
      ["level=loud", "level"],
      ["component=kitchen", "component"],
      ["start_time=yesterday", "start_time"],
      ["entity_type=server", "entity_id"],
    ]) {
      const { status, body } = await get(`/admin/logs?${query}`);
      expect([status, JSON.stringify(body)], query).toEqual([422, expect.stringContaining(`"${field}"`)]);
    }
  });

  test("shows nobody more than /requests does", async () => {
    expect(ids((await logs("", "anna@example.com")).logs)).toEqual(["anna-echoes"]);
    expect(ids((await logs("", "dora@example.com")).logs)).toEqual(["dora-fails", "dora-lists", "dora-echoes"]);
    expect((await fetch(`${gateway.url}/admin/logs`)).status).toBe(401);
  });
});

describe("an export", () => {
  const file = async (query: string, user = ADMIN) =>
    await fetch(`${gateway.url}/admin/logs/export${query}`, { headers: await as(gateway, user) });

  test("has the same entries, as JSON and as CSV", async () => {
    const json = await file("");
    expect(json.headers.get("content-disposition")).toMatch(/^attachment; filename="logs-.*\.json"$/);
    expect(await json.json()).toEqual((await logs()).logs);
    const [heads, ...rows] = (await (await file("?format=csv&search=echo", "anna@example.com")).text())
      .trim()
      .split("\r\n");
    expect(heads).toBe("timestamp,level,entity_type,entity_id,entity_name,message,logger,request_id");
    expect(rows).toEqual([expect.stringMatching(/,info,tool,\w+,echo,tools\/call echo,tool_service,anna-echoes$/)]);
  });

  test("of nothing is an empty array", async () => {
    expect(await (await file("?level=emergency")).json()).toEqual([]);
  });
});

test("the stream tells of calls as they come, each an entry of the log", async () => {
  const stop = new AbortController();
  const headers = await as(gateway, "anna@example.com");
  const response = await fetch(`${gateway.url}/admin/logs/stream?entity_type=tool`, { headers, signal: stop.signal });
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
  const events: { event: string | undefined; entry: LogEntry }[] = [];
  const ended = (async () => {
    for await (const { event, data } of parseEvents(response.body as ReadableStream<Uint8Array>))
      events.push({ event, entry: JSON.parse(data) as LogEntry });
  })().catch(() => {}); // it fails with the abort
  await echo("open", "dora@example.com", "not-for-anna");
  await call("red", "tools/list", {}, "anna@example.com", "not-a-tool");
  await echo("red", "anna@example.com", "while-open");
  await vi.waitFor(() => expect(events).toHaveLength(1), 10_000);
  stop.abort();
  await ended;
  const [known] = (await logs("?request_id=while-open")).logs;
  expect(events).toEqual([{ event: undefined, entry: known }]);
});

describe("/api/logs/search", () => {
  const search = async (body: object, user = ADMIN) =>
    await gateway.api<LogSearchAnswer>("POST", "/api/logs/search", body, await as(gateway, user));
  const found = async (body: object, user = ADMIN) =>
    ids((await search({ ...body, user_id: user }, ADMIN)).body.results);

  test("finds by text, level, component, user, time taken and failure", async () => {
    const dora = "dora@example.com";
    const { body } = await search({ correlation_id: "dora-fails" });
    expect(body).toMatchObject({ total: 1, searched_until: expect.any(String) });
    expect(body.results[0]).toMatchObject({
      level: "WARNING",
      component: "tool_service",
      correlation_id: "dora-fails",
      user_email: dora,
      operation_type: "tools/call",
      error_details: { outcome: expect.any(String), message: expect.any(String) },
    });
    for (const [asked, expected] of [
      [{ search_text: "nothing" }, ["dora-fails"]],
      [{ level: ["INFO", "ERROR"], search_text: null }, ["not-for-anna", "dora-lists", "dora-echoes"]],
      [{ level: ["info"], has_error: true }, []],
      [{ has_error: true }, ["dora-fails"]],
      [{ has_error: false, component: ["http_gateway"] }, ["dora-lists"]],
      [{ min_duration_ms: 600_000 }, []],
      [{ max_duration_ms: 600_000, limit: 2, offset: 1 }, ["dora-fails", "dora-lists"]],
      [{ end_time: "2026-01-01T00:00:00" }, []],
    ] as const)
      expect(await found(asked, dora), JSON.stringify(asked)).toEqual(expected);
  });

  test("sorts by what it is told to; what does not fit is told by its field", async () => {
    const { results } = (await search({ sort_by: "duration_ms", sort_order: "asc" })).body;
    const took = results.map(({ duration_ms }) => duration_ms);
    expect(took).toEqual(took.toSorted((one, other) => one - other));
    const oldest = (await search({ sort_order: "asc", limit: 1 })).body;
    expect([ids(oldest.results), oldest.total]).toEqual([["dora-echoes"], results.length]);
    for (const body of [{ sort_by: "colour" }, { offset: 10_001 }, { level: ["loud"] }, { category: ["x"] }]) {
      const { status, body: told } = await search(body);
      expect([status, JSON.stringify(told)]).toEqual([422, expect.stringContaining(Object.keys(body)[0] ?? "")]);
    }
  });

  test("shows nobody more than /requests does", async () => {
    const { results } = (await search({}, "anna@example.com")).body;
    expect(new Set(results.map(({ user_id }) => user_id))).toEqual(new Set(["anna@example.com"]));
  });
});

describe("a trace", () => {
  const traced = async (id: string, user = ADMIN) => (await get<Trace>(`/api/logs/trace/${id}`, user)).body;

  test("has all calls and changes of a correlation id in order, and how long they took together", async () => {
    const id = "one-piece-of-work";
    await echo("open", ADMIN, id);
    const headers = { ...(await as(gateway, ADMIN)), "x-correlation-id": id };
    await gateway.api("PUT", `/servers/${places.open.serverId}`, { description: "Changed" }, headers);
    await call("open", "tools/call", { name: "nothing", arguments: {} }, ADMIN, id);
    const { logs: entries, ...trace } = await traced(id);
    expect(entries.map(({ message }) => message)).toEqual([
      "tools/call echo",
      expect.stringMatching(/^tools\/call nothing: /),
    ]);
    const took = entries.reduce((sum, { duration_ms }) => sum + duration_ms, 0);
    expect(trace).toMatchObject({ correlation_id: id, log_count: 2, error_count: 1, total_duration_ms: took });
    expect(trace.audit_trails).toMatchObject([{ action: "server.update", resource_id: places.open.serverId }]);
    expect((await traced(id, "dora@example.com")).audit_trails).toEqual([]);
  });

  test("of what one does not see is as empty as one that never was", async () => {
    const [hidden, absent] = [
      await traced("dora-echoes", "anna@example.com"),
      await traced("never-was", "anna@example.com"),
    ];
    expect({ ...hidden, correlation_id: "" }).toEqual({
      ...absent,
      correlation_id: "",
      searched_until: hidden.searched_until,
    });
    expect(absent).toMatchObject({ log_count: 0, total_duration_ms: null, logs: [] });
  });
});
