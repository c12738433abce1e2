// A stateless client's call at an upstream that keeps sessions: what the server asks in the middle becomes
// `input_required`, and the call waits for the retry (MCP 2026-07-28 basic/patterns/mrtr). Upstream runs are counted:
// one for a whole interaction, however many rounds it takes.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { CreateMessageRequestSchema, ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { addUser } from "../auth/users.ts";
import { type Asking, type Reply, startAsking, type Tool, text } from "../fakes/asking.ts";
import { startElsewhere } from "../fakes/elsewhere.ts";
import { startSessionEverything } from "../fakes/everything/session.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { connectModern } from "../peers.ts";
import { envelope, leavable, modern, type Received, send } from "../wire.ts";

const ALL = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };
const FORM = { message: "Who?", requestedSchema: { type: "object", properties: { name: { type: "string" } } } };
const SAMPLE = { messages: [{ role: "user", content: { type: "text", text: "Hm?" } }], maxTokens: 10 };
const accepted = (name: string) => ({ action: "accept", content: { name } });
const INVALID = { code: -32602, message: "requestState is not valid for this request" };

let gateway: Gateway;
let names = 0;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.dispose());

interface Wish {
  readonly id?: unknown;
  readonly token?: string;
  readonly capabilities?: object;
  readonly args?: object;
  readonly meta?: object;
  readonly [more: string]: unknown;
}

const wire = (name: string, { id = 1, capabilities = ALL, args = {}, meta = {}, token: _, ...more }: Wish) =>
  modern(id, "tools/call", { name, arguments: args, ...more, _meta: { ...envelope(capabilities), ...meta } });

async function call(url: string, name: string, wish: Wish = {}): Promise<Received> {
  const token = wish.token ?? (await gateway.token());
  return await send(url, wire(name, wish), { authorization: `Bearer ${token}` });
}

interface Asked {
  readonly inputRequests: Record<string, { method: string; params: Record<string, unknown> }>;
  readonly requestState: string;
}

/** What an answer asks for. */
function asking({ answer }: Received): Asked {
  expect(answer).toMatchObject({ result: { resultType: "input_required", requestState: expect.any(String) } });
  return answer?.result as unknown as Asked;
}

/** The text of a tool's result. */
const said = ({ answer }: Received): string | undefined =>
  (answer?.result?.content as { text: string }[] | undefined)?.[0]?.text;

const spoken = ({ result, error }: Reply): string => JSON.stringify(result ?? error);

async function upstream(
  tools: Record<string, Tool["run"] | Tool>,
  more: Parameters<typeof startAsking>[1] = {},
): Promise<Asking & { at: string; serverId: string; gatewayId: string }> {
  const whole = Object.entries(tools).map(([name, tool]) => [name, "run" in tool ? tool : { run: tool }]);
  const server = await startAsking(Object.fromEntries(whole), more);
  onTestFinished(() => server.close());
  const { url: at, ...ids } = await gateway.bundle(`upstream ${++names}`, server.url);
  return Object.defineProperties({ at, ...ids }, Object.getOwnPropertyDescriptors(server)) as never;
}

/** A tool that asks for a name and repeats the reply. */
const asks: Tool["run"] = async ({ ask }) => text(spoken(await ask("elicitation/create", FORM)));

describe("what a server asks in the middle of a call", () => {
  it("is asked of the client as it came, without the session era's ids", async () => {
    const { at } = await upstream({
      form: asks,
      url: async ({ ask }) =>
        text(
          spoken(
            await ask("elicitation/create", { mode: "url", url: "https://x.y/", message: "Go", elicitationId: "e" }),
          ),
        ),
      sample: async ({ ask }) =>
        text(spoken(await ask("sampling/createMessage", { ...SAMPLE, _meta: { progressToken: 1 } }))),
      roots: async ({ ask }) => text(spoken(await ask("roots/list"))),
    });
    const form = await call(at, "form");
    expect(Object.values(asking(form).inputRequests)).toEqual([{ method: "elicitation/create", params: FORM }]);
    const url = await call(at, "url");
    expect(Object.values(asking(url).inputRequests)).toEqual([
      { method: "elicitation/create", params: { mode: "url", url: "https://x.y/", message: "Go" } },
    ]);
    const sample = await call(at, "sample");
    expect(Object.values(asking(sample).inputRequests)).toEqual([{ method: "sampling/createMessage", params: SAMPLE }]);
    const roots = await call(at, "roots");
    expect(Object.values(asking(roots).inputRequests)).toEqual([{ method: "roots/list", params: {} }]);
  });

  it.each([
    accepted("Ada"),
    { action: "decline" },
    { action: "cancel" },
    { role: "assistant", model: "m", content: { type: "text", text: "ok" } },
  ])("is answered with what the client gives, as it is: %j", async (response) => {
    const server = await upstream({ asks });
    const { inputRequests, requestState } = asking(await call(server.at, "asks", { id: "a" }));
    const [key = ""] = Object.keys(inputRequests);
    const answered = await call(server.at, "asks", { id: "b", requestState, inputResponses: { [key]: response } });
    expect(answered.answer).toMatchObject({ id: "b", result: { resultType: "complete" } });
    expect(said(answered)).toBe(JSON.stringify(response));
    expect(server.runs).toEqual(["asks"]);
  });

  it("is asked together when several things are, and answered each with its own", async () => {
    const server = await upstream({
      asks: async ({ ask }) => {
        const replies = [ask("elicitation/create", FORM), ask("sampling/createMessage", SAMPLE), ask("roots/list")];
        return text((await Promise.all(replies)).map(spoken).join(" "));
      },
    });
    const { inputRequests, requestState } = asking(await call(server.at, "asks"));
    const methods = Object.values(inputRequests).map(({ method }) => method);
    expect(methods).toEqual(["elicitation/create", "sampling/createMessage", "roots/list"]);
    const keys = Object.keys(inputRequests);
    const inputResponses = Object.fromEntries(keys.map((key, at) => [key, { n: at }]));
    expect(said(await call(server.at, "asks", { requestState, inputResponses }))).toBe('{"n":0} {"n":1} {"n":2}');
    expect(server.runs).toHaveLength(1);
  });

  it("takes as many rounds as it takes, in one run", async () => {
    const server = await upstream({
      asks: async ({ ask }) => {
        const all: string[] = [];
        for (let round = 0; round < 4; round++) all.push(spoken(await ask("elicitation/create", FORM)));
        return text(all.join());
      },
    });
    let received = await call(server.at, "asks");
    const states = new Set<string>();
    for (let round = 0; round < 4; round++) {
      const { inputRequests, requestState } = asking(received);
      states.add(requestState);
      const inputResponses = Object.fromEntries(Object.keys(inputRequests).map((key) => [key, { round }]));
      received = await call(server.at, "asks", { id: round, requestState, inputResponses });
    }
    expect(said(received)).toBe('{"round":0},{"round":1},{"round":2},{"round":3}');
    expect(states.size).toBe(4);
    expect(server.runs).toHaveLength(1);
  });

  it("is asked for again where answers are missing or no objects; those given stay, others are ignored", async () => {
    const server = await upstream({
      asks: async ({ ask }) => {
        const replies = [ask("elicitation/create", FORM), ask("roots/list"), ask("sampling/createMessage", SAMPLE)];
        return text((await Promise.all(replies)).map(spoken).join(" "));
      },
    });
    const first = asking(await call(server.at, "asks"));
    const [form = "", roots = "", sample = ""] = Object.keys(first.inputRequests);
    const none = asking(await call(server.at, "asks", { requestState: first.requestState }));
    expect(Object.keys(none.inputRequests)).toEqual([form, roots, sample]);
    const some = asking(
      await call(server.at, "asks", {
        requestState: none.requestState,
        inputResponses: { [roots]: { roots: [] }, [form]: "Ada", [sample]: null, other: {} },
      }),
    );
    expect(some.inputRequests).toEqual({ [form]: first.inputRequests[form], [sample]: first.inputRequests[sample] });
    const inputResponses = { [form]: { n: 1 }, [sample]: { n: 2 }, [roots]: { roots: ["late"] } };
    const last = await call(server.at, "asks", { requestState: some.requestState, inputResponses });
    expect(said(last)).toBe('{"n":1} {"roots":[]} {"n":2}');
    expect(server.runs).toHaveLength(1);
  });

  it("is refused in the client's stead where it did not declare it, or this revision does not have it", async () => {
    const server = await upstream({
      asks: async ({ ask }) => {
        const url = { mode: "url", url: "https://x.y/", message: "Go", elicitationId: "e" };
        const replies = [
          ask("sampling/createMessage", SAMPLE),
          ask("elicitation/create", url),
          ask("made/up"),
          ask("ping"),
        ];
        return text(JSON.stringify(await Promise.all(replies)));
      },
    });
    const replies = JSON.parse(
      said(await call(server.at, "asks", { capabilities: { elicitation: {} } })) ?? "",
    ) as Reply[];
    expect(replies.map(({ error, result }) => error?.code ?? result)).toEqual([-32601, -32601, -32601, {}]);
  });

  it("may be withdrawn by the server, and then is no longer asked", async () => {
    const server = await upstream({
      asks: async ({ ask, say }) => {
        const first = ask("elicitation/create", FORM);
        say("notifications/cancelled", { requestId: "s1", reason: "changed my mind" });
        void first;
        return text(spoken(await ask("roots/list")));
      },
    });
    const received = await call(server.at, "asks");
    const { inputRequests, requestState } = asking(received);
    expect(Object.values(inputRequests).map(({ method }) => method)).toEqual(["roots/list"]);
    const [key = ""] = Object.keys(inputRequests);
    const last = await call(server.at, "asks", { requestState, inputResponses: { [key]: { roots: [] } } });
    expect(said(last)).toBe('{"roots":[]}');
    expect([...received.messages, ...last.messages].map(({ method }) => method)).not.toContain(
      "notifications/cancelled",
    );
  });

  it("is asked of the official SDK's client, which answers and goes on by itself", async () => {
    const everything = await startSessionEverything();
    onTestFinished(() => everything.close());
    const { url } = await gateway.bundle(`everything ${++names}`, everything.url);
    const client = await connectModern(url, await gateway.token(), { capabilities: ALL });
    onTestFinished(() => client.close());
    const asked: string[] = [];
    client.setRequestHandler("elicitation/create", ({ method }) => {
      asked.push(method);
      return { action: "accept", content: { name: "Ada", color: "red", username: "ada", email: "a@b.c" } };
    });
    client.setRequestHandler("sampling/createMessage", ({ method }) => {
      asked.push(method);
      return { role: "assistant", model: "none", content: { type: "text", text: "sampled" } };
    });
    client.setRequestHandler("roots/list", ({ method }) => {
      asked.push(method);
      return { roots: [{ uri: "file:///work" }] };
    });
    const multiple = await client.callTool({ name: "test_input_required_result_multiple_inputs", arguments: {} });
    expect(JSON.stringify(multiple.content)).toMatch(/Ada.*sampled.*file:\/\/\/work/);
    expect(asked).toHaveLength(3);
    const rounds = await client.callTool({ name: "test_input_required_result_multi_round", arguments: {} });
    expect(JSON.stringify(rounds.content)).toMatch(/Ada.*red/);
    expect(asked).toHaveLength(5);
  });
});

describe("what a server says meanwhile", () => {
  const reports: Tool["run"] = async ({ ask, say, meta: { progressToken } }) => {
    say("notifications/progress", { progressToken, progress: 1 });
    say("notifications/message", { level: "info", data: "before" });
    const reply = await ask("elicitation/create", FORM);
    say("notifications/progress", { progressToken, progress: 2 });
    say("notifications/message", { level: "info", data: "after" });
    return text(spoken(reply));
  };
  const level = { "io.modelcontextprotocol/logLevel": "info" };
  const progress = (progressToken: string, n: number) => ({
    jsonrpc: "2.0",
    method: "notifications/progress",
    params: { progressToken, progress: n },
  });
  const log = (data: string) => ({
    jsonrpc: "2.0",
    method: "notifications/message",
    params: { level: "info", data },
  });

  it("reaches the client before and after it was asked, under the token of each request", async () => {
    const { at } = await upstream({ reports });
    const first = await call(at, "reports", { meta: { ...level, progressToken: "one" } });
    expect(first.messages.slice(0, -1)).toEqual([progress("one", 1), log("before")]);
    const { requestState } = asking(first);
    const inputResponses = { g1: accepted("Ada") };
    const last = await call(at, "reports", { requestState, inputResponses, meta: { ...level, progressToken: "two" } });
    expect(last.messages.slice(0, -1)).toEqual([progress("two", 2), log("after")]);
  });

  it("is kept from a client that does not ask for it, in either request", async () => {
    const { at } = await upstream({ reports });
    const { requestState, ...rest } = asking(await call(at, "reports", { meta: { progressToken: "one" } }));
    expect(Object.keys(rest.inputRequests)).toEqual(["g1"]);
    const last = await call(at, "reports", { requestState, inputResponses: { g1: accepted("Ada") } });
    expect(last.messages).toHaveLength(1);
  });

  it("is asked for at the level that the client names, also when others wanted less before", async () => {
    const server = await upstream({ reports }, { capabilities: { logging: {} } });
    const at = (name: string) => ({ meta: { "io.modelcontextprotocol/logLevel": name } });
    await call(server.at, "reports", at("error"));
    await call(server.at, "reports", at("info"));
    await call(server.at, "reports", at("warning"));
    const levels = (await server.hears("logging/setLevel", 2)).map(({ params }) => params?.level);
    expect(levels).toEqual(["error", "info"]);
  });
});

describe("a requestState", () => {
  /** A call that waits, and what its upstream has heard so far. */
  async function waiting(args: object = {}) {
    const server = await upstream({ asks, other: asks });
    const { requestState } = asking(await call(server.at, "asks", { args }));
    return { server, requestState, heard: server.heard.length };
  }
  const inputResponses = { g1: accepted("Mallory") };

  it("that was altered is refused before the upstream sees it", async () => {
    const { server, requestState, heard } = await waiting();
    for (const at of [5, Math.floor(requestState.length / 2), requestState.length - 2]) {
      const altered = requestState.slice(0, at) + (requestState[at] === "A" ? "B" : "A") + requestState.slice(at + 1);
      const { answer } = await call(server.at, "asks", { requestState: altered, inputResponses });
      expect(answer?.error).toMatchObject(INVALID);
    }
    for (const made of ["", "x", 7, null, {}, { exchange: "x" }]) {
      const { answer } = await call(server.at, "asks", { requestState: made, inputResponses });
      expect(answer?.error).toMatchObject(INVALID);
    }
    expect(server.heard).toHaveLength(heard);
  });

  it("of another principal is refused before the upstream sees it", async () => {
    const { server, requestState, heard } = await waiting();
    const token = await gateway.token({ subject: await addUser(gateway, "eve@example.com", { admin: true }) });
    const { answer } = await call(server.at, "asks", { token, requestState, inputResponses });
    expect(answer?.error).toMatchObject(INVALID);
    expect(server.heard).toHaveLength(heard);
    expect(said(await call(server.at, "asks", { requestState, inputResponses: { g1: accepted("Ada") } }))).toContain(
      "Ada",
    );
  });

  it("with other arguments, or for another tool, is refused before the upstream sees it", async () => {
    const { server, requestState, heard } = await waiting({ path: "a" });
    for (const args of [{ path: "b" }, {}, { path: "a", force: true }]) {
      const { answer } = await call(server.at, "asks", { args, requestState, inputResponses });
      expect(answer?.error).toMatchObject(INVALID);
    }
    const { answer } = await call(server.at, "other", { args: { path: "a" }, requestState, inputResponses });
    expect(answer?.error).toMatchObject(INVALID);
    expect(server.heard).toHaveLength(heard);
  });

  it("on another virtual server of the same upstream is refused before the upstream sees it", async () => {
    const { server, requestState, heard } = await waiting();
    const { body } = await gateway.api<{ associatedToolIds: string[] }>("GET", `/servers/${server.serverId}`);
    const other = await gateway.api<{ id: string }>("POST", "/servers", {
      name: `other ${++names}`,
      associatedTools: body.associatedToolIds,
    });
    const url = `${gateway.url}/servers/${other.body.id}/mcp`;
    const { answer } = await call(url, "asks", { requestState, inputResponses });
    expect(answer?.error).toMatchObject(INVALID);
    expect(server.heard).toHaveLength(heard);
  });

  it("leads back once: used again it is refused, during the call and after it", async () => {
    const go = Promise.withResolvers<void>();
    const server = await upstream({
      asks: async ({ ask }) => {
        const reply = await ask("elicitation/create", FORM);
        await go.promise;
        return text(spoken(reply));
      },
    });
    const { requestState } = asking(await call(server.at, "asks"));
    const retries = [accepted("one"), accepted("two")].map((g1) =>
      call(server.at, "asks", { requestState, inputResponses: { g1 } }),
    );
    const refused = await Promise.race(retries);
    expect(refused.answer?.error).toMatchObject(INVALID);
    go.resolve();
    const outcomes = await Promise.all(retries);
    expect(outcomes.filter(({ answer }) => answer?.result)).toHaveLength(1);
    const again = await call(server.at, "asks", { requestState, inputResponses });
    expect(again.answer?.error).toMatchObject(INVALID);
    expect(server.runs).toHaveLength(1);
    expect(server.heard.filter(({ method, result }) => !method && result)).toHaveLength(1);
  });

  it("used again for a tool that may be run again does not run it again", async () => {
    const server = await upstream({ asks: { annotations: { readOnlyHint: true }, run: asks } });
    const { requestState } = asking(await call(server.at, "asks"));
    expect(said(await call(server.at, "asks", { requestState, inputResponses }))).toContain("Mallory");
    expect((await call(server.at, "asks", { requestState, inputResponses })).answer?.error).toMatchObject(INVALID);
    expect(server.runs).toHaveLength(1);
  });

  it("goes on with the call also when the client no longer says what it can be asked", async () => {
    const { server, requestState } = await waiting();
    const last = await call(server.at, "asks", { capabilities: {}, requestState, inputResponses });
    expect(said(last)).toContain("Mallory");
    expect(server.runs).toHaveLength(1);
  });
});

describe("a client that leaves", () => {
  const bearer = async () => ({ authorization: `Bearer ${await gateway.token()}` });

  it("while its call runs has cancelled it", async () => {
    const server = await upstream({
      runs: async ({ say, meta }) => {
        say("notifications/progress", { progressToken: meta.progressToken, progress: 1 });
        return await new Promise<never>(() => {});
      },
    });
    const client = leavable(server.at, wire("runs", { meta: { progressToken: "p" } }), await bearer());
    await client.begun;
    client.now();
    const [{ params } = {}] = await server.hears("notifications/cancelled");
    const [asked] = await server.hears("tools/call");
    expect(params?.requestId).toBe(asked?.id);
    await server.listens(0);
  });

  it("while its call runs on after an answer has cancelled it", async () => {
    const server = await upstream({
      runs: async ({ ask, say, meta }) => {
        await ask("elicitation/create", FORM);
        say("notifications/progress", { progressToken: meta.progressToken, progress: 1 });
        return await new Promise<never>(() => {});
      },
    });
    const meta = { progressToken: "p" };
    const { requestState } = asking(await call(server.at, "runs", { meta }));
    const retry = wire("runs", { meta, requestState, inputResponses: { g1: accepted("Ada") } });
    const client = leavable(server.at, retry, await bearer());
    await client.begun;
    client.now();
    expect(await server.hears("notifications/cancelled")).toHaveLength(1);
  });

  it("with a question has not: the call waits for it", async () => {
    const server = await upstream({ asks });
    const client = leavable(server.at, wire("asks", {}), await bearer());
    await client.begun;
    client.now();
    const { requestState } = asking(await call(server.at, "asks"));
    expect(said(await call(server.at, "asks", { requestState, inputResponses: { g1: accepted("Ada") } }))).toContain(
      "Ada",
    );
    expect(server.heard.filter(({ method }) => method === "notifications/cancelled")).toEqual([]);
  });
});

describe("an upstream", () => {
  it("that gives up waiting has said so when the client comes back", async () => {
    const giveUp = Promise.withResolvers<void>();
    const gone = Promise.withResolvers<void>();
    const server = await upstream({
      asks: async ({ ask }) => {
        void ask("elicitation/create", FORM);
        await giveUp.promise;
        queueMicrotask(gone.resolve);
        return { ...text("nobody answered"), isError: true };
      },
    });
    const { requestState } = asking(await call(server.at, "asks"));
    giveUp.resolve();
    await gone.promise;
    const last = await call(server.at, "asks", { requestState, inputResponses: { g1: accepted("late") } });
    expect(last.answer?.result).toMatchObject({ isError: true, content: [{ text: "nobody answered" }] });
    expect(server.runs).toHaveLength(1);
  });

  it("that dies meanwhile is named to the client that comes back", async () => {
    let breakOff = () => {};
    const server = await upstream({
      asks: async (run) => {
        breakOff = run.breakOff;
        return text(spoken(await run.ask("elicitation/create", FORM)));
      },
    });
    const { requestState } = asking(await call(server.at, "asks"));
    breakOff();
    const { answer } = await call(server.at, "asks", { requestState, inputResponses: { g1: accepted("late") } });
    expect(answer?.error).toMatchObject({
      code: -32603,
      data: { upstream: expect.stringMatching(/^upstream/), url: server.url, stage: "call" },
    });
  });

  it("that has forgotten the session is called once more in a new one", async () => {
    const server = await upstream({ asks });
    asking(await call(server.at, "asks"));
    server.forget();
    const { requestState } = asking(await call(server.at, "asks"));
    expect(said(await call(server.at, "asks", { requestState, inputResponses: { g1: accepted("Ada") } }))).toContain(
      "Ada",
    );
    expect(server.runs).toHaveLength(2);
  });
});

describe("calls", () => {
  it("of one client at once do not mix, and share one session", async () => {
    const sessions = new Set<string>();
    const server = await upstream({
      asks: async ({ args, ask, sessionId }) => {
        sessions.add(sessionId);
        return text(
          `${String(args.n)}: ${spoken(await ask("elicitation/create", { ...FORM, message: `Who is ${String(args.n)}?` }))}`,
        );
      },
    });
    const all = Array.from({ length: 12 }, async (_, n) => {
      const { inputRequests, requestState } = asking(await call(server.at, "asks", { id: 1, args: { n } }));
      expect(inputRequests.g1?.params.message).toBe(`Who is ${n}?`);
      return said(await call(server.at, "asks", { id: 1, args: { n }, requestState, inputResponses: { g1: { n } } }));
    });
    expect(await Promise.all(all)).toEqual(Array.from({ length: 12 }, (_, n) => `${n}: {"n":${n}}`));
    expect(server.runs).toHaveLength(12);
    expect(sessions.size).toBe(1);
  });

  it("of two principals, or with other capabilities, never share a session; each declares exactly its own", async () => {
    const seen = new Map<string, unknown>();
    const server = await upstream({
      tells: async ({ sessionId, capabilities }) => {
        seen.set(sessionId, capabilities);
        return text(sessionId);
      },
    });
    const token = await gateway.token({ subject: await addUser(gateway, "bob@example.com", { admin: true }) });
    const elicitation = { elicitation: { form: {} } };
    const ids = [
      said(await call(server.at, "tells", { capabilities: elicitation })),
      said(await call(server.at, "tells", { capabilities: { sampling: {}, experimental: { x: {} } } })),
      said(await call(server.at, "tells", { capabilities: elicitation, token })),
      said(await call(server.at, "tells", { capabilities: {} })),
    ];
    expect(new Set(ids).size).toBe(4);
    expect([...seen.values()]).toEqual([elicitation, { sampling: {}, experimental: { x: {} } }, elicitation, {}]);
    expect(said(await call(server.at, "tells", { capabilities: elicitation }))).toBe(ids[0]);
  });
});

describe("what a server asks on the stream of its session", () => {
  const elsewhere: Tool["run"] = async ({ ask }) => text(spoken(await ask("elicitation/create", FORM, "elsewhere")));

  it("is heard, because the stream is open before the call and as long as it takes, and no longer", async () => {
    const server = await upstream({ elsewhere });
    const { requestState } = asking(await call(server.at, "elsewhere"));
    const methods = server.heard.map(({ method, id }) => method ?? (id === undefined ? "stream" : "reply"));
    expect(methods.slice(methods.lastIndexOf("initialize"))).toEqual([
      "initialize",
      "notifications/initialized",
      "stream",
      "tools/call",
    ]);
    expect(server.listening).toBe(1);
    const last = await call(server.at, "elsewhere", { requestState, inputResponses: { g1: accepted("Ada") } });
    expect(said(last)).toContain("Ada");
    await server.listens(0);
  });

  it("is asked by the official SDK's server, one question after the other", async () => {
    const server = await startElsewhere();
    onTestFinished(() => server.close());
    const { url } = await gateway.bundle(`elsewhere ${++names}`, server.url);
    const client = await connectModern(url, await gateway.token(), { capabilities: ALL });
    onTestFinished(() => client.close());
    client.setRequestHandler("elicitation/create", () => ({ action: "accept", content: { name: "Ada" } }));
    client.setRequestHandler("sampling/createMessage", () => ({
      role: "assistant",
      model: "none",
      content: { type: "text", text: "sampled" },
    }));
    for (let time = 0; time < 3; time++) {
      const result = await client.callTool({ name: "elsewhere", arguments: {} });
      expect(JSON.stringify(result.content)).toMatch(/Ada.*sampled/);
    }
  });

  it("goes to the call it names", async () => {
    const go = Promise.withResolvers<void>();
    const server = await upstream({
      runs: async () => {
        await go.promise;
        return text("done");
      },
      named: async ({ ask, meta: { progressToken } }) =>
        text(spoken(await ask("elicitation/create", { ...FORM, _meta: { for: progressToken } }, "elsewhere"))),
    });
    const running = call(server.at, "runs");
    await server.hears("tools/call");
    const named = asking(await call(server.at, "named", { meta: { progressToken: "mine" } }));
    expect(Object.values(named.inputRequests).map(({ method }) => method)).toEqual(["elicitation/create"]);
    go.resolve();
    expect(said(await running)).toBe("done");
  });

  it("goes to the oldest call under way where it names none, before those that wait for their clients", async () => {
    const go = Promise.withResolvers<void>();
    const server = await upstream({
      waits: async ({ ask }) => text(spoken(await ask("roots/list"))),
      runs: async () => {
        await go.promise;
        return text("done");
      },
      elsewhere,
    });
    const waiting = asking(await call(server.at, "waits"));
    const own = asking(await call(server.at, "elsewhere"));
    expect(Object.values(own.inputRequests).map(({ method }) => method)).toEqual(["elicitation/create"]);
    const running = call(server.at, "runs");
    await server.hears("tools/call", 3);
    const other = call(server.at, "elsewhere");
    const { inputRequests, requestState } = asking(await running);
    expect(Object.values(inputRequests).map(({ method }) => method)).toEqual(["elicitation/create"]);
    const last = call(server.at, "runs", { requestState, inputResponses: { g1: accepted("for the other") } });
    expect(said(await other)).toContain("for the other");
    go.resolve();
    expect(said(await last)).toBe("done");
    const roots = { requestState: waiting.requestState, inputResponses: { g1: { roots: [] } } };
    expect(said(await call(server.at, "waits", roots))).toBe('{"roots":[]}');
  });

  it("is asked only of a client that can be asked", async () => {
    const server = await upstream({
      waits: async ({ ask }) => {
        await ask("roots/list");
        return text("over");
      },
    });
    const { requestState } = asking(await call(server.at, "waits", { capabilities: { roots: {} } }));
    expect(await server.askOutside("elicitation/create", FORM)).toMatchObject({ error: { code: -32601 } });
    expect(await server.askOutside("ping")).toMatchObject({ result: {} });
    const inputResponses = { g1: { roots: [] } };
    expect(said(await call(server.at, "waits", { requestState, inputResponses }))).toBe("over");
    await server.listens(0);
  });

  it("may be told, not asked: that goes to the call it belongs to", async () => {
    const server = await upstream({
      tells: async ({ say, ask, meta: { progressToken } }) => {
        say("notifications/progress", { progressToken, progress: 1 }, "elsewhere");
        say("notifications/message", { level: "info", data: "there" }, "elsewhere");
        return text(spoken(await ask("elicitation/create", FORM, "elsewhere")));
      },
    });
    const meta = { progressToken: "p", "io.modelcontextprotocol/logLevel": "info" };
    const { messages } = await call(server.at, "tells", { meta });
    expect(messages.slice(0, -1).map(({ params }) => params)).toEqual([
      { progressToken: "p", progress: 1 },
      { level: "info", data: "there" },
    ]);
  });

  it("is not listened to at a server that offers no such stream, which is asked for it once", async () => {
    const server = await upstream({ asks }, { offersStream: false });
    for (let time = 0; time < 3; time++) {
      const { requestState } = asking(await call(server.at, "asks"));
      await call(server.at, "asks", { requestState, inputResponses: { g1: accepted("Ada") } });
    }
    expect(server.runs).toHaveLength(3);
    expect(server.asked).toBe(1);
  });

  it("reaches a session client on the stream of its own session", async () => {
    const server = await startElsewhere();
    onTestFinished(() => server.close());
    const { url } = await gateway.bundle(`elsewhere ${++names}`, server.url);
    const client = new Client({ name: "session", version: "1" }, { capabilities: { elicitation: {}, sampling: {} } });
    client.setRequestHandler(ElicitRequestSchema, () => ({ action: "accept", content: { name: "Ada" } }));
    client.setRequestHandler(CreateMessageRequestSchema, () => ({
      role: "assistant",
      model: "none",
      content: { type: "text", text: "sampled" },
    }));
    const headers = { authorization: `Bearer ${await gateway.token()}` };
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
    onTestFinished(() => client.close());
    await client.callTool({ name: "quick", arguments: {} }); // its session at the upstream begins
    await server.listens(1);
    const result = await client.callTool({ name: "elsewhere", arguments: {} });
    expect(JSON.stringify(result.content)).toMatch(/Ada.*sampled/);
  });
});

describe("with a time-out of two seconds", () => {
  let hasty: Gateway;
  beforeAll(async () => {
    hasty = await startGateway({ TOOL_TIMEOUT: "2" });
  });
  afterAll(() => hasty.dispose());

  const TOO_LATE = { code: -32603, data: { code: "upstream_timeout", stage: "call" } };
  const silent: Tool["run"] = () => new Promise<never>(() => {});

  async function hastily(tools: Record<string, Tool["run"]>, more: Parameters<typeof startAsking>[1] = {}) {
    const all = Object.entries({ ...tools, silent }).map(([name, run]) => [name, { run }] as const);
    const server = await startAsking(Object.fromEntries(all), more);
    onTestFinished(() => server.close());
    const { url } = await hasty.bundle(`hasty ${++names}`, server.url);
    const token = await hasty.token();
    const at = (name: string, wish: Wish = {}) => call(url, name, { token, ...wish });
    /** Takes as long as the time-out. */
    const late = async () => expect((await at("silent")).answer?.error).toMatchObject(TOO_LATE);
    return { server, at, late };
  }

  it.each<[string, Tool["run"], boolean]>([
    ["on the stream of the call", asks, false],
    ["elsewhere", async ({ ask }) => text(spoken(await ask("elicitation/create", FORM, "elsewhere"))), false],
    [
      "elsewhere, and will answer in one piece",
      async ({ ask }) => text(spoken(await ask("elicitation/create", FORM, "elsewhere"))),
      true,
    ],
  ])("a server that asks %s is waited for while its client thinks", async (_where, run, inOnePiece) => {
    const { server, at, late } = await hastily({ asks: run }, { inOnePiece });
    const { requestState } = asking(await at("asks"));
    await late();
    const last = await at("asks", { requestState, inputResponses: { g1: accepted("Ada") } });
    expect(said(last)).toContain("Ada");
    expect(server.runs).toEqual(["asks", "silent"]);
  });

  it("a server that says nothing is told that it is too late, before and after an answer", async () => {
    const { server, at, late } = await hastily({
      asks: async ({ ask }) => {
        await ask("elicitation/create", FORM);
        return await silent({} as never);
      },
    });
    await late();
    const { requestState } = asking(await at("asks"));
    const { answer } = await at("asks", { requestState, inputResponses: { g1: accepted("Ada") } });
    expect(answer?.error).toMatchObject(TOO_LATE);
    const cancelled = (await server.hears("notifications/cancelled", 2)).map(({ params }) => params?.requestId);
    expect(cancelled).toEqual((await server.hears("tools/call", 2)).map(({ id }) => id));
    await server.listens(0);
  });
});

describe("a gateway that was killed", () => {
  const SECRETS = { JWT_SECRET_KEY: "s".repeat(40), AUTH_ENCRYPTION_SECRET: "a".repeat(40) };

  it("has lost what waited: the upstream is told, and only what changes nothing twice is run again", async () => {
    const directory = await mkdtemp(`${tmpdir()}/parked-`);
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const tools = {
      asks: { run: asks },
      reads: { annotations: { readOnlyHint: true }, run: asks },
      repeats: { annotations: { idempotentHint: true }, run: asks },
    };
    const server = await startAsking(tools);
    onTestFinished(() => server.close());
    const before = await startGateway(SECRETS, directory);
    const { serverId } = await before.bundle("killed", server.url);
    const at = (host: Gateway) => `${host.url}/servers/${serverId}/mcp`;
    const token = await before.token();
    const states: Record<string, string> = {};
    for (const name of Object.keys(tools)) states[name] = asking(await call(at(before), name, { token })).requestState;
    await before.dispose();

    const after = await startGateway(SECRETS, directory);
    onTestFinished(() => after.dispose());
    const inputResponses = { g1: accepted("Ada") };
    const retry = (name: string) => call(at(after), name, { token, requestState: states[name], inputResponses });
    expect((await retry("asks")).answer?.error).toMatchObject({ code: -32603, data: { code: "exchange_lost" } });
    expect((await retry("asks")).answer?.error).toMatchObject(INVALID);
    for (const name of ["reads", "repeats"]) {
      const { requestState } = asking(await retry(name));
      expect(said(await call(at(after), name, { token, requestState, inputResponses }))).toContain("Ada");
    }
    expect([...server.runs].sort()).toEqual(["asks", "reads", "reads", "repeats", "repeats"]);
    const cancelled = (await server.hears("notifications/cancelled", 3)).map(({ params }) => params?.requestId);
    const called = server.heard.filter(({ method }) => method === "tools/call").map(({ id }) => id);
    expect(new Set(cancelled)).toEqual(new Set(called.slice(0, 3)));
  });
});
