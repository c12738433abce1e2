// Nothing is lost or changed on the way through: the bytes of results, the values of arguments and definitions.
import { beforeAll, describe, expect, inject, it } from "vitest";
import { serve } from "../../src/app.ts";
import { isObject, type JsonObject, parseStrict } from "../../src/lib/json.ts";
import { bindings, gatewayOf } from "../inside.ts";
import { envelope, initialize, messagesIn, modern, session, type Wire } from "../wire.ts";

const gateway = gatewayOf(serve, bindings());
const ERAS = ["session", "modern"] as const;
const TRANSPORTS = ["json", "sse", "bytewise"] as const;
type Era = (typeof ERAS)[number];

/** What gateways are known to lose: numbers, escapes, keys nobody knows, and whatever looks like an envelope. */
const TREASURES = `{"big":9007199254740993,"bigger":-123456789012345678901234567890,"long":0.1234567890123456789012345,"huge":1e400,
"text":"caf\\u00e9 \u{1F9ED} \u2028 \\/ \\" \\n","empty":"","nothing":null,"none":[],"deep":[[[{"a":[{}]}]]],
"__proto__":{"x":1},"constructor":1,"toString":2,"jsonrpc":"1.0","id":"not mine","method":"tools/call","result":{"resultType":"task"},"error":null}`;

const result = (era: Era, padding = ""): string => `{${era === "modern" ? '"resultType":"complete",' : ""}"content":[
{"type":"text","text":"${padding}","annotations":{"audience":["user"],"priority":0.30000000000000004,"lastModified":"2026-01-01T00:00:00Z","x-new":1},"_meta":{"a.b/c":9007199254740993}},
{"type":"resource_link","uri":"file:///a%20b","name":"a","icons":[{"src":"data:image/png;base64,AA==","sizes":["48x48"],"theme":"dark","x-new":true}]},
{"type":"hologram","beam":{"energy":1e21}}],
"structuredContent":${TREASURES},"_meta":{"vendor/trace":${TREASURES}},"x-root":${TREASURES},"isError":false}`;

const TOOLS = `[{"name":"json","title":"J","description":"d\\u00e9","icons":[{"src":"https://a.example/i.svg","x-new":1}],"inputSchema":{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{"n":{"type":"integer","x-mcp-header":"N","maximum":9007199254740993,"x-vendor":{"deep":[null]}}},"$defs":{"p":{"const":null}},"if":{"required":["n"]},"then":{}},
"outputSchema":{"type":"object","unevaluatedProperties":false},"annotations":{"readOnlyHint":true,"x-new":"?"},"_meta":{"ui":{"resourceUri":"ui://a/b"}},"x-root":${TREASURES}},
{"name":"sse","inputSchema":{"type":"object"}},{"name":"bytewise","inputSchema":{"type":"object"}}]`;

interface Place {
  readonly control: string;
  readonly path: string;
  readonly sessionId: string;
}
const places = new Map<Era, Place>();

beforeAll(async () => {
  for (const era of ERAS) {
    const control = `${inject("verbatim")}/fidelity-${era}`;
    await fetch(`${control}/tools`, { method: "PUT", body: TOOLS });
    const { path } = await gateway.bundle(`fidelity ${era}`, `${control}/${era}`);
    const begun = await post(path, initialize());
    places.set(era, { control, path, sessionId: begun.headers.get("mcp-session-id") ?? "" });
  }
});

const post = (path: string, { body, headers }: Wire) => gateway.request("POST", path, body, headers);

function placeOf(era: Era): Place {
  const place = places.get(era);
  if (!place) throw new Error(`no upstream of the ${era} era`);
  return place;
}

/** Calls a tool with arguments given as JSON text; gives the text of the response. */
async function call(client: Era, upstream: Era, tool: string, args = "{}"): Promise<string> {
  const { path, sessionId } = placeOf(upstream);
  const params = { name: tool, arguments: "(arguments)" };
  const { headers, body } =
    client === "modern" ? modern(1, "tools/call", params) : session(1, "tools/call", params, sessionId);
  const answer = await post(path, { headers, body: body.replace('"(arguments)"', () => args) });
  const messages = messagesIn(answer.headers.get("content-type"), answer.text);
  expect(messages).toHaveLength(1);
  return messages[0] ?? "";
}

const put = (upstream: Era, text: string) =>
  fetch(`${placeOf(upstream).control}/result`, { method: "PUT", body: text });
const wrapped = (text: string): string => `{"jsonrpc":"2.0","id":1,"result":${text}}`;
const read = (text: string): JsonObject => {
  const value = parseStrict(text);
  if (!isObject(value)) throw new Error("not an object");
  return value;
};

describe.each(ERAS)("a result between a client and an upstream of the %s era", (era) => {
  it.each(TRANSPORTS)("arrives byte for byte when it came as %s", async (transport) => {
    const text = result(era, "half a pair: \\ud800").replaceAll("\n", "");
    await put(era, text);
    expect(await call(era, era, transport)).toBe(wrapped(text));
  });

  it.each(["json", "sse"])("arrives byte for byte when it came as %s and is larger than 64 KB", async (transport) => {
    const text = result(era, "\u00e9\u{1F9ED}0123456789".repeat(20_000)).replaceAll("\n", "");
    await put(era, text);
    expect(await call(era, era, transport)).toBe(wrapped(text));
  });
});

describe.each([
  ["session", "modern"],
  ["modern", "session"],
] as const)("between a %s client and a %s upstream", (client, upstream) => {
  it.each(TRANSPORTS)("a result that came as %s changes in its envelope only", async (transport) => {
    const text = result(upstream);
    await put(upstream, text.replaceAll("\n", ""));
    const { resultType, ...rest } = read(text);
    const expected = client === "modern" ? { resultType: "complete", ...rest } : rest;
    const got = read(await call(client, upstream, transport));
    expect(resultType).toBe(upstream === "modern" ? "complete" : undefined);
    expect(got).toEqual({ jsonrpc: "2.0", id: 1, result: expected });
  });
});

it("mirrors an integer that a double can't hold into the header its schema asks for, digit by digit", async () => {
  const { path, sessionId, control } = placeOf("modern");
  const { headers, body } = session(1, "tools/call", { name: "json", arguments: { n: "(n)" } }, sessionId);
  await post(path, { headers, body: body.replace('"(n)"', "9007199254740993") });
  expect(await (await fetch(`${control}/headers`)).json()).toMatchObject({ "mcp-param-n": "9007199254740993" });
});

it("holds a client's header against an integer that a double can't hold", async () => {
  const { path } = placeOf("modern");
  const call = async (header: string) => {
    const { headers, body } = modern(1, "tools/call", { name: "json", arguments: { n: "(n)" } });
    const { text } = await post(path, {
      headers: { ...headers, "mcp-param-n": header },
      body: body.replace('"(n)"', "9007199254740993"),
    });
    return read(text);
  };
  expect(await call("9007199254740993")).toMatchObject({ result: {} });
  expect(await call("9007199254740992")).toMatchObject({ error: { code: -32020 } });
});

it("puts an integer that a double can't hold into a REST tool's path and query, digit by digit", async () => {
  const url = `${inject("verbatim")}/rest/echo/items/{id}`;
  await gateway.api("POST", "/tools", { name: "items", url, requestType: "GET" });
  const args = '{"id":9007199254740993,"after":[12345678901234567890]}';
  const { headers, body } = modern(1, "tools/call", { name: "items", arguments: "(arguments)" });
  const { text } = await post("/mcp", { headers, body: body.replace('"(arguments)"', args) });
  expect(read(text)).toMatchObject({
    result: { content: [{ text: "items/9007199254740993?after=12345678901234567890" }] },
  });
});

describe.each(ERAS.flatMap((client) => ERAS.map((upstream) => [client, upstream] as const)))(
  "between a %s client and a %s upstream",
  (client, upstream) => {
    it("arguments arrive with every value they were sent with", async () => {
      await put(upstream, result(upstream).replaceAll("\n", ""));
      await call(client, upstream, "json", TREASURES);
      const request = read(await (await fetch(`${placeOf(upstream).control}/request`)).text());
      expect(request).toMatchObject({ method: "tools/call", params: { name: "json" } });
      expect((request.params as JsonObject).arguments).toEqual(read(TREASURES));
    });

    it("`_meta` of a request arrives, unknown keys and big numbers included", async () => {
      const { path, sessionId, control } = placeOf(upstream);
      const params = { name: "json", arguments: {}, _meta: { "vendor/key": "(treasures)", traceparent: "00-1-2-01" } };
      const { headers, body } =
        client === "modern" ? modern(1, "tools/call", params) : session(1, "tools/call", params, sessionId);
      await post(path, { headers, body: body.replace('"(treasures)"', () => TREASURES) });
      const { params: seen } = read(await (await fetch(`${control}/request`)).text()) as {
        params: { _meta: JsonObject };
      };
      const { "vendor/key": vendor, traceparent, ...rest } = seen._meta;
      expect(vendor).toEqual(read(TREASURES));
      expect(traceparent).toBe("00-1-2-01");
      expect(Object.keys(rest).sort()).toEqual(upstream === "modern" ? Object.keys(envelope()).sort() : []);
    });

    it("a definition is listed with everything its upstream said", async () => {
      const { path, sessionId } = placeOf(upstream);
      const { text } = await post(
        path,
        client === "modern" ? modern(1, "tools/list") : session(1, "tools/list", {}, sessionId),
      );
      const byName = (value: unknown) =>
        Object.fromEntries((value as { name: string }[]).map((tool) => [tool.name, tool]));
      expect(byName((read(text).result as JsonObject).tools)).toEqual(byName(parseStrict(TOOLS)));
    });
  },
);
