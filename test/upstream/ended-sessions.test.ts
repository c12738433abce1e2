// Sessions at upstreams that nobody will use again are ended there (MCP 2025-11-25 basic/transports, "Session
// Management"): those of an address or a credential that has changed, and a client's own when it ends its session.
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Heard, startScripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { callerOf } from "../wire.ts";

let gateway: Gateway;
let token: string;
beforeAll(async () => {
  gateway = await startGateway();
  token = await gateway.token();
});
afterAll(() => gateway.dispose());

/** A server that numbers its sessions; `ended` resolves with the DELETE of one. */
async function startNumbering(prefix: string) {
  let opened = 0;
  const endings = new Map<string, PromiseWithResolvers<Heard>>();
  const ending = (id: string): PromiseWithResolvers<Heard> => {
    const known = endings.get(id) ?? Promise.withResolvers<Heard>();
    endings.set(id, known);
    return known;
  };
  const upstream = await startScripted((heard, outgoing) => {
    if (heard.message?.method === "initialize") outgoing.setHeader("mcp-session-id", `${prefix}-${++opened}`);
    if (heard.method !== "DELETE") return false;
    ending(String(heard.headers["mcp-session-id"])).resolve(heard);
    return outgoing.writeHead(204).end() !== undefined;
  });
  onTestFinished(upstream.close);
  /** Sessions that calls were made in, one after another. */
  const used = async (calls: number) =>
    (await upstream.hears("tools/call", calls)).map(({ headers }) => String(headers["mcp-session-id"]));
  return { ...upstream, used, ended: (id: string) => ending(id).promise };
}

let count = 0;
const CALL = { name: "first", arguments: { text: "hello" } };
const SAID = { id: 1, result: { content: [{ text: '{"text":"hello"}' }] } };

describe.each(["session", "modern"] as const)("the session of a %s client's calls", (era) => {
  it("ends when the credential changes, and the next one is opened with the new credential", async () => {
    const upstream = await startNumbering("one");
    const { url, gatewayId } = await gateway.bundle(`changing ${++count}`, upstream.url);
    const ask = await callerOf(era, url, token);
    expect((await ask(1, "tools/call", CALL)).answer).toMatchObject(SAID);
    const credential = { authType: "bearer", authToken: "new" };
    expect((await gateway.api("PUT", `/gateways/${gatewayId}`, credential)).status).toBe(200);
    expect((await ask(1, "tools/call", CALL)).answer).toMatchObject(SAID);
    const [before = "", after = ""] = await upstream.used(2);
    expect(after).not.toBe(before);
    expect((await upstream.ended(before)).headers.authorization).toBeUndefined();
    const [, second] = await upstream.hears("tools/call", 2);
    expect(second?.headers.authorization).toBe("Bearer new");
  });

  it("ends where it is when the address changes", async () => {
    const [here, there] = [await startNumbering("here"), await startNumbering("there")];
    const { url, gatewayId } = await gateway.bundle(`moving ${++count}`, here.url);
    const ask = await callerOf(era, url, token);
    expect((await ask(1, "tools/call", CALL)).answer).toMatchObject(SAID);
    expect((await gateway.api("PUT", `/gateways/${gatewayId}`, { url: there.url })).status).toBe(200);
    expect((await ask(1, "tools/call", CALL)).answer).toMatchObject(SAID);
    const [used = ""] = await here.used(1);
    expect((await here.ended(used)).path).toBe("/mcp");
    expect(await there.used(1)).toHaveLength(1);
  });
});
