// The line between a request of a session and the session's object: what was said arrives once and in order, however
// often the line breaks; who resumes an answer gets the rest of it, or is told that it is lost.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Bindings } from "../../src/env.ts";
import { NoSuchAnswer, type Purpose, SessionLine, type Told } from "../../src/gateway/session-line.ts";
import { newId } from "../../src/lib/ids.ts";
import { sessionObject } from "../../src/upstream/sessions.ts";
import { bindings } from "../inside.ts";

const STREAM = "0123456789abcdef";
const note = (n: number) =>
  JSON.stringify({ jsonrpc: "2.0", method: "notifications/progress", params: { progress: n } });
const response = (id: unknown) => JSON.stringify({ jsonrpc: "2.0", id, result: {} });
const LOST = { code: -32603, message: expect.stringContaining("lost") };

/** A session, lines to whose object can be made to fail. */
function session() {
  const env = bindings();
  const id = newId();
  const state = { failing: 0, sockets: [] as WebSocket[] };
  const stub = env.SESSION.getByName(id);
  const fetching: typeof stub.fetch = async (...what) => {
    if (state.failing-- > 0) throw new Error("the object can't be reached");
    const answer = await stub.fetch(...what);
    if (answer.webSocket) state.sockets.push(answer.webSocket);
    return answer;
  };
  const faulty = { ...env, SESSION: { getByName: () => ({ fetch: fetching }) } } as unknown as Bindings;
  return { id, stub, object: sessionObject(env, id), state, env: faulty };
}
type Session = ReturnType<typeof session>;

/** A line, and what is told on it. */
function lineOf({ env, id }: Session, purpose: Purpose) {
  const told: Told[] = [];
  let wake = () => {};
  const line = new SessionLine(env, id, purpose, (one) => {
    told.push(one);
    wake();
  });
  onTestFinished(() => line.close());
  const until = async (what: (told: readonly Told[]) => boolean): Promise<void> => {
    while (!what(told)) await new Promise<void>((resolve) => (wake = resolve));
  };
  return { line, told, until };
}
const answering = (of: Session, ...requests: (number | string)[]) => lineOf(of, { answer: STREAM, requests });
const resuming = ({ id, ...of }: Session, after = 0) =>
  lineOf({ ...of, id, env: bindings() }, { resume: STREAM, after });
const isOver = (told: readonly Told[]) => told.some((one) => "last" in one);
const events = (told: readonly Told[]) =>
  told.flatMap((one) => ("event" in one ? [[one.event.n, JSON.parse(one.event.data)]] : []));
/** A line as a Worker has it that vanishes in the middle. */
async function vanishing({ env, id }: Session, purpose: Purpose, ...said: object[]): Promise<void> {
  const { webSocket } = await env.SESSION.getByName(id).fetch(
    `https://session/line?for=${encodeURIComponent(JSON.stringify(purpose))}`,
    { headers: { upgrade: "websocket" } },
  );
  if (!webSocket) throw new Error("no line");
  webSocket.accept();
  for (const one of said) webSocket.send(JSON.stringify(one));
  webSocket.close(4000, "vanished");
  await new Promise((resolve) => webSocket.addEventListener("close", resolve));
}
const answer = (...requests: (number | string)[]): Purpose => ({ answer: STREAM, requests });

/** What is stored for a session. */
const storedFor = ({ stub }: Session) =>
  runInDurableObject(stub, async (_object, { storage }) => [
    ...(await storage.list()).keys(),
    ...storage.sql
      .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE name IN ('streams', 'events')")
      .toArray()
      .map(({ name }) => name),
  ]);

/** What a client gets who comes back after event `after`, once the answer is over. */
async function resumed(of: Session, after = 0) {
  const { line, told, until } = resuming(of, after);
  await line.open();
  await until(isOver);
  line.close();
  return events(told);
}

describe("what was said of an answer", () => {
  it("is kept once and in order, though the line breaks and can't be opened for a while", async () => {
    const of = session();
    const { line } = answering(of, 1);
    await line.open();
    line.say({ keep: { n: 1, data: note(1) } });
    of.state.failing = 2;
    of.state.sockets[0]?.close(4000, "broken");
    line.say({ keep: { n: 2, data: note(2) } });
    line.say({ keep: { n: 3, data: response(1) } });
    line.say({ last: 3 });
    expect((await resumed(of)).map(([n]) => n)).toEqual([1, 2, 3]);
  });

  it("arrives although the line could not be opened at first, and the answer is over by now", async () => {
    const of = session();
    of.state.failing = 1;
    const { line } = answering(of, 1);
    await expect(line.open()).rejects.toThrow("can't be reached");
    line.say({ keep: { n: 1, data: response(1) } });
    line.say({ last: 1 });
    line.close();
    expect(await resumed(of)).toEqual([[1, JSON.parse(response(1))]]);
  });

  it("is there for everybody who resumes, from where each was", async () => {
    const of = session();
    const { line } = answering(of, 1);
    await line.open();
    line.say({ keep: { n: 1, data: note(1) } });
    const all = [resumed(of), resumed(of, 1), resumed(of, 0)];
    line.say({ keep: { n: 2, data: note(2) } });
    line.say({ keep: { n: 3, data: response(1) } });
    line.say({ last: 3 });
    expect((await Promise.all(all)).map((got) => got.map(([n]) => n))).toEqual([
      [1, 2, 3],
      [2, 3],
      [1, 2, 3],
    ]);
  });

  it("reaches who comes back before the object has heard of it", async () => {
    const of = session();
    const got = resumed(of);
    await sessionObject(bindings(), of.id).level(); // the one who resumes is first
    const { line } = answering(of, 1);
    line.say({ keep: { n: 1, data: response(1) } });
    line.say({ last: 1 });
    expect(await got).toHaveLength(1);
  });
});

describe("an answer whose request vanished", () => {
  it("ends with an error for each request that it does not answer", async () => {
    const of = session();
    await vanishing(of, answer(1, "two", 3), { keep: { n: 1, data: response("two") } });
    const got = resumed(of);
    await expect.poll(() => runDurableObjectAlarm(of.stub)).toBe(true);
    expect(await got).toEqual([
      [1, JSON.parse(response("two"))],
      [2, { jsonrpc: "2.0", id: 1, error: LOST }],
      [3, { jsonrpc: "2.0", id: 3, error: LOST }],
    ]);
  });

  it("is not answered twice when only its end was lost", async () => {
    const of = session();
    await vanishing(of, answer(1), { keep: { n: 1, data: note(1) } }, { keep: { n: 2, data: response(1) } });
    await runDurableObjectAlarm(of.stub);
    expect((await resumed(of)).map(([n]) => n)).toEqual([1, 2]);
  });

  it("gets no more once it counts as lost", async () => {
    const of = session();
    await vanishing(of, answer(1), { keep: { n: 1, data: note(1) } });
    await runDurableObjectAlarm(of.stub);
    await vanishing(
      of,
      answer(1),
      { keep: { n: 2, data: note(2) } },
      { keep: { n: 3, data: response(1) } },
      { last: 3 },
    );
    expect((await resumed(of)).map(([n]) => n)).toEqual([1, 2]);
  });

  it("goes on when the request is back on a new line in time", async () => {
    const of = session();
    await vanishing(of, answer(1), { keep: { n: 1, data: note(1) } });
    const { line } = answering(of, 1);
    await line.open();
    await runDurableObjectAlarm(of.stub);
    line.say({ keep: { n: 2, data: response(1) } });
    line.say({ last: 2 });
    expect((await resumed(of)).map(([n]) => n)).toEqual([1, 2]);
  });

  it("is told as lost also when the object was put away meanwhile, which hears nothing of lines", async () => {
    const of = session();
    const { line } = answering(of, 1);
    await line.open();
    line.say({ keep: { n: 1, data: note(1) } });
    const first = resuming(of);
    await first.line.open();
    await first.until((told) => events(told).length === 1);
    of.state.failing = 1_000;
    await evictDurableObject(of.stub, { webSockets: "close" });
    line.close();
    await runInDurableObject(of.stub, (_object, { storage }) => storage.deleteAlarm());
    const got = resumed({ ...of, env: bindings() });
    await expect.poll(() => runDurableObjectAlarm(of.stub)).toBe(true);
    expect((await got).at(-1)).toEqual([2, { jsonrpc: "2.0", id: 1, error: LOST }]);
  });
});

describe("an answer that is not kept", () => {
  it("can't be resumed, and asking for it stores nothing", async () => {
    const of = session();
    await expect(resuming(of).line.open()).rejects.toThrow(NoSuchAnswer);
    expect(await storedFor(of)).toEqual([]);
  });

  it("as a whole, being beyond all measure, has its response nevertheless", async () => {
    const of = session();
    const { line } = answering(of, 1);
    await line.open();
    const params = { data: "x".repeat(900_000) };
    const large = JSON.stringify({ jsonrpc: "2.0", method: "notifications/message", params });
    for (let n = 1; n <= 37; n++) line.say({ keep: { n, data: large } });
    line.say({ keep: { n: 38, data: response(1) } });
    line.say({ last: 38 });
    const numbers = (await resumed(of)).map(([n]) => n);
    expect(numbers).toEqual([...Array.from({ length: 35 }, (_, at) => at + 1), 38]);
  });
});

describe("a cancellation", () => {
  it("reaches a request that opens its line only afterwards", async () => {
    const of = session();
    await of.object.cancel('"late"');
    await of.object.cancel("1");
    const { line, told, until } = answering(of, "early", "late");
    await line.open();
    await of.object.cancel('"early"');
    await until((heard) => heard.length === 2);
    expect(told).toEqual([{ cancelled: "late" }, { cancelled: "early" }]);
  });
});

describe("a reply", () => {
  it("waits for the line of who asked, and is forgotten once it was taken", async () => {
    const of = session();
    await of.object.deliver("q-1", '{"id":"q-1"}');
    const { line, told } = answering(of, 1);
    await line.open();
    await expect.poll(() => told).toEqual([{ reply: '{"id":"q-1"}' }]);
    line.say({ took: "q-1" });
    await expect.poll(async () => (await storedFor(of)).filter((key) => key.startsWith("reply:"))).toEqual([]);
  });
});

describe("the end of a session", () => {
  it("is told on every line; none is opened again, and nothing is left", async () => {
    const of = session();
    const lines = [answering(of, 1), lineOf(of, { standing: true }), lineOf(of, { connection: true })];
    await Promise.all(lines.map(({ line }) => line.open()));
    await of.object.end();
    await Promise.all(lines.map(({ until }) => until((told) => told.some((one) => "over" in one))));
    for (const { line } of lines) line.say({ keep: { n: 1, data: note(1) } });
    expect(of.state.sockets).toHaveLength(3);
    expect(await storedFor(of)).toEqual([]);
  });

  it("comes by itself when the one connection that it lives on vanished", async () => {
    const of = session();
    await vanishing(of, { connection: true });
    expect(await storedFor(of)).not.toEqual([]);
    await runDurableObjectAlarm(of.stub);
    expect(await storedFor(of)).toEqual([]);
  });

  it("does not come when that connection was only interrupted", async () => {
    const of = session();
    await vanishing(of, { connection: true });
    const { line, told } = lineOf(of, { connection: true });
    await line.open();
    await runDurableObjectAlarm(of.stub);
    expect(await of.object.hand("hello")).toBe(true);
    await expect.poll(() => told.at(-1)).toEqual({ message: "hello" });
  });
});

describe("a message for a connection", () => {
  it("waits a moment for a line that is being opened again", async () => {
    const of = session();
    const handed = of.object.hand("hello");
    const { line, told } = lineOf(of, { connection: true });
    await line.open();
    expect(await handed).toBe(true);
    await expect.poll(() => told.at(-1)).toEqual({ message: "hello" });
  });

  it("is refused when there is none", async () => {
    expect(await session().object.hand("hello")).toBe(false);
  });
});
