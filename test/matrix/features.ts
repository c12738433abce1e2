// The rows of the matrix. Each is a promise about a client and an upstream of whatever revisions, and where one of the
// two revisions does not have the feature, what happens instead.
import { expect, vi } from "vitest";
import type { Action, Manner, Outcome, Peer, Question } from "./clients.ts";
import { asks, isStateless, type Kind, namesItself, type Revision, resumes } from "./revisions.ts";
import type { Upstream } from "./upstreams.ts";

/** One client's revision at one upstream, for one feature. */
export interface Cell {
  readonly client: Revision;
  readonly upstream: Upstream;
  /** No gateway between the two. */
  readonly straight: boolean;
  /** A word that is this cell's own, in whatever it does. */
  readonly key: string;
  /** Where the client connects, and with what. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A connected client. It accepts what it is asked, unless told otherwise. */
  connect(manner?: Partial<Manner>): Promise<Peer>;
}

/** A row. */
export interface Feature {
  readonly name: string;
  readonly works: (cell: Cell) => Promise<void>;
  /** Why these two can't have it between them; then `instead` is what holds. */
  readonly absent?: (client: Revision, upstream: Revision) => string | undefined;
  readonly instead?: (cell: Cell) => Promise<void>;
}

/** How an upstream of this revision learns that its answer is no longer wanted. */
const sign = (revision: Revision): string => (isStateless(revision) ? "hang-up" : "notification");

/** A call was made once and ended once. */
function expectOnce({ upstream: { workshop } }: Cell, tool: string, key: string): void {
  const times = (what: string) => workshop.journal.times(`${tool} ${key} ${what}`);
  expect([times("began"), times("ended")]).toEqual([1, 1]);
}

const call: Feature = {
  name: "call",
  async works(cell) {
    const { key, upstream, client } = cell;
    const peer = await cell.connect();
    const { text, failed, fields } = await peer.call("echo", { key });
    expect([text, failed]).toEqual([key, false]);
    expectOnce(cell, "echo", key);
    if (!isStateless(client)) expect(fields).toEqual([]);

    const spoken = peer.wire.requests("tools/call")[0]?.headers.get("mcp-protocol-version");
    expect(spoken).toBe(namesItself(client) ? client : null);
    const { revision } = upstream;
    const called = await upstream.workshop.journal.saw(`echo ${key} called in`);
    const words = namesItself(revision) ? [revision] : [revision, "no revision"];
    expect(words.map((word) => `echo ${key} called in ${word}`)).toContain(called);
  },
};

const progress: Feature = {
  name: "progress",
  async works(cell) {
    const peer = await cell.connect();
    const steps: number[] = [];
    const { text } = await peer.call("steps", { key: cell.key }, { onprogress: (step) => steps.push(step) });
    expect([text, steps]).toEqual([`3 steps of ${cell.key}`, [1, 2, 3]]);
    expectOnce(cell, "steps", cell.key);
  },
};

const cancel: Feature = {
  name: "cancel",
  async works(cell) {
    const { key, upstream } = cell;
    const { journal } = upstream.workshop;
    const peer = await cell.connect();
    const stop = new AbortController();
    const called = peer.call("hold", { key }, { signal: stop.signal });
    await journal.saw(`hold ${key} holds`);
    stop.abort();
    expect((await called).failed).toBe(true);
    expect(await journal.saw(`hold ${key} cancelled`)).toBe(`hold ${key} cancelled by ${sign(upstream.revision)}`);
    expect(journal.times(`hold ${key} ended`)).toBe(0);
  },
};

/** Why one of the two can't have a kind of question. */
const unasked =
  (kind: Kind) =>
  (client: Revision, upstream: Revision): string | undefined => {
    const lacking = [client, upstream].find((revision) => !asks(revision, kind));
    const mode = kind === "url" && lacking && asks(lacking, "form") ? "URL mode" : "elicitation";
    return lacking && `${lacking} has no ${mode}`;
  };

/** A question that can't be asked: the server finds out, and the tool says so. The user is never bothered. */
const declined =
  (kind: Kind): Feature["instead"] =>
  async (cell) => {
    const { key, upstream } = cell;
    const questions: Question[] = [];
    const peer = await cell.connect({
      async answer(question) {
        questions.push(question);
        return "accept";
      },
    });
    const { text, failed } = await peer.call("ask", { key, wishes: [{ kind, text: key }] });
    expect([failed, questions]).toEqual([true, []]);
    const upstreamHas = asks(upstream.revision, kind);
    expect(text).toMatch(upstreamHas ? /refused: |capabilit/ : new RegExp(`^${upstream.revision} has no ${kind}$`));
    expect(upstream.workshop.journal.times(`ask ${key} began`)).toBe(1);
    if (!cell.straight) expect(peer.wire.asked).toEqual([]);
  };

const elicitation = (kind: "form" | "url", action: Action): Feature => ({
  name: `${kind} elicitation, ${action}`,
  absent: unasked(kind),
  instead: declined(kind),
  async works(cell) {
    const { key } = cell;
    const questions: Question[] = [];
    const peer = await cell.connect({
      async answer(question) {
        questions.push(question);
        return action;
      },
    });
    const { text } = await peer.call("ask", { key, wishes: [{ kind, text: key }] });
    const content = kind === "form" && action === "accept" ? '{"name":"ada"}' : "{}";
    expect(text).toBe(`action=${action}, content=${content}`);
    expect(questions).toEqual([{ kind, text: key }]);
    expectOnce(cell, "ask", key);
  },
});

/** Milliseconds that a server waits for an answer that does not come. */
const PATIENCE = 800;

/**
 * The user takes longer than the server waits. Servers with sessions end the call by themselves. With 2026-07-28 no call
 * waits at the server: it comes again with the answer, and is told then that it is too late.
 */
const tooLate = (kind: "form" | "url"): Feature => ({
  name: `${kind} elicitation, time-out`,
  absent: unasked(kind),
  instead: declined(kind),
  async works({ key, upstream, client, connect }) {
    const { journal } = upstream.workshop;
    const asked = Promise.withResolvers<void>();
    const late = Promise.withResolvers<Action>();
    const peer = await connect({
      answer() {
        asked.resolve();
        return late.promise;
      },
    });
    const called = peer.call("ask", { key, wishes: [{ kind, text: key }], patience: PATIENCE });
    await asked.promise;
    upstream.expire(key);
    await journal.saw(`ask ${key} gave up`);
    if (isStateless(client) || isStateless(upstream.revision)) late.resolve("accept");
    const { text, failed } = await called;
    late.resolve("accept");
    expect([failed, text]).toEqual([true, expect.stringMatching(/timed out|requestState/)]);
    const ends = journal.times(`ask ${key} ended`) + journal.times(`ask ${key} refused`);
    expect([journal.times(`ask ${key} began`), ends]).toEqual([1, 1]);
  },
});

const question = (kind: "sampling" | "roots"): Feature => ({
  name: kind,
  async works(cell) {
    const { key } = cell;
    const questions: Question[] = [];
    const peer = await cell.connect({
      async answer(asked) {
        questions.push(asked);
        return "accept";
      },
    });
    const { text } = await peer.call("ask", { key, wishes: [{ kind, text: key }] });
    expect(text).toBe(kind === "sampling" ? `re ${key}` : "file:///work");
    expect(questions).toEqual([{ kind, text: kind === "sampling" ? key : "" }]);
    expectOnce(cell, "ask", key);
  },
});

const subscriptions: Feature = {
  name: "subscriptions",
  async works({ key, upstream, connect }) {
    /** A client of its own that watches a resource of its own. */
    const watcher = async (side: string) => {
      const uri = `matrix://watched/${key}-${side}`;
      const told: string[] = [];
      let next = Promise.withResolvers<void>();
      const peer = await connect();
      const end = await peer.watch(uri, (one) => {
        told.push(one);
        next.resolve();
      });
      await upstream.workshop.journal.saw(`${uri} watched`);
      const touched = async () => {
        next = Promise.withResolvers();
        await upstream.touch(uri);
        await next.promise;
      };
      return { uri, told, end, touched };
    };
    const [left, right] = [await watcher("left"), await watcher("right")];
    await upstream.touch(`matrix://watched/${key}-of-nobody`);
    await left.touched();
    await right.touched();
    await left.end();
    await right.touched();
    const before = left.told.length;
    await upstream.touch(left.uri);
    await right.touched();
    // An update may be told twice, where one stream takes over from another.
    expect([left.told.length, new Set(left.told), new Set(right.told)]).toEqual([
      before,
      new Set([left.uri]),
      new Set([right.uri]),
    ]);
  },
};

const listChanged: Feature = {
  name: "list_changed",
  async works({ key, upstream, connect }) {
    const peer = await connect();
    let change = Promise.withResolvers<void>();
    await peer.attend(() => change.resolve());
    const isMarked = async () => (await peer.list()).get("marked")?.split(" ").includes(key);
    expect(await isMarked()).toBe(false);
    await upstream.listened();
    await upstream.mark(key);
    // Other cells change the list too, so the first change told may be theirs.
    do {
      await change.promise;
      change = Promise.withResolvers();
    } while (!(await isMarked()));
  },
};

/** A call under way whose first progress has come. */
async function holding(
  peer: Peer,
  key: string,
  tool = "hold",
  args: object = {},
): Promise<{ readonly ended: Promise<Outcome> }> {
  const stepped = Promise.withResolvers<void>();
  const ended = peer.call(tool, { key, ...args }, { onprogress: () => stepped.resolve() });
  await stepped.promise;
  return { ended };
}

const resume: Feature = {
  name: "resume after a dropped stream",
  async works(cell) {
    const { key, upstream } = cell;
    const { journal } = upstream.workshop;
    const peer = await cell.connect();
    const { ended } = await holding(peer, key);
    peer.wire.resuming = journal.saw(`hold ${key} ended`); // the answer is made while the client is away
    peer.wire.cut();
    upstream.workshop.release(key);
    expect((await ended).text).toBe(`let go of ${key}`);
    expectOnce(cell, "hold", key);
    expect(peer.wire.sent.some(({ method, headers }) => method === "GET" && headers.has("last-event-id"))).toBe(true);
  },

  absent: (client) => (resumes(client) ? undefined : `${client} resumes nothing`),
  /** With HTTP+SSE the session has ended; with 2026-07-28 it was a cancellation. The call is made by nobody again. */
  async instead({ key, upstream, client, url, headers, connect }) {
    const { workshop, revision } = upstream;
    const { journal } = workshop;
    const peer = await connect();
    await holding(peer, key);
    peer.wire.cut();
    if (isStateless(client)) {
      expect(await journal.saw(`hold ${key} cancelled`)).toBe(`hold ${key} cancelled by ${sign(revision)}`);
      const asked = await fetch(url, { headers: { ...headers, accept: "text/event-stream", "last-event-id": "1" } });
      expect(asked.status).toBe(405);
    } else {
      const [sent] = peer.wire.requests("tools/call");
      const ping = JSON.stringify({ jsonrpc: "2.0", id: "late", method: "ping" });
      const init = { method: "POST", headers: { ...headers, "content-type": "application/json" }, body: ping };
      const status = async () => (await fetch(sent?.url ?? "", init)).status;
      await vi.waitFor(async () => expect(await status()).toBe(404), { timeout: 30_000 });
    }
    workshop.release(key);
    expect(journal.times(`hold ${key} began`)).toBe(1);
  },
};

const resumedQuestion: Feature = {
  name: "a question after the stream dropped",
  async works(cell) {
    const { key, upstream } = cell;
    const { journal } = upstream.workshop;
    const peer = await cell.connect();
    const { ended } = await holding(peer, key, "ask", { later: true, wishes: [{ kind: "sampling", text: key }] });
    peer.wire.resuming = journal.saw(`ask ${key} asked`); // while the client is away
    peer.wire.cut();
    upstream.workshop.release(key);
    expect((await ended).text).toBe(`re ${key}`);
    expectOnce(cell, "ask", key);
  },
  absent: (client) => (resumes(client) ? undefined : `${client} resumes nothing`),
  instead: resume.instead,
};

const upstreamDrops: Feature = {
  name: "resume after the upstream drops",
  async works(cell) {
    const { key, upstream } = cell;
    const peer = await cell.connect();
    const { ended } = await holding(peer, key);
    upstream.drop(key);
    upstream.workshop.release(key);
    expect((await ended).text).toBe(`let go of ${key}`);
    expectOnce(cell, "hold", key);
  },

  absent: (_client, upstream) => (resumes(upstream) ? undefined : `${upstream} resumes nothing`),
  /** The client is told, and the call is made by nobody again. The SDKs' clients wait on, where it is theirs to notice. */
  async instead({ key, upstream, straight, connect }) {
    const { ended } = await holding(await connect(), key);
    upstream.drop(key);
    if (!straight) expect((await ended).failed).toBe(true);
    upstream.workshop.release(key);
    expect(upstream.workshop.journal.times(`hold ${key} began`)).toBe(1);
  },
};

const interleaved: Feature = {
  name: "two questions of one call at once",
  async works(cell) {
    const { key, client } = cell;
    const both = Promise.withResolvers<void>();
    const arrived: string[] = [];
    const peer: Peer = await cell.connect({
      async answer({ text }) {
        arrived.push(text);
        if (arrived.length === 2) both.resolve();
        if (isStateless(client)) return "accept";
        await both.promise;
        // The second is answered first.
        const answered = () =>
          peer.wire.sent.some(({ message }) => JSON.stringify(message).includes(`re right-${key}`));
        if (text.startsWith("left")) await vi.waitFor(() => expect(answered()).toBe(true), { timeout: 30_000 });
        return "accept";
      },
    });
    const wishes = ["left", "right"].map((side) => ({ kind: "sampling", text: `${side}-${key}` }));
    const { text } = await peer.call("ask", { key, wishes });
    expect(text).toBe(`re left-${key}; re right-${key}`);
    expect(arrived.toSorted()).toEqual([`left-${key}`, `right-${key}`]);
    expectOnce(cell, "ask", key);
  },
};

const parallel: Feature = {
  name: "parallel calls with equal ids",
  async works(cell) {
    const { key, upstream } = cell;
    const keys = [`${key}-a`, `${key}-b`];
    const peers = await Promise.all(keys.map(() => cell.connect()));
    const steps = keys.map((): number[] => []);
    const calls = peers.map((peer, at) =>
      peer.call("hold", { key: keys[at] }, { onprogress: (step) => steps[at]?.push(step) }),
    );
    await Promise.all(keys.map((one) => upstream.workshop.journal.saw(`hold ${one} holds`)));
    const texts: (string | undefined)[] = [];
    for (const at of [1, 0]) {
      upstream.workshop.release(keys[at] ?? "");
      texts[at] = (await calls[at])?.text;
    }
    const asked = await Promise.all(
      peers.map((peer, at) => peer.call("ask", { key: keys[at], wishes: [{ kind: "sampling", text: keys[at] }] })),
    );
    expect(texts).toEqual(keys.map((one) => `let go of ${one}`));
    expect(asked.map(({ text }) => text)).toEqual(keys.map((one) => `re ${one}`));
    expect(steps).toEqual([[1], [1]]);
    const [ids, others] = peers.map(({ wire }) => wire.requests("tools/call").map(({ message }) => message.id));
    expect(ids).toEqual(others);
    for (const one of keys) {
      expectOnce(cell, "hold", one);
      expectOnce(cell, "ask", one);
    }
  },
};

const ACTIONS = ["accept", "decline", "cancel"] as const;

export const features: readonly Feature[] = [
  call,
  progress,
  cancel,
  ...ACTIONS.map((action) => elicitation("form", action)),
  tooLate("form"),
  ...ACTIONS.map((action) => elicitation("url", action)),
  tooLate("url"),
  question("sampling"),
  question("roots"),
  subscriptions,
  listChanged,
  resume,
  resumedQuestion,
  upstreamDrops,
  interleaved,
  parallel,
];
