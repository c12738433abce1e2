// While upstreams change their tools, clients that listen, list and call all the time get nothing that is not approved,
// and hear of a change of their list exactly when there is one for them.
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { changesAt, type Placed, type Row } from "../changes.ts";
import { TOOLS_CHANGED } from "../fakes/changing.ts";
import { plainTool } from "../fakes/plain-mcp.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { openStream } from "../streams.ts";
import { modern } from "../wire.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.dispose());

const { api, place, refresh, pending, approve, names, call, shown } = changesAt(() => gateway);

/** Listens to a list of tools; `changed` resolves with the next notification, `heard` counts them. */
async function listen(url: string) {
  const { headers, body } = modern(1, "subscriptions/listen", { notifications: { toolsListChanged: true } });
  const authorization = `Bearer ${await gateway.token()}`;
  const stream = await openStream(url, { method: "POST", headers: { ...headers, authorization }, body });
  onTestFinished(() => stream.drop());
  expect(await stream.nextMessage()).toMatchObject({ method: "notifications/subscriptions/acknowledged" });
  const heard = { times: 0 };
  let waiting = Promise.withResolvers<void>();
  const hear = async () => {
    while ((await stream.nextMessage())?.method === TOOLS_CHANGED.method) {
      heard.times += 1;
      waiting.resolve();
      waiting = Promise.withResolvers();
    }
  };
  hear().catch(() => {}); // dropped
  return { heard, changed: () => waiting.promise };
}

/** Tells those who listen at an upstream that its tools changed. */
const announce = ({ upstream }: Placed): void => upstream.listeners.forEach((tell) => void tell(TOOLS_CHANGED));
const listened = ({ upstream }: Placed) => upstream.hears("subscriptions/listen");

it("a change that is withheld, and its approval, are told to exactly those whose list it is in", async () => {
  const at = await place([plainTool("first"), plainTool("second")]);
  const { body } = await api("GET", `/servers/${at.serverId}`);
  const [, second] = body.associatedToolIds as string[];
  const without = await gateway.api<{ id: string }>("POST", "/servers", { name: "apart", associatedTools: [second] });
  const apart = `${gateway.url}/servers/${without.body.id}/mcp`;
  const [concerned, other] = [await listen(at.url), await listen(apart)];
  await listened(at);

  const withheld = concerned.changed();
  const began = Date.now();
  at.upstream.replace("first", { ...plainTool("first"), description: "Another" });
  announce(at);
  await withheld;
  expect(Date.now() - began).toBeLessThan(5_000);
  expect([await names(at.url), await names(apart)]).toEqual([["second"], ["second"]]);

  const approved = concerned.changed();
  await approve((await pending(at))[0]);
  await approved;
  expect(await shown(at.url)).toMatchObject([{ description: "Another" }, { name: "second" }]);

  const both = [concerned.changed(), other.changed()];
  at.upstream.replace("second", { ...plainTool("second"), description: "Another" });
  announce(at);
  await Promise.all(both);
  expect([concerned.heard.times, other.heard.times]).toEqual([3, 1]);
});

it("through a storm of changes at two upstreams, lists and calls have what was approved and nothing else", {
  timeout: 60_000,
}, async () => {
  const tools = () => ["calm", "stormy"].map((name) => ({ ...plainTool(name), description: "approved" }));
  const [one, two] = [await place(tools()), await place(tools())];
  const places = [one, two];
  const everywhere = `${gateway.url}/mcp`;
  const listeners = await Promise.all([one.url, two.url, everywhere].map(listen));
  await Promise.all(places.map(listened));

  let over = false;
  const seen: Row[] = [];
  const client = async (url: string): Promise<number> => {
    let rounds = 0;
    for (; !over; rounds++) {
      seen.push(...(await shown(url)));
      expect(await call(url, "calm")).toEqual([{ type: "text", text: "{}" }]);
    }
    return rounds;
  };
  const clients = [one.url, two.url, everywhere].map(client);
  for (let n = 0; n < 50; n++) {
    for (const { upstream } of places) {
      const before = String(upstream.tools.at(-1)?.name);
      upstream.replace(before, { ...plainTool(n % 2 ? "stormy" : "renamed"), description: `unapproved ${n}` });
    }
    for (const at of places) announce(at);
    if (n % 10 === 0) await Promise.all([...places.map(refresh), names(one.url)]);
  }
  await Promise.all(places.map(refresh));
  for (const at of places) {
    const [change, another] = (await pending(at)).filter(({ current }) => current);
    expect([change?.diff.find(({ path }) => path === "description"), another]).toMatchObject([
      { after: "unapproved 49" },
      undefined,
    ]);
  }
  over = true;
  expect(Math.min(...(await Promise.all(clients)))).toBeGreaterThan(1);
  expect(new Set(seen.map(({ description }) => description))).toEqual(new Set(["approved"]));
  expect(listeners.every(({ heard }) => heard.times > 0)).toBe(true);

  for (const at of places) await approve((await pending(at))[0]);
  for (const { url } of places)
    expect(await shown(url)).toMatchObject([{ description: "approved" }, { description: "unapproved 49" }]);
  const looks = one.upstream.heard.filter(({ message }) => message?.method === "tools/list").length;
  expect(looks).toBeLessThan(30);
});
