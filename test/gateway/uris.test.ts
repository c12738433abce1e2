// What an upstream says with its URIs as clients know them: nothing else changes, and nothing is read where none differs.
import { describe, expect, it } from "vitest";
import { View } from "../../src/catalog/view.ts";
import { argumentsForUpstream, messageForClients, uriForClients } from "../../src/gateway/uris.ts";

const entry = (upstreamId: string, uri: string, original?: string) => ({
  id: `${upstreamId} ${uri}`,
  upstreamId,
  text: "{}",
  uri,
  ...(original === undefined ? {} : { original }),
});
const view = new View(
  {
    scope: "test",
    version: 1,
    server: null,
    upstreams: [],
    tools: [],
    prompts: [],
    resources: [entry("first", "a://x"), entry("later", "a://later--x", "a://x"), entry("later", "b://own")],
    templates: [],
    links: [],
    withheld: [],
  },
  10,
);
const said = (text: string): string => messageForClients(view, "later", text);
const result = (inner: string): string => `{"jsonrpc":"2.0","id":1,"result":{${inner}}}`;

describe("a message passes as the very same text", () => {
  const shared = '"content":[{"type":"resource_link","uri":"a://x"}]';
  it.each([
    ["of the first holder of a URI", "first", result(shared)],
    ["of an upstream that the view does not have", "nobody", result(shared)],
    ["without any URI", "later", result('"content":[{"type":"text","text":"a:\\/\\/x","n":9007199254740993.0}]')],
    ["whose URIs are the same here", "later", result('"contents":[ {"uri":"b:\\/\\/own","n":1.0} ]')],
    [
      "whose URIs are data",
      "later",
      result('"structuredContent":{"uri":"a://x","content":[{"uri":"a://x"}]},"_meta":{"uri":"a://x"}'),
    ],
    [
      "whose URIs are in a log message",
      "later",
      '{"jsonrpc":"2.0","method":"notifications/message","params":{"data":{"uri":"a://x"},"uri":"a://x"}}',
    ],
    [
      "that asks the client something",
      "later",
      '{"jsonrpc":"2.0","id":2,"method":"elicitation/create","params":{"uri":"a://x"}}',
    ],
    ["that is none", "later", '{"uri":"a://x"'],
    [
      "of odd form",
      "later",
      result(
        '"content":{"uri":7,"type":"resource_link"},"contents":[null,"uri",{"uri":null}],"messages":[[],{"content":[0]}]',
      ),
    ],
  ])("%s", (_what, upstream, text) => {
    expect(messageForClients(view, upstream, text)).toBe(text);
  });
});

describe("a message changes in its URIs only", () => {
  it.each([
    ["contents", result('"contents":[{"uri":"a://x","text":"a://x"},{"uri":"b://own"}],"ttlMs":0')],
    [
      "links and embedded resources",
      result(
        '"content":[{"type":"resource_link","uri":"a://x","name":"x"},{"type":"resource","resource":{"uri":"a://x","blob":""},"n":1}],"isError":false',
      ),
    ],
    [
      "a prompt's messages",
      result(
        '"messages":[{"role":"user","content":{"type":"resource","resource":{"uri":"a://x","text":""}}},{"role":"user","content":[{"type":"resource_link","uri":"a://x"}]}]',
      ),
    ],
    [
      "the result of a task",
      result('"taskId":"7","status":"completed","result":{"content":[{"type":"resource_link","uri":"a://x"}]}'),
    ],
    [
      "an update",
      '{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"a://x","_meta":{"n":9007199254740993}}}',
    ],
    [
      "an error",
      '{"jsonrpc":"2.0","id":1,"error":{"code":-32002,"message":"Resource not found: a://x","data":{"uri":"a://x"}}}',
    ],
  ])("of %s", (_what, text) => {
    expect(said(text)).toBe(text.replaceAll('"uri":"a://x"', '"uri":"a://later--x"'));
  });

  it("keeps numbers that a double can't hold, keys nobody knows and their order", () => {
    const rest = '"x":[9007199254740993,1e400,0.30000000000000004],"__proto__":{"y":1},"b":null,"a":""';
    const text = result(`"content":[{"type":"resource_link","uri":"a://x",${rest}}],${rest}`);
    expect(said(text)).toBe(text.replace("a://x", "a://later--x"));
  });
});

it("the URI that goes with an update or an error is that of the client", () => {
  expect(uriForClients(view, "later", { uri: "a://x", title: "a://x" })).toEqual({
    uri: "a://later--x",
    title: "a://x",
  });
  expect([uriForClients(view, "first", { uri: "a://x" }), uriForClients(view, "later", "a://x")]).toEqual([
    { uri: "a://x" },
    "a://x",
  ]);
});

describe("arguments", () => {
  const given = {
    name: "t",
    uri: "a://later--x",
    arguments: { uri: "a://later--x", list: ["a://later--y", { deep: "b://own" }], n: null },
  };

  it("have a server's own URIs again when they go to it", () => {
    expect(argumentsForUpstream(view, "later", given)).toEqual({
      ...given,
      arguments: { uri: "a://x", list: ["a://y", { deep: "b://own" }], n: null },
    });
  });

  it("are the very same for every other server, and where no URI is in them", () => {
    expect(argumentsForUpstream(view, "first", given)).toBe(given);
    const plain = {
      name: "t",
      arguments: { text: "later--x", other: "a://first--x", words: "see a://later--x", url: "https://a.example/" },
    };
    expect(argumentsForUpstream(view, "later", plain)).toBe(plain);
    const none = { name: "t" };
    expect(argumentsForUpstream(view, "later", none)).toBe(none);
  });
});
