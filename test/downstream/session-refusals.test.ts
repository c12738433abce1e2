// What the session era refuses beside the malformed: requests without a session or with one that is not theirs, other
// versions, other Accept headers, batches (MCP 2025-03-26 … 2025-11-25 basic/transports).
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addUser } from "../auth/users.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { initialize, message, type Received, receive, send, session } from "../wire.ts";

let gateway: Gateway;
let bearer: Record<string, string>;
let sample: string;
const doors = { "/mcp": "", "/servers/{id}/mcp": "" };
const DOORS = Object.keys(doors) as (keyof typeof doors)[];
const VERSIONS = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

beforeAll(async () => {
  gateway = await startGateway();
  await addUser(gateway, "ann@example.com");
  bearer = { authorization: `Bearer ${await gateway.token()}` };
  sample = (await gateway.bundle("sample", "builtin:sample")).url;
  doors["/mcp"] = `${gateway.url}/mcp`;
  doors["/servers/{id}/mcp"] = sample;
});
afterAll(() => gateway.dispose());

/** Begins a session; gives its id. */
async function begin(url: string, version?: string, headers = bearer): Promise<string> {
  const begun = await send(url, initialize(version), headers);
  expect(begun).toMatchObject({ status: 200, answer: { result: { protocolVersion: version ?? "2025-11-25" } } });
  return begun.headers.get("mcp-session-id") ?? "";
}

function refusal({ status, headers, answer }: Received) {
  expect(answer?.error?.data?.request_id).toBe(headers.get("x-correlation-id"));
  return [status, answer?.error?.code, answer?.id];
}

describe.each(DOORS)("at %s", (door) => {
  const ask = (wire: ReturnType<typeof session>, more: Record<string, string> = {}) =>
    send(doors[door], wire, { ...bearer, ...more });

  it("a request without a session is 400, with an unknown one 404", async () => {
    expect(refusal(await ask(session(7, "tools/list")))).toEqual([400, -32600, 7]);
    expect(refusal(await ask(session("a", "tools/list", {}, "no-such-session")))).toEqual([404, -32001, "a"]);
  });

  it("a notification and a response without a session are refused alike", async () => {
    const initialized = { headers: session(0, "ping").headers, body: message(undefined, "notifications/initialized") };
    expect(refusal(await ask(initialized))).toEqual([400, -32600, null]);
    expect(refusal(await ask(initialized, { "mcp-session-id": "no-such-session" }))).toEqual([404, -32001, null]);
  });

  it.each(VERSIONS)("a session of %s has no other methods than its era", async (version) => {
    const id = await begin(doors[door], version);
    expect(refusal(await ask(session(7, "no/such", {}, id, version)))).toEqual([200, -32601, 7]);
    expect(refusal(await ask(session(8, "server/discover", {}, id, version)))).toEqual([200, -32601, 8]);
    expect(refusal(await ask(session(9, "subscriptions/listen", {}, id, version)))).toEqual([200, -32601, 9]);
    expect(refusal(await ask(session(10, "constructor", {}, id, version)))).toEqual([200, -32601, 10]);
  });

  it("a version that is none is 400", async () => {
    const id = await begin(doors[door]);
    expect(refusal(await ask(session(7, "ping", {}, id, "1999-01-01")))).toEqual([400, -32600, 7]);
    expect(refusal(await ask(session(7, "ping", {}, id, "")))).toEqual([400, -32600, 7]);
  });

  it("a request needs no version header, as 2025-03-26 had none", async () => {
    const id = await begin(doors[door]);
    const { "mcp-protocol-version": _, ...headers } = session(7, "ping", {}, id).headers;
    expect(await ask({ headers, body: message(7, "ping") })).toMatchObject({
      status: 200,
      answer: { id: 7, result: {} },
    });
  });

  it.each(["application/json", "text/event-stream", "text/html", "application/jsonp, text/event-streams"])(
    "Accept: %s is 406 with the request's id",
    async (accept) => {
      const id = await begin(doors[door]);
      expect(refusal(await ask(session(7, "ping", {}, id), { accept }))).toEqual([406, -32600, 7]);
    },
  );

  it.each([
    "*/*",
    "application/*, text/*",
    "text/event-stream;q=0.1, APPLICATION/JSON; charset=utf-8",
    "application/json,text/event-stream",
  ])("Accept: %s is fine", async (accept) => {
    const id = await begin(doors[door]);
    expect((await ask(session(7, "ping", {}, id), { accept })).status).toBe(200);
  });

  it("a notification and a response are 202 without a body", async () => {
    const id = await begin(doors[door]);
    const { headers } = session(0, "ping", {}, id);
    for (const body of [
      message(undefined, "notifications/initialized"),
      message(undefined, "notifications/cancelled", { requestId: 99 }),
      message(undefined, "notifications/no/such"),
      '{"jsonrpc":"2.0","id":1,"result":{}}',
      '{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"no"}}',
    ]) {
      expect(await ask({ headers, body })).toMatchObject({ status: 202, text: "" });
    }
  });

  it("DELETE ends a session: 204, and from then on it is unknown", async () => {
    const id = await begin(doors[door]);
    const end = () => receive(fetch(doors[door], { method: "DELETE", headers: { ...bearer, "mcp-session-id": id } }));
    expect(await end()).toMatchObject({ status: 204, text: "" });
    expect(refusal(await ask(session(7, "ping", {}, id)))).toEqual([404, -32001, 7]);
    expect(refusal(await end())).toEqual([404, -32001, null]);
  });

  it("GET without text/event-stream in Accept is 406, with an unknown session 404", async () => {
    const get = (headers: Record<string, string>) =>
      receive(fetch(doors[door], { headers: { ...bearer, ...headers } }));
    const id = await begin(doors[door]);
    expect(refusal(await get({ accept: "application/json", "mcp-session-id": id }))).toEqual([406, -32600, null]);
    expect(refusal(await get({ accept: "text/event-stream", "mcp-session-id": "v1.x.y" }))).toEqual([
      404,
      -32001,
      null,
    ]);
  });
});

describe("a session", () => {
  const correlation = { "x-correlation-id": "the-same-for-both" };

  it("of another principal answers byte for byte like one that never was", async () => {
    const mine = await begin(sample);
    const ann = { authorization: `Bearer ${await gateway.token({ subject: "ann@example.com" })}`, ...correlation };
    expect((await send(sample, initialize(), ann)).status).toBe(200);
    const foreign = await send(sample, session(7, "ping", {}, mine), ann);
    const made = await send(sample, session(7, "ping", {}, `${mine.slice(0, -4)}AAAA`), ann);
    expect(refusal(foreign)).toEqual([404, -32001, 7]);
    expect([foreign.status, foreign.text]).toEqual([made.status, made.text]);
    const headers = ({ headers }: Received) => Object.fromEntries([...headers].filter(([name]) => name !== "date"));
    expect(headers(foreign)).toEqual(headers(made));
    expect((await send(sample, session(7, "ping", {}, mine), bearer)).status).toBe(200);
  });

  it("of one virtual server is unknown at another, and at /mcp", async () => {
    const other = await gateway.bundle("another", "builtin:sample");
    const id = await begin(sample);
    expect(refusal(await send(other.url, session(7, "ping", {}, id), bearer))).toEqual([404, -32001, 7]);
    expect(refusal(await send(`${gateway.url}/mcp`, session(7, "ping", {}, id), bearer))).toEqual([404, -32001, 7]);
  });

  it("can't be ended by another principal", async () => {
    const mine = await begin(sample);
    const ann = { authorization: `Bearer ${await gateway.token({ subject: "ann@example.com" })}` };
    const ended = await receive(fetch(sample, { method: "DELETE", headers: { ...ann, "mcp-session-id": mine } }));
    expect(ended.status).toBe(404);
    expect((await send(sample, session(7, "ping", {}, mine), bearer)).status).toBe(200);
  });

  it("has no two requests with the same id at once", async () => {
    const id = await begin(sample);
    const slow = { name: "slow", arguments: { seconds: 1 } };
    const both = await Promise.all([1, 2].map(() => send(sample, session(7, "tools/call", slow, id), bearer)));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 400]);
    expect(both.map(({ answer }) => answer?.id)).toEqual([7, 7]);
    expect((await send(sample, session(7, "ping", {}, id), bearer)).status).toBe(200);
  });
});

describe("a batch", () => {
  const calls = [1, "two", 3].map((id) =>
    JSON.parse(message(id, "tools/call", { name: "echo", arguments: { message: `${id}` } })),
  );
  const batch = async (version: string, parts: readonly unknown[]): Promise<Received> => {
    const { headers } = session(0, "ping", {}, await begin(sample, version), version);
    return await send(sample, { headers, body: JSON.stringify(parts) }, bearer);
  };

  it.each(VERSIONS.filter((version) => version !== "2025-03-26"))("is not part of %s", async (version) => {
    expect(refusal(await batch(version, calls))).toEqual([400, -32600, null]);
  });

  it("needs a session", async () => {
    const { headers } = session(0, "ping");
    expect(refusal(await send(sample, { headers, body: JSON.stringify(calls) }, bearer))).toEqual([400, -32600, null]);
  });

  it("that is empty is refused", async () => {
    expect(refusal(await batch("2025-03-26", []))).toEqual([400, -32600, null]);
  });

  it("of 2025-03-26 is answered as an array, each request with its own id and answer", async () => {
    const { status, text } = await batch("2025-03-26", calls);
    expect(status).toBe(200);
    const answers = JSON.parse(text) as { id: unknown }[];
    expect(answers).toHaveLength(3);
    for (const id of [1, "two", 3]) {
      expect(answers.find((answer) => answer.id === id)).toMatchObject({ result: { content: [{ text: `${id}` }] } });
    }
  });

  it("says what is wrong with each of its parts, and answers the others", async () => {
    const notification = { jsonrpc: "2.0", method: "notifications/initialized" };
    const parts = [
      calls[0],
      5,
      { jsonrpc: "2.0", id: 9 },
      notification,
      JSON.parse(initialize().body),
      { jsonrpc: "2.0", id: 8, method: "no/such" },
    ];
    const answers = JSON.parse((await batch("2025-03-26", parts)).text) as unknown[];
    expect(answers).toMatchObject([
      { id: 1, result: {} },
      { id: null, error: { code: -32600 } },
      { id: 9, error: { code: -32600 } },
      { id: 0, error: { code: -32600 } },
      { id: 8, error: { code: -32601 } },
    ]);
  });

  it("of notifications and responses only is 202", async () => {
    const parts = [
      { jsonrpc: "2.0", method: "notifications/initialized" },
      { jsonrpc: "2.0", id: 1, result: {} },
    ];
    expect(await batch("2025-03-26", parts)).toMatchObject({ status: 202, text: "" });
  });
});
