// Two teams whose servers have everything in common: names of tools and prompts, URIs, templates, the name of the upstream
// itself. Neither sees, calls, completes, subscribes to or infers what is the other's, on any transport, though both have
// one virtual server that holds it all; and the other's upstream is not even asked.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { WebSocketClientTransport } from "@modelcontextprotocol/sdk/client/websocket.js";
import { ResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { addTeam } from "../auth/teams.ts";
import { addUser, as } from "../auth/users.ts";
import { type Library, SHARED, startLibrary } from "../fakes/library.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { callerOf, type Message, send, session } from "../wire.ts";

const TEAMS = ["red", "blue"] as const;
type Team = (typeof TEAMS)[number];
const MEMBER: Record<Team, string> = { red: "ruth@example.com", blue: "ben@example.com" };
const other = (team: Team): Team => (team === "red" ? "blue" : "red");

let gateway: Gateway;
let libraries: Record<Team, Library>;
const tokens = {} as Record<Team, string>;
/** A virtual server of each team, and one that is public and holds what both have. */
const servers = {} as Record<Team | "shared", string>;
/** A tool of each team in the public virtual server, by the name it has there. */
const toolIn = {} as Record<Team, string>;

interface Row {
  readonly id: string;
  readonly name: string;
  readonly tools: {
    readonly id: string;
    readonly name: string;
    readonly originalName: string;
    readonly gatewayId: string;
  }[];
}

beforeAll(async () => {
  gateway = await startGateway();
  libraries = { red: await startLibrary("red", "modern"), blue: await startLibrary("blue", "session") };
  const all = {
    associatedTools: [] as string[],
    associatedPrompts: [] as string[],
    associatedResources: [] as string[],
  };
  const gateways = {} as Record<Team, string>;
  for (const team of TEAMS) {
    await addUser(gateway, MEMBER[team]);
    await addTeam(gateway, team, { [MEMBER[team]]: "member" });
    tokens[team] = await gateway.token({ subject: MEMBER[team] });
    const mine = await as(gateway, MEMBER[team]);
    const added = await gateway.api<Row>(
      "POST",
      "/gateways",
      { name: "books", url: libraries[team].url, teamId: team },
      mine,
    );
    expect(added.status, JSON.stringify(added.body)).toBe(201);
    gateways[team] = added.body.id;
    const ids = async (noun: string) =>
      (await gateway.api<Row[]>("GET", `/${noun}?limit=0`, undefined, mine)).body.map(({ id }) => id);
    const [associatedTools, associatedPrompts, associatedResources] = [
      await ids("tools"),
      await ids("prompts"),
      await ids("resources"),
    ];
    const everything = { associatedTools, associatedPrompts, associatedResources };
    const made = await gateway.api<Row>("POST", "/servers", { name: "desk", teamId: team, ...everything }, mine);
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    servers[team] = made.body.id;
    for (const [list, more] of Object.entries(everything)) all[list as keyof typeof all].push(...more);
  }
  const shared = await gateway.api<Row>("POST", "/servers", { id: "shared", name: "shared", ...all });
  expect(shared.status, JSON.stringify(shared.body)).toBe(201);
  servers.shared = "shared";
  for (const team of TEAMS) {
    const tool = shared.body.tools.find(
      ({ originalName, gatewayId }) => originalName === "find" && gatewayId === gateways[team],
    );
    toolIn[team] = tool?.name ?? "";
  }
});
afterAll(() => Promise.all([gateway.dispose(), ...TEAMS.map((team) => libraries[team].close())]));

type Ask = (method: string, params?: Record<string, unknown>) => Promise<Pick<Message, "result" | "error">>;
type Connect = (server: string, token: string) => Promise<Ask>;

const overWire =
  (era: "session" | "modern"): Connect =>
  async (server, token) => {
    const ask = await callerOf(era, `${gateway.url}/servers/${server}/mcp`, token);
    let id = 0;
    return async (method, params = {}) => (await ask(++id, method, params)).answer ?? {};
  };

const overRpc: Connect = async (server, token) => {
  let id = 0;
  return async (method, params = {}) =>
    (
      await send(`${gateway.url}/rpc`, session(++id, method, { ...params, server_id: server }), {
        authorization: `Bearer ${token}`,
      })
    ).answer ?? {};
};

const overConnection =
  (kind: "sse" | "ws"): Connect =>
  async (server, token) => {
    const url = new URL(`${gateway.url}/servers/${server}/${kind}`);
    const headers = { authorization: `Bearer ${token}` };
    const client = new Client({ name: "two teams", version: "1" });
    onTestFinished(() => client.close());
    if (kind === "sse") await client.connect(new SSEClientTransport(url, { requestInit: { headers } }));
    else await client.connect(socketWith(url, token));
    return async (method, params = {}) => {
      try {
        return { result: (await client.request({ method, params } as never, ResultSchema)) as Record<string, unknown> };
      } catch (error) {
        const { code, message } = error as { code: number; message: string };
        return { error: { code, message: message.replace(/^MCP error -?\d+: /, "") } };
      }
    };
  };

/** The SDK's WebSocket client sends no headers: a session cookie would do that in a browser. Here the global is lent some. */
function socketWith(url: URL, token: string): WebSocketClientTransport {
  const Plain = globalThis.WebSocket;
  class WithToken extends Plain {
    constructor(to: string | URL) {
      super(to, { protocols: ["mcp"], headers: { authorization: `Bearer ${token}` } } as never);
    }
  }
  const transport = new WebSocketClientTransport(new URL(url.href.replace(/^http/, "ws")));
  const start = transport.start.bind(transport);
  transport.start = () => {
    globalThis.WebSocket = WithToken as typeof WebSocket;
    try {
      return start();
    } finally {
      globalThis.WebSocket = Plain;
    }
  };
  return transport;
}

const TRANSPORTS: readonly [string, Connect][] = [
  ["2026-07-28", overWire("modern")],
  ["a session of 2025-11-25", overWire("session")],
  ["HTTP+SSE", overConnection("sse")],
  ["WebSocket", overConnection("ws")],
  ["/rpc", overRpc],
];
const LISTS = [
  ["tools/list", "tools"],
  ["prompts/list", "prompts"],
  ["resources/list", "resources"],
  ["resources/templates/list", "resourceTemplates"],
] as const;

/** The entries of a list. */
const entries = async <Entry>(ask: Ask, method: string, field: string): Promise<Entry[]> =>
  ((await ask(method)).result?.[field] ?? []) as Entry[];

/** What reached an upstream since the last look, besides the gateway's own business. */
const OWN = new Set(["initialize", "notifications/initialized", "server/discover", "ping", "subscriptions/listen"]);
const asked = (team: Team, since: number): string[] =>
  libraries[team].heard
    .slice(since)
    .flatMap(({ message }) => (message && !OWN.has(message.method) ? [message.method] : []));

describe.each(TEAMS)("a member of team %s", (team) => {
  describe.each(TRANSPORTS)("over %s", (_name, connect) => {
    let before: number;
    beforeEach(() => {
      before = libraries[other(team)].heard.length;
    });
    const nothingReachedTheOther = () => expect(asked(other(team), before)).toEqual([]);

    it("finds the other team's virtual server as little as one that nobody made", async () => {
      const failure = async (server: string) => {
        const request = session(1, "tools/list", {});
        const { status, text } = await send(`${gateway.url}/servers/${server}/mcp`, request, {
          authorization: `Bearer ${tokens[team]}`,
          "x-correlation-id": "the-same-for-both",
        });
        return [status, text];
      };
      expect(await failure(servers[other(team)])).toEqual(await failure("0".repeat(32)));
      const reached = await connect(servers[other(team)], tokens[team])
        .then((ask) => ask("tools/list"))
        .catch((error: unknown) => ({ error }));
      expect(reached.error).toBeDefined();
      nothingReachedTheOther();
    });

    it.each(["own", "shared"] as const)(
      "lists in the %s virtual server what is its team's and nothing else",
      async (which) => {
        const ask = await connect(which === "own" ? servers[team] : servers.shared, tokens[team]);
        const reference = await await overWire("session")(servers[team], tokens[team]);
        for (const [method, field] of LISTS) {
          const own = await entries(reference, method, field);
          expect(own.length, method).toBeGreaterThan(0);
          expect((await entries(ask, method, field)).length, method).toBe(own.length);
        }
        nothingReachedTheOther();
      },
    );

    it("calls its own tool, and the other's like one that nobody made", async () => {
      const ask = await connect(servers.shared, tokens[team]);
      const { result } = await ask("tools/call", { name: toolIn[team], arguments: {} });
      expect(result?.structuredContent).toMatchObject({ from: team });
      const refused = await ask("tools/call", { name: toolIn[other(team)], arguments: {} });
      const madeUp = await ask("tools/call", { name: "made_up", arguments: {} });
      expect(refused.error?.code).toBe(madeUp.error?.code);
      expect(refused.error?.message.replace(toolIn[other(team)], "made_up")).toBe(madeUp.error?.message);
      nothingReachedTheOther();
    });

    it("reads, gets and completes what is its team's under the names both have", async () => {
      const ask = await connect(servers.shared, tokens[team]);
      for (const { uri } of await entries<{ uri: string }>(ask, "resources/list", "resources")) {
        const { result } = await ask("resources/read", { uri });
        expect(JSON.stringify(result), uri).toContain(`${team} has`);
      }
      const [prompt] = await entries<{ name: string }>(ask, "prompts/list", "prompts");
      expect((await ask("prompts/get", { name: prompt?.name })).result?.description).toBe(team);
      const ref = { type: "ref/prompt", name: prompt?.name };
      const { result } = await ask("completion/complete", { ref, argument: { name: "x", value: "" } });
      expect(result?.completion).toMatchObject({ values: [team, ""] });
      nothingReachedTheOther();
    });

    it("reaches by no URI and no template what the other has", async () => {
      const ask = await connect(servers.shared, tokens[team]);
      const theirs = await overWire("session")(servers.shared, tokens[other(team)]);
      const uris = async (whose: Ask) =>
        (await entries<{ uri: string }>(whose, "resources/list", "resources")).map(({ uri }) => uri);
      const mine = await uris(ask);
      const foreign = (await uris(theirs)).filter((uri) => !mine.includes(uri));
      expect(foreign.length).toBeGreaterThan(0);
      for (const uri of [...foreign, `own://${other(team)}`, SHARED.hidden]) {
        const { result, error } = await ask("resources/read", { uri });
        expect(JSON.stringify(result ?? error), uri).not.toContain(`${other(team)} has`);
        await ask("resources/subscribe", { uri });
      }
      nothingReachedTheOther();
    });
  });

  it("gets the same answers from REST for the other's things as for things nobody made", async () => {
    const mine = { ...(await as(gateway, MEMBER[team])), "x-correlation-id": "the-same-for-both" };
    const theirs = await as(gateway, MEMBER[other(team)]);
    for (const noun of ["gateways", "tools", "prompts", "resources", "servers"]) {
      const rows = (await gateway.api<Row[]>("GET", `/${noun}?limit=0`, undefined, theirs)).body;
      const own = (await gateway.api<Row[]>("GET", `/${noun}?limit=0`, undefined, mine)).body.map(({ id }) => id);
      const hidden = rows.filter(({ id }) => !own.includes(id));
      expect(hidden.length, noun).toBeGreaterThan(0);
      for (const { id } of hidden.slice(0, 3)) {
        for (const [method, path, body] of [
          ["GET", "", undefined],
          ["PUT", "", { description: "mine now" }],
          ["POST", "/state?activate=false", {}],
          ["DELETE", "", undefined],
        ] as const) {
          const answer = async (one: string) => {
            const { status, body: said } = await gateway.api(method, `/${noun}/${one}${path}`, body, mine);
            return [status, JSON.stringify(said).replaceAll(one, "ID")];
          };
          expect(await answer(id), `${method} ${noun}`).toEqual(await answer("0".repeat(32)));
        }
      }
    }
  });

  it("learns from no taken name what the other has", async () => {
    const mine = await as(gateway, MEMBER[team]);
    const names = (await gateway.api<Row[]>("GET", "/tools?limit=0", undefined, mine)).body.map(({ name }) => name);
    expect(names.toSorted()).toEqual(["find", "open", "show", "show_hidden", "touch"]);
    const [books] = (await gateway.api<(Row & { slug: string })[]>("GET", "/gateways", undefined, mine)).body;
    expect([books?.name, books?.slug]).toEqual(["books", "books"]);
    const again = await gateway.api("POST", "/servers", { name: "desk" }, mine);
    expect(again.status, "private, so beside the team's").toBe(201);
    const chosen = await gateway.api("POST", "/servers", { name: "by id", id: servers[other(team)].slice(0, 8) }, mine);
    expect(chosen.status).toBe(403);
  });
});
