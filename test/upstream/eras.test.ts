// Which era an upstream is found to speak, and what is evidence for it (2026-07-28 basic/versioning).
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startModernEverything } from "../fakes/everything/modern.ts";
import { startSessionEverything } from "../fakes/everything/session.ts";
import type { Running } from "../fakes/http.ts";
import { startSseServer } from "../fakes/mcp-sse.ts";
import { answerTo, type Era } from "../fakes/plain-mcp.ts";
import { on, type Script, startScripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { callerOf } from "../wire.ts";

let gateway: Gateway;
let token: string;
beforeAll(async () => {
  gateway = await startGateway({ UPSTREAM_CONNECT_TIMEOUT: "1" });
  token = await gateway.token();
});
afterAll(() => gateway.dispose());

async function started<Server extends Running>(starting: Promise<Server>): Promise<Server> {
  const running = await starting;
  onTestFinished(running.close);
  return running;
}

const scripted = (script: Script, era: Era = "session") => started(startScripted(script, era));
const probe = (url: string, transport?: string) =>
  gateway.api<{ code: string; detail: string; era: string }>("POST", "/gateways/test", {
    url,
    ...(transport ? { transport } : {}),
  });

/** A server of both eras: 2026-07-28, and it also takes initialize. */
const dual: Script = on("initialize", (message, outgoing) => {
  const { status, message: answer } = answerTo(message, "session") ?? { status: 500, message: {} };
  outgoing.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
});

const KINDS: readonly [
  what: string,
  start: () => Promise<Running>,
  era: string,
  version: string,
  evidence: readonly unknown[],
][] = [
  ["a server of 2026-07-28", startModernEverything, "modern", "2026-07-28", ["server/discover answered"]],
  [
    "a server that keeps sessions",
    startSessionEverything,
    "session",
    "2025-11-25",
    [expect.stringMatching(/^server\/discover refused with /), "initialize answered 2025-11-25, with a session id"],
  ],
  [
    "a server of that era without sessions",
    () => startScripted(() => false),
    "session",
    "2025-11-25",
    ["server/discover refused with JSON-RPC error -32601", "initialize answered 2025-11-25, without a session id"],
  ],
  [
    "a server of HTTP+SSE",
    startSseServer,
    "sse",
    "2024-11-05",
    [
      "server/discover refused with 404",
      "initialize refused with 404",
      "endpoint event seen, initialize answered 2024-11-05",
    ],
  ],
  ["a server of both eras", () => startScripted(dual, "modern"), "modern", "2026-07-28", ["server/discover answered"]],
];

describe("left to find out, the gateway takes", () => {
  it.each(KINDS)("%s for what it is, and says what showed it", async (_what, start, era, protocolVersion, evidence) => {
    const { url } = await started(start());
    for (const word of [undefined, "auto", "STREAMABLEHTTP"]) {
      expect((await probe(url, word)).body).toMatchObject({ success: true, era, protocolVersion, evidence });
    }
  });

  it("what an admin chose, where the server speaks it", async () => {
    const { url } = await scripted(dual, "modern");
    expect((await probe(url, "session")).body).toMatchObject({ era: "session", protocolVersion: "2025-11-25" });
    const pinned = await probe(url, "modern");
    expect(pinned.body).toMatchObject({ era: "modern", evidence: ["pinned by the admin", "server/discover answered"] });
  });

  it.each([
    ["modern", () => startScripted(() => false, "session")],
    ["modern", startSseServer],
    ["session", () => startScripted(() => false, "modern")],
    ["session", startSseServer],
    ["sse", () => startScripted(() => false, "session")],
    ["sse", () => startScripted(() => false, "modern")],
  ])("no other era for the one that was chosen: %s", async (transport, start) => {
    const { status, body } = await probe((await started<Running>(start())).url, transport);
    expect([status, body]).toMatchObject([502, { stage: "initialize" }]);
  });
});

const refuses = (status: number, body = "", type = "text/plain"): Script =>
  on("server/discover", (message, outgoing) => {
    outgoing.writeHead(status, { "content-type": type }).end(body.replace('"ID"', JSON.stringify(message.id)));
  });
const rpcError = (code: number, data?: object): string =>
  JSON.stringify({ jsonrpc: "2.0", id: "ID", error: { code, message: "no", data } });

const OLDER = { supported: ["2031-01-01", "2025-06-18"] };

describe("what a server says to server/discover", () => {
  it("is asked for again when it refuses the version that it then offers", async () => {
    let refused = false;
    const upstream = await scripted((heard, outgoing) => {
      if (heard.message?.method !== "server/discover" || refused) return false;
      refused = true;
      return refuses(400, rpcError(-32022, { supported: ["2026-07-28"] }), "application/json")(heard, outgoing);
    }, "modern");
    expect((await probe(upstream.url)).body).toMatchObject({ success: true, era: "modern" });
    expect(await upstream.hears("server/discover")).toHaveLength(2);
  });

  it.each<[string, Script]>([
    ["200 with -32601", refuses(200, rpcError(-32601), "application/json")],
    ["400 with -32000", refuses(400, rpcError(-32000), "application/json")],
    ["200 with -32022 that offers older versions", refuses(200, rpcError(-32022, OLDER), "application/json")],
    [
      "200 with a result that is no discovery",
      refuses(200, `{"jsonrpc":"2.0","id":"ID","result":{}}`, "application/json"),
    ],
    ["400 with a sentence", refuses(400, "Bad Request: Server not initialized")],
    ["404", refuses(404)],
    ["405", refuses(405)],
    ["406", refuses(406)],
    ["415", refuses(415)],
  ])("leads to initialize: %s", async (_what, script) => {
    const upstream = await scripted(script);
    expect((await probe(upstream.url)).body).toMatchObject({ success: true, era: "session" });
  });

  it.each<[string, Script, object]>([
    ["401", refuses(401), { code: "upstream_auth_required" }],
    ["403", refuses(403), { code: "upstream_auth_required" }],
    ["408", refuses(408), { code: "upstream_status" }],
    ["429", refuses(429), { code: "upstream_status" }],
    ["500", refuses(500), { code: "upstream_status" }],
    ["503", refuses(503), { code: "upstream_status" }],
    ["silence", on("server/discover", () => {}), { code: "upstream_timeout" }],
    ["a web page", refuses(200, "<p>Sign in", "text/html"), { code: "upstream_nonsense" }],
    [
      "-32020, which only a server of 2026-07-28 says",
      refuses(400, rpcError(-32020), "application/json"),
      { code: "upstream_nonsense" },
    ],
    [
      "-32021, which only such a server says",
      refuses(400, rpcError(-32021), "application/json"),
      { code: "upstream_nonsense" },
    ],
    [
      "-32022, which only such a server says",
      refuses(400, rpcError(-32022), "application/json"),
      { code: "upstream_nonsense" },
    ],
    [
      "-32022 that offers a version not known here",
      refuses(400, rpcError(-32022, { supported: ["2031-01-01"] }), "application/json"),
      { code: "upstream_nonsense" },
    ],
  ])("is no evidence of an older era: %s", async (_what, script, told) => {
    const upstream = await scripted(script);
    expect((await probe(upstream.url)).body).toMatchObject(told);
    expect(upstream.heard.map(({ message }) => message?.method)).toEqual(["server/discover"]);
  });
});

describe("the version an upstream negotiates", () => {
  const negotiates = (protocolVersion: string): Script =>
    on("initialize", ({ id }, outgoing) => {
      const result = { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "s", version: "1" } };
      outgoing
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify({ jsonrpc: "2.0", id, result }));
    });

  it.each(["2025-03-26", "2025-06-18", "2025-11-25"])("is what it is spoken to in: %s", async (version) => {
    const upstream = await scripted(negotiates(version));
    const { url } = await gateway.bundle(`negotiated ${version}`, upstream.url);
    const ask = await callerOf("modern", url, token);
    await ask(1, "tools/call", { name: "first", arguments: {} });
    const spoken = upstream.heard.filter(
      ({ message }) => message && !["server/discover", "initialize"].includes(message.method),
    );
    expect(spoken.length).toBeGreaterThan(2);
    expect(new Set(spoken.map(({ headers }) => headers["mcp-protocol-version"]))).toEqual(new Set([version]));
  });

  it.each(["1999-01-01", "2026-07-28", ""])("is refused when it is none of that era: %j", async (version) => {
    const { status, body } = await probe((await scripted(negotiates(version))).url);
    expect([status, body]).toMatchObject([502, { code: "upstream_nonsense" }]);
  });
});

it.each(["session", "modern"] as const)("a refresh finds what a %s upstream has changed", async (era) => {
  const upstream = await started(era === "modern" ? startModernEverything() : startSessionEverything());
  const { url, gatewayId } = await gateway.bundle(`refreshed ${era}`, upstream.url);
  const ask = await callerOf(era, url, token);
  const refresh = async () => (await gateway.api("POST", `/gateways/${gatewayId}/tools/refresh`)).body;
  expect(await refresh()).toMatchObject({ toolsAdded: 0, toolsUpdated: 0, toolsRemoved: 0 });
  await ask(1, "tools/call", { name: "test_trigger_tool_change", arguments: {} });
  expect(await refresh()).toMatchObject({ toolsAdded: 1, toolsRemoved: 0 });
  await ask(2, "tools/call", { name: "test_trigger_tool_change", arguments: {} });
  expect(await refresh()).toMatchObject({ toolsAdded: 0, toolsRemoved: 1 });
});
