// What an administrator did not choose for a virtual server, or switched off, can't be reached through it: not by its
// URI, not by a template it belongs to, and its upstream is not even asked. What nobody listed (a link in a result) can.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Message } from "../fakes/plain-mcp.ts";
import { type Script, type Scripted, startScripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { initialize, modern, type Received, send, session } from "../wire.ts";

const CHOSEN = "note://chosen";
const SPARE = "note://spare";
const SWITCHED_OFF = "note://switched-off";
const TEMPLATE = "drawer://{name}";
const OFF_TEMPLATE = "safe://{name}";
const WIDE_TEMPLATE = "shelf://{+path}";
const LOCKED = "shelf://locked";
const UNDER_CHOSEN = "shelf://spare";
const PRIVATE = "shelf://private";
const LOCKED_TEMPLATE = "shelf://locked/{name}";

const ANSWERS: Readonly<Record<string, (message: Message) => object>> = {
  initialize: ({ params }) => ({
    protocolVersion: params?.protocolVersion,
    capabilities: { tools: {}, resources: { subscribe: true } },
    serverInfo: { name: "notes", version: "1" },
  }),
  "resources/list": () => ({
    resources: [CHOSEN, SPARE, SWITCHED_OFF, LOCKED, UNDER_CHOSEN, PRIVATE].map((uri) => ({ uri, name: uri })),
  }),
  "resources/templates/list": () => ({
    resourceTemplates: [TEMPLATE, OFF_TEMPLATE, WIDE_TEMPLATE, LOCKED_TEMPLATE].map((uriTemplate) => ({
      uriTemplate,
      name: uriTemplate,
    })),
  }),
  "resources/read": ({ params }) => ({ contents: [{ uri: params?.uri, text: `this is ${params?.uri}` }] }),
  "resources/subscribe": () => ({}),
};
const script: Script = ({ message }, outgoing) => {
  const result = message && ANSWERS[message.method]?.(message);
  if (!result) return false;
  outgoing.writeHead(200, { "content-type": "application/json" });
  outgoing.end(JSON.stringify({ jsonrpc: "2.0", id: message.id, result }));
  return true;
};

let gateway: Gateway;
let upstream: Scripted;
const urls = { "tools only": "", "some resources": "" };
type Server = keyof typeof urls;

interface Row {
  readonly id: string;
  readonly uri: string;
}

beforeAll(async () => {
  [gateway, upstream] = await Promise.all([startGateway(), startScripted(script)]);
  const { body: notes } = await gateway.api<Row>("POST", "/gateways", { name: "notes", url: upstream.url });
  const { body: tools } = await gateway.api<Row[]>("GET", `/tools?gateway_id=${notes.id}`);
  const rows = (await gateway.sql("SELECT id, uri FROM resources")) as Row[];
  const idOf = (uri: string) => rows.find((row) => row.uri === uri)?.id ?? "";
  const associatedTools = tools.slice(0, 1).map(({ id }) => id);
  const serve = async (name: Server, uris: readonly string[]) => {
    const associatedResources = uris.map(idOf);
    const { status, body } = await gateway.api<Row>("POST", "/servers", {
      name,
      open: true,
      associatedTools,
      associatedResources,
    });
    expect(status, JSON.stringify(body)).toBe(201);
    urls[name] = `${gateway.url}/servers/${body.id}/mcp`;
  };
  await serve("tools only", []);
  await serve("some resources", [CHOSEN, SWITCHED_OFF, OFF_TEMPLATE, WIDE_TEMPLATE, LOCKED]);
  for (const uri of [SWITCHED_OFF, OFF_TEMPLATE, LOCKED, LOCKED_TEMPLATE]) {
    expect((await gateway.api("POST", `/resources/${idOf(uri)}/state?activate=false`)).status).toBe(200);
  }
  expect((await gateway.api("PUT", `/resources/${idOf(PRIVATE)}`, { visibility: "private" })).status).toBe(200);
});
afterAll(() => Promise.all([gateway.dispose(), upstream.close()]));

/** Asks a virtual server without a credential. */
const ASK = {
  async session(url: string, method: string, uri: string): Promise<Received> {
    const { headers } = await send(url, initialize());
    return await send(url, session(7, method, { uri }, headers.get("mcp-session-id") ?? ""));
  },
  modern: (url: string, method: string, uri: string): Promise<Received> => send(url, modern(7, method, { uri })),
};
type Era = keyof typeof ASK;
const NOT_FOUND = { session: -32002, modern: -32602 };

const asked = (uri: string) =>
  upstream.heard.filter(({ message }) => message?.params?.uri === uri).map(({ message }) => message?.method);

const CALLS: [Era, string][] = [
  ["session", "resources/read"],
  ["session", "resources/subscribe"],
  ["modern", "resources/read"],
];

describe.each(CALLS)("a %s client's %s", (era, method) => {
  it.each<[string, Server, string]>([
    ["a resource of an upstream of which only a tool was chosen", "tools only", CHOSEN],
    ["a URI of a template of an upstream of which only a tool was chosen", "tools only", "drawer://socks"],
    ["a resource that was not chosen beside one that was", "some resources", SPARE],
    ["a resource that was chosen and switched off", "some resources", SWITCHED_OFF],
    ["a URI of a template that was not chosen", "some resources", "drawer://socks"],
    ["a URI of a template that was chosen and switched off", "some resources", "safe://gold"],
    ["a resource that was switched off under a template that was chosen", "some resources", LOCKED],
    ["a resource of somebody's own under a template that was chosen", "some resources", PRIVATE],
    [
      "a URI of a template that was switched off under a wider one that was chosen",
      "some resources",
      "shelf://locked/a",
    ],
  ])("finds nothing and asks nobody for %s", async (_what, server, uri) => {
    const before = asked(uri);
    const { status, answer } = await ASK[era](urls[server], method, uri);
    expect([status, answer?.id, answer?.error?.code]).toEqual([200, 7, NOT_FOUND[era]]);
    expect(asked(uri)).toEqual(before);
  });

  it.each<[string, Server, string]>([
    ["a resource that was chosen", "some resources", CHOSEN],
    ["a URI of a template that was chosen", "some resources", "shelf://a/b"],
    ["a resource that was not chosen, by a template that was", "some resources", UNDER_CHOSEN],
    ["what nobody listed, where resources were chosen", "some resources", `note://linked/by-${era}-${method}`],
    ["what nobody listed, where only a tool was chosen", "tools only", `note://linked/for-${era}-${method}`],
  ])("reaches %s", async (_what, server, uri) => {
    const before = asked(uri);
    const { answer } = await ASK[era](urls[server], method, uri);
    expect(answer).toMatchObject({
      id: 7,
      result: method === "resources/read" ? { contents: [{ uri, text: `this is ${uri}` }] } : {},
    });
    // A subscription at an upstream without sessions is remembered here: its updates come over the gateway's own stream.
    const keptHere = method === "resources/subscribe";
    expect(asked(uri)).toEqual(keptHere ? before : [...before, method]);
  });
});

it("a resource of somebody's own is reached by its owner under a template that was chosen", async () => {
  const owner = { authorization: `Bearer ${await gateway.token()}` };
  const { answer } = await send(urls["some resources"], modern(7, "resources/read", { uri: PRIVATE }), owner);
  expect(answer).toMatchObject({ result: { contents: [{ uri: PRIVATE }] } });
});
