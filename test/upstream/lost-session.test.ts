// An upstream that forgets its sessions (MCP 2025-11-25 basic/transports, "Session Management"): what was asked is asked
// again in a new session, opened once for everybody. Other refusals are what they are, and open nothing.
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { Message } from "../fakes/plain-mcp.ts";
import { type Heard, type Script, startScripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { callerOf } from "../wire.ts";

type Era = "session" | "modern";
const ERAS = ["session", "modern"] as const;

/** How a server says that it does not know a session. */
interface Refusal {
  readonly status: number;
  readonly error?: { readonly code: number; readonly message: string };
}
const UNKNOWN: [string, Refusal][] = [
  ["404", { status: 404 }],
  ["404 with an error", { status: 404, error: { code: -32001, message: "Session not found" } }],
  ["400 with -32000", { status: 400, error: { code: -32000, message: "Bad Request: No valid session ID provided" } }],
];

let gateway: Gateway;
let token: string;
beforeAll(async () => {
  gateway = await startGateway();
  token = await gateway.token();
});
afterAll(() => gateway.dispose());

/** A server of sessions. `forget` makes it know none any more; `refuse` is how it answers calls in spite of a session. */
async function startKeeping(unknown: Refusal) {
  const sessions = new Set<string>();
  const state = {
    opened: 0,
    keeps: true,
    refuse: undefined as Refusal | undefined,
    /** The refusal of the call `late` waits for this. */
    late: Promise.resolve(),
  };
  const script: Script = async ({ method, headers, message }: Heard, outgoing) => {
    const respond = ({ status, error }: Refusal): true => {
      outgoing.writeHead(status, error ? { "content-type": "application/json" } : {});
      outgoing.end(error && JSON.stringify({ jsonrpc: "2.0", id: message?.id ?? null, error }));
      return true;
    };
    if (message?.method === "initialize") {
      const id = `session-${++state.opened}`;
      if (state.keeps) sessions.add(id);
      outgoing.setHeader("mcp-session-id", id);
      return false;
    }
    if (method !== "POST" || message?.method !== "tools/call") return false;
    if (!sessions.has(String(headers["mcp-session-id"]))) {
      await (textOf(message) === LATE ? state.late : undefined);
      return respond(unknown);
    }
    return state.refuse ? respond(state.refuse) : false;
  };
  const running = await startScripted(script);
  onTestFinished(running.close);
  return { ...running, state, forget: () => sessions.clear() };
}

let count = 0;
async function clientOf(era: Era, url: string) {
  const bundle = await gateway.bundle(`forgetful ${++count}`, url);
  const ask = await callerOf(era, bundle.url, token);
  return (text: string) => ask(text, "tools/call", { name: "first", arguments: { text } });
}

const LATE = "late";
const textOf = ({ params }: Message): unknown => (params?.arguments as { text?: unknown } | undefined)?.text;
const saying = (text: string) => ({ id: text, result: { content: [{ text: JSON.stringify({ text }) }] } });
const MANY = Array.from({ length: 12 }, (_, n) => `call ${n}`);

describe.each(ERAS)("a %s client", (era) => {
  it.each(UNKNOWN)("gets its answers from an upstream that answers %s, through one new session", async (_how, how) => {
    const upstream = await startKeeping(how);
    const call = await clientOf(era, upstream.url);
    expect((await call("before")).answer).toMatchObject(saying("before"));
    const before = upstream.state.opened;
    upstream.forget();
    const answers = await Promise.all(MANY.map(call));
    expect(answers.map(({ answer }) => answer)).toMatchObject(MANY.map(saying));
    expect(upstream.state.opened).toBe(before + 1);
    expect((await call("after")).answer).toMatchObject(saying("after"));
    expect(upstream.state.opened).toBe(before + 1);
  });

  it("that hears of the loss when others have a new session already uses that one", async () => {
    const upstream = await startKeeping({ status: 404 });
    const call = await clientOf(era, upstream.url);
    await call("before");
    const { opened } = upstream.state;
    const gate = Promise.withResolvers<void>();
    upstream.state.late = gate.promise;
    upstream.forget();
    const late = call(LATE);
    await upstream.hears("tools/call", 2);
    expect((await call("early")).answer).toMatchObject(saying("early"));
    gate.resolve();
    expect((await late).answer).toMatchObject(saying(LATE));
    expect(upstream.state.opened).toBe(opened + 1);
  });

  it.each([
    ["arguments that are wrong", { code: -32602, message: "No such session of the cinema" }],
    ["a failure of its own", { code: -32000, message: "Out of paper" }],
  ])("is told of %s with 400 as it came, and no session is opened", async (_what, error) => {
    const upstream = await startKeeping({ status: 404 });
    const call = await clientOf(era, upstream.url);
    await call("before");
    const { opened } = upstream.state;
    upstream.state.refuse = { status: 400, error };
    const calls = upstream.heard.filter(isCall).length;
    const answers = await Promise.all(MANY.map(call));
    expect(answers.map(({ answer }) => answer)).toMatchObject(MANY.map((id) => ({ id, error })));
    expect(upstream.heard.filter(isCall).length).toBe(calls + MANY.length);
    expect(upstream.state.opened).toBe(opened);
  });

  it("is told by name of an upstream that forgets every session at once, after one new one", async () => {
    const upstream = await startKeeping({ status: 404 });
    const call = await clientOf(era, upstream.url);
    await call("before");
    const { opened } = upstream.state;
    upstream.state.keeps = false;
    upstream.forget();
    expect((await call("in vain")).answer).toMatchObject({
      id: "in vain",
      error: { code: -32603, data: { code: "upstream_status", upstream: `forgetful ${count}`, url: upstream.url } },
    });
    expect(upstream.state.opened).toBe(opened + 1);
  });
});

const isCall = ({ message }: { message: Message | undefined }): boolean => message?.method === "tools/call";
