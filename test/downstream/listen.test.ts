// Streams of 2026-07-28: what a listener is told, and that leaving a stream ends what stands behind it
// (utilities/subscriptions; basic/transports/streamable-http, "Cancellation").
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startModernEverything } from "../fakes/everything/modern.ts";
import type { Running } from "../fakes/http.ts";
import { eventStream, on, type Script, startScripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { connectModern, rawModern } from "../peers.ts";
import { leavable, modern } from "../wire.ts";

let gateway: Gateway;
let token: string;
let everything: Running;
let url: string;

beforeAll(async () => {
  [gateway, everything] = await Promise.all([startGateway(), startModernEverything()]);
  token = await gateway.token();
  url = (await gateway.bundle("everything", everything.url, {}, { autoApprove: true })).url;
});
afterAll(() => Promise.all([gateway.dispose(), everything.close()]));

async function connect(at = url) {
  const client = await connectModern(at, token);
  onTestFinished(() => client.close());
  return client;
}

describe("subscriptions/listen", () => {
  it("tells of tools and prompts that an upstream changed, and the list has them by then", async () => {
    const changed = { tools: Promise.withResolvers<void>(), prompts: Promise.withResolvers<void>() };
    const client = await connect(`${gateway.url}/mcp`);
    client.setNotificationHandler("notifications/tools/list_changed", () => changed.tools.resolve());
    client.setNotificationHandler("notifications/prompts/list_changed", () => changed.prompts.resolve());
    const names = async () =>
      ((await rawModern(client)("tools/list")).tools as { name: string }[]).map(({ name }) => name);
    const { honoredFilter } = await client.listen({ toolsListChanged: true, promptsListChanged: true });
    expect(honoredFilter).toMatchObject({ toolsListChanged: true, promptsListChanged: true });
    expect(await names()).not.toContain("test_dynamic_tool");
    await client.callTool({ name: "test_trigger_tool_change" });
    await changed.tools.promise;
    expect(await names()).toContain("test_dynamic_tool");
    await client.callTool({ name: "test_trigger_prompt_change" });
    await changed.prompts.promise;
  });

  it("tells of resources that were updated, only of those asked for", async () => {
    const told: unknown[] = [];
    const first = Promise.withResolvers<void>();
    const client = await connect();
    client.setNotificationHandler("notifications/resources/updated", ({ params }) => {
      told.push(params.uri);
      first.resolve();
    });
    await client.listen({ resourceSubscriptions: ["test://watched-resource"] });
    await client.callTool({ name: "test_trigger_resource_change" });
    await first.promise;
    expect(new Set(told)).toEqual(new Set(["test://watched-resource"]));
  });

  it("tells of a change an administrator makes, and only of the list that changed", async () => {
    const { url: at, serverId } = await gateway.bundle("edited", everything.url);
    const told: string[] = [];
    const changed = Promise.withResolvers<void>();
    const client = await connect(at);
    client.setNotificationHandler("notifications/prompts/list_changed", () => void told.push("prompts"));
    client.setNotificationHandler("notifications/tools/list_changed", () => {
      told.push("tools");
      changed.resolve();
    });
    await client.listen({ toolsListChanged: true, promptsListChanged: true });
    const { body } = await gateway.api<{ associatedToolIds: string[] }>("GET", `/servers/${serverId}`);
    await gateway.api("PUT", `/servers/${serverId}`, { description: "Nothing a client sees" });
    await gateway.api("PUT", `/servers/${serverId}`, { associatedTools: body.associatedToolIds.slice(0, 2) });
    await changed.promise;
    expect((await client.listTools({}, { cacheMode: "bypass" })).tools).toHaveLength(2);
    expect(told).toEqual(["tools"]);
  });
});

describe("closing the stream", () => {
  const silent: Script = on("tools/call", () => {});
  const talking: Script = on("tools/call", (_message, outgoing) =>
    eventStream(outgoing)({
      jsonrpc: "2.0",
      method: "notifications/message",
      params: { level: "info", data: "on it" },
    }),
  );

  it.each([
    ["before the answer began", silent],
    ["in the middle of the answer", talking],
  ])("%s is the cancellation: the request upstream is broken off", async (what, script) => {
    const upstream = await startScripted(script, "modern");
    onTestFinished(upstream.close);
    const { url: at } = await gateway.bundle(`left ${what}`, upstream.url);
    const leave = leavable(at, modern(1, "tools/call", { name: "first" }), { authorization: `Bearer ${token}` });
    const [call] = await upstream.hears("tools/call");
    if (script === talking) await leave.begun;
    leave.now();
    expect(await call?.ended).toBe("broken off");
  });

  it("of a subscription ends the one upstream too", async () => {
    const upstream = await startScripted(
      on("subscriptions/listen", (_message, outgoing) => eventStream(outgoing)()),
      "modern",
    );
    onTestFinished(upstream.close);
    const { url: at } = await gateway.bundle("unsubscribed", upstream.url);
    const params = { notifications: { toolsListChanged: true } };
    const leave = leavable(at, modern(1, "subscriptions/listen", params), { authorization: `Bearer ${token}` });
    const [listening] = await upstream.hears("subscriptions/listen");
    await leave.begun;
    leave.now();
    expect(await listening?.ended).toBe("broken off");
  });
});
