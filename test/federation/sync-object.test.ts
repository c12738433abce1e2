// An upstream's object: the stream it holds for those who listen is there as long as it is needed and for what is needed,
// whatever becomes of upstream and object. The upstream is one that the test directs (test/fakes/directed.ts).
import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, expect, inject, it, onTestFinished } from "vitest";
import type { News } from "../../src/federation/relay.ts";
import type { Need } from "../../src/upstream/listen.ts";
import type { Told } from "../fakes/directed.ts";
import { bindings, coldIsolate } from "../inside.ts";

let isolate: Awaited<ReturnType<typeof coldIsolate>>;
beforeAll(async () => {
  isolate = await coldIsolate();
});

/** An upstream, its object, and a line to that. */
async function upstream() {
  const key = crypto.randomUUID();
  const at = (path: string, init?: RequestInit) => fetch(`${inject("directed")}/${key}/${path}`, init);
  const { id } = await isolate.api<{ id: string }>("POST", "/gateways", {
    name: key,
    url: `${inject("directed")}/${key}/mcp`,
  });
  const stub = bindings().SYNC.getByName(id);
  const news: News[] = [];
  let wake = () => {};
  const open = async (): Promise<WebSocket> => {
    const headers = { upgrade: "websocket" };
    const { webSocket } = await bindings().SYNC.getByName(id).fetch(`https://sync/line?upstream=${id}`, { headers });
    if (!webSocket) throw new Error("no line");
    webSocket.accept();
    onTestFinished(() => webSocket.close());
    webSocket.addEventListener("message", ({ data }) => {
      news.push(JSON.parse(String(data)) as News);
      wake();
    });
    return webSocket;
  };
  let line = await open();
  const until = async <T>(find: (news: readonly News[]) => T | undefined | false): Promise<T> => {
    for (;;) {
      const found = find(news);
      if (found) return found;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  const sessions = async () => {
    const heard = (await (await at("heard/0")).json()) as Told[];
    const begun = heard.filter(({ message }) => message?.method === "initialize").length;
    return { begun, open: begun - heard.filter(({ method }) => method === "DELETE").length };
  };
  return {
    id,
    stub,
    news,
    sessions,
    need: (...uris: string[]) => line.send(JSON.stringify({ lists: false, uris } satisfies Need)),
    needLists: () => line.send(JSON.stringify({ lists: true, uris: [] } satisfies Need)),
    listensFor: (...uris: string[]) =>
      until((told) => told.some((one) => "listening" in one && uris.every((uri) => one.listening.uris.includes(uri)))),
    hearsOf: (uri: string) => until((told) => told.some((one) => "updated" in one && one.updated.uri === uri)),
    says: (uri: string) => {
      const message = { jsonrpc: "2.0", method: "notifications/resources/updated", params: { uri } };
      return at("say", { method: "PUT", body: `data: ${JSON.stringify(message)}\n\n` });
    },
    answers: (status: number) => at(`answer/${status}`, { method: "PUT" }),
    /** The line goes without a word. */
    leaves: () => line.close(),
    comesBack: async () => {
      line = await open();
    },
    alarm: () => runInDurableObject(stub, (_object, { storage }) => storage.getAlarm()),
  };
}

it("what is heard goes on while more is needed and can't be had; the old stream ends when the new one has begun", async () => {
  const { need, listensFor, hearsOf, says, answers, sessions, stub } = await upstream();
  need("note://a");
  await listensFor("note://a");
  const { begun } = await sessions();
  await answers(503);
  need("note://a", "note://b");
  await expect.poll(async () => (await sessions()).begun).toBeGreaterThan(begun);
  await says("note://a");
  await hearsOf("note://a");
  await answers(200);
  await expect.poll(() => runDurableObjectAlarm(stub), { timeout: 10_000 }).toBe(true);
  await listensFor("note://a", "note://b");
  await expect.poll(async () => (await sessions()).open, { timeout: 10_000 }).toBe(1);
}, 30_000);

it("a stream that can't be had is tried again soon, whoever comes meanwhile", async () => {
  const { need, answers, sessions, alarm } = await upstream();
  const { begun } = await sessions();
  await answers(503);
  need("note://a");
  await expect.poll(async () => (await sessions()).begun).toBe(begun + 1);
  await expect.poll(async () => (await sessions()).open).toBe(0);
  need("note://a", "note://b");
  await expect.poll(async () => ((await alarm()) ?? Number.POSITIVE_INFINITY) - Date.now()).toBeLessThan(5_000);
}, 30_000);

it("an upstream is let go of when the last who listens has left, however it left", async () => {
  const { need, listensFor, leaves, sessions } = await upstream();
  need("note://a");
  await listensFor("note://a");
  expect((await sessions()).open).toBe(1);
  leaves();
  await expect.poll(async () => (await sessions()).open, { timeout: 10_000 }).toBe(0);
}, 30_000);

it("an upstream that has no stream for one thing is listened to for another", async () => {
  const { id, need, needLists, listensFor, alarm } = await upstream();
  await env.DB.prepare("UPDATE upstreams SET capabilities = ? WHERE id = ?")
    .bind(JSON.stringify({ tools: {}, resources: { subscribe: true } }), id)
    .run();
  needLists();
  await expect.poll(alarm).toBeGreaterThan(Date.now() + 60_000); // nothing is held: no heartbeat
  need("note://a");
  await listensFor("note://a");
});

it("what was told while the object was gone is made good", async () => {
  const { need, listensFor, hearsOf, comesBack } = await upstream();
  need("note://a");
  await listensFor("note://a");
  await abortAllDurableObjects();
  await comesBack();
  need("note://a");
  await hearsOf("note://a");
});
