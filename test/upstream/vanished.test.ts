// A client that hangs up while its call opens a session upstream: whoever needs that session too is not left waiting for
// what vanished with it, but opens one after a while.
import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { answerTo, type Message } from "../fakes/plain-mcp.ts";
import { type Script, type Scripted, startScripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { initialize, leavable, modern, send, session, type Wire } from "../wire.ts";

let gateway: Gateway;
let bearer: Record<string, string>;
beforeAll(async () => {
  gateway = await startGateway({ TOOL_TIMEOUT: "8" });
  bearer = { authorization: `Bearer ${await gateway.token()}` };
});
afterAll(() => gateway.dispose());

type Ask = (id: string) => Wire;

/** A sessionful upstream that holds its first `initialize` after `hold()`, and a client's way to ask its tool. */
async function start(era: "session" | "modern") {
  let holding = false;
  const held = Promise.withResolvers<() => void>();
  const script: Script = ({ message }, outgoing) => {
    if (message?.method !== "initialize") return false;
    outgoing.setHeader("mcp-session-id", "one");
    if (!holding) return false;
    holding = false;
    held.resolve(() => respond(message, outgoing));
    return true;
  };
  const upstream: Scripted = await startScripted(script);
  onTestFinished(upstream.close);
  const { url } = await gateway.bundle(`opens slowly ${upstream.url}`, upstream.url);
  const sessionId =
    era === "session" ? ((await send(url, initialize(), bearer)).headers.get("mcp-session-id") ?? "") : "";
  const call = (id: string) => ({ name: "first", arguments: { text: id } });
  const ask: Ask = (id) =>
    era === "modern" ? modern(id, "tools/call", call(id)) : session(id, "tools/call", call(id), sessionId);
  holding = true;
  return { url, ask, held: held.promise, upstream };
}

function respond(message: Message, outgoing: ServerResponse): void {
  outgoing.writeHead(200, { "content-type": "application/json" });
  outgoing.end(JSON.stringify(answerTo(message, "session")?.message));
}

const saying = (id: string) => ({ id, result: { content: [{ text: JSON.stringify({ text: id }) }] } });

describe.each(["session", "modern"] as const)("when the first %s client hangs up during initialize", (era) => {
  it("who waited with it and who comes later get their answers, if it ends after that", async () => {
    const { url, ask, held } = await start(era);
    const leave = leavable(url, ask("first"), bearer);
    const release = await held;
    const waiting = send(url, ask("second"), bearer);
    leave.now();
    release();
    expect((await waiting).answer).toMatchObject(saying("second"));
    expect((await send(url, ask("third"), bearer)).answer).toMatchObject(saying("third"));
  });

  it("its own id is free again after a while", { timeout: 40_000 }, async () => {
    const { url, ask, held } = await start(era);
    const leave = leavable(url, ask("mine"), bearer);
    const release = await held;
    leave.now();
    release();
    const again = () => send(url, ask("mine"), bearer);
    await expect.poll(async () => (await again()).answer, { timeout: 30_000 }).toMatchObject(saying("mine"));
  });
});

it("of the stateless clients that wait for what never ends, one opens another session for all", async () => {
  const { url, ask, held, upstream } = await start("modern");
  const leave = leavable(url, ask("first"), bearer);
  await held;
  const opened = (await upstream.hears("initialize")).length;
  const waiting = ["second", "third"].map((id) => send(url, ask(id), bearer));
  leave.now();
  const later = send(url, ask("fourth"), bearer);
  const answers = await Promise.all([...waiting, later]);
  expect(answers.map(({ answer }) => answer)).toMatchObject(["second", "third", "fourth"].map(saying));
  expect(await upstream.hears("initialize")).toHaveLength(opened + 1);
});

it("the session clients that wait for what never ends are told so in time, and those after them get their answers", async () => {
  const { url, ask, held } = await start("session");
  const leave = leavable(url, ask("first"), bearer);
  await held;
  const waiting = ["second", "third"].map((id) => send(url, ask(id), bearer));
  leave.now();
  for (const { answer } of await Promise.all(waiting))
    expect(answer?.error).toMatchObject({ code: -32603, data: { code: "upstream_timeout", stage: "call" } });
  expect((await send(url, ask("fourth"), bearer)).answer).toMatchObject(saying("fourth"));
});
