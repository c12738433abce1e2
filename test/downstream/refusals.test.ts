// What no endpoint takes, whatever the era: status and code (JSON-RPC 2.0 §5.1; MCP basic), the request's id
// wherever it could be read, and the name of the request in every error.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Gateway, startGateway } from "../harness.ts";
import { type Received, receive } from "../wire.ts";

const LIMIT = 10_000;
let gateway: Gateway;
let bearer: Record<string, string>;
const paths = { "/mcp": "/mcp", "/servers/{id}/mcp": "", "/rpc": "/rpc" };
const DOORS = Object.keys(paths) as (keyof typeof paths)[];

beforeAll(async () => {
  gateway = await startGateway({ MAX_BODY_BYTES: String(LIMIT) });
  bearer = { authorization: `Bearer ${await gateway.token()}` };
  paths["/servers/{id}/mcp"] = new URL((await gateway.bundle("sample", "builtin:sample")).url).pathname;
});
afterAll(() => gateway.dispose());

const knock = (path: string, init: RequestInit): Promise<Received> =>
  receive(fetch(gateway.url + path, { ...init, headers: { ...bearer, ...(init.headers as Record<string, string>) } }));

const post = (path: string, body: RequestInit["body"], headers: Record<string, string> = {}): Promise<Received> =>
  knock(path, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", ...headers },
    duplex: "half",
  } as RequestInit);

/** The error that was answered, with where it came: status, id, code; its request must be named. */
function refusal({ status, headers, answer }: Received) {
  expect(headers.get("content-type")).toBe("application/json");
  expect(answer).toMatchObject({ jsonrpc: "2.0", error: { message: expect.stringMatching(/\w/) } });
  expect(answer?.error?.data?.request_id).toBe(headers.get("x-correlation-id"));
  return [status, answer?.error?.code, answer?.id];
}

const deep = (levels: number): string =>
  `{"jsonrpc":"2.0","id":7,"method":"ping","params":{"a":${"[".repeat(levels)}${"]".repeat(levels)}}}`;
const padded = (bytes: number): string =>
  `{"jsonrpc":"2.0","id":7,"method":"ping","params":{"a":"${" ".repeat(bytes)}"}}`;

describe.each(DOORS)("at %s", (door) => {
  it.each([
    ["no body", "", [400, -32700, null]],
    ["what is not JSON", "{'jsonrpc'", [400, -32700, null]],
    ["JSON that breaks off", '{"jsonrpc":"2.0","id":7,"method":"ping"', [400, -32700, null]],
    [
      "two messages",
      '{"jsonrpc":"2.0","id":7,"method":"ping"}{"jsonrpc":"2.0","id":8,"method":"ping"}',
      [400, -32700, null],
    ],
    ["NaN", '{"jsonrpc":"2.0","id":NaN,"method":"ping"}', [400, -32700, null]],
    ["a key given twice", '{"jsonrpc":"2.0","id":7,"method":"ping","method":"tools/call"}', [400, -32600, null]],
    [
      "a key given twice by another spelling",
      '{"jsonrpc":"2.0","id":7,"method":"ping","meth\\u006fd":"x"}',
      [400, -32600, null],
    ],
    [
      "a key given twice deep inside",
      '{"jsonrpc":"2.0","id":7,"method":"ping","params":{"a":[{"b":1,"b":2}]}}',
      [400, -32600, null],
    ],
    ["nesting without reason", deep(100), [400, -32600, null]],
    ["a text", '"ping"', [400, -32600, null]],
    ["null", "null", [400, -32600, null]],
    ["no version", '{"id":7,"method":"ping"}', [400, -32600, 7]],
    ["version 1.0", '{"jsonrpc":"1.0","id":"seven","method":"ping"}', [400, -32600, "seven"]],
    ["version 2 as a number", '{"jsonrpc":2.0,"id":7,"method":"ping"}', [400, -32600, 7]],
    ["an id that is null", '{"jsonrpc":"2.0","id":null,"method":"ping"}', [400, -32600, null]],
    ["an id that is an object", '{"jsonrpc":"2.0","id":{},"method":"ping"}', [400, -32600, null]],
    ["an id that is a boolean", '{"jsonrpc":"2.0","id":true,"method":"ping"}', [400, -32600, null]],
    ["no method", '{"jsonrpc":"2.0","id":7}', [400, -32600, 7]],
    ["a method that is a number", '{"jsonrpc":"2.0","id":7,"method":1}', [400, -32600, 7]],
    ["params in an array", '{"jsonrpc":"2.0","id":7,"method":"ping","params":[]}', [400, -32602, 7]],
    ["params that are null", '{"jsonrpc":"2.0","id":7,"method":"ping","params":null}', [400, -32602, 7]],
  ])("refuses %s", async (_what, body, expected) => {
    expect(refusal(await post(paths[door], body))).toEqual(expected);
  });

  it.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/jsonp",
    "multipart/form-data; boundary=x",
    "",
  ])("refuses the content type %j with 415", async (type) => {
    const body = new TextEncoder().encode('{"jsonrpc":"2.0","id":7,"method":"ping"}');
    const headers: Record<string, string> = type === "" ? {} : { "content-type": type };
    expect(refusal(await knock(paths[door], { method: "POST", body, headers }))).toEqual([415, -32600, null]);
  });

  it("takes JSON with a charset", async () => {
    const { answer } = await post(paths[door], '{"jsonrpc":"2.0","id":7,"method":1}', {
      "content-type": "Application/JSON; charset=utf-8",
    });
    expect(answer).toMatchObject({ id: 7, error: { code: -32600 } });
  });

  it("refuses a body over the limit with 413, whether it says its length or not", async () => {
    const chunks = new Blob([padded(LIMIT)]).stream();
    expect(refusal(await post(paths[door], padded(LIMIT)))).toEqual([413, -32600, null]);
    expect(refusal(await post(paths[door], chunks))).toEqual([413, -32600, null]);
  });

  it("reads a body that is just within the limit", async () => {
    const body = padded(LIMIT - padded(0).length);
    const { status, answer } = await post(paths[door], `${body.slice(0, -1)}}`);
    expect(body).toHaveLength(LIMIT);
    expect([status, answer?.id]).not.toEqual([413, null]);
    expect(answer?.id).toBe(7);
  });

  it.each(["GET", "PUT", "PATCH", "DELETE"])("refuses %s with 405 and says what is allowed", async (method) => {
    const received = await knock(paths[door], { method });
    expect(refusal(received)).toEqual([405, -32600, null]);
    expect(received.headers.get("allow")).toBe(door === "/rpc" ? "POST" : "GET, POST, DELETE");
  });

  it("asks somebody without a credential for one, before it looks at the body", async () => {
    const received = await receive(
      fetch(gateway.url + paths[door], {
        method: "POST",
        body: '{"jsonrpc":"2.0","id":7,"method":"ping"}',
        headers: { "content-type": "application/json" },
      }),
    );
    const [status] = refusal(received);
    expect([status, received.headers.get("www-authenticate")]).toEqual([401, expect.stringMatching(/^Bearer /)]);
  });
});

describe("at /rpc", () => {
  it.each(["[]", '[{"jsonrpc":"2.0","id":7,"method":"ping"}]'])("refuses the batch %s", async (body) => {
    expect(refusal(await post("/rpc", body))).toEqual([400, -32600, null]);
  });

  it("refuses a response", async () => {
    expect(refusal(await post("/rpc", '{"jsonrpc":"2.0","id":7,"result":{}}'))).toEqual([400, -32600, 7]);
  });

  it("answers an unknown method, an unknown tool and missing params in band, with the request's id", async () => {
    expect(refusal(await post("/rpc", '{"jsonrpc":"2.0","id":7,"method":"no/such"}'))).toEqual([200, -32601, 7]);
    expect(refusal(await post("/rpc", '{"jsonrpc":"2.0","id":"a","method":"tools/call"}'))).toEqual([200, -32602, "a"]);
    const unknown = '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"no_such"}}';
    expect(refusal(await post("/rpc", unknown))).toEqual([200, -32602, 7]);
  });

  it("answers a virtual server that is not there like one that may not be seen", async () => {
    const body = '{"jsonrpc":"2.0","id":7,"method":"tools/list","params":{"server_id":"nobody"}}';
    expect(refusal(await post("/rpc", body))).toEqual([404, -32601, 7]);
  });
});

it("answers a virtual server that is not there with 404 in every era", async () => {
  expect(refusal(await post("/servers/nobody/mcp", '{"jsonrpc":"2.0","id":7,"method":"ping"}'))).toEqual([
    404,
    -32601,
    null,
  ]);
});
