// What a client can do is declared to each upstream exactly as the client declared it, whichever revisions the two speak;
// of two clients each is itself. The gateway's own requests declare nothing.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PROTOCOL_META } from "../../src/lib/mcp.ts";
import { startLibrary } from "../fakes/library.ts";
import type { Era, Message } from "../fakes/plain-mcp.ts";
import type { Heard, Scripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { envelope, modern, type Received, send, session } from "../wire.ts";

const NOTHING = {};
const MUCH = {
  elicitation: { form: {}, url: {} },
  sampling: { tools: {}, context: {} },
  roots: { listChanged: true },
  experimental: { "x.example/beam": { energy: 1e21 } },
  extensions: { "io.modelcontextprotocol/ui": { mimeTypes: ["text/html;profile=mcp-app"] } },
  "x-unknown": [null, { deep: "é" }],
};

let gateway: Gateway;
let authorization: string;
const upstreams = new Map<Era, readonly Scripted[]>();
const urls = new Map<Era, string>();
const ERAS = ["session", "modern"] as const;

beforeAll(async () => {
  gateway = await startGateway();
  authorization = `Bearer ${await gateway.token()}`;
  for (const era of ERAS) {
    const libraries = await Promise.all(["a", "b"].map((name) => startLibrary(`${era}-${name}`, era)));
    upstreams.set(era, libraries);
    const tools: string[] = [];
    for (const [at, { url }] of libraries.entries()) {
      const { body } = await gateway.api<{ id: string }>("POST", "/gateways", { name: `${era}-${"ab"[at]}`, url });
      const rows = await gateway.api<{ id: string }[]>("GET", `/tools?limit=0&gateway_id=${body.id}`);
      tools.push(...rows.body.map(({ id }) => id));
    }
    const { body } = await gateway.api<{ id: string }>("POST", "/servers", { name: era, associatedTools: tools });
    urls.set(era, `${gateway.url}/servers/${body.id}/mcp`);
  }
});
afterAll(() => Promise.all([gateway.dispose(), ...[...upstreams.values()].flat().map(({ close }) => close())]));

type Call = (name: string) => Promise<Received>;
let requests = 0;

/** A client of an era that can do what `capabilities` say. */
const CLIENTS: Readonly<Record<Era, (url: string, capabilities: object) => Promise<Call>>> = {
  async session(url, capabilities) {
    const params = { protocolVersion: "2025-11-25", capabilities, clientInfo: { name: "wire", version: "1" } };
    const { headers } = await send(url, session(0, "initialize", params), { authorization });
    const id = headers.get("mcp-session-id") ?? "";
    return (name) => send(url, session(++requests, "tools/call", { name, arguments: {} }, id), { authorization });
  },
  async modern(url, capabilities) {
    const params = { arguments: {}, _meta: envelope(capabilities) };
    return (name) => send(url, modern(++requests, "tools/call", { ...params, name }), { authorization });
  },
};

const inEnvelope = ({ params }: Message): unknown =>
  (params?._meta as Record<string, unknown> | undefined)?.[PROTOCOL_META.clientCapabilities];

/** What upstreams of an era were told of a client: with each call, or when its session began. */
const TOLD: Readonly<Record<Era, (heard: readonly Heard[]) => unknown[]>> = {
  modern: (heard) => heard.flatMap(({ message }) => (message?.method === "tools/call" ? [inEnvelope(message)] : [])),
  session: (heard) =>
    heard.flatMap(({ message }) => (message?.method === "initialize" ? [message.params?.capabilities] : [])),
};

const heardBy = (era: Era): Heard[] => (upstreams.get(era) ?? []).flatMap(({ heard }) => heard);

describe.each([
  ["session", "session"],
  ["session", "modern"],
  ["modern", "modern"],
  ["modern", "session"],
] as const)("what a %s client can do, at two %s upstreams,", (client, era) => {
  it.each([
    ["nothing", NOTHING],
    ["much", MUCH],
  ])("is told as it said it: %s", async (_what, capabilities) => {
    const before = heardBy(era).length;
    const call = await CLIENTS[client](urls.get(era) ?? "", capabilities);
    for (const name of ["find", `${era}-b__find`]) expect((await call(name)).answer).toHaveProperty("result");
    const heard = (upstreams.get(era) ?? []).map((upstream) => TOLD[era](upstream.heard).at(-1));
    expect(heard).toEqual([capabilities, capabilities]);
    expect(heardBy(era).length).toBeGreaterThan(before);
  });

  it("is told of nobody else, when two call at once", async () => {
    const url = urls.get(era) ?? "";
    const [much, little] = [MUCH, NOTHING].map((capabilities) => ({ ...capabilities, "x-now": { client, era } }));
    const [able, unable] = await Promise.all([much, little].map((can) => CLIENTS[client](url, can ?? {})));
    if (!able || !unable) throw new Error("no clients");
    const [first] = upstreams.get(era) ?? [];
    const before = first?.heard.length ?? 0;
    const answers = await Promise.all([able, unable, able, unable].map((call) => call("find")));
    for (const { answer } of answers) expect(answer).toHaveProperty("result");
    const told = TOLD[era](first?.heard.slice(before) ?? []).map((capabilities) => JSON.stringify(capabilities));
    const each = era === "modern" ? 2 : 1; // with every call, or once for every session
    const expected = [much, little].flatMap((can) => Array<string>(each).fill(JSON.stringify(can)));
    expect(told.sort()).toEqual(expected.sort());
    if (era === "modern") return;
    const sessions = first?.heard
      .slice(before)
      .flatMap(({ message, headers }) => (message?.method === "tools/call" ? [headers["mcp-session-id"]] : []));
    expect(new Set(sessions).size).toBe(2);
  });
});

it("the gateway's own requests declare nothing", () => {
  const own = ERAS.map((era) => {
    const [first] = upstreams.get(era) ?? [];
    const method = era === "modern" ? "tools/list" : "initialize";
    const begun = first?.heard.find(({ message }) => message?.method === method)?.message;
    return begun && (era === "modern" ? inEnvelope(begun) : begun.params?.capabilities);
  });
  expect(own).toEqual([{}, {}]);
});
