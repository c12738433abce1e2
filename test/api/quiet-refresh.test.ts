// A refresh counts as a change when it found one: then version, audit trail and stamp move; else nothing does but the
// time of the look. Refreshes that an upstream asks for are the gateway's own doing, however many clients listen.
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { addUser } from "../auth/users.ts";
import { type Changing, startChanging, TOOLS_CHANGED } from "../fakes/changing.ts";
import { type Message, plainTool } from "../fakes/plain-mcp.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { messagesIn, modern } from "../wire.ts";

type Row = Record<string, unknown>;

const ACKNOWLEDGED = "notifications/subscriptions/acknowledged";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
  await addUser(gateway, "listener@example.com");
});
afterAll(() => gateway.dispose());

/** An upstream that ends with the test. */
async function changing(era: Parameters<typeof startChanging>[0]) {
  const upstream = await startChanging(era);
  onTestFinished(upstream.close);
  return upstream;
}

const CHANGES: [string, (tools: Row[]) => void, object][] = [
  ["a new tool", (tools) => tools.push(plainTool("third")), { toolsAdded: 1, toolsUpdated: 0, toolsRemoved: 0 }],
  [
    "another description",
    (tools) => tools.splice(0, 1, { ...plainTool("first"), description: "Another" }),
    { toolsAdded: 0, toolsUpdated: 1, toolsRemoved: 0 },
  ],
  ["a tool less", (tools) => tools.pop(), { toolsAdded: 0, toolsUpdated: 0, toolsRemoved: 1 }],
];

let count = 0;

describe.each(["session", "modern"] as const)("a refresh of a %s upstream", (era) => {
  let upstream: Changing;
  let id: string;
  beforeEach(async () => {
    upstream = await changing(era);
    const created = await gateway.api<Row>("POST", "/gateways", { name: `changing ${++count}`, url: upstream.url });
    expect(created.status).toBe(201);
    id = String(created.body.id);
  });

  const refresh = async () => {
    const { status, body } = await gateway.api<Row>("POST", `/gateways/${id}/tools/refresh`);
    expect(status, JSON.stringify(body)).toBe(200);
    return body;
  };
  /** Everything that tells of a change, and apart from it when somebody last looked. */
  const state = async () => {
    const [stamp, audit, [row], { headers }] = await Promise.all([
      gateway.sql("SELECT version FROM stamps WHERE name = 'catalog'"),
      gateway.sql("SELECT * FROM audit"),
      gateway.sql("SELECT * FROM upstreams WHERE id = ?", id) as Promise<Row[]>,
      gateway.api<Row>("GET", `/gateways/${id}`),
    ]);
    const tools = await gateway.sql("SELECT * FROM tools ORDER BY id");
    const { last_refresh_at: refreshed, last_seen: seen, era_found_at: _, ...rest } = row ?? {};
    const version = /^"(\d+)/.exec(headers.get("etag") ?? "")?.[1];
    return { kept: { stamp, audit, row: rest, tools, version }, looked: { refreshed, seen } };
  };

  it("that finds everything as it was moves nothing but the time of the look", async () => {
    const before = await state();
    expect(await refresh()).toMatchObject({ toolsAdded: 0, toolsUpdated: 0, toolsRemoved: 0 });
    expect(await refresh()).toMatchObject({ toolsAdded: 0, toolsUpdated: 0, toolsRemoved: 0 });
    const after = await state();
    expect(after.kept).toEqual(before.kept);
    expect(String(after.looked.refreshed) > String(before.looked.refreshed)).toBe(true);
    const change = await gateway.api("PUT", `/gateways/${id}`, { description: "x" }, await withVersion("1"));
    expect(change.status).toBe(200);
  });

  it.each(CHANGES)("that finds %s counts as a change by who asked for it", async (_what, change, counts) => {
    const before = await state();
    change(upstream.tools);
    expect(await refresh()).toMatchObject(counts);
    const { kept } = await state();
    expect([before.kept.version, kept.version]).toEqual(["1", "2"]);
    expect(versionOf(kept.stamp)).toBeGreaterThan(versionOf(before.kept.stamp));
    expect(kept.audit.slice(before.kept.audit.length)).toMatchObject([
      { action: "gateway.refresh", target_id: id, actor: "admin@example.com" },
    ]);
    expect(kept.row.modified_by).toBe("admin@example.com");
    expect((await gateway.api("PUT", `/gateways/${id}`, { description: "x" }, await withVersion("1"))).status).toBe(
      412,
    );
  });

  it("that finds the upstream back after an outage counts as a change", async () => {
    await gateway.sql("UPDATE upstreams SET reachable = 0, last_error = 'was down' WHERE id = ?", id);
    await refresh();
    expect((await state()).kept).toMatchObject({ version: "2", row: { reachable: 1, last_error: null } });
  });
});

const versionOf = (rows: unknown[]): number => (rows as { version: number }[])[0]?.version ?? 0;
const withVersion = async (version: string) => ({
  authorization: `Bearer ${await gateway.token()}`,
  "content-type": "application/json",
  "if-match": `"${version}"`,
});

const WATCHED = "note://watched";

/** Listens to changes of tools and of one resource. What is given back resolves with the first message of a method. */
async function listen(url: string, token: string) {
  const gone = new AbortController();
  onTestFinished(() => gone.abort());
  const { headers, body } = modern(1, "subscriptions/listen", {
    notifications: { toolsListChanged: true, resourceSubscriptions: [WATCHED] },
  });
  const response = await fetch(url, {
    method: "POST",
    headers: { ...headers, authorization: `Bearer ${token}` },
    body,
    signal: gone.signal,
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  return async (method: string): Promise<void> => {
    for (;;) {
      const blocks = messagesIn("text/event-stream", text.slice(0, text.lastIndexOf("\n\n") + 2));
      if (blocks.some((block) => (JSON.parse(block) as Message).method === method)) return;
      const { value, done } = (await reader?.read()) ?? { done: true };
      if (done) throw new Error(`the stream ended before ${method}`);
      text += value;
    }
  };
}

describe("what an upstream tells its listeners", () => {
  const UPDATED = { jsonrpc: "2.0", method: "notifications/resources/updated", params: { uri: WATCHED } };

  it("is looked at in the name of the gateway, once or twice however many listen, and reaches all of them", async () => {
    const upstream = await changing("modern");
    const { gatewayId } = await gateway.bundle(`telling ${++count}`, upstream.url, {}, { autoApprove: true });
    const token = await gateway.token({ subject: "listener@example.com" });
    const listeners = await Promise.all(Array.from({ length: 8 }, () => listen(`${gateway.url}/mcp`, token)));
    await Promise.all(listeners.map((told) => told(ACKNOWLEDGED)));
    await upstream.hears("subscriptions/listen");
    const lists = (await upstream.hears("tools/list")).length;
    const [{ last } = { last: 0 }] = (await gateway.sql("SELECT MAX(id) AS last FROM audit")) as { last: number }[];

    upstream.tools.push(plainTool(`told-${count}`));
    for (const tell of upstream.listeners) tell(TOOLS_CHANGED);
    await Promise.all(listeners.map((told) => told(TOOLS_CHANGED.method)));

    const changes = await gateway.sql("SELECT * FROM audit WHERE id > ? AND target_id = ?", last, gatewayId);
    expect(changes).toMatchObject([{ action: "gateway.refresh", target_id: gatewayId, actor: "gateway", ip: null }]);
    const [row] = await gateway.sql("SELECT * FROM upstreams WHERE id = ?", gatewayId);
    expect(row).toMatchObject({ modified_by: "gateway", modified_via: "federation", modified_user_agent: null });
    const [tool] = await gateway.sql("SELECT * FROM tools WHERE original_name = ?", `told-${count}`);
    expect(tool).toMatchObject({ created_by: "gateway", created_via: "federation", created_user_agent: null });

    for (const tell of upstream.listeners) tell(UPDATED);
    await Promise.all(listeners.map((told) => told(UPDATED.method)));
    const looks = upstream.heard.filter(({ message }) => message?.method === "tools/list").length - lists;
    expect([1, 2]).toContain(looks);
    expect(upstream.listeners).toHaveLength(1);
  });

  it("is heard again after a look that failed", async () => {
    const upstream = await changing("modern");
    const { gatewayId } = await gateway.bundle(`telling ${++count}`, upstream.url, {}, { autoApprove: true });
    const told = await listen(`${gateway.url}/mcp`, await gateway.token());
    await told(ACKNOWLEDGED);
    await upstream.hears("subscriptions/listen");
    upstream.failing = true;
    for (const tell of upstream.listeners) tell(TOOLS_CHANGED, UPDATED);
    await told(UPDATED.method);
    const reachable = () => gateway.sql("SELECT reachable FROM upstreams WHERE id = ?", gatewayId);
    await expect.poll(reachable, { interval: 20, timeout: 5_000 }).toEqual([{ reachable: 0 }]);
    upstream.failing = false;
    upstream.tools.push(plainTool(`told-${count}`));
    for (const tell of upstream.listeners) tell(TOOLS_CHANGED);
    await told(TOOLS_CHANGED.method);
  });
});
