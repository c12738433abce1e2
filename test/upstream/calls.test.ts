// A call that goes wrong upstream: the client gets an error with its own id that names upstream, URL, stage and
// request, at once and in its own era; other upstreams, sessions and calls go on.
import { setTimeout as pause } from "node:timers/promises";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startSessionEverything } from "../fakes/everything/session.ts";
import * as faults from "../fakes/faults.ts";
import { startFaulty } from "../fakes/faulty.ts";
import { eventStream, on, resultFor, type Script, startScripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { connectSession } from "../peers.ts";
import { callerOf } from "../wire.ts";

const LIMIT = 100_000;
const ERAS = ["session", "modern"] as const;
const PAIRS = ERAS.flatMap((client) => ERAS.map((upstream) => ({ client, upstream })));

let gateway: Gateway;
/** For answers that may take their time, as on a busy machine. */
let patient: Gateway;
let token: string;
beforeAll(async () => {
  const JWT_SECRET_KEY = "the-same-for-both-gateways-of-this-file";
  [gateway, patient] = await Promise.all([
    startGateway({ JWT_SECRET_KEY, TOOL_TIMEOUT: "1", MAX_RESULT_BYTES: String(LIMIT) }),
    startGateway({ JWT_SECRET_KEY }),
  ]);
  token = await gateway.token();
});
afterAll(() => Promise.all([gateway.dispose(), patient.dispose()]));

let count = 0;
type Era = (typeof ERAS)[number];

/** A client of a virtual server over one upstream. */
async function clientOf(era: Era, running: { url: string; close: () => Promise<void> }) {
  onTestFinished(running.close);
  const name = `upstream ${++count}`;
  const { url } = await gateway.bundle(name, running.url);
  return { name, ask: await callerOf(era, url, token) };
}

const CALL = { name: "first", arguments: {} };

interface Told {
  readonly what: string;
  readonly fault: faults.Fault;
  readonly data: object;
}
const CHALLENGE = 'Bearer error="invalid_token"';
const TOLD: readonly Told[] = [
  { what: "a web page", fault: faults.html, data: { code: "upstream_nonsense" } },
  { what: "JSON that breaks off", fault: faults.truncatedJson, data: { code: "upstream_nonsense" } },
  { what: "what another request asked", fault: faults.wrongId, data: { code: "upstream_nonsense" } },
  {
    what: "401",
    fault: faults.unauthorized(CHALLENGE),
    data: { code: "upstream_auth_required", challenge: CHALLENGE },
  },
  { what: "403", fault: faults.fails(403), data: { code: "upstream_auth_required" } },
  { what: "500", fault: faults.fails(500), data: { code: "upstream_status", status: 500 } },
  { what: "503", fault: faults.fails(503), data: { code: "upstream_status", status: 503 } },
  { what: "429", fault: faults.rateLimited("17"), data: { code: "upstream_status", status: 429, retry_after: "17" } },
  { what: "silence", fault: faults.hangs("request"), data: { code: "upstream_timeout" } },
  { what: "silence after headers", fault: faults.hangs("headers"), data: { code: "upstream_timeout" } },
  { what: "a redirect", fault: faults.redirects("http://127.0.0.1:9/", 307), data: { code: "upstream_nonsense" } },
  { what: "a huge body", fault: faults.oversized(2 * LIMIT), data: { code: "upstream_too_large" } },
  { what: "half a body", fault: faults.dies("body"), data: { code: "upstream_refused" } },
  { what: "half a stream", fault: faults.dies("stream"), data: { code: "upstream_refused" } },
];

describe.each(PAIRS)("a $client client's call of a tool of a $upstream upstream", ({ client, upstream }) => {
  it.each(TOLD)("that answers $what fails by name", async ({ fault, data }) => {
    const running = await startFaulty({ ...fault, on: ["tools/call"] }, upstream);
    const { name, ask } = await clientOf(client, running);
    const { status, headers, answer } = await ask("mine", "tools/call", CALL);
    expect([status, answer?.id, answer?.error?.code]).toEqual([200, "mine", -32603]);
    const requestId = headers.get("x-correlation-id");
    expect(answer?.error?.data).toMatchObject({
      ...data,
      upstream: name,
      url: running.url,
      stage: "call",
      request_id: requestId,
    });
    expect(await ask(2, "ping")).toMatchObject(
      client === "session" ? { status: 200, answer: { result: {} } } : { status: 404 },
    );
  });

  it("lets go of the upstream when its time is up", async () => {
    const running = await startFaulty({ ...faults.hangs("request"), on: ["tools/call"] }, upstream);
    const { ask } = await clientOf(client, running);
    await ask(1, "tools/call", CALL);
    expect(await (await running.seen("tools/call")).ended).toBe("broken off");
  });

  it.each<[string, Script, object]>([
    [
      "that is silent in the middle of a stream",
      on("tools/call", (_message, outgoing) => eventStream(outgoing)(progress)),
      { code: "upstream_timeout" },
    ],
    [
      "that ends its stream without an answer",
      on("tools/call", (_message, outgoing) => {
        eventStream(outgoing)(progress);
        outgoing.end();
      }),
      { code: "upstream_refused" },
    ],
    [
      "that sends an event which is no message",
      on("tools/call", (_message, outgoing) => {
        eventStream(outgoing)(progress);
        outgoing.write("data: {not JSON\n\n");
      }),
      { code: "upstream_nonsense" },
    ],
  ])("%s fails after what came before", async (_what, script, data) => {
    const { ask, name } = await clientOf(client, await startScripted(script, upstream));
    const { messages } = await ask(1, "tools/call", CALL);
    expect(messages).toMatchObject([
      progress,
      { id: 1, error: { code: -32603, data: { ...data, upstream: name, stage: "call" } } },
    ]);
  });

  it("gets its own answer from a stream that answers others too, and nothing after it", async () => {
    const script = on("tools/call", (message, outgoing) => {
      eventStream(outgoing)(
        resultFor({ ...message, id: "another" }, "not yours"),
        progress,
        resultFor(message, "yours"),
        resultFor(message, "once more"),
        progress,
      );
    });
    const { ask } = await clientOf(client, await startScripted(script, upstream));
    const { messages } = await ask(1, "tools/call", CALL);
    expect(messages).toMatchObject([progress, { id: 1, result: { content: [{ text: "yours" }] } }]);
  });
});

const progress = { jsonrpc: "2.0", method: "notifications/progress", params: { progressToken: "t", progress: 1 } };

it("passes Retry-After on to the client", async () => {
  const { ask } = await clientOf(
    "modern",
    await startFaulty({ ...faults.rateLimited("17"), on: ["tools/call"] }, "modern"),
  );
  expect((await ask(1, "tools/call", CALL)).headers.get("retry-after")).toBe("17");
});

describe.each(ERAS)("for a %s client", (era) => {
  it("one dead upstream in a virtual server does not hurt the others", async () => {
    const [dead, alive] = [await startScripted(() => false, "modern"), await startScripted(() => false, "session")];
    onTestFinished(alive.close);
    const one = await patient.api<{ id: string }>("POST", "/gateways", { name: `dead ${era}`, url: dead.url });
    const { url } = await patient.bundle(`alive ${era}`, alive.url);
    const tools = (await patient.api<{ id: string; gatewayId: string }[]>("GET", "/tools?limit=0")).body;
    const ids = tools.filter(({ gatewayId }) => gatewayId === one.body.id).map(({ id }) => id);
    const [server = ""] = url.split("/").slice(-2);
    const held = await patient.api<{ associatedToolIds: string[] }>("GET", `/servers/${server}`);
    const both = [...held.body.associatedToolIds, ...ids];
    expect((await patient.api("PUT", `/servers/${server}`, { associatedTools: both })).status).toBe(200);
    await dead.close();

    const ask = await callerOf(era, url, token);
    const { answer } = await ask(1, "tools/list");
    const names = ((answer?.result?.tools ?? []) as { name: string }[]).map(({ name }) => name);
    expect(names).toHaveLength(6);
    const outcomes = await Promise.all(names.map((name) => ask(name, "tools/call", { name, arguments: {} })));
    expect(outcomes.filter(({ answer }) => answer?.result)).toHaveLength(3);
    expect(outcomes.filter(({ answer }) => answer?.error?.data?.upstream === `dead ${era}`)).toHaveLength(3);
  });

  it("an upstream that forgot its sessions is begun with anew, and no call is lost", async () => {
    const before = await startSessionEverything();
    const { url } = await patient.bundle(`forgetful ${era}`, before.url);
    const ask = await callerOf(era, url, token);
    const call = { name: "test_simple_text", arguments: {} };
    const text = { answer: { result: { content: [{ text: "This is a simple text response for testing." }] } } };
    expect(await ask(0, "tools/call", call)).toMatchObject(text);
    await before.close();
    const after = await startSessionEverything({ port: Number(new URL(before.url).port) });
    onTestFinished(after.close);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, id) => ask(id, "tools/call", call)));
    for (const answer of answers) expect(answer).toMatchObject(text);
  });

  it("an upstream where no session can be begun fails by name, and serves again when it is back", async () => {
    const before = await startSessionEverything();
    const name = `restarting ${era}`;
    const { url } = await patient.bundle(name, before.url);
    const ask = await callerOf(era, url, token);
    await before.close();
    const call = { name: "test_simple_text", arguments: {} };
    const { answer } = await ask(1, "tools/call", call);
    expect(answer).toMatchObject({
      id: 1,
      error: { data: { code: "upstream_refused", upstream: name, stage: "call" } },
    });
    const after = await startSessionEverything({ port: Number(new URL(before.url).port) });
    onTestFinished(after.close);
    expect(await ask(2, "tools/call", call)).toMatchObject({ answer: { id: 2, result: {} } });
  });
});

it("gives a person the time to answer a question in the middle of a call, however long a call may take", async () => {
  const replied = Promise.withResolvers<unknown>();
  const question = {
    jsonrpc: "2.0",
    id: "q",
    method: "elicitation/create",
    params: { message: "?", requestedSchema: { type: "object", properties: {} } },
  };
  const asks = on("tools/call", async (message, outgoing) => {
    const say = eventStream(outgoing);
    say(question);
    await replied.promise;
    say(resultFor(message, "thanks"));
    outgoing.end();
  });
  const upstream = await startScripted((heard, outgoing) => {
    if (heard.message?.id === "q") replied.resolve(heard.message);
    return asks(heard, outgoing);
  });
  onTestFinished(upstream.close);
  const { url } = await gateway.bundle("patient", upstream.url);
  const { client } = await connectSession(url, token, { capabilities: { elicitation: {} } });
  onTestFinished(() => client.close());
  client.setRequestHandler(ElicitRequestSchema, async () => {
    await pause(1500); // longer than TOOL_TIMEOUT: no event tells that a timer did not go off
    return { action: "accept", content: {} };
  });
  expect(await client.callTool({ name: "first" })).toMatchObject({ content: [{ text: "thanks" }] });
  expect(await replied.promise).toMatchObject({ id: "q", result: { action: "accept" } });
});

it("names the tool and its address when a REST tool's API can't be reached", async () => {
  const url = "http://127.0.0.1:9/items?key=secret";
  await gateway.api("POST", "/tools", { name: "unreachable", url });
  const ask = await callerOf("modern", `${gateway.url}/mcp`, token);
  const { answer } = await ask(1, "tools/call", { name: "unreachable", arguments: {} });
  expect(answer?.error).toMatchObject({
    code: -32603,
    data: { code: "upstream_refused", stage: "call", url: "http://127.0.0.1:9/items" },
  });
  expect(JSON.stringify(answer)).toContain("unreachable");
  expect(JSON.stringify(answer)).not.toContain("secret");
});
