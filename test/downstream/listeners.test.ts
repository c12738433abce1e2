// Who listens (2026-07-28 subscriptions/listen) is asked for the right to stay: at every change, and every few seconds.
// A stream whose virtual server or credential is gone ends, and nothing is told on it any more.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bearer, forge, inSeconds } from "../auth/forge.ts";
import { addUser } from "../auth/users.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { type Message, messagesIn, modern } from "../wire.ts";

const USER = "listener@example.com";
const LONG = 30_000;
const ACKNOWLEDGED = "notifications/subscriptions/acknowledged";
const CHANGED = "notifications/tools/list_changed";

let gateway: Gateway;
let tools: string[];
beforeAll(async () => {
  gateway = await startGateway();
  await addUser(gateway, USER);
  const { serverId } = await gateway.bundle("sample", "builtin:sample");
  const { body } = await gateway.api<{ associatedToolIds: string[] }>("GET", `/servers/${serverId}`);
  tools = body.associatedToolIds;
  expect(tools.length).toBeGreaterThan(2);
});
afterAll(() => gateway.dispose());

let count = 0;
/** A virtual server with one tool; `change` gives it others, so that listeners have something to be told. */
async function serverOf(fields: object = {}) {
  const name = `listened to ${++count}`;
  const associatedTools = tools.slice(0, 1);
  const { status, body } = await gateway.api<{ id: string }>("POST", "/servers", { name, associatedTools, ...fields });
  expect(status).toBe(201);
  const path = `/servers/${body.id}`;
  let held = 1;
  const change = async (more: object = {}) => {
    held = held === 1 ? 2 : 1;
    const put = await gateway.api("PUT", path, { associatedTools: tools.slice(0, held), ...more });
    expect(put.status).toBe(200);
  };
  return { path, url: `${gateway.url}${path}/mcp`, change };
}

/** A listener that has been acknowledged. `heard` gives the methods heard up to the end of the stream. */
async function listen(url: string, token: string | undefined) {
  const { headers, body } = modern(1, "subscriptions/listen", { notifications: { toolsListChanged: true } });
  const authorization = token === undefined ? undefined : `Bearer ${token}`;
  const response = await fetch(url, {
    method: "POST",
    headers: { ...headers, ...(authorization ? { authorization } : {}) },
    body,
  });
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const methods = () =>
    messagesIn("text/event-stream", text)
      .filter((block) => block.startsWith("{"))
      .map((block) => (JSON.parse(block) as Message).method);
  /** Reads on until there is enough, or the end. */
  const until = async (enough: () => boolean): Promise<(string | undefined)[]> => {
    while (!enough()) {
      const { value, done } = (await reader?.read()) ?? { done: true };
      if (done) return methods();
      text += value;
    }
    return methods();
  };
  const hears = (times: number) => until(() => methods().filter((method) => method === CHANGED).length >= times);
  expect(await until(() => text.endsWith("\n\n"))).toEqual([ACKNOWLEDGED]);
  return { hears, ends: () => until(() => false) }; // those that go on end with the gateway
}

const userToken = () => gateway.token({ subject: USER });

describe("the stream of a listener ends at once", () => {
  it.each<[string, (server: Awaited<ReturnType<typeof serverOf>>) => Promise<unknown>]>([
    ["is deleted", ({ path }) => gateway.api("DELETE", path)],
    ["is disabled", ({ path }) => gateway.api("POST", `${path}/state?activate=false`)],
    ["is hidden from the listener, with a change", ({ change }) => change({ visibility: "private" })],
  ])("when its virtual server %s", async (_what, end) => {
    const server = await serverOf();
    const [listener, admin] = await Promise.all([listen(server.url, await userToken()), serverOf()]);
    await server.change();
    expect(await listener.hears(1)).toEqual([ACKNOWLEDGED, CHANGED]);
    await end(server);
    expect(await listener.ends()).toEqual([ACKNOWLEDGED, CHANGED]);
    const other = await listen(admin.url, await userToken()); // others go on
    await admin.change();
    expect(await other.hears(1)).toEqual([ACKNOWLEDGED, CHANGED]);
  });

  it("when an open virtual server is opened no more, for those without a credential", async () => {
    const server = await serverOf({ open: true });
    const [anonymous, user] = [await listen(server.url, undefined), await listen(server.url, await userToken())];
    await server.change();
    expect(await anonymous.hears(1)).toEqual([ACKNOWLEDGED, CHANGED]);
    await server.change({ open: false });
    expect(await anonymous.ends()).toEqual([ACKNOWLEDGED, CHANGED]);
    expect(await user.hears(2)).toEqual([ACKNOWLEDGED, CHANGED, CHANGED]);
  });

  it("when something changes after its token expired, and the change is not told", async () => {
    const server = await serverOf();
    const inLeeway = await forge(gateway, { sub: USER, exp: inSeconds(-5) }); // clocks may differ by a minute
    const listener = await listen(server.url, inLeeway);
    await server.change();
    expect(await listener.ends()).toEqual([ACKNOWLEDGED]);
  });
});

describe.concurrent("where nothing else happens, the stream of a listener ends by itself", () => {
  type End = (gateway: Gateway, serverId: string) => Promise<unknown>;
  const CASES: { when: string; exp: number; end: End }[] = [
    { when: "its token expires", exp: 3, end: async () => {} },
    {
      when: "its token is revoked",
      exp: 3600,
      end: (idle) => idle.sql("INSERT INTO revocations (id, expires_at) VALUES ('mine', ?)", inSeconds(3600)),
    },
    {
      when: "its virtual server is disabled elsewhere",
      exp: 3600,
      async end(idle, serverId) {
        await idle.sql("UPDATE servers SET enabled = 0 WHERE id = ?", serverId);
        await idle.sql("UPDATE stamps SET version = version + 1 WHERE name = 'catalog'");
      },
    },
  ];

  it.for(CASES)("when $when", { timeout: LONG }, async ({ exp, end }, { expect, onTestFinished }) => {
    const idle = await startGateway();
    onTestFinished(idle.dispose);
    await addUser(idle, USER);
    const { body } = await idle.api<{ id: string }>("POST", "/servers", { name: "quiet" });
    const token = await forge(idle, { sub: USER, jti: "mine", exp: inSeconds(exp) });
    const listener = await listen(`${idle.url}/servers/${body.id}/mcp`, token);
    await end(idle, body.id);
    expect(await listener.ends()).toEqual([ACKNOWLEDGED]);
  });
});

it("from when requests with a revoked token are refused, nothing is told to its listener", {
  timeout: LONG,
}, async () => {
  const server = await serverOf();
  const token = await forge(gateway, { sub: USER, jti: "listener-2" });
  const listener = await listen(server.url, token);
  await server.change();
  expect(await listener.hears(1)).toEqual([ACKNOWLEDGED, CHANGED]);
  await gateway.sql("INSERT INTO revocations (id, expires_at) VALUES ('listener-2', ?)", inSeconds(3600));
  const status = async () => (await gateway.api("GET", "/tools", undefined, bearer(token))).status;
  await expect.poll(status, { timeout: 11_000, interval: 100 }).toBe(401);
  await server.change();
  expect(await listener.ends()).toEqual([ACKNOWLEDGED, CHANGED]);
});

it("from when a deactivated user is refused, nothing is told to any listener in its name", {
  timeout: LONG,
}, async () => {
  const leaving = await addUser(gateway, "leaving@example.com");
  const server = await serverOf();
  const token = await gateway.token({ subject: leaving });
  const listener = await listen(server.url, token);
  await gateway.sql("UPDATE users SET is_active = 0 WHERE email = ?", leaving);
  await gateway.sql("UPDATE stamps SET version = version + 1 WHERE name = 'access'");
  const status = async () => (await gateway.api("GET", "/tools", undefined, bearer(token))).status;
  await expect.poll(status, { timeout: 11_000, interval: 100 }).toBe(401);
  await server.change();
  expect(await listener.ends()).toEqual([ACKNOWLEDGED]);
});
