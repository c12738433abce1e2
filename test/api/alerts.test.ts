// What webhooks are told of, from what happens to the message at the receiver's door: once for each time it happens.
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { EventType } from "../../src/schemas/events.ts";
import type { EventBody } from "../../src/schemas/webhooks.ts";
import { startChanging } from "../fakes/changing.ts";
import { plainTool } from "../fakes/plain-mcp.ts";
import { startReceiver, verified } from "../fakes/receiver.ts";
import { startScripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { modern, send } from "../wire.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.dispose());

let count = 0;

/** A receiver that wants these events, and what it is told. */
async function listener(...events: EventType[]) {
  const { url, until, received, answers, close } = await startReceiver();
  const body = { name: `hook ${++count}`, url, events };
  const made = (await gateway.api<{ secret: string; webhook: { id: string } }>("POST", "/webhooks", body)).body;
  onTestFinished(async () => {
    await gateway.api("DELETE", `/webhooks/${made.webhook.id}`);
    await close();
  });
  const read = (): EventBody[] => received.map((message) => JSON.parse(message.body) as EventBody);
  return {
    answers,
    received,
    /** The events so far, when there are so many. */
    async told(number: number): Promise<EventBody[]> {
      for (const message of await until(number)) expect(verified(message, made.secret)).toBe(1);
      return read();
    },
    /** All deliveries there are, sent or not. */
    async written(): Promise<number> {
      const path = `/webhooks/${made.webhook.id}/deliveries`;
      return (await gateway.api<{ total: number }>("GET", path)).body.total;
    },
  };
}

/** An upstream that a test takes down and brings back. */
async function upstream() {
  const state = { down: false };
  const running = await startScripted((_request, outgoing) => {
    if (state.down) outgoing.writeHead(500).end();
    return state.down;
  }, "modern");
  onTestFinished(running.close);
  const name = `upstream ${++count}`;
  const made = await gateway.api<{ id: string }>("POST", "/gateways", { name, url: `${running.url}?key=hidden` });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  const { id } = made.body;
  const refresh = async () => (await gateway.api("POST", `/gateways/${id}/tools/refresh`)).status;
  return { state, id, named: { id, name, url: running.url }, refresh };
}

const tokenFor = async (more: object) => {
  const name = `token ${++count}`;
  const made = await gateway.api<{ access_token: string; token: { id: string; expires_at: string } }>(
    "POST",
    "/tokens",
    { name, ...more },
  );
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  const { access_token: secret, token } = made.body;
  const use = async () =>
    (await fetch(`${gateway.url}/tools`, { headers: { authorization: `Bearer ${secret}` } })).status;
  return { named: { id: token.id, name, user: "admin@example.com" }, expires_at: token.expires_at, use };
};

describe("an upstream", () => {
  test("that goes away and comes back is told of at once, each time once", async () => {
    const { told, written } = await listener("upstream.down", "upstream.up");
    const { state, named, refresh } = await upstream();
    expect(await refresh()).toBe(200);
    state.down = true;
    expect([await refresh(), await refresh()]).toEqual([502, 502]);
    expect(await told(1)).toMatchObject([{ type: "upstream.down", data: { upstream: named } }]);
    state.down = false;
    expect([await refresh(), await refresh()]).toEqual([200, 200]);
    state.down = true;
    expect(await refresh()).toBe(502);
    const events = await told(3);
    expect(events.map(({ type }) => type)).toEqual(["upstream.down", "upstream.up", "upstream.down"]);
    expect(events[1]).toMatchObject({ data: { upstream: named }, gateway: { name: "Causeway", url: gateway.url } });
    expect(String(events[0]?.data.error).length).toBeGreaterThan(10);
    expect(new Set(events.map(({ id }) => id)).size).toBe(3);
    expect(await written()).toBe(3);
  });

  test("that is down and given a good address is back", async () => {
    const { told } = await listener("upstream.up");
    const { state, id, named, refresh } = await upstream();
    const other = await upstream();
    state.down = true;
    await refresh();
    expect((await gateway.api("PUT", `/gateways/${id}`, { url: other.named.url })).status).toBe(200);
    expect(await told(1)).toMatchObject([{ data: { upstream: { id, name: named.name, url: other.named.url } } }]);
  });

  test("that goes away is told of again ten seconds later when nobody took it", async () => {
    const { told, answers, received } = await listener("upstream.down");
    answers(500);
    const { state, refresh } = await upstream();
    state.down = true;
    await refresh();
    expect(await told(2)).toHaveLength(2);
    const [first, second] = received;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(9_900);
    expect(second?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
  });
});

describe("a change", () => {
  test("of tools that waits for somebody is told of at once, and once", async () => {
    const { told, written } = await listener("change.pending");
    const changing = await startChanging("modern");
    onTestFinished(changing.close);
    const name = `upstream ${++count}`;
    const made = (await gateway.api<{ id: string }>("POST", "/gateways", { name, url: changing.url })).body;
    const refresh = () => gateway.api("POST", `/gateways/${made.id}/tools/refresh`);
    changing.replace("first", { ...plainTool("first"), description: "Another" });
    expect((await refresh()).status).toBe(200);
    const upstream = { id: made.id, name, url: changing.url };
    expect(await told(1)).toMatchObject([{ type: "change.pending", data: { upstream, changes: 1 } }]);
    await refresh();
    expect(await written()).toBe(1);
  });
});

describe("a token", () => {
  test("that has been used as often as it may be is told of once for each limit, and only when somebody is refused", async () => {
    const { told, written } = await listener("limit.reached");
    const { named, use } = await tokenFor({ scope: { usage_limits: { requests_per_hour: 2, requests_per_day: 100 } } });
    expect([await use(), await use()]).toEqual([200, 200]);
    expect(await written()).toBe(0);
    expect(await Promise.all([use(), use(), use()])).toEqual([429, 429, 429]);
    const [event] = await told(1);
    expect(event).toMatchObject({ data: { token: named, most: 2, per_seconds: 3600 } });
    expect(event?.data.retry_after).toBeGreaterThan(3000);
    expect(await use()).toBe(429);
    const other = await tokenFor({ scope: { usage_limits: { requests_per_day: 1 } } });
    expect([await other.use(), await other.use()]).toEqual([200, 429]);
    expect((await told(2))[1]).toMatchObject({ data: { token: other.named, most: 1, per_seconds: 86_400 } });
    expect(await written()).toBe(2);
  });

  test("that expires within seven days is told of once, if it works and was not rotated", async () => {
    const { told, written } = await listener("auth.expiring");
    const { named, expires_at } = await tokenFor({ expires_in_days: 6 });
    await tokenFor({ expires_in_days: 8 });
    await tokenFor({ expires_in_days: null });
    const { named: rotated } = await tokenFor({ expires_in_days: 300 });
    const { named: revoked } = await tokenFor({ expires_in_days: 5 });
    const { named: off } = await tokenFor({ expires_in_days: 5 });
    await gateway.api("POST", `/tokens/${rotated.id}/rotate`, { overlap_hours: 1 });
    await gateway.api("POST", `/tokens/${revoked.id}/revoke`, {});
    await gateway.api("PUT", `/tokens/${off.id}`, { is_active: false });
    await gateway.host.scheduled();
    expect(await told(1)).toMatchObject([{ type: "auth.expiring", data: { token: named, expires_at } }]);
    await gateway.host.scheduled();
    expect(await written()).toBe(1);
    const late = await listener("auth.expiring");
    await gateway.host.scheduled();
    expect(await late.told(1)).toMatchObject([{ data: { token: named } }]);
  });
});

describe("calls", () => {
  test("of an upstream that fail too often are told of by the next run of the schedule", async () => {
    const { told } = await listener("errors.high");
    const { state, id, named } = await upstream();
    type Tool = { id: string; originalName: string };
    const [tool] = (await gateway.api<Tool[]>("GET", `/tools?gateway_id=${id}`)).body;
    if (!tool) throw new Error("the upstream has no tools");
    const bundle = { name: named.name, associatedTools: [tool.id] };
    const server = (await gateway.api<{ id: string }>("POST", "/servers", bundle)).body.id;
    state.down = true;
    const headers = { authorization: `Bearer ${await gateway.token()}` };
    const call = modern(1, "tools/call", { name: tool.originalName, arguments: {} });
    for (let n = 0; n < 20; n++) await send(`${gateway.url}/servers/${server}/mcp`, call, headers);
    const recorded = () => gateway.sql("SELECT sum(errors) AS errors FROM call_segments WHERE sums LIKE '%upstream_%'");
    await expect.poll(recorded, { timeout: 10_000 }).toEqual([{ errors: 20 }]);
    await gateway.host.scheduled();
    const [event] = await told(1);
    expect(event).toMatchObject({ data: { upstream: { id, name: named.name }, threshold: 0.25, window_minutes: 5 } });
    expect(event?.data).toMatchObject({ calls: 20, errors: 20, rate: 1 });
  });
});
