// Updates of resources that several servers share: each subscription goes to the one server whose URI it is, and is told
// under that URI. What was not chosen is not heard of, even while somebody else hears of it.
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { ResourceRead } from "../../src/schemas/resources.ts";
import type { ServerRead } from "../../src/schemas/servers.ts";
import { type Library, SHARED, startLibrary } from "../fakes/library.ts";
import type { Era } from "../fakes/plain-mcp.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { openStream } from "../streams.ts";
import { initialize, modern, send, session, type Wire } from "../wire.ts";

const ERAS: readonly Era[] = ["session", "modern"];
const CROSSINGS = ERAS.flatMap((client) => ERAS.map((upstream) => [client, upstream] as const));

interface Pair {
  readonly one: Library;
  readonly other: Library;
  /** Everything of both. */
  readonly both: string;
  /** Tools of the first, and of its resources one. */
  readonly little: string;
}

let gateway: Gateway;
let bearer: Record<string, string>;
const pairs = new Map<Era, Pair>();

beforeAll(async () => {
  gateway = await startGateway();
  bearer = { authorization: `Bearer ${await gateway.token()}` };
  for (const era of ERAS) {
    const [one, other] = await Promise.all([startLibrary(`one-${era}`, era), startLibrary(`other-${era}`, era)]);
    const members = [await offered(`one-${era}`, one), await offered(`other-${era}`, other)];
    const all = { associatedResources: members.flatMap(({ resources }) => resources.map(({ id }) => id)) };
    const [first] = members;
    const own = first?.resources.find(({ uri }) => uri === `own://one-${era}`)?.id;
    const both = await serve(`both ${era}`, all);
    const little = await serve(`little ${era}`, { associatedTools: first?.tools, associatedResources: [own] });
    pairs.set(era, { one, other, both, little });
  }
});
afterAll(async () => {
  await gateway.dispose();
  await Promise.all([...pairs.values()].flatMap(({ one, other }) => [one.close(), other.close()]));
});

async function offered(name: string, { url }: Library) {
  const { body } = await gateway.api<{ id: string }>("POST", "/gateways", { name, url });
  const of = async <Row>(noun: string) =>
    (await gateway.api<Row[]>("GET", `/${noun}?limit=0&gateway_id=${body.id}`)).body;
  const tools = await of<{ id: string }>("tools");
  return { tools: tools.map(({ id }) => id), resources: await of<ResourceRead>("resources") };
}
const serve = async (name: string, members: object) =>
  (await gateway.api<ServerRead>("POST", "/servers", { name, ...members })).body.mcpUrl;

/** A client that subscribed: what was agreed to, and the URIs it is told of. */
interface Subscriber {
  readonly agreed: readonly string[];
  next(): Promise<unknown>;
}

/**
 * Reads until all of these were told of, and gives what was told. Of a stream that began anew everything is told that
 * may have been missed, so something can be told twice, or early.
 */
async function toldUntil({ next }: Subscriber, ...uris: readonly string[]): Promise<Set<unknown>> {
  const told = new Set<unknown>();
  while (!uris.every((uri) => told.has(uri))) told.add(await next());
  return told;
}

async function stream(url: string, method: string, { headers, body }: Partial<Wire>) {
  const opened = await openStream(url, { method, headers: { ...headers, ...bearer }, ...(body ? { body } : {}) });
  onTestFinished(() => opened.drop());
  return opened;
}

const SUBSCRIBE: Readonly<Record<Era, (url: string, uris: readonly string[]) => Promise<Subscriber>>> = {
  async modern(url, uris) {
    const wire = modern("listen", "subscriptions/listen", { notifications: { resourceSubscriptions: uris } });
    const opened = await stream(url, "POST", wire);
    const told = async () => (await opened.nextMessage())?.params as Record<string, unknown> | undefined;
    const agreed = (await told())?.notifications as { resourceSubscriptions?: string[] } | undefined;
    return { agreed: agreed?.resourceSubscriptions ?? [], next: async () => (await told())?.uri };
  },
  async session(url, uris) {
    const id = (await send(url, initialize(), bearer)).headers.get("mcp-session-id") ?? "";
    const opened = await stream(url, "GET", { headers: { accept: "text/event-stream", "mcp-session-id": id } });
    const agreed: string[] = [];
    for (const [at, uri] of uris.entries()) {
      const { answer } = await send(url, session(at, "resources/subscribe", { uri }, id), bearer);
      if (answer?.result) agreed.push(uri);
    }
    return { agreed, next: async () => ((await opened.nextMessage())?.params as { uri?: unknown } | undefined)?.uri };
  },
};

describe.each(CROSSINGS)("a %s client at two %s servers that share a resource", (client, era) => {
  const pair = (): Pair => {
    const found = pairs.get(era);
    if (!found) throw new Error(`no servers of the ${era} era`);
    return found;
  };
  const wasAsked = ({ heard }: Library, ...uris: readonly string[]): string[] => {
    const asked = heard.flatMap(({ message }) => {
      if (message?.method === "resources/subscribe") return [message.params?.uri];
      const filter = message?.method === "subscriptions/listen" ? message.params?.notifications : undefined;
      return (filter as { resourceSubscriptions?: string[] } | undefined)?.resourceSubscriptions ?? [];
    });
    return uris.filter((uri) => asked.includes(uri));
  };

  it("is told of the one it subscribed to, under its URI here", async () => {
    const { one, other, both } = pair();
    const marked = (uri: string) => uri.replace("://", `://other-${era}--`);
    const uris = [marked(SHARED.note), marked(SHARED.byId), marked(SHARED.unlisted), `own://one-${era}`];
    const subscriber = await SUBSCRIBE[client](both, uris);
    expect(subscriber.agreed).toEqual(uris);
    for (const uri of [SHARED.note, SHARED.byId, SHARED.unlisted]) {
      await other.hearing(uri);
      other.update(uri);
    }
    await one.hearing(`own://one-${era}`);
    for (const uri of [SHARED.note, SHARED.byId, SHARED.unlisted, `own://one-${era}`]) one.update(uri);
    expect(await toldUntil(subscriber, ...uris)).toEqual(new Set(uris));
    expect(wasAsked(one, SHARED.byId, SHARED.unlisted)).toEqual([]);
  });

  it("is not told of what was not chosen, while another is", async () => {
    const { one, both, little } = pair();
    const unlisted = `note://unlisted/by-${client}`;
    const all = await SUBSCRIBE[client](both, [SHARED.note, `own://one-${era}`]);
    const some = await SUBSCRIBE[client](little, [SHARED.note, SHARED.byId, unlisted, `own://one-${era}`]);
    expect(some.agreed).toEqual([unlisted, `own://one-${era}`]);
    for (const uri of [SHARED.note, unlisted, `own://one-${era}`]) await one.hearing(uri);
    for (const uri of [SHARED.note, SHARED.byId, unlisted, `own://one-${era}`]) one.update(uri);
    const [mine, theirs] = [new Set([unlisted, `own://one-${era}`]), new Set([SHARED.note, `own://one-${era}`])];
    expect(await toldUntil(some, ...mine)).toEqual(mine);
    expect(await toldUntil(all, ...theirs)).toEqual(theirs);
    expect(wasAsked(one, SHARED.byId)).toEqual([]);
  });
});
