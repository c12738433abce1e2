// Who is taken out of a team loses what is the team's at once, on connections that are open too: it is in no list any more,
// calls are refused before the upstream hears of them, and whoever listens is told.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { addUser, as } from "../auth/users.ts";
import { type Library, startLibrary } from "../fakes/library.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { callerOf, messagesIn, modern } from "../wire.ts";

const OWNER = "owner@example.com";
const MEMBER = "member@example.com";

let gateway: Gateway;
let library: Library;
beforeAll(async () => {
  gateway = await startGateway();
  library = await startLibrary("red", "session");
  for (const email of [OWNER, MEMBER]) await addUser(gateway, email);
});
afterAll(() => Promise.all([gateway.dispose(), library.close()]));

let count = 0;
interface Row {
  readonly id: string;
  readonly associatedToolIds: string[];
}

/** A team with an upstream, its virtual server, and a public virtual server that holds the same; `remove` takes the member out. */
async function setUp() {
  const owner = await as(gateway, OWNER);
  const ask = async (method: string, path: string, body?: unknown, headers = owner) => {
    const answer = await gateway.api<Row>(method, path, body, headers);
    expect(answer.status, `${path} ${JSON.stringify(answer.body)}`).toBeLessThan(300);
    return answer.body;
  };
  const name = `team ${++count}`;
  const { id: teamId } = await ask("POST", "/teams", { name, members: [{ email: MEMBER, role: "viewer" }] });
  const upstream = await ask("POST", "/gateways", { name, url: library.url, teamId });
  const found = await gateway.api<{ id: string }[]>("GET", `/tools?gateway_id=${upstream.id}`, undefined, owner);
  const associatedTools = found.body.map(({ id }) => id);
  const own = await ask("POST", "/servers", { name, teamId, associatedTools });
  const open = await ask(
    "POST",
    "/servers",
    { name: `public ${name}`, associatedTools },
    await as(gateway, "admin@example.com"),
  );
  return {
    own: `/servers/${own.id}`,
    shared: `/servers/${open.id}`,
    token: await gateway.token({ subject: MEMBER }),
    remove: () => ask("DELETE", `/teams/${teamId}/members/${MEMBER}`),
  };
}

const namesIn = (result: unknown) => ((result as { tools?: { name: string }[] })?.tools ?? []).map(({ name }) => name);

/** An answer without what is in no two answers the same. */
const plain = (answer: unknown): string => JSON.stringify(answer).replace(/"request_id":"\w+"/, "");

describe("a former member", () => {
  it.each(["session", "modern"] as const)(
    "finds nothing of the team on a %s connection, and calls nothing",
    async (era) => {
      const { own, shared, token, remove } = await setUp();
      const [inTeam, inPublic, inAll] = await Promise.all(
        [own, shared, ""].map((path) => callerOf(era, `${gateway.url}${path}/mcp`, token)),
      );
      const list = async (ask: typeof inTeam) => namesIn((await ask?.(1, "tools/list"))?.answer?.result);
      const before = [await list(inTeam), await list(inPublic), await list(inAll)];
      for (const names of before) expect(names).toContain("find");
      expect((await inPublic?.(2, "tools/call", { name: "find", arguments: {} }))?.answer?.result).toBeDefined();
      await remove();
      const asked = library.heard.length;
      expect(await list(inTeam)).toEqual([]);
      expect((await inTeam?.(3, "tools/list"))?.status).toBe(404);
      expect((await inTeam?.(4, "tools/call", { name: "find", arguments: {} }))?.status).toBe(404);
      expect(await list(inPublic)).toEqual([]);
      expect(await list(inAll)).toEqual([]);
      const refused = await inPublic?.(5, "tools/call", { name: "find", arguments: {} });
      const madeUp = await inPublic?.(5, "tools/call", { name: "made-up", arguments: {} });
      expect(refused?.status).toBe(madeUp?.status);
      expect(plain(refused?.answer)).toBe(plain(madeUp?.answer).replaceAll("made-up", "find"));
      const methods = library.heard.slice(asked).map(({ message }) => message?.method ?? "");
      expect(methods.filter((method) => method.startsWith("tools/"))).toEqual([]);
    },
  );

  it("finds nothing of the team on an SSE connection that stays open", async () => {
    const { shared, token, remove } = await setUp();
    const client = new Client({ name: "former", version: "1" });
    onTestFinished(() => client.close());
    const headers = { authorization: `Bearer ${token}` };
    await client.connect(new SSEClientTransport(new URL(`${gateway.url}${shared}/sse`), { requestInit: { headers } }));
    expect(namesIn(await client.listTools())).toContain("find");
    await remove();
    expect(namesIn(await client.listTools())).toEqual([]);
    await expect(client.callTool({ name: "find", arguments: {} })).rejects.toThrow(/find/);
  });

  it("who listens is told that the tools are others now; where the server itself is the team's, the stream ends", async () => {
    const { own, shared, token, remove } = await setUp();
    const listen = async (path: string) => {
      const { headers, body } = modern(1, "subscriptions/listen", { notifications: { toolsListChanged: true } });
      const response = await fetch(`${gateway.url}${path}/mcp`, {
        method: "POST",
        headers: { ...headers, authorization: `Bearer ${token}` },
        body,
      });
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      const until = async (enough: (heard: string) => boolean): Promise<string> => {
        while (!enough(text)) {
          const { value, done } = (await reader?.read()) ?? { done: true };
          if (done) break;
          text += value;
        }
        return messagesIn("text/event-stream", text).join("\n");
      };
      await until((heard) => heard.includes("acknowledged"));
      return until;
    };
    const [inTeam, inPublic] = [await listen(own), await listen(shared)];
    await remove();
    expect(await inPublic((heard) => heard.includes("list_changed"))).toContain("notifications/tools/list_changed");
    expect(await inTeam(() => false)).not.toContain("list_changed"); // to its end
  });
});
