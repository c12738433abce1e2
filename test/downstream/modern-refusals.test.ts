// What 2026-07-28 refuses beside the malformed: envelopes that lack something, headers that say something else than the
// body, methods of older revisions (basic/versioning, basic/transports/streamable-http).
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MODERN_VERSION, PROTOCOL_META } from "../../src/lib/mcp.ts";
import { startModernEverything } from "../fakes/everything/modern.ts";
import type { Running } from "../fakes/http.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { envelope, message, modern, type Received, receive, send, type Wire } from "../wire.ts";

let gateway: Gateway;
let everything: Running;
let bearer: Record<string, string>;
const doors = { "/mcp": "", "/servers/{id}/mcp": "" };
const DOORS = Object.keys(doors) as (keyof typeof doors)[];

beforeAll(async () => {
  [gateway, everything] = await Promise.all([startGateway(), startModernEverything()]);
  bearer = { authorization: `Bearer ${await gateway.token()}` };
  doors["/mcp"] = `${gateway.url}/mcp`;
  doors["/servers/{id}/mcp"] = (await gateway.bundle("everything", everything.url)).url;
});
afterAll(() => Promise.all([gateway.dispose(), everything.close()]));

function refusal({ status, headers, answer }: Received) {
  expect(answer?.error?.data?.request_id).toBe(headers.get("x-correlation-id"));
  return [status, answer?.error?.code, answer?.id];
}

/** A request with headers set otherwise, or left out. */
function otherwise({ headers, body }: Wire, other: Record<string, string | undefined>): Wire {
  const entries = Object.entries({ ...headers, ...other }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return { headers: Object.fromEntries(entries), body };
}

const call = modern(7, "tools/call", { name: "test_simple_text", arguments: {} });
const without = (key: string): object =>
  Object.fromEntries(Object.entries(envelope()).filter(([name]) => name !== key));
const base64 = (text: string): string => `=?base64?${btoa(text)}?=`;

describe.each(DOORS)("at %s", (door) => {
  const ask = (wire: Wire) => send(doors[door], wire, bearer);

  it.each<[string, Wire, [status: number, code: number]]>([
    ["no version in the header", otherwise(call, { "mcp-protocol-version": undefined }), [400, -32020]],
    ["another version in the header", otherwise(call, { "mcp-protocol-version": "2025-11-25" }), [400, -32020]],
    ["a version nobody knows in the header", otherwise(call, { "mcp-protocol-version": "2099-01-01" }), [400, -32020]],
    ["no method in the header", otherwise(call, { "mcp-method": undefined }), [400, -32020]],
    ["another method in the header", otherwise(call, { "mcp-method": "tools/list" }), [400, -32020]],
    ["the method in other letters in the header", otherwise(call, { "mcp-method": "Tools/Call" }), [400, -32020]],
    ["no name in the header", otherwise(call, { "mcp-name": undefined }), [400, -32020]],
    ["another name in the header", otherwise(call, { "mcp-name": "test_image_content" }), [400, -32020]],
    ["another name behind base64", otherwise(call, { "mcp-name": base64("test_image_content") }), [400, -32020]],
    ["base64 that is none", otherwise(call, { "mcp-name": "=?base64?%%%?=" }), [400, -32020]],
    ["base64 without its padding", otherwise(call, { "mcp-name": "=?base64?YQ?=" }), [400, -32020]],
    [
      "no URI in the header",
      otherwise(modern(7, "resources/read", { uri: "test://static-text" }), { "mcp-name": undefined }),
      [400, -32020],
    ],
    ["no `_meta`", { ...call, body: message(7, "tools/call", { name: "test_simple_text" }) }, [400, -32602]],
    [
      "no version in `_meta`",
      {
        ...call,
        body: message(7, "tools/call", { name: "test_simple_text", _meta: without(PROTOCOL_META.protocolVersion) }),
      },
      [400, -32602],
    ],
    [
      "no capabilities",
      {
        ...call,
        body: message(7, "tools/call", { name: "test_simple_text", _meta: without(PROTOCOL_META.clientCapabilities) }),
      },
      [400, -32602],
    ],
    [
      "capabilities that are none",
      modern(7, "tools/call", { name: "test_simple_text", _meta: { [PROTOCOL_META.clientCapabilities]: [] } }),
      [400, -32602],
    ],
    ["a batch", { ...call, body: `[${call.body}]` }, [400, -32600]],
    ["a response", { ...call, body: '{"jsonrpc":"2.0","id":7,"result":{}}' }, [400, -32600]],
  ])("refuses %s", async (_what, wire, expected) => {
    const id = wire.body.startsWith("[") ? null : 7;
    expect(refusal(await ask(wire))).toEqual([...expected, id]);
  });

  it("names the versions it supports to a client of another one", async () => {
    const other = "2099-01-01";
    const wire = otherwise(modern(7, "tools/list", { _meta: { [PROTOCOL_META.protocolVersion]: other } }), {
      "mcp-protocol-version": other,
    });
    const received = await ask(wire);
    expect(refusal(received)).toEqual([400, -32022, 7]);
    expect(received.answer?.error?.data).toMatchObject({
      requested: other,
      supported: expect.arrayContaining([MODERN_VERSION, "2025-11-25"]),
    });
  });

  it.each([
    "no/such",
    "initialize",
    "ping",
    "logging/setLevel",
    "resources/subscribe",
    "resources/unsubscribe",
    "tasks/get",
    "constructor",
  ])("has no method %s: 404", async (method) => {
    expect(refusal(await ask(modern("a", method)))).toEqual([404, -32601, "a"]);
  });

  it.each<[string, Wire]>([
    ["an unknown tool", modern(7, "tools/call", { name: "no_such" })],
    ["an unknown prompt", modern(7, "prompts/get", { name: "no_such" })],
    ["a cursor it never gave", modern(7, "tools/list", { cursor: "bm90IG91cnM" })],
    [
      "a completion of nothing",
      modern(7, "completion/complete", { ref: { type: "ref/other" }, argument: { name: "a", value: "" } }),
    ],
  ])("answers %s in band", async (_what, wire) => {
    expect(refusal(await ask(wire))).toEqual([200, -32602, 7]);
  });

  it("passes on what an upstream says of a resource that is not there", async () => {
    const { status, answer } = await ask(modern(7, "resources/read", { uri: "test://no-such" }));
    expect([status, answer]).toMatchObject([200, { id: 7, error: { code: -32602, data: { uri: "test://no-such" } } }]);
  });

  it("holds Mcp-Param headers against the arguments they mirror", async () => {
    const wire = modern(7, "tools/call", {
      name: "test_x_mcp_header",
      arguments: { region: "eu", limit: 5, dryRun: false },
    });
    const right = { "mcp-param-region": "eu", "mcp-param-limit": "5.0", "mcp-param-dry-run": "false" };
    expect(await ask(otherwise(wire, right))).toMatchObject({ status: 200, answer: { result: {} } });
    for (const wrong of [
      { "mcp-param-region": "EU" },
      { "mcp-param-limit": "6" },
      { "mcp-param-dry-run": undefined },
      { "mcp-param-region": "=?base64?!?=" },
    ]) {
      expect(refusal(await ask(otherwise(wire, { ...right, ...wrong })))).toEqual([400, -32020, 7]);
    }
  });

  it.each<[string, Wire]>([
    [
      "header names in any case and values with space around",
      otherwise(call, { "mcp-name": undefined, "MCP-NAME": "  test_simple_text " }),
    ],
    ["a name behind base64", otherwise(call, { "mcp-name": base64("test_simple_text") })],
    ["a session id, which means nothing here", otherwise(call, { "mcp-session-id": "no-such-session" })],
    ["any Accept", otherwise(call, { accept: "application/json" })],
  ])("takes %s", async (_what, wire) => {
    const received = await ask(wire);
    expect(received).toMatchObject({ status: 200, answer: { id: 7, result: { resultType: "complete" } } });
    expect(received.headers.has("mcp-session-id")).toBe(false);
  });

  it("takes notifications with 202 and no body", async () => {
    const body = message(undefined, "notifications/cancelled", { requestId: 1, _meta: envelope() });
    const { headers } = modern(0, "notifications/cancelled");
    expect(await ask({ headers, body })).toMatchObject({ status: 202, text: "" });
  });

  it.each(["GET", "DELETE"])("refuses %s with 405", async (method) => {
    const headers = { ...bearer, "mcp-protocol-version": MODERN_VERSION };
    expect(refusal(await receive(fetch(doors[door], { method, headers })))).toEqual([405, -32600, null]);
  });
});
