// URLs that a server wants the user to open: the error of 2025-11-25 that names them (client/elicitation, "URL
// Elicitation Required Error") for clients of every revision, and the input request of 2026-07-28 for session clients.
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startAsking, text } from "../fakes/asking.ts";
import { on, startScripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { envelope, initialize, type Message, modern, type Received, send, session } from "../wire.ts";

const URLS = ["https://example.com/connect?e=1", "https://example.org/pay"];
const ELICITATIONS = URLS.map((url, at) => ({ mode: "url", elicitationId: `e${at}`, url, message: `Step ${at + 1}` }));
const ERROR = { code: -32042, message: "More is needed.", data: { elicitations: ELICITATIONS } };
const ASKED = Object.fromEntries(
  ELICITATIONS.map(({ elicitationId: _id, ...params }, at) => [`g${at + 1}`, { method: "elicitation/create", params }]),
);
const WITH_URL = { elicitation: { form: {}, url: {} } };

let gateway: Gateway;
let bearer: Record<string, string>;
let names = 0;

beforeAll(async () => {
  gateway = await startGateway();
  bearer = { authorization: `Bearer ${await gateway.token()}` };
});
afterAll(() => gateway.dispose());

/** A server that wants the URLs opened before the first call of its tool. */
async function wanting(error: object = ERROR) {
  let opened = false;
  const server = await startAsking({
    connect: {
      run: async () => {
        if (opened) return text("connected");
        opened = true;
        return { error };
      },
    },
  });
  onTestFinished(() => server.close());
  return { server, url: (await gateway.bundle(`wanting ${++names}`, server.url)).url };
}

const call = (url: string, capabilities: object, more: object = {}): Promise<Received> =>
  send(
    url,
    modern(1, "tools/call", { name: "connect", arguments: {}, ...more, _meta: envelope(capabilities) }),
    bearer,
  );

/** A client of a session revision, which calls a tool. */
async function callInSession(url: string, version: string, capabilities: object, name: string): Promise<Received> {
  const begin = initialize(version);
  const body = JSON.stringify({
    ...JSON.parse(begin.body),
    params: { protocolVersion: version, capabilities, clientInfo: { name: "c", version: "1" } },
  });
  const begun = await send(url, { ...begin, body }, bearer);
  const sessionId = begun.headers.get("mcp-session-id") ?? "";
  return await send(url, session(1, "tools/call", { name, arguments: {} }, sessionId, version), bearer);
}

const words = (answer: Message | undefined): string =>
  (answer?.result?.content as { text: string }[] | undefined)?.[0]?.text ?? "";

describe("a server that wants URLs opened first", () => {
  it("has a stateless client asked to open them; its retry is simply a call again", async () => {
    const { server, url } = await wanting();
    const { answer } = await call(url, WITH_URL);
    expect(answer?.result).toEqual({
      resultType: "input_required",
      inputRequests: ASKED,
      requestState: expect.any(String),
    });
    const inputResponses = { g1: { action: "accept" }, g2: { action: "accept" } };
    const requestState = answer?.result?.requestState;
    const stolen = await call(url, WITH_URL, { arguments: { other: 1 }, requestState, inputResponses });
    expect(stolen.answer?.error).toMatchObject({ code: -32602 });
    expect(words((await call(url, WITH_URL, { requestState, inputResponses })).answer)).toBe("connected");
    expect(server.runs).toHaveLength(2);
    const retried = server.heard.filter(({ method }) => method === "tools/call").at(-1)?.params;
    expect(retried).not.toHaveProperty("requestState");
    expect(retried).not.toHaveProperty("inputResponses");
  });

  it.each([{}, { elicitation: {} }, { sampling: {} }])(
    "tells them in words to a stateless client that declares %j",
    async (capabilities) => {
      const { url } = await wanting();
      const { answer } = await call(url, capabilities);
      expect(answer?.result).toMatchObject({ resultType: "complete", isError: true });
      for (const one of URLS) expect(words(answer)).toContain(one);
    },
  );

  it("is understood also when it names none", async () => {
    const { url } = await wanting({ code: -32042, message: "More is needed." });
    const { answer } = await call(url, WITH_URL);
    expect(answer?.result).toMatchObject({ resultType: "complete", isError: true });
  });

  it("tells a session client of 2025-11-25 as it said it", async () => {
    const { url } = await wanting();
    expect((await callInSession(url, "2025-11-25", WITH_URL, "connect")).answer?.error).toEqual(ERROR);
  });

  it.each(["2025-06-18", "2025-03-26"])("tells them in words to a session client of %s", async (version) => {
    const { url } = await wanting();
    const { answer } = await callInSession(url, version, {}, "connect");
    expect(answer?.result).toMatchObject({ isError: true });
    expect(answer?.result).not.toHaveProperty("resultType");
    for (const one of URLS) expect(words(answer)).toContain(one);
  });

  it("never has a 2026-07-28 client see that error, nor from a server of its own revision that makes it", async () => {
    const server = await startScripted(
      on("tools/call", ({ id }, outgoing) => {
        outgoing.writeHead(200, { "content-type": "application/json" });
        outgoing.end(JSON.stringify({ jsonrpc: "2.0", id, error: ERROR }));
      }),
      "modern",
    );
    onTestFinished(() => server.close());
    const { url } = await gateway.bundle(`modern ${++names}`, server.url);
    const at = (capabilities: object) =>
      send(url, modern(1, "tools/call", { name: "first", arguments: {}, _meta: envelope(capabilities) }), bearer);
    expect((await at(WITH_URL)).answer?.result).toMatchObject({ inputRequests: ASKED });
    expect((await at({})).answer?.result).toMatchObject({ isError: true });
  });
});

describe("a 2026-07-28 server that has a session client asked to open a URL", () => {
  async function asking() {
    const inputRequests = {
      consent: { method: "elicitation/create", params: { mode: "url", url: URLS[0], message: "Go" } },
    };
    const server = await startScripted(
      on("tools/call", ({ id }, outgoing) => {
        outgoing.writeHead(200, { "content-type": "application/json" });
        outgoing.end(JSON.stringify({ jsonrpc: "2.0", id, result: { resultType: "input_required", inputRequests } }));
      }),
      "modern",
    );
    onTestFinished(() => server.close());
    return { server, url: (await gateway.bundle(`modern ${++names}`, server.url)).url };
  }

  it.each<[string, object]>([
    ["2025-11-25", { elicitation: {} }],
    ["2025-11-25", { elicitation: { form: {} } }],
    ["2025-06-18", { elicitation: { url: {} } }],
    ["2025-03-26", {}],
  ])("is refused, and the client not asked, where it is of %s and declares %j", async (version, capabilities) => {
    const { server, url } = await asking();
    const { messages, answer } = await callInSession(url, version, capabilities, "first");
    expect(messages).toHaveLength(1);
    expect(answer?.result).toMatchObject({ isError: true });
    expect(words(answer)).toContain("URL");
    expect(await server.hears("tools/call")).toHaveLength(1);
  });
});
