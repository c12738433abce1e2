// What each lane costs: every operation on D1, KV and objects (test/counting.ts), for each kind of client at each kind of
// upstream. The isolate is warm: what a cold one reads first (warm.test.ts) is not counted.
import { afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from "vitest";
import { parseEvents } from "../../src/lib/sse.ts";
import { coldIsolate, type Inside } from "../inside.ts";
import { envelope, initialize, type Message, message, modern, session, type Wire } from "../wire.ts";

/**
 * Operations in their order; `-` is none, `·` what the lane does not have. Upstreams: of 2026-07-28, of the session era
 * without and with session ids, the built-in sample.
 *
 * begin: initialize or server/discover, with the stream it takes in HTTP+SSE and WebSocket. call: the first one. warm: the
 * next ones. progress: one answered as an event stream. question: one that elicits, the client's answer included. stream:
 * GET, or subscriptions/listen to all. idle: the same, or `begin`, where the upstream has nothing to tell unasked. end:
 * DELETE, or the connection's end.
 *
 * SESSION is the object of the client's session, of `asked` that of its calls; SESSION.fetch opens a line to it, of
 * `asked` it makes the call. SYNC is the object of the upstream, SYNC.fetch a line to it that all streams share.
 */
const COSTS = `
session      modern                      session                     keeping                     builtin
  begin      -                           -                           -                           -
  call       -                           -                           SESSION.upstreamSession     -
  warm       -                           -                           -                           -
  progress   SESSION.fetch               SESSION.fetch               SESSION.fetch               SESSION.fetch
  question   SESSION.fetch               SESSION.fetch               SESSION.fetch               ·
  level      SESSION.setLevel            SESSION.setLevel            SESSION.setLevel            ·
  subscribe  SESSION.subscribe           SESSION.subscribe           -                           ·
  stream     SESSION.fetch + SYNC.fetch  SESSION.fetch + SYNC.fetch  SESSION.fetch + SYNC.fetch  ·
  idle       -                           -                           SESSION.fetch               -
  end        DB.run                      DB.run                      DB.run + SESSION.end        DB.run
modern       modern      session     keeping     builtin
  begin      -           -           -           -
  call       -           -           -           -
  warm       -           -           -           -
  progress   -           -           -           -
  question   ·           ·           ·           ·
  level      ·           ·           ·           ·
  subscribe  ·           ·           ·           ·
  stream     SYNC.fetch  SYNC.fetch  SYNC.fetch  ·
  idle       -           -           -           -
  end        -           -           -           -
asked        modern      session     keeping                        builtin
  begin      -           -           -                              -
  call       -           -           SESSION.fetch                  -
  warm       -           -           SESSION.fetch                  -
  progress   -           -           SESSION.fetch                  -
  question   -           -           SESSION.fetch + SESSION.fetch  ·
  level      ·           ·           ·                              ·
  subscribe  ·           ·           ·                              ·
  stream     SYNC.fetch  SYNC.fetch  SYNC.fetch                     ·
  idle       -           -           -                              -
  end        -           -           -                              -
sse          modern                                     session                                    keeping                                    builtin
  begin      SESSION.fetch + SYNC.fetch + SESSION.hand  SESSION.fetch + SYNC.fetch + SESSION.hand  SESSION.fetch + SYNC.fetch + SESSION.hand  SESSION.fetch + SESSION.hand
  call       SESSION.hand                               SESSION.hand                               SESSION.hand + SESSION.upstreamSession     SESSION.hand
  warm       SESSION.hand                               SESSION.hand                               SESSION.hand                               SESSION.hand
  progress   SESSION.hand                               SESSION.hand                               SESSION.hand                               SESSION.hand
  question   SESSION.hand + SESSION.hand                SESSION.hand + SESSION.hand                SESSION.hand + SESSION.hand                ·
  level      SESSION.hand + SESSION.setLevel            SESSION.hand + SESSION.setLevel            SESSION.hand + SESSION.setLevel            ·
  subscribe  SESSION.hand + SESSION.subscribe           SESSION.hand + SESSION.subscribe           SESSION.hand                               ·
  stream     ·                                          ·                                          ·                                          ·
  idle       SESSION.fetch + SESSION.hand               SESSION.fetch + SESSION.hand               SESSION.fetch + SESSION.hand               SESSION.fetch + SESSION.hand
  end        -                                          -                                          SESSION.end                                -
ws           modern                      session                     keeping                     builtin
  begin      SESSION.fetch + SYNC.fetch  SESSION.fetch + SYNC.fetch  SESSION.fetch + SYNC.fetch  -
  call       -                           -                           SESSION.upstreamSession     -
  warm       -                           -                           -                           -
  progress   -                           -                           -                           -
  question   -                           -                           -                           ·
  level      SESSION.setLevel            SESSION.setLevel            SESSION.setLevel            ·
  subscribe  SESSION.subscribe           SESSION.subscribe           -                           ·
  stream     ·                           ·                           ·                           ·
  idle       -                           -                           SESSION.fetch               -
  end        -                           -                           SESSION.end                 -
`;

const UPSTREAMS = ["modern", "session", "keeping", "builtin"] as const;
const STEPS = ["begin", "call", "warm", "progress", "question", "level", "subscribe", "stream", "idle", "end"] as const;
type Upstream = (typeof UPSTREAMS)[number];
type Step = (typeof STEPS)[number];

/** A client of a lane. */
interface Client {
  /** Sends a request, answers what it is asked meanwhile, and resolves with the answer. */
  ask(method: string, params?: Record<string, unknown>): Promise<Message>;
  /** Opens the stream on which it is told unasked; gives the way to close it. */
  stream?(): Promise<() => Promise<void>>;
  end(): Promise<void>;
}

const ACCEPTED = { action: "accept", content: { ok: true } };
const isAnswer = ({ id, method }: Message): boolean => id !== undefined && method === undefined;

/** The messages of an event stream, one by one; an event that is no message is one without content. */
function messagesOf(response: Response): { next(): Promise<Message>; leave(): Promise<void> } {
  if (!response.body) throw new Error(`no body: ${response.status}`);
  const events = parseEvents(response.body);
  return {
    async next() {
      const { value, done } = await events.next();
      if (done) throw new Error("the stream has ended");
      return value.data.startsWith("{") ? JSON.parse(value.data) : { params: { data: value.data } };
    },
    leave: async () => void (await events.return()),
  };
}

/** POSTs a message; resolves with the answer when all that belongs to it is done. */
async function post(
  { begin }: Inside,
  path: string,
  { headers, body }: Wire,
  reply?: (question: Message) => Promise<unknown>,
): Promise<{ answer: Message; response: Response }> {
  const { response, settled } = await begin("POST", path, body, headers);
  let answer: Message = {};
  if (response.headers.get("content-type") === "text/event-stream") {
    const messages = messagesOf(response);
    for (answer = await messages.next(); !isAnswer(answer); answer = await messages.next())
      if (answer.id !== undefined) await reply?.(answer);
    await messages.leave();
  } else if (response.status === 200) answer = JSON.parse(await response.text());
  await settled();
  return { answer, response };
}

async function sessionClient(inside: Inside, path: string): Promise<Client> {
  const { response } = await post(inside, path, initialize("2025-11-25", 1, { elicitation: {} }));
  const sessionId = response.headers.get("mcp-session-id") ?? "";
  let id = 1;
  return {
    async ask(method, params) {
      const reply = (question: Message) => {
        const wire = session(undefined, "", {}, sessionId);
        return post(inside, path, {
          ...wire,
          body: JSON.stringify({ jsonrpc: "2.0", id: question.id, result: ACCEPTED }),
        });
      };
      return (await post(inside, path, session(++id, method, params, sessionId), reply)).answer;
    },
    async stream() {
      const headers = { accept: "text/event-stream", "mcp-session-id": sessionId };
      const { response: stream, settled } = await inside.begin("GET", path, undefined, headers);
      const messages = messagesOf(stream);
      await messages.next(); // the priming event
      return async () => {
        await messages.leave();
        await settled();
      };
    },
    async end() {
      await inside.request("DELETE", path, undefined, { "mcp-session-id": sessionId });
    },
  };
}

/** A client of 2026-07-28 with these capabilities. */
const modernClient =
  (capabilities: object) =>
  async (inside: Inside, path: string): Promise<Client> => {
    let id = 0;
    const ask: Client["ask"] = async (method, params) => {
      const more = { ...params, _meta: { ...(params?._meta as object), ...envelope(capabilities) } };
      const { answer } = await post(inside, path, modern(++id, method, more));
      const { resultType, inputRequests, requestState } = answer.result ?? {};
      if (resultType !== "input_required") return answer;
      const inputResponses = Object.fromEntries(Object.keys(inputRequests as object).map((name) => [name, ACCEPTED]));
      return await ask(method, { ...params, inputResponses, requestState });
    };
    await ask("server/discover");
    return {
      ask,
      async stream() {
        const notifications = { toolsListChanged: true, resourceSubscriptions: ["note://one"] };
        const { headers, body } = modern(++id, "subscriptions/listen", { notifications });
        const { response, settled } = await inside.begin("POST", path, body, headers);
        const messages = messagesOf(response);
        await messages.next(); // the acknowledgement
        return async () => {
          await messages.leave();
          await settled();
        };
      },
      end: async () => {},
    };
  };

/** A client whose messages all go over one connection. */
async function connected(
  say: (body: string) => Promise<unknown>,
  next: () => Promise<Message>,
  end: () => Promise<void>,
): Promise<Client> {
  let id = 1;
  const answered = async (): Promise<Message> => {
    for (;;) {
      const said = await next();
      if (isAnswer(said)) return said;
      if (said.id !== undefined) await say(JSON.stringify({ jsonrpc: "2.0", id: said.id, result: ACCEPTED }));
    }
  };
  await say(initialize("2025-11-25", 1, { elicitation: {} }).body);
  await answered();
  return {
    async ask(method, params) {
      await say(message(++id, method, params));
      return await answered();
    },
    end,
  };
}

async function sseClient(inside: Inside, path: string): Promise<Client> {
  const { response, settled } = await inside.begin("GET", path.replace(/mcp$/, "sse"));
  const { next, leave } = messagesOf(response);
  const endpoint = String((await next()).params?.data);
  return await connected(
    (body) => inside.request("POST", endpoint, body),
    next,
    async () => {
      await leave();
      await settled();
    },
  );
}

async function wsClient(inside: Inside, path: string): Promise<Client> {
  const headers = { upgrade: "websocket" };
  const { response, settled } = await inside.begin("GET", path.replace(/mcp$/, "ws"), undefined, headers);
  const socket = response.webSocket;
  if (!socket) throw new Error(`no WebSocket: ${response.status}`);
  const heard: Message[] = [];
  let wake = (): void => {};
  socket.accept();
  socket.addEventListener("message", ({ data }) => {
    heard.push(JSON.parse(String(data)));
    wake();
  });
  return await connected(
    async (body) => socket.send(body),
    async () => {
      while (heard.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return heard.shift() ?? {};
    },
    async () => {
      socket.close(1000, "over");
      await settled();
    },
  );
}

const LANES = {
  session: sessionClient,
  modern: modernClient({}),
  asked: modernClient({ elicitation: {} }),
  sse: sseClient,
  ws: wsClient,
};
type Lane = keyof typeof LANES;

/** A virtual server of an upstream that has something to tell unasked, or nothing. Gives its endpoint. */
async function endpointOf({ api, bundle }: Inside, upstream: Upstream, kind: "telling" | "quiet"): Promise<string> {
  const url = upstream === "builtin" ? "builtin:sample" : `${inject("lanes")}/${upstream}/${kind}/mcp`;
  const { path, serverId, gatewayId } = await bundle(crypto.randomUUID(), url);
  const resources = await api<{ id: string }[]>("GET", `/resources?limit=0&gateway_id=${gatewayId}`);
  await api("PUT", `/servers/${serverId}`, { associatedResources: resources.map(({ id }) => id) });
  return path;
}

let isolate: Awaited<ReturnType<typeof coldIsolate>>;
beforeAll(async () => {
  isolate = await coldIsolate();
});
// An isolate that is warm stays so while a client is counted: its clock stands.
beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: Date.now() }));
afterEach(() => void vi.useRealTimers());

/** What a client's steps cost. */
async function costsOf(lane: Lane, upstream: Upstream): Promise<Record<Step, string>> {
  const costs = Object.fromEntries(STEPS.map((step) => [step, "·"])) as Record<Step, string>;
  const counting = async <T>(step: Step, work: () => Promise<T>): Promise<T> => {
    isolate.operations.length = 0;
    const result = await work();
    await scheduler.wait(0); // what the answer has left behind
    costs[step] = isolate.operations.join(" + ") || "-";
    return result;
  };
  const endpoint = async (kind: "telling" | "quiet"): Promise<string> => {
    const path = await endpointOf(isolate, upstream, kind);
    expect((await post(isolate, path, modern("warm", "server/discover"))).answer).toMatchObject({ result: {} });
    return path;
  };
  const builtin = upstream === "builtin";
  const stateless = lane === "modern" || lane === "asked";
  const connected = lane === "sse" || lane === "ws";

  const path = await endpoint(builtin ? "quiet" : "telling");
  const client = await counting("begin", () => LANES[lane](isolate, path));
  const ask = (step: Step, method: string, params: Record<string, unknown>) =>
    counting(step, async () => expect(await client.ask(method, params)).toMatchObject({ result: {} }));
  const call = (step: Step, name: string, args: object = { message: "hi" }) =>
    ask(step, "tools/call", { name, arguments: args, _meta: { progressToken: "p" } });
  const stream = async (step: Step, { stream }: Client) =>
    (await counting(step, stream ?? (async () => async () => {})))();

  await call("call", builtin ? "echo" : "plain");
  await call("warm", builtin ? "echo" : "plain");
  await call("progress", builtin ? "slow" : "progress", { seconds: 1 });
  if (!builtin && lane !== "modern") await call("question", "ask");
  if (!builtin && !stateless) {
    await ask("level", "logging/setLevel", { level: "error" });
    await ask("subscribe", "resources/subscribe", { uri: "note://one" });
  }
  if (!builtin && !connected) await stream("stream", client);
  await counting("end", client.end);

  const quiet = builtin ? path : await endpoint("quiet");
  const idle = connected
    ? await counting("idle", () => LANES[lane](isolate, quiet))
    : await LANES[lane](isolate, quiet);
  if (!connected) await stream("idle", idle);
  await idle.end();
  return costs;
}

/** The columns of COSTS. */
function promised(lane: string, upstream: Upstream): Record<Step, string> {
  const [, block = ""] = COSTS.split(new RegExp(`^${lane} .*$`, "m"));
  const column = UPSTREAMS.indexOf(upstream) + 1;
  const rows = block.split("\n").flatMap((line) => {
    const cells = line.trim().split(/ {2,}/);
    return line.startsWith("  ") ? [[cells[0] ?? "", cells[column] ?? ""]] : [];
  });
  return Object.fromEntries(rows.slice(0, STEPS.length)) as Record<Step, string>;
}

describe.each(Object.keys(LANES) as Lane[])("what a client costs: %s", (lane) => {
  it.each(UPSTREAMS)("at an upstream: %s", { timeout: 30_000 }, async (upstream) => {
    expect(await costsOf(lane, upstream)).toEqual(promised(lane, upstream));
  });
});
