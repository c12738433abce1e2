// What many clients of one gateway do at once, each with a stream of its own: how each stream is opened, what is told to
// them, and whom a message is for.
import { gather, type Listener, openListener } from "./crowd.ts";
import { initialize, type Message, modern, receive, session, type Wire } from "./wire.ts";

/** Where a crowd gathers. */
export interface Place {
  /** The virtual server's MCP endpoint. */
  readonly url: string;
  readonly bearer: Record<string, string>;
  /** Address of fakes/addressing.ts. */
  readonly upstream: string;
  /** Makes the virtual server's list of tools another one. */
  change(): Promise<void>;
}

/** A client, and whom messages name that are for it. */
export interface Member {
  readonly name: string;
  readonly listener: Listener;
  /** Where the client sends. */
  readonly send: (wire: Wire) => Promise<Message | undefined>;
}

export interface Scene {
  /** Opens the stream of client `n`. */
  open(place: Place, n: number): Promise<Member>;
  /** Resolves when all that is told from now on will be heard. */
  ready?(place: Place, members: readonly Member[]): Promise<void>;
  /** Has something told to each; where each asks for it by itself, so many a second do. */
  tell(place: Place, members: readonly Member[], perSecond?: number): Promise<unknown>;
  /** Whom a message is for; undefined when it is no news. */
  whose(message: Message): string | undefined;
}

const EVERYBODY = "everybody";
const changed = {
  tell: ({ change }: Place) => change(),
  whose: ({ method }: Message) => (method === "notifications/tools/list_changed" ? EVERYBODY : undefined),
};

const post = async (url: string, { headers, body }: Wire, more: Record<string, string>): Promise<Message | undefined> =>
  (await receive(fetch(url, { method: "POST", headers: { ...headers, ...more }, body }))).answer;

/** A session with its GET stream. */
async function joined({ url, bearer }: Place, name: string): Promise<Member> {
  const wire = initialize();
  const begun = await receive(fetch(url, { method: "POST", headers: { ...wire.headers, ...bearer }, body: wire.body }));
  const own = { ...bearer, "mcp-session-id": begun.headers.get("mcp-session-id") ?? "" };
  return { name, listener: await openListener(url, own), send: (sent) => post(url, sent, own) };
}

/** A request whose headers the member adds. */
const asking = (id: string, method: string, params?: Record<string, unknown>): Wire => session(id, method, params);

const held = async ({ upstream }: Place, what: string): Promise<void> => void (await fetch(`${upstream}/${what}`));
const say =
  (era: string) =>
  ({ upstream }: Place) =>
    fetch(`${upstream}/${era}/say`, { method: "PUT" });

/** GET streams of sessions, told of a changed list. */
export const getStreams: Scene = { ...changed, open: (place) => joined(place, EVERYBODY) };

/** subscriptions/listen of 2026-07-28, told of a changed list. */
export const listenStreams: Scene = {
  ...changed,
  async open({ url, bearer }, n) {
    const { headers, body } = modern(n, "subscriptions/listen", { notifications: { toolsListChanged: true } });
    const listener = await openListener(url, { ...headers, ...bearer }, body);
    await listener.until(({ heard }) => heard.length > 0); // the acknowledgement
    return { name: EVERYBODY, listener, send: (wire) => post(url, wire, bearer) };
  },
};

/** Sessions with sessions of their own at an upstream, told what that session is told. */
export const ownUpstreamStreams: Scene = {
  async open(place, n) {
    const member = await joined(place, "");
    const answer = await member.send(asking(`call-${n}`, "tools/call", { name: "whoami", arguments: {} }));
    const [content] = (answer?.result?.content ?? []) as { text: string }[];
    return { ...member, name: content?.text ?? "" };
  },
  ready: (place, members) => held(place, `session/held/${members.length}`),
  tell: say("session"),
  whose: ({ method, params }) => (method === "notifications/message" ? String(params?.data) : undefined),
};

/** Sessions with subscriptions of their own at an upstream of 2026-07-28. */
export const ownSubscriptions: Scene = {
  async open(place, n) {
    const name = `note://${n}`;
    const member = await joined(place, name);
    const answer = await member.send(asking(`subscribe-${n}`, "resources/subscribe", { uri: name }));
    if (!answer?.result) throw new Error(`not subscribed: ${JSON.stringify(answer)}`);
    return member;
  },
  ready: (place, members) => held(place, `modern/held/${members.length}`),
  tell: say("modern"),
  whose: ({ method, params }) => (method === "notifications/resources/updated" ? String(params?.uri) : undefined),
};

/** HTTP+SSE, where each client's answers come on its stream by way of its session's object. */
export const sseConnections: Scene = {
  async open({ url, bearer }, n) {
    const sse = url.replace(/mcp$/, "sse");
    const listener = await openListener(sse, bearer);
    await listener.until(({ said }) => said.length > 0);
    const endpoint = new URL(listener.said[0] ?? "", sse).href;
    const send = (wire: Wire) => post(endpoint, wire, bearer);
    await send(initialize("2024-11-05", `initialize-${n}`));
    await listener.until(({ heard }) => heard.length > 0);
    return { name: `ping-${n}`, listener, send };
  },
  tell: (_place, members, perSecond) =>
    gather(members.length, async (n) => await members[n]?.send(asking(members[n].name, "ping")), perSecond),
  whose: ({ id }) => (String(id).startsWith("ping-") ? String(id) : undefined),
};

/** How a crowd fared: news that did not come, came more than once too often, or came to another; streams that ended. */
export interface Tally {
  readonly lost: number;
  readonly doubled: number;
  readonly strayed: number;
  readonly dropped: number;
}

/** Counts, when everybody should have heard the news so many times. */
export function tally({ whose }: Scene, members: readonly Member[], times: number): Tally {
  const sum = { lost: 0, doubled: 0, strayed: 0, dropped: 0 };
  for (const { name, listener } of members) {
    const names = listener.heard.map(whose).filter((found) => found !== undefined);
    const own = names.filter((found) => found === name).length;
    sum.lost += Math.max(0, times - own);
    sum.doubled += Math.max(0, own - times);
    sum.strayed += names.length - own;
    sum.dropped += listener.dropped ? 1 : 0;
  }
  return sum;
}

/** Resolves when each has heard its news so many times. */
export const allHeard = ({ whose }: Scene, members: readonly Member[], times: number): Promise<unknown> =>
  Promise.all(
    members.map(({ name, listener }) =>
      listener.until(({ heard }) => heard.filter((one) => whose(one) === name).length >= times),
    ),
  );
