// What a session client tells and is not asked: its roots changed, how far its answer to a question is, what it cancels
// (MCP 2025-11-25 client/roots, basic/utilities/progress); and questions of servers that it never offered to answer.
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { eventStream, type Script, type Scripted, startScripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { openStream } from "../streams.ts";
import { session } from "../wire.ts";

let gateway: Gateway;
let bearer: Record<string, string>;
beforeAll(async () => {
  gateway = await startGateway();
  bearer = { authorization: `Bearer ${await gateway.token()}` };
});
afterAll(() => gateway.dispose());

/** A server that keeps sessions and runs a script on calls. */
async function start(name: string, onCall: Script): Promise<{ upstream: Scripted; url: string }> {
  const upstream = await startScripted(async (heard, outgoing) => {
    if (heard.message?.method === "initialize") {
      const { protocolVersion } = heard.message.params as { protocolVersion: string };
      const capabilities = { tools: { listChanged: true } };
      const result = { protocolVersion, capabilities, serverInfo: { name: "asks", version: "1" } };
      outgoing.writeHead(200, { "content-type": "application/json", "mcp-session-id": crypto.randomUUID() });
      outgoing.end(JSON.stringify({ jsonrpc: "2.0", id: heard.message.id, result }));
      return true;
    }
    return heard.message?.method === "tools/call" ? await onCall(heard, outgoing) : false;
  });
  onTestFinished(() => upstream.close());
  return { upstream, url: (await gateway.bundle(name, upstream.url)).url };
}

async function begin(url: string, capabilities: object): Promise<string> {
  const params = { protocolVersion: "2025-11-25", capabilities, clientInfo: { name: "raw", version: "1" } };
  const wire = session(0, "initialize", params);
  const response = await fetch(url, { method: "POST", body: wire.body, headers: { ...wire.headers, ...bearer } });
  await response.body?.cancel();
  return response.headers.get("mcp-session-id") ?? "";
}

async function post(url: string, id: string, body: string) {
  const headers = { ...session(1, "ping", {}, id).headers, ...bearer };
  const stream = await openStream(url, { method: "POST", body, headers });
  onTestFinished(() => stream.drop());
  return stream;
}
const call = (id: number) => JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params: { name: "first" } });
const tell = (method: string, params: object) => JSON.stringify({ jsonrpc: "2.0", method, params });

describe("a session client's notification", () => {
  it.each([
    ["notifications/roots/list_changed", {}],
    ["notifications/progress", { progressToken: "theirs", progress: 1 }],
  ])("%s reaches the upstream at which it has a session, in that session", async (method, params) => {
    const { upstream, url } = await start(`tells ${method.split("/").at(-1)}`, () => false);
    const id = await begin(url, { roots: { listChanged: true } });
    await (await post(url, id, call(1))).next();
    await post(url, id, tell(method, params));
    const [heard] = await upstream.hears(method);
    const [called] = await upstream.hears("tools/call");
    expect(heard?.message?.params).toEqual(params);
    expect(heard?.headers["mcp-session-id"]).toBe(called?.headers["mcp-session-id"]);
  });
});

describe("a server that asks what was not offered", () => {
  it.each([
    ["sampling/createMessage", {}, { elicitation: {} }],
    [
      "elicitation/create",
      { mode: "url", url: "https://example.com", message: "m", elicitationId: "e" },
      { elicitation: {} },
    ],
    ["elicitation/create", { message: "m", requestedSchema: {} }, { elicitation: { url: {} } }],
    ["roots/list", {}, { sampling: {} }],
  ])("%s is declined with -32601, and the client never sees it", async (method, params, capabilities) => {
    const replied = Promise.withResolvers<unknown>();
    const { upstream, url } = await start(`asks ${crypto.randomUUID()}`, async ({ message }, outgoing) => {
      const write = eventStream(outgoing);
      write({ jsonrpc: "2.0", id: "q", method, params });
      await replied.promise;
      write({ jsonrpc: "2.0", id: message?.id, result: { content: [] } });
      outgoing.end();
      return true;
    });
    const id = await begin(url, capabilities);
    const answer = await post(url, id, call(3));
    const reply = () => upstream.heard.find(({ message }) => message?.id === "q")?.message;
    await expect.poll(reply).toMatchObject({ error: { code: -32601 } });
    replied.resolve(undefined);
    expect(await answer.nextMessage()).toMatchObject({ id: 3, result: { content: [] } });
  });
});
