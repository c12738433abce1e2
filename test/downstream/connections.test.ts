// Sessions that live on one connection: HTTP+SSE of 2024-11-05 and WebSocket, with the official SDK's clients and as bytes.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { WebSocketClientTransport } from "@modelcontextprotocol/sdk/client/websocket.js";
import {
  CreateMessageRequestSchema,
  LoggingMessageNotificationSchema,
  ToolListChangedNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startModernEverything } from "../fakes/everything/modern.ts";
import { startSessionEverything } from "../fakes/everything/session.ts";
import type { Running } from "../fakes/http.ts";
import { answerTo } from "../fakes/plain-mcp.ts";
import { eventStream, startScripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { openStream } from "../streams.ts";
import { message } from "../wire.ts";

let gateway: Gateway;
let bearer: Record<string, string>;
const upstreams: Running[] = [];
const bundles = new Map<string, { url: string; serverId: string }>();

beforeAll(async () => {
  gateway = await startGateway();
  bearer = { authorization: `Bearer ${await gateway.token()}` };
  upstreams.push(await startSessionEverything(), await startModernEverything());
  for (const [at, name] of ["session", "modern"].entries())
    bundles.set(name, await gateway.bundle(name, upstreams[at]?.url ?? "", { open: true }));
});
afterAll(async () => {
  await Promise.all(upstreams.map((upstream) => upstream.close()));
  await gateway.dispose();
});

/** A server that keeps sessions, whose calls tell of progress and never end. */
function startSessions() {
  let count = 0;
  return startScripted((heard, outgoing) => {
    if (heard.message?.method === "initialize") {
      const answer = answerTo(heard.message, "session")?.message;
      const headers = { "content-type": "application/json", "mcp-session-id": `s${++count}` };
      outgoing.writeHead(200, headers).end(JSON.stringify(answer));
      return true;
    }
    if (heard.message?.method !== "tools/call") return false;
    const { progressToken } = (heard.message.params?._meta ?? {}) as { progressToken?: unknown };
    const params = { progressToken, progress: 1 };
    eventStream(outgoing)({ jsonrpc: "2.0", method: "notifications/progress", params });
    return true;
  });
}

/** The address of a virtual server's transport. */
const at = (name: string, transport: "sse" | "ws"): URL => {
  const url = new URL((bundles.get(name)?.url ?? "").replace(/mcp$/, transport));
  if (transport === "ws") url.protocol = "ws:";
  return url;
};

async function connect(name: string, transport: "sse" | "ws") {
  const client = new Client({ name: "connected", version: "1" }, { capabilities: { sampling: {} } });
  client.setRequestHandler(CreateMessageRequestSchema, () => ({
    role: "assistant" as const,
    model: "none",
    content: { type: "text" as const, text: "sampled" },
  }));
  const wire =
    transport === "ws"
      ? new WebSocketClientTransport(at(name, "ws"))
      : new SSEClientTransport(at(name, "sse"), { requestInit: { headers: bearer } });
  await client.connect(wire);
  onTestFinished(() => client.close());
  return client;
}

const said = (result: unknown) => JSON.stringify((result as { content: unknown }).content);

describe.each(["sse", "ws"] as const)("over %s", (transport) => {
  describe.each(["session", "modern"])("with an upstream of the %s era", (name) => {
    it("a client lists, calls, and hears of progress", async () => {
      const client = await connect(name, transport);
      expect((await client.listTools()).tools.map((tool) => tool.name)).toContain("test_simple_text");
      expect(said(await client.callTool({ name: "test_simple_text" }))).toContain("simple text response");
      const progress: number[] = [];
      const onprogress = ({ progress: done }: { progress: number }) => void progress.push(done);
      await client.callTool({ name: "test_tool_with_progress" }, undefined, { onprogress });
      expect(progress.slice(0, 2)).toEqual([0, 50]); // the SDK drops one that comes together with the response
      await client.ping();
    });

    it("a client is asked, and its reply reaches the server", async () => {
      const client = await connect(name, transport);
      expect(said(await client.callTool({ name: "test_sampling", arguments: { prompt: "hello" } }))).toContain(
        "sampled",
      );
    });

    it("a client hears what the server logs, from its level on", async () => {
      const client = await connect(name, transport);
      const levels: string[] = [];
      client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void levels.push(params.level));
      await client.setLoggingLevel("info");
      await client.callTool({ name: "test_tool_with_logging" });
      expect(levels.length).toBeGreaterThan(0);
      levels.length = 0;
      await client.setLoggingLevel("error");
      await client.callTool({ name: "test_tool_with_logging" });
      expect(levels).toEqual([]);
    });
  });

  it("what a client leaves behind is ended: its calls, and its session at the upstream", async () => {
    const upstream = await startSessions();
    onTestFinished(() => upstream.close());
    const name = `left by ${transport}`;
    bundles.set(name, await gateway.bundle(name, upstream.url, { open: true }));
    const client = await connect(name, transport);
    const began = Promise.withResolvers<void>();
    const onprogress = () => began.resolve();
    const lost = client.callTool({ name: "first", arguments: {} }, undefined, { onprogress }).catch(() => "lost");
    await began.promise;
    await client.close();
    expect(await lost).toBe("lost");
    // Who only closes is noticed at a write: lists that change are told.
    const { serverId } = bundles.get(name) ?? { serverId: "" };
    const { body } = await gateway.api<{ associatedToolIds: string[] }>("GET", `/servers/${serverId}`);
    let tools = 0;
    const ended = async () => {
      await gateway.api("PUT", `/servers/${serverId}`, {
        associatedTools: body.associatedToolIds.slice(0, 1 + (++tools % 2)),
      });
      return upstream.heard.filter(({ method }) => method === "DELETE").map(({ headers }) => headers["mcp-session-id"]);
    };
    const [called] = await upstream.hears("tools/call");
    await expect.poll(ended, { timeout: 15_000, interval: 500 }).toContain(called?.headers["mcp-session-id"]);
    const [cancelled] = await upstream.hears("notifications/cancelled");
    expect(cancelled?.message?.params?.requestId).toBe(called?.message?.id);
  });

  it("calls of one client run at once", async () => {
    const client = await connect("session", transport);
    const names = ["test_simple_text", "test_image_content", "test_sampling", "test_simple_text", "test_sampling"];
    const results = await Promise.all(names.map((name) => client.callTool({ name, arguments: { prompt: "p" } })));
    expect(results.map((result) => result.isError ?? false)).toEqual(names.map(() => false));
  });

  it("a client is told of a list that an administrator changed", async () => {
    const { serverId } = bundles.get("modern") ?? { serverId: "" };
    const client = await connect("modern", transport);
    const changed = Promise.withResolvers<void>();
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => changed.resolve());
    await client.listTools();
    const { body } = await gateway.api<{ associatedToolIds: string[] }>("GET", `/servers/${serverId}`);
    await gateway.api("PUT", `/servers/${serverId}`, { associatedTools: body.associatedToolIds.slice(1) });
    await changed.promise;
    await gateway.api("PUT", `/servers/${serverId}`, { associatedTools: body.associatedToolIds });
  });
});

describe("HTTP+SSE", () => {
  const initialize = message(1, "initialize", {
    protocolVersion: "2024-11-05",
    capabilities: {},
    clientInfo: { name: "raw", version: "1" },
  });

  async function open(url: URL | string = at("modern", "sse"), headers = bearer) {
    const stream = await openStream(String(url), { headers: { ...headers, accept: "text/event-stream" } });
    onTestFinished(() => stream.drop());
    const endpoint = await stream.next();
    return { stream, endpoint: endpoint?.data ?? "", event: endpoint?.event };
  }
  const post = (path: string, body: string, headers = bearer) =>
    fetch(gateway.url + path, { method: "POST", body, headers: { ...headers, "content-type": "application/json" } });

  it("names the address for messages first, and answers 202 to each of them", async () => {
    const { stream, endpoint, event } = await open();
    expect(event).toBe("endpoint");
    expect(endpoint).toMatch(/^\/servers\/[^/]+\/message\?session_id=/);
    const answered = await post(endpoint, initialize);
    expect([answered.status, await answered.text()]).toEqual([202, ""]);
    expect(await stream.nextMessage()).toMatchObject({ id: 1, result: { protocolVersion: "2024-11-05" } });
    expect((await post(endpoint, message(undefined, "notifications/initialized"))).status).toBe(202);
    await post(endpoint, message("two", "tools/list", {}));
    expect(await stream.nextMessage()).toMatchObject({ id: "two", result: { tools: expect.any(Array) } });
  });

  it("is served for everything at /sse too", async () => {
    const { stream, endpoint } = await open(`${gateway.url}/sse`);
    expect(endpoint).toMatch(/^\/message\?session_id=/);
    await post(endpoint, initialize);
    expect(await stream.nextMessage()).toMatchObject({ id: 1, result: {} });
  });

  it("answers what is wrong with a message on the stream", async () => {
    const { stream, endpoint } = await open();
    await post(endpoint, message(7, "tools/list", {}));
    expect(await stream.nextMessage()).toMatchObject({ id: 7, error: { code: -32600 } });
    await post(endpoint, "{");
    expect(await stream.nextMessage()).toMatchObject({ id: null, error: { code: -32700 } });
    await post(endpoint, initialize);
    await stream.nextMessage();
    await post(endpoint, message(8, "nothing/known", {}));
    expect(await stream.nextMessage()).toMatchObject({ id: 8, error: { code: -32601 } });
  });

  it("answers 404 to a message for a stream that has ended, was never opened, or is somebody else's", async () => {
    const { stream, endpoint } = await open();
    await gateway.sql("INSERT INTO users (email, created_at) VALUES ('bob@example.com', '2026-01-01')");
    const bob = { authorization: `Bearer ${await gateway.token({ subject: "bob@example.com" })}` };
    const theirs = await post(endpoint, initialize, bob);
    const nobodys = await post(endpoint.replace(/.{8}$/, "AAAAAAAA"), initialize);
    const strip = async (answer: Response) => (await answer.text()).replace(/"request_id":"[^"]*"/, "");
    expect([theirs.status, nobodys.status]).toEqual([404, 404]);
    expect(await strip(theirs)).toBe(await strip(nobodys));
    stream.drop();
    await expect.poll(async () => (await post(endpoint, initialize)).status, { timeout: 30_000 }).toBe(404);
  }, 40_000);

  it("refuses a message without its session with 400, naming the parameter", async () => {
    const answer = await post(`${at("modern", "sse").pathname.replace(/sse$/, "message")}`, initialize);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("session_id");
  });
});

describe("a WebSocket", () => {
  it("is asked for with 426 when there is no upgrade", async () => {
    const answer = await fetch(String(at("modern", "ws")).replace("ws:", "http:"), { headers: bearer });
    expect(answer.status).toBe(426);
  });

  it("needs a credential where the virtual server is not open", async () => {
    const { url } = await gateway.bundle("closed", "builtin:sample");
    const socket = new WebSocket(url.replace(/^http/, "ws").replace(/mcp$/, "ws"), "mcp");
    const outcome = await new Promise((resolve) => {
      socket.onopen = () => resolve("open");
      socket.onerror = () => resolve("refused");
    });
    expect(outcome).toBe("refused");
  });

  /** A socket, the messages that come over it, and how it ends. */
  async function open() {
    const socket = new WebSocket(at("modern", "ws"), "mcp");
    await new Promise((resolve) => (socket.onopen = resolve));
    onTestFinished(() => socket.close());
    const closed = new Promise<CloseEvent>((resolve) => (socket.onclose = resolve));
    const heard: unknown[] = [];
    let wake = () => {};
    socket.onmessage = ({ data }) => {
      heard.push(JSON.parse(String(data)));
      wake();
    };
    const next = async (): Promise<unknown> => {
      while (heard.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return heard.shift();
    };
    const begin = async (protocolVersion: string) => {
      const params = { protocolVersion, capabilities: {}, clientInfo: { name: "raw", version: "1" } };
      socket.send(message(0, "initialize", params));
      return await next();
    };
    return { socket, next, closed, begin };
  }

  it("goes on after a message that is none", async () => {
    const { socket, next, begin } = await open();
    socket.send("{");
    expect(await next()).toMatchObject({ id: null, error: { code: -32700 } });
    expect(await begin("2025-11-25")).toMatchObject({ id: 0, result: { protocolVersion: "2025-11-25" } });
    socket.send(message(1, "ping"));
    expect(await next()).toEqual({ jsonrpc: "2.0", id: 1, result: {} });
  });

  it("takes batches of 2025-03-26 alone, and none that is empty or longer than 100", async () => {
    const refused = { id: null, error: { code: -32600 } };
    const pings = (many: number) => `[${Array.from({ length: many }, (_, id) => message(id, "ping")).join(",")}]`;
    const later = await open();
    await later.begin("2025-06-18");
    later.socket.send(pings(1));
    expect(await later.next()).toMatchObject(refused);
    const { socket, next, begin } = await open();
    socket.send(pings(1));
    expect(await next()).toMatchObject(refused);
    await begin("2025-03-26");
    for (const many of [0, 101]) {
      socket.send(pings(many));
      expect(await next()).toMatchObject(refused);
    }
    socket.send(pings(2));
    expect([await next(), await next()]).toEqual([0, 1].map((id) => ({ jsonrpc: "2.0", id, result: {} })));
  });

  it("that sends bytes instead of text is closed with 1003", async () => {
    const { socket, closed } = await open();
    expect(socket.protocol).toBe("mcp");
    socket.send(new Uint8Array([1, 2, 3]));
    expect((await closed).code).toBe(1003);
  });
});
