// Limits as clients meet them: 429 with when to come back, on every door, and the address of the caller decides.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../harness.ts";
import { bearer, PING } from "./forge.ts";

const ADDRESS = "x-test-address";
let gateway: Gateway;
let token: string;
beforeAll(async () => {
  gateway = await startGateway({ TEST_ADDRESS_HEADER: ADDRESS, RATE_LIMIT_PER_IP: "20", RATE_LIMIT_PER_USER: "0" });
  token = await gateway.token();
});
afterAll(() => gateway.dispose());

const ask = (method: string, path: string, address: string, headers = bearer(token)) =>
  fetch(gateway.url + path, {
    method,
    headers: { ...headers, [ADDRESS]: address },
    ...(method === "POST" ? { body: JSON.stringify(PING) } : {}),
  });
/** Asks until it is refused. A minute may end meanwhile: then there is room again, but not for ever. */
async function refusal(method: string, path: string, address: string, headers?: Record<string, string>) {
  for (let asked = 0; asked < 200; asked++) {
    const answer = await ask(method, path, address, headers);
    if (answer.status === 429) return { asked, answer, text: await answer.text() };
    await answer.body?.cancel();
  }
  throw new Error("never refused");
}

describe("an address that asks too often", () => {
  test("is told so on REST, in REST's words", async () => {
    const { asked, answer, text } = await refusal("GET", "/tools", "192.0.2.1");
    expect(asked).toBeGreaterThanOrEqual(20);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(answer.headers.get("x-ratelimit-limit")).toBe("20");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(JSON.parse(text)).toMatchObject({
      code: "too_many_requests",
      detail: expect.stringMatching(/20 requests a minute: try again in \d+ s$/),
    });
  });

  test.each(["/mcp", "/rpc", "/servers/x/mcp"])("is told so at %s, in JSON-RPC's words", async (path) => {
    const { answer, text } = await refusal("POST", path, `192.0.2.${path.length}`);
    expect(answer.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(JSON.parse(text)).toMatchObject({ jsonrpc: "2.0", error: { code: 42900 } });
  });

  test("is held up before its credential is looked at, and holds up nobody else nor a look at the health", async () => {
    const bad = { authorization: "Bearer cws_made-up" };
    const { asked } = await refusal("GET", "/tools", "198.51.100.1", bad);
    expect(asked).toBeGreaterThanOrEqual(20);
    expect((await ask("GET", "/tools", "198.51.100.1")).status).toBe(429);
    expect((await ask("GET", "/health", "198.51.100.1")).status).toBe(200);
    expect((await ask("GET", "/tools", "198.51.100.2", bad)).status).toBe(401);
  });
});

test("messages on a WebSocket count as requests do, and those over the limit are answered so", async () => {
  const headers = { ...bearer(token), [ADDRESS]: "192.0.2.77" };
  const socket = new WebSocket(`${gateway.url.replace("http", "ws")}/ws`, { protocols: ["mcp"], headers } as never);
  const { promise: refused, resolve } = Promise.withResolvers<{ code: number }>();
  socket.addEventListener("message", ({ data }) => {
    const { error } = JSON.parse(String(data)) as { error?: { code: number } };
    if (error) resolve(error);
  });
  await new Promise((opened, failed) => {
    socket.addEventListener("open", opened);
    socket.addEventListener("error", () => failed(new Error("the connection failed")));
  });
  for (let id = 1; id <= 60; id++) socket.send(JSON.stringify({ ...PING, id }));
  expect(await refused).toMatchObject({ code: 42900, message: expect.stringContaining("20 requests a minute") });
  socket.close();
});

test("a user who asks too often is held up wherever the requests come from, and no other user is", async () => {
  const other = await startGateway({ TEST_ADDRESS_HEADER: ADDRESS, RATE_LIMIT_PER_IP: "0", RATE_LIMIT_PER_USER: "50" });
  const askAs = async (subject: string, address: string): Promise<Response> => {
    const headers = { ...bearer(await other.token({ subject })), [ADDRESS]: address };
    const answer = await fetch(`${other.url}/tools`, { headers });
    await answer.body?.cancel();
    return answer;
  };
  let refused: Response | undefined;
  for (let asked = 0; !refused && asked < 200; asked++) {
    const answer = await askAs("admin", `203.0.113.${asked}`);
    if (answer.status === 429) refused = answer;
  }
  expect(refused?.headers.get("x-ratelimit-limit")).toBe("50");
  await other.sql("INSERT INTO users (email, created_at) VALUES ('ann@example.com', '2026-01-01T00:00:00.000Z')");
  await other.sql("UPDATE stamps SET version = version + 1 WHERE name = 'access'");
  expect((await askAs("ann@example.com", "203.0.113.0")).status).toBe(200);
  await other.dispose();
});

describe("configuration", () => {
  test("has no such limits on a developer's machine, and high ones deployed", async () => {
    const local = await startGateway();
    const headers = bearer(await local.token());
    const statuses = await Promise.all(
      Array.from({ length: 60 }, () => fetch(`${local.url}/tags`, { headers }).then(({ status }) => status)),
    );
    expect(new Set(statuses)).toEqual(new Set([200]));
    await local.dispose();
  });

  test.each([
    [{ RATE_LIMIT_PER_IP: "many" }, "RATE_LIMIT_PER_IP"],
    [{ RATE_LIMIT_PER_USER: "-1" }, "RATE_LIMIT_PER_USER"],
    [{ PASSWORD_HASH: "md5" }, "PASSWORD_HASH"],
    [{ MAX_FAILED_LOGIN_ATTEMPTS: "0" }, "MAX_FAILED_LOGIN_ATTEMPTS"],
    [{ AUTH_LIMITS_ENABLED: "false", ENVIRONMENT: "production" }, "AUTH_LIMITS_ENABLED"],
  ])("that can't be worked with is named: %j", async (vars, name) => {
    const other = await startGateway(vars);
    const { status, body } = await other.api("GET", "/tools");
    expect([status, body]).toEqual([503, expect.objectContaining({ detail: expect.stringContaining(name) })]);
    await other.dispose();
  });
});

test("so many secrets of tokens are made in a minute for one address, and as many rotated; others are not held up", async () => {
  const own = await startGateway({ TEST_ADDRESS_HEADER: ADDRESS });
  const [key, headers] = [await own.token(), { "content-type": "application/json" }];
  const statusOf = async (path: string, address: string): Promise<number> => {
    const more = { authorization: `Bearer ${key}`, [ADDRESS]: address };
    return (await own.api("POST", path, { overlap: "wrong" }, { ...headers, ...more })).status;
  };
  for (const path of ["/tokens", "/tokens/absent/rotate"]) {
    const statuses = await Promise.all(Array.from({ length: 40 }, () => statusOf(path, "192.0.2.1")));
    expect(statuses.filter((status) => status === 422)).toHaveLength(30);
    expect(statuses.filter((status) => status === 429)).toHaveLength(10);
    expect(await statusOf(path, "192.0.2.2")).toBe(422);
  }
  await own.dispose();
});
