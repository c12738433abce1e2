// API tokens at every door: what they are narrowed to holds on REST and each MCP transport, also for whoever stays long;
// what is refused reaches no upstream.
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startScripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { openStream } from "../streams.ts";
import { initialize, message, modern, type Received, send, session } from "../wire.ts";
import { inSeconds } from "./forge.ts";

const ADDRESS = "x-test-address";
let gateway: Gateway;
let one: { url: string; serverId: string };
let other: { url: string; serverId: string };

interface Made {
  readonly token: { readonly id: string };
  readonly access_token: string;
}
interface Usage {
  readonly total_requests: number;
  readonly blocked_requests: number;
  readonly success_rate: number;
  readonly top_endpoints: { endpoint: string; requests: number }[];
  readonly hours: { hour: string; requests: number; blocked: number }[];
}

beforeAll(async () => {
  gateway = await startGateway({ AUTH_LIMITS_ENABLED: "false", TEST_ADDRESS_HEADER: ADDRESS });
  one = await gateway.bundle("one", "builtin:sample");
  other = await gateway.bundle("other", "builtin:sample");
});
afterAll(() => gateway.dispose());

let names = 0;
async function make(scope: object = {}, more: object = {}): Promise<{ id: string; secret: string }> {
  const { status, body } = await gateway.api<Made>("POST", "/tokens", { name: `token ${++names}`, scope, ...more });
  expect([status, body]).toEqual([201, expect.anything()]);
  return { id: body.token.id, secret: body.access_token };
}
const bearer = (secret: string, address = "192.0.2.1") => ({ authorization: `Bearer ${secret}`, [ADDRESS]: address });
const JSON_TYPE = { "content-type": "application/json" };

/** A message of a WebSocket, or why there is none: the HTTP status of a refused upgrade, or the close. */
function openSocket(url: string, headers: Record<string, string>) {
  const waiting: ((text: string | undefined) => void)[] = [];
  const come: (string | undefined)[] = [];
  const put = (text: string | undefined) => {
    const next = waiting.shift();
    if (next) next(text);
    else come.push(text);
  };
  const socket = new WebSocket(url.replace(/^http/, "ws"), { protocols: ["mcp"], headers } as never);
  socket.addEventListener("message", ({ data }) => put(String(data)));
  socket.addEventListener("close", () => put(undefined));
  const opened = new Promise<boolean>((resolve) => {
    socket.addEventListener("open", () => resolve(true));
    socket.addEventListener("error", () => resolve(false));
  });
  onTestFinished(() => socket.close());
  const next = async (): Promise<Record<string, unknown> | undefined> => {
    const text =
      come.length > 0 ? come.shift() : await new Promise<string | undefined>((resolve) => waiting.push(resolve));
    return text === undefined ? undefined : JSON.parse(text);
  };
  return { opened, next, send: ({ body }: { body: string }) => socket.send(body) };
}

/** The GET that begins a stream or connection, as its status alone. */
async function statusOf(url: string, headers: Record<string, string>): Promise<number> {
  const stop = new AbortController();
  const { status } = await fetch(url, { headers, signal: stop.signal });
  stop.abort();
  return status;
}

const at = (transport: string, server = one) => server.url.replace(/mcp$/, transport);

/** Every door, and how to ask there: the HTTP status of the answer. */
const DOORS: [string, (headers: Record<string, string>) => Promise<number>][] = [
  ["REST", async (headers) => (await fetch(`${gateway.url}/servers`, { headers })).status],
  ["REST under /v1", async (headers) => (await fetch(`${gateway.url}/v1/tools`, { headers })).status],
  ["/mcp, a session", async (headers) => (await send(`${gateway.url}/mcp`, initialize(), headers)).status],
  ["/servers/x/mcp, a session", async (headers) => (await send(one.url, initialize(), headers)).status],
  ["/servers/x/mcp, stateless", async (headers) => (await send(one.url, modern(1, "tools/list"), headers)).status],
  ["/rpc", async (headers) => (await send(`${gateway.url}/rpc`, session(1, "tools/list"), headers)).status],
  ["/sse", (headers) => statusOf(at("sse"), headers)],
  [
    "/message",
    async (headers) => {
      const admin = { authorization: `Bearer ${await gateway.token()}` };
      const stream = await openStream(at("sse"), { headers: admin });
      onTestFinished(() => stream.drop());
      const endpoint = gateway.url + (await stream.next())?.data;
      return (await send(endpoint, session(1, "ping"), headers)).status;
    },
  ],
  ["/ws", async (headers) => ((await openSocket(at("ws"), headers).opened) ? 101 : 403)],
];
const taken = expect.toSatisfy((status: number) => status < 300);

describe.each(DOORS)("at %s", (door, ask) => {
  test("a token is let in, and after it was revoked no longer", async () => {
    const { id, secret } = await make();
    expect(await ask(bearer(secret))).toEqual(taken);
    await gateway.api("DELETE", `/tokens/${id}`);
    expect(await ask(bearer(secret))).toBe(door === "/ws" ? 403 : 401);
  });

  test("addresses count, in each spelling, and none that the client names itself", async () => {
    const { secret } = await make({ ip_restrictions: ["198.51.100.0/24", "2001:db8::/32", "192.0.2.7"] });
    for (const address of ["198.51.100.9", "::ffff:198.51.100.9", "2001:DB8:0::1", "192.0.2.7"])
      expect(await ask(bearer(secret, address)), address).toEqual(taken);
    for (const address of ["198.51.101.9", "192.0.2.8", "2001:db9::1", "::1", "nonsense", "198.51.100.9, 192.0.2.8"])
      expect(await ask(bearer(secret, address)), address).toBe(403);
    const forged = { "cf-connecting-ip": "192.0.2.7", "x-forwarded-for": "192.0.2.7", "x-real-ip": "192.0.2.7" };
    expect(await ask({ ...bearer(secret, "203.0.113.1"), ...forged })).toBe(403);
  });

  test("the hour counts", async () => {
    const hour = (from: number) => new Date(Date.now() + from * 3600_000).toISOString().slice(11, 16);
    const open = await make({ time_restrictions: { start: hour(-1), end: hour(1), timezone: "UTC" } });
    expect(await ask(bearer(open.secret))).toEqual(taken);
    const shut = await make({ time_restrictions: { start: hour(2), end: hour(4), timezone: "UTC" } });
    expect(await ask(bearer(shut.secret))).toBe(403);
  });

  test("expiry counts", async () => {
    const { id, secret } = await make({}, { expires_in_days: 1 });
    expect(await ask(bearer(secret))).toEqual(taken);
    await gateway.sql("UPDATE api_tokens SET expires_at = ? WHERE id = ?", inSeconds(-1), id);
    await make(); // so that this isolate asks anew
    expect(await ask(bearer(secret))).toBe(door === "/ws" ? 403 : 401);
  });

  test("a limit counts, and says when to come back", async () => {
    const { id, secret } = await make({ usage_limits: { requests_per_hour: 2 } });
    expect([await ask(bearer(secret)), await ask(bearer(secret))]).toEqual([taken, taken]);
    expect(await ask(bearer(secret))).toBe(door === "/ws" ? 403 : 429);
    const { body } = await gateway.api<Usage>("GET", `/tokens/${id}/usage`);
    expect(body).toMatchObject({ total_requests: 3, blocked_requests: 1 });
  });
});

describe("a refusal", () => {
  test("for the address is a 403 that says so, in the words of its door", async () => {
    const { id, secret } = await make({ ip_restrictions: ["10.0.0.1"] });
    const rest = await gateway.api("GET", "/servers", undefined, bearer(secret));
    expect([rest.status, rest.body]).toEqual([
      403,
      expect.objectContaining({ code: "forbidden", detail: "This token may not be used from 192.0.2.1" }),
    ]);
    const { answer } = await send(one.url, initialize(), bearer(secret));
    expect(answer?.error?.message).toBe("This token may not be used from 192.0.2.1");
    const counted = () => gateway.sql("SELECT principal, what, sum(count) AS n FROM audit_counts WHERE target = ?", id);
    await expect
      .poll(counted, { timeout: 15_000 })
      .toEqual([{ principal: "admin@example.com", what: "ip_restrictions", n: 2 }]);
  });

  test("for the limit is a 429 with Retry-After and what the limit is", async () => {
    const { secret } = await make({ usage_limits: { requests_per_day: 1 } });
    await gateway.api("GET", "/servers", undefined, bearer(secret));
    for (const headers of [
      (await gateway.api("GET", "/servers", undefined, bearer(secret))).headers,
      (await send(one.url, initialize(), bearer(secret))).headers,
    ]) {
      expect(Number(headers.get("retry-after"))).toBeGreaterThan(23 * 3600);
      expect(headers.get("x-ratelimit-limit")).toBe("1");
      expect(headers.get("x-ratelimit-remaining")).toBe("0");
      expect(Number(headers.get("x-ratelimit-reset"))).toBeGreaterThan(inSeconds(23 * 3600));
    }
  });
});

describe("what is refused", () => {
  test("reaches no upstream", async () => {
    const upstream = await startScripted(() => false, "modern");
    onTestFinished(() => upstream.close());
    const { url, serverId, gatewayId } = await gateway.bundle("heard", upstream.url);
    const { body: tools } = await gateway.api<{ name: string }[]>("GET", `/tools?gateway_id=${gatewayId}`);
    const [first, second] = tools.map(({ name }) => name);
    const call = (name = "") => modern(1, "tools/call", { name, arguments: {} });
    const { id, secret } = await make({
      server_id: serverId,
      tools: [first],
      ip_restrictions: ["192.0.2.1"],
      usage_limits: { requests_per_hour: 3 },
    });
    expect((await send(url, call(first), bearer(secret))).answer).toHaveProperty("result");
    const heard = upstream.heard.length;
    expect((await send(url, call(first), bearer(secret, "192.0.2.2"))).status).toBe(403);
    expect((await send(url, call(second), bearer(secret))).answer).toHaveProperty("error");
    expect((await send(one.url, call("echo"), bearer(secret))).status).toBe(403);
    expect((await send(url, call(first), bearer(secret))).status).toBe(429);
    await gateway.api("DELETE", `/tokens/${id}`);
    expect((await send(url, call(first), bearer(secret))).status).toBe(401);
    expect(second).toBeDefined();
    expect(upstream.heard.length).toBe(heard);
  });
});

describe("a limit is exact", () => {
  test("of 20 requests at once, 10 pass", async () => {
    const { secret } = await make({ usage_limits: { requests_per_hour: 10, requests_per_day: 1000 } });
    const asked = Array.from({ length: 20 }, (_, id) => send(one.url, modern(id, "tools/list"), bearer(secret)));
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(10);
  });

  test("each message of a batch counts", async () => {
    const { secret } = await make({ usage_limits: { requests_per_hour: 4 } });
    const { headers } = await send(one.url, initialize("2025-03-26"), bearer(secret));
    const sessionId = headers.get("mcp-session-id") ?? "";
    const body = `[${[1, 2, 3, 4, 5].map((id) => message(id, "tools/list", {})).join(",")}]`;
    const wire = { headers: session(1, "ping", {}, sessionId, "2025-03-26").headers, body };
    const [answers] = (await send(one.url, wire, bearer(secret))).messages as unknown as [
      { id: number; result?: object }[],
    ];
    expect(answers.filter(({ result }) => result)).toHaveLength(3);
    expect(answers).toHaveLength(5);
  });

  test("each request on a WebSocket counts, as does opening it", async () => {
    const { secret } = await make({ usage_limits: { requests_per_hour: 3 } });
    const socket = openSocket(at("ws"), bearer(secret));
    expect(await socket.opened).toBe(true);
    const ask = async (wire: { body: string }) => {
      socket.send(wire);
      return await socket.next();
    };
    expect(await ask(initialize())).toHaveProperty("result");
    expect(await ask(session(1, "tools/list"))).toHaveProperty("result");
    expect(await ask(session(2, "tools/list"))).toMatchObject({
      id: 2,
      error: { message: expect.stringMatching(/often/) },
    });
  });

  test("a message to an HTTP+SSE connection counts once", async () => {
    const { secret } = await make({ usage_limits: { requests_per_hour: 3 } });
    const stream = await openStream(at("sse"), { headers: bearer(secret) });
    onTestFinished(() => stream.drop());
    const endpoint = gateway.url + (await stream.next())?.data;
    expect((await send(endpoint, initialize("2024-11-05"), bearer(secret))).status).toBe(202);
    expect(await stream.nextMessage()).toHaveProperty("result");
    expect((await send(endpoint, session(1, "tools/list"), bearer(secret))).status).toBe(202);
    expect(await stream.nextMessage()).toMatchObject({ id: 1, result: {} });
    expect((await send(endpoint, session(2, "tools/list"), bearer(secret))).status).toBe(429);
  });
});

describe("a token of one virtual server", () => {
  test("may use that one and nothing else", async () => {
    const { secret } = await make({ server_id: one.serverId });
    const headers = bearer(secret);
    expect((await send(one.url, initialize(), headers)).status).toBe(200);
    expect((await send(other.url, initialize(), headers)).status).toBe(403);
    expect((await send(`${gateway.url}/mcp`, initialize(), headers)).status).toBe(403);
    expect((await fetch(`${gateway.url}/servers`, { headers })).status).toBe(403);
    const rpc = (server_id?: string) => send(`${gateway.url}/rpc`, session(1, "tools/list", { server_id }), headers);
    expect((await rpc(one.serverId)).answer).toHaveProperty("result");
    expect((await rpc(other.serverId)).status).toBe(403);
    expect((await rpc()).status).toBe(403);
  });

  test("and of some of its tools lists and calls those alone, on every transport", async () => {
    const { secret } = await make({ server_ids: [one.serverId], tools: ["echo"] });
    const headers = bearer(secret);
    const call = (name: string) => ({ name, arguments: { message: "hi" } });
    const names = (received: Received["answer"] | Record<string, unknown>) =>
      ((received as { result: { tools: { name: string }[] } }).result.tools ?? []).map(({ name }) => name);
    const { headers: begun } = await send(one.url, initialize(), headers);
    const sessionId = begun.get("mcp-session-id") ?? "";
    const socket = openSocket(at("ws"), headers);
    await socket.opened;
    socket.send(initialize());
    await socket.next();
    const stream = await openStream(at("sse"), { headers });
    onTestFinished(() => stream.drop());
    const endpoint = gateway.url + (await stream.next())?.data;
    await send(endpoint, initialize("2024-11-05"), headers);
    await stream.nextMessage();
    const ways: [string, (method: string, params: object) => Promise<Record<string, unknown>>][] = [
      [
        "a session",
        async (method, params) => ({
          ...(await send(one.url, session(1, method, { ...params }, sessionId), headers)).answer,
        }),
      ],
      [
        "stateless",
        async (method, params) => ({ ...(await send(one.url, modern(1, method, { ...params }), headers)).answer }),
      ],
      [
        "/rpc",
        async (method, params) => ({
          ...(await send(`${gateway.url}/rpc`, session(1, method, { ...params, server_id: one.serverId }), headers))
            .answer,
        }),
      ],
      [
        "/ws",
        async (method, params) => {
          socket.send(session(1, method, { ...params }));
          return { ...(await socket.next()) };
        },
      ],
      [
        "/sse",
        async (method, params) => {
          await send(endpoint, session(1, method, { ...params }), headers);
          return { ...(await stream.nextMessage()) };
        },
      ],
    ];
    for (const [way, ask] of ways) {
      expect(names(await ask("tools/list", {})), way).toEqual(["echo"]);
      expect(await ask("tools/call", call("echo")), way).toHaveProperty("result");
      const [hidden, madeUp] = [await ask("tools/call", call("get_time")), await ask("tools/call", call("made_up"))];
      expect(hidden, way).toHaveProperty("error");
      const text = (value: object) =>
        JSON.stringify(value)
          .replace(/"request_id":"[^"]*"/, "")
          .replaceAll("get_time", "made_up");
      expect(text(hidden), way).toBe(text(madeUp));
    }
  });
});

describe("whoever stays long", () => {
  const opened = async (headers: Record<string, string>) => {
    const { headers: begun } = await send(one.url, initialize(), headers);
    const get = { ...headers, accept: "text/event-stream", "mcp-session-id": begun.get("mcp-session-id") ?? "" };
    const streams = [await openStream(one.url, { headers: get }), await openStream(at("sse"), { headers })];
    for (const stream of streams) onTestFinished(() => stream.drop());
    const socket = openSocket(at("ws"), headers);
    await socket.opened;
    const listen = modern(1, "subscriptions/listen", { notifications: { toolsListChanged: true } });
    const heard = await openStream(one.url, {
      method: "POST",
      headers: { ...listen.headers, ...headers },
      body: listen.body,
    });
    onTestFinished(() => heard.drop());
    expect([...streams, heard].map(({ status }) => status)).toEqual([200, 200, 200]);
    return async () => {
      for (const stream of [...streams, heard]) while (await stream.next());
      while (await socket.next());
    };
  };

  test.each<[string, (id: string) => Promise<unknown>]>([
    ["is revoked", (id) => gateway.api("DELETE", `/tokens/${id}`)],
    ["is switched off", (id) => gateway.api("PUT", `/tokens/${id}`, { is_active: false })],
    [
      "may come from elsewhere only",
      (id) => gateway.api("PUT", `/tokens/${id}`, { scope: { ip_restrictions: ["10.0.0.1"] } }),
    ],
    [
      "is for another virtual server",
      (id) => gateway.api("PUT", `/tokens/${id}`, { scope: { server_id: other.serverId } }),
    ],
    ["is rotated without overlap", (id) => gateway.api("POST", `/tokens/${id}/rotate`, { overlap_hours: 0 })],
  ])("goes as soon as its token %s: GET stream, HTTP+SSE, WebSocket, listen", async (_what, change) => {
    const { id, secret } = await make();
    const ended = await opened(bearer(secret));
    await change(id);
    await ended();
  });
});

describe("a token that is none", () => {
  test.each(["cwt_", `cwt_${"A".repeat(43)}`, `cwt_${"A".repeat(5000)}`, "cwt_' OR 1=1 --", "CWT_abc"])(
    "%j is refused at every door with a challenge",
    async (secret) => {
      for (const [door, ask] of DOORS) expect(await ask(bearer(secret)), door).toBe(door === "/ws" ? 403 : 401);
      const { headers } = await gateway.api("GET", "/servers", undefined, bearer(secret));
      expect(headers.get("www-authenticate")).toMatch(/^Bearer .*error="invalid_token"/);
    },
  );

  test("a good one with a letter changed is refused", async () => {
    const { secret } = await make();
    const last = secret.endsWith("A") ? "B" : "A";
    expect((await gateway.api("GET", "/servers", undefined, bearer(secret.slice(0, -1) + last))).status).toBe(401);
  });

  test("a good one in the query string is no credential", async () => {
    const { secret } = await make();
    for (const name of ["token", "access_token", "api_key"])
      for (const path of ["/servers", "/mcp", `/servers/${one.serverId}/sse`]) {
        const { status, headers } = await fetch(`${gateway.url}${path}?${name}=${secret}`);
        expect([status, headers.get("www-authenticate")], path).toEqual([401, expect.stringMatching(/^Bearer/)]);
      }
  });
});

describe("usage", () => {
  test("is counted by hour and by path without ids, refusals too, and says where the token was last used", async () => {
    const { id, secret } = await make({ permissions: ["servers.read", "servers.use", "tools.read"] });
    const headers = { ...bearer(secret, "198.51.100.77"), ...JSON_TYPE };
    for (let calls = 0; calls < 3; calls++) await send(one.url, modern(1, "tools/list"), headers);
    await send(other.url, modern(1, "tools/list"), headers);
    for (const path of [
      "/servers",
      "/v1/servers",
      `/servers/${one.serverId}`,
      `/tools/${"x".repeat(30)}`,
      "/no/such/thing",
    ])
      await gateway.api("GET", path, undefined, headers);
    expect((await gateway.api("POST", "/servers", { name: "no" }, headers)).status).toBe(403);
    const { body } = await gateway.api<Usage>("GET", `/tokens/${id}/usage?days=7`);
    expect(body).toMatchObject({ period_days: 7, total_requests: 10, blocked_requests: 1, success_rate: 0.9 });
    expect(Object.fromEntries(body.top_endpoints.map(({ endpoint, requests }) => [endpoint, requests]))).toEqual({
      "/servers/:id/mcp": 4,
      "/servers": 3,
      "/servers/:id": 1,
      "/tools/:id": 1,
      other: 1,
    });
    expect(body.hours.reduce((sum, { requests }) => sum + requests, 0)).toBe(10);
    const { body: token } = await gateway.api<Record<string, string>>("GET", `/tokens/${id}`);
    expect(token.last_used_ip).toBe("198.51.100.77");
    expect(Date.now() - Date.parse(token.last_used ?? "")).toBeLessThan(60_000);
  });

  test("is written soon by itself", async () => {
    const { id, secret } = await make();
    await gateway.api("GET", "/servers", undefined, bearer(secret));
    await expect
      .poll(() => gateway.sql("SELECT requests FROM token_usage WHERE token_id = ?", id), { timeout: 15_000 })
      .toEqual([{ requests: 1 }]);
  });
});
